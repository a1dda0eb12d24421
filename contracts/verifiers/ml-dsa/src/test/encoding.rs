//! What a signature's encoding must not be.

extern crate std;

use std::{vec, vec::Vec};

use crate::{
    encoding::{unpack_z, Hints},
    parameters::{MlDsa44, MlDsa65, ParameterSet, N},
};

/// Positions of each row, then padding, then ends.
fn hints<P: ParameterSet>(rows: &[&[u8]]) -> Vec<u8> {
    let mut bytes: Vec<u8> = rows.concat();
    bytes.resize(P::OMEGA, 0);
    let mut end = 0;
    for row in rows {
        end += row.len() as u8;
        bytes.push(end);
    }
    bytes.resize(P::OMEGA + P::K, end);
    bytes
}

fn is_well_formed<P: ParameterSet>(bytes: &[u8]) -> bool {
    Hints::unpack::<P>(bytes).is_some()
}

#[test]
fn takes_rising_positions_of_each_row() {
    let bytes = hints::<MlDsa44>(&[&[0, 1, 255], &[], &[0], &[7, 8]]);
    let unpacked = Hints::unpack::<MlDsa44>(&bytes).unwrap();
    assert_eq!(unpacked.row(0), [0, 1, 255]);
    assert!(unpacked.row(1).is_empty());
    assert_eq!(unpacked.row(2), [0]);
    assert_eq!(unpacked.row(3), [7, 8]);
    assert!(is_well_formed::<MlDsa44>(&hints::<MlDsa44>(&[])));
    assert!(is_well_formed::<MlDsa65>(&hints::<MlDsa65>(
        &[&[0, 255][..]; 6]
    )));
}

#[test]
fn takes_as_many_hints_as_there_may_be() {
    let all: Vec<u8> = (0..80).collect();
    assert!(is_well_formed::<MlDsa44>(&hints::<MlDsa44>(&[
        &all,
        &[],
        &[],
        &[]
    ])));
    assert!(is_well_formed::<MlDsa44>(&hints::<MlDsa44>(&[
        &[],
        &[],
        &[],
        &all
    ])));
}

#[test]
fn refuses_positions_that_do_not_rise() {
    assert!(!is_well_formed::<MlDsa44>(&hints::<MlDsa44>(&[&[1, 1]])));
    assert!(!is_well_formed::<MlDsa44>(&hints::<MlDsa44>(&[
        &[],
        &[],
        &[],
        &[2, 1]
    ])));
    assert!(!is_well_formed::<MlDsa65>(&hints::<MlDsa65>(&[
        &[5],
        &[1, 0]
    ])));
}

#[test]
fn refuses_padding_that_is_not_zero() {
    for position in 2..80 {
        let mut bytes = hints::<MlDsa44>(&[&[3], &[4]]);
        bytes[position] = 1;
        assert!(!is_well_formed::<MlDsa44>(&bytes), "{position}");
    }
}

#[test]
fn refuses_ends_that_fall_or_exceed() {
    for ends in [
        [2, 1, 2, 2],
        [81, 81, 81, 81],
        [0, 0, 0, 81],
        [0, 0, 255, 255],
        [1, 2, 3, 2],
    ] {
        let mut bytes = hints::<MlDsa44>(&[&[1, 2, 3]]);
        bytes[80..].copy_from_slice(&ends);
        assert!(!is_well_formed::<MlDsa44>(&bytes), "{ends:?}");
    }
}

/// One coefficient `gamma1 - packed`, all others zero.
fn packed_z<P: ParameterSet>(index: usize, packed: u64) -> Vec<u8> {
    let bits = P::GAMMA1_BITS as usize + 1;
    let mut bytes = vec![0; P::Z_BYTES];
    for i in 0..N {
        let packed = if i == index {
            packed
        } else {
            1 << P::GAMMA1_BITS
        };
        for bit in (0..bits).filter(|bit| packed >> bit & 1 == 1) {
            bytes[(i * bits + bit) / 8] |= 1 << ((i * bits + bit) % 8);
        }
    }
    bytes
}

fn checks_the_norm_of_every_coefficient<P: ParameterSet>() {
    let gamma1 = 1 << P::GAMMA1_BITS;
    let limit = gamma1 - P::BETA;
    for index in 0..N {
        for (value, is_small) in [
            (limit - 1, true),
            (limit, false),
            (gamma1, false),
            (1 - limit, true),
            (-limit, false),
            (1 - gamma1, false),
        ] {
            let mut z = [0; N];
            let packed = packed_z::<P>(index, (gamma1 - value) as u64);
            assert_eq!(unpack_z::<P>(&packed, &mut z), is_small, "{index} {value}");
            assert_eq!(i64::from(z[index]), value);
            assert_eq!(z.iter().filter(|z| **z != 0).count(), 1);
        }
    }
}

#[test]
fn refuses_coefficients_beyond_the_norm() {
    checks_the_norm_of_every_coefficient::<MlDsa44>();
    checks_the_norm_of_every_coefficient::<MlDsa65>();
}
