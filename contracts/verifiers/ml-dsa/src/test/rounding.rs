//! High parts and hints against FIPS 204's own definitions, for every coefficient there is.

use crate::{
    parameters::{MlDsa44, MlDsa65, ParameterSet, Q},
    rounding::{high_part, move_as_hinted},
};

/// `Decompose`, algorithm 36.
fn decompose<P: ParameterSet>(r: i64) -> (i64, i64) {
    let modulus = 2 * P::GAMMA2;
    let mut r0 = r % modulus;
    if r0 > P::GAMMA2 {
        r0 -= modulus;
    }
    if r - r0 == Q - 1 {
        (0, r0 - 1)
    } else {
        ((r - r0) / modulus, r0)
    }
}

/// `UseHint`, algorithm 40, where the hint is 1.
fn use_hint<P: ParameterSet>(r: i64) -> i64 {
    let m = (Q - 1) / (2 * P::GAMMA2);
    let (r1, r0) = decompose::<P>(r);
    if r0 > 0 {
        (r1 + 1) % m
    } else {
        (r1 - 1 + m) % m
    }
}

fn check_every_coefficient<P: ParameterSet>() {
    for r in 0..Q as i32 {
        assert_eq!(high_part::<P>(r) as i64, decompose::<P>(r.into()).0, "{r}");
        let mut hinted = r;
        move_as_hinted::<P>(&mut hinted);
        assert_eq!(
            high_part::<P>(hinted) as i64,
            use_hint::<P>(r.into()),
            "{r}"
        );
    }
}

#[test]
fn rounds_every_coefficient_as_ml_dsa_44_says() {
    check_every_coefficient::<MlDsa44>();
}

#[test]
fn rounds_every_coefficient_as_ml_dsa_65_says() {
    check_every_coefficient::<MlDsa65>();
}
