//! slh_verify of FIPS 205, algorithms 20 and 24, for the pure version with its external interface.
//!
//! Whoever calls has checked the length of the context; those of key and signature are in the
//! types. Any bytes of these lengths are a well-formed signature, so nothing else is refused but
//! what does not verify.

use soroban_sdk::{Bytes, Env};

use crate::{
    fors,
    hashing::{Node, TweakableHash, N},
    hypertree,
};

pub const PUBLIC_KEY_BYTES: usize = 2 * N;
pub const SIGNATURE_BYTES: usize = N + fors::SIGNATURE_BYTES + hypertree::SIGNATURE_BYTES;

const TREE_BITS: usize = (hypertree::D - 1) * hypertree::LAYER_HEIGHT;
const TREE_BYTES: usize = TREE_BITS.div_ceil(8);
const LEAF_BYTES: usize = hypertree::LAYER_HEIGHT.div_ceil(8);
const DIGEST_BYTES: usize = fors::DIGEST_BYTES + TREE_BYTES + LEAF_BYTES;

/// Leading byte of a message that was not hashed before signing.
const PURE: u8 = 0;

pub fn verify(
    env: &Env,
    public_key: &[u8; PUBLIC_KEY_BYTES],
    message: &Bytes,
    context: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> bool {
    let (seed, root) = public_key.split_at(N);
    let seed: &Node = seed.first_chunk().unwrap();
    let (randomizer, rest) = signature.split_at(N);
    let (fors_signature, hypertree_signature) = rest.split_at(fors::SIGNATURE_BYTES);

    let digest = message_digest(env, randomizer, public_key, message, context);
    let (fors_digest, indices) = digest.split_first_chunk().unwrap();
    let (tree, leaf) = indices[..TREE_BYTES + LEAF_BYTES].split_at(TREE_BYTES);
    let tree = big_endian(tree) & ((1 << TREE_BITS) - 1);
    let leaf = (big_endian(leaf) & ((1 << hypertree::LAYER_HEIGHT) - 1)) as u32;

    let mut hash = TweakableHash::new(env, seed);
    hash.set_layer_and_tree(0, tree);
    let signed = fors::public_key(&mut hash, fors_signature, fors_digest, leaf);
    hypertree::root(&mut hash, hypertree_signature, signed, tree, leaf) == *root
}

/// `H_msg`: MGF1 with SHA-256, of which one block is enough.
fn message_digest(
    env: &Env,
    randomizer: &[u8],
    public_key: &[u8; PUBLIC_KEY_BYTES],
    message: &Bytes,
    context: &[u8],
) -> [u8; 32] {
    const { assert!(DIGEST_BYTES <= 32) };
    let mut input = Bytes::from_slice(env, randomizer);
    input.extend_from_slice(public_key);
    input.extend_from_slice(&[PURE, context.len() as u8]);
    input.extend_from_slice(context);
    input.append(message);
    let inner = env.crypto().sha256(&input);

    let mut input = Bytes::from_slice(env, randomizer);
    input.extend_from_slice(&public_key[..N]);
    input.append(inner.to_bytes().as_ref());
    input.extend_from_slice(&0u32.to_be_bytes());
    env.crypto().sha256(&input).to_array()
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
