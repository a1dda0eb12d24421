//! Published signatures that verify, with one bit changed in every part of everything.

extern crate std;

use latchkey_verifier_vectors::{self as vectors, Vector};
use std::{ops::Range, vec::Vec};

use super::deployed::Deployed;
use crate::{
    fors,
    hashing::N,
    hypertree,
    verification::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES},
};

const SIGNATURES: usize = 4;

/// Randomizer; each FORS tree's secret and path; each layer's chains and path.
fn signature_parts() -> Vec<Range<usize>> {
    let mut lengths = std::vec![N];
    for _ in 0..fors::K {
        lengths.extend([N, fors::A * N]);
    }
    for _ in 0..hypertree::D {
        lengths.extend([N; hypertree::CHAINS]);
        lengths.push(hypertree::LAYER_HEIGHT * N);
    }
    let mut start = 0;
    let parts = lengths.into_iter().map(|length| {
        start += length;
        start - length..start
    });
    let parts: Vec<_> = parts.collect();
    assert_eq!(parts.last().unwrap().end, SIGNATURE_BYTES);
    parts
}

fn flipped(bytes: &[u8], range: Range<usize>, choice: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[range.start + choice * 31 % range.len()] ^= 1 << (choice % 8);
    bytes
}

fn valid_vectors() -> impl Iterator<Item = Vector> {
    let all = vectors::parse(vectors::ACVP_SLH_DSA_SHA2_128S);
    all.into_iter()
        .filter(|v| v.is_valid && v.context.len() > 1 && v.message.len() > 1)
        .take(SIGNATURES)
}

#[test]
fn refuses_every_changed_part_of_a_signature() {
    let deployed = Deployed::built();
    for (i, v) in valid_vectors().enumerate() {
        for (j, part) in signature_parts()
            .into_iter()
            .enumerate()
            .skip(i)
            .step_by(SIGNATURES)
        {
            let changed = flipped(&v.signature, part.clone(), i + j);
            let verdict =
                deployed.verify_with_context(&v.public_key, &v.message, &v.context, &changed);
            assert!(!verdict, "{} {part:?}", v.id);
        }
    }
}

#[test]
fn refuses_a_changed_key_message_or_context() {
    let deployed = Deployed::built();
    for v in valid_vectors() {
        for choice in 0..8 {
            let (key, message, context) = (&v.public_key, &v.message, &v.context);
            let seed = flipped(key, 0..N, choice);
            let root = flipped(key, N..PUBLIC_KEY_BYTES, choice);
            let other_message = flipped(message, 0..message.len(), choice);
            let other_context = flipped(context, 0..context.len(), choice);
            assert!(!deployed.verify_with_context(&seed, message, context, &v.signature));
            assert!(!deployed.verify_with_context(&root, message, context, &v.signature));
            assert!(!deployed.verify_with_context(key, &other_message, context, &v.signature));
            assert!(!deployed.verify_with_context(key, message, &other_context, &v.signature));
        }
    }
}

#[test]
fn refuses_bytes_moved_between_context_and_message() {
    let deployed = Deployed::built();
    for v in valid_vectors() {
        let (context, moved) = v.context.split_at(v.context.len() - 1);
        let message = [moved, &v.message].concat();
        assert!(!deployed.verify_with_context(&v.public_key, &message, context, &v.signature));
    }
}
