//! Sampling by definition, one candidate after the other, for many seeds: one block in twenty has a
//! candidate to reject.

extern crate std;

use sha3::{
    digest::{ExtendableOutput, Update, XofReader},
    Shake128,
};
use std::vec::Vec;

use crate::{
    parameters::{MlDsa44, MlDsa65, ParameterSet, N, Q},
    sampling::{sample_in_ball, sample_matrix_entry, CANDIDATES},
};

/// `RejNTTPoly`, algorithm 30; also how many candidates were rejected.
fn by_definition(seed: &[u64; 4], row: u8, column: u8) -> (Vec<i32>, usize) {
    let mut shake = Shake128::default();
    for lane in seed {
        shake.update(&lane.to_le_bytes());
    }
    shake.update(&[column, row]);
    let mut reader = shake.finalize_xof();
    let (mut entry, mut rejected) = (Vec::new(), 0);
    while entry.len() < N {
        let mut three = [0; 3];
        reader.read(&mut three);
        let candidate = i32::from_le_bytes([three[0], three[1], three[2] & 0x7f, 0]);
        if i64::from(candidate) < Q {
            entry.push(candidate);
        } else {
            rejected += 1;
        }
    }
    (entry, rejected)
}

#[test]
fn samples_matrix_entries_as_the_definition_does() {
    let mut rejected = 0;
    for seed in 0..200 {
        let seed = [seed, !seed, seed << 40, 7];
        let (row, column) = (seed[0] as u8 % 6, seed[0] as u8 % 5);
        let mut entry = [-1; CANDIDATES];
        sample_matrix_entry(&seed, row.into(), column.into(), &mut entry);
        let (expected, here) = by_definition(&seed, row, column);
        assert_eq!(entry[..N], expected);
        rejected += here;
    }
    assert!(rejected > 10);
}

fn samples_a_challenge<P: ParameterSet>() {
    for seed in 0..50 {
        let mut c = [9; N];
        sample_in_ball::<P>(&[seed; 48][..P::CHALLENGE_BYTES], 5, &mut c);
        assert_eq!(c.iter().filter(|c| c.abs() == 5).count(), P::TAU);
        assert_eq!(c.iter().filter(|c| **c == 0).count(), N - P::TAU);
    }
}

#[test]
fn samples_challenges_of_the_right_weight() {
    samples_a_challenge::<MlDsa44>();
    samples_a_challenge::<MlDsa65>();
}
