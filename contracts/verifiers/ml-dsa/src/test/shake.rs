//! SHAKE against an independent implementation.

extern crate std;

use sha3::{
    digest::{ExtendableOutput, Update, XofReader},
    Shake128, Shake256 as Reference,
};
use std::vec::Vec;

use crate::shake::{Output, Shake256};

#[test]
fn absorbs_any_length_in_any_pieces() {
    let bytes: Vec<u8> = (0..600u32).map(|i| (i * 7 + i / 256) as u8).collect();
    for length in 0..bytes.len() {
        let mut reference = Reference::default();
        reference.update(&bytes[..length]);
        let mut expected = [0; 136];
        reference.finalize_xof().read(&mut expected);

        let mut shake = Shake256::new();
        let (first, second) = bytes[..length].split_at(length * 3 / 7);
        shake.absorb(first);
        shake.absorb(second);
        let output = shake.finish();
        let block: Vec<u8> = output
            .block()
            .iter()
            .flat_map(|l| l.to_le_bytes())
            .collect();
        assert_eq!(block, expected, "{length} bytes");
    }
}

#[test]
fn gives_one_block_after_the_other() {
    let mut reference = Reference::default();
    reference.update(b"blocks");
    let mut reader = reference.finalize_xof();
    let mut shake = Shake256::new();
    shake.absorb(b"blocks");
    let mut output = shake.finish();
    for _ in 0..5 {
        let mut expected = [0; 136];
        reader.read(&mut expected);
        let block: Vec<u8> = output
            .block()
            .iter()
            .flat_map(|l| l.to_le_bytes())
            .collect();
        assert_eq!(block, expected);
        output.next_block();
    }
}

#[test]
fn expands_a_seed_as_shake128_does() {
    let seed = [0x0102_0304_0506_0708, u64::MAX, 0, 0x8000_0000_0000_0001];
    let mut reference = Shake128::default();
    for lane in seed {
        reference.update(&lane.to_le_bytes());
    }
    reference.update(&[0x34, 0x12]);
    let mut reader = reference.finalize_xof();
    let mut output = Output::of_seed(&seed, 0x1234);
    for _ in 0..5 {
        let mut expected = [0; 168];
        reader.read(&mut expected);
        let block: Vec<u8> = output
            .block()
            .iter()
            .flat_map(|l| l.to_le_bytes())
            .collect();
        assert_eq!(block, expected);
        output.next_block();
    }
}
