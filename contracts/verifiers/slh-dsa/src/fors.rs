//! FORS public key from a signature, FIPS 205 algorithm 17.

use crate::hashing::{AddressType, Node, TweakableHash, N};

/// Trees.
pub const K: usize = 14;
/// Height of each tree.
pub const A: usize = 12;
pub const SIGNATURE_BYTES: usize = K * (1 + A) * N;
pub const DIGEST_BYTES: usize = K * A / 8;

/// The layer and tree are set; `key_pair` is the leaf of the hypertree that signed the FORS key.
pub fn public_key(
    hash: &mut TweakableHash,
    signature: &[u8],
    digest: &[u8; DIGEST_BYTES],
    key_pair: u32,
) -> Node {
    let mut roots = [[0; N]; K];
    hash.set_type(AddressType::ForsTree, key_pair);
    for (tree, signature) in signature.chunks_exact((1 + A) * N).enumerate() {
        let (secret, path) = signature.split_at(N);
        let index = (tree << A) as u32 + leaf_index(digest, tree);
        hash.set_tree_height_and_index(0, index);
        hash.node(0).copy_from_slice(secret);
        hash.hash(1);
        hash.climb(path, index);
        roots[tree] = *hash.node(0);
    }
    hash.set_type(AddressType::ForsRoots, key_pair);
    for (i, root) in roots.iter().enumerate() {
        *hash.node(i) = *root;
    }
    hash.hash(K);
    *hash.node(0)
}

/// The `tree`-th number of 12 bits, high bits first (`base_2b`, algorithm 4).
fn leaf_index(digest: &[u8; DIGEST_BYTES], tree: usize) -> u32 {
    let start = tree * A / 8;
    let (high, low) = (u32::from(digest[start]), u32::from(digest[start + 1]));
    if tree.is_multiple_of(2) {
        high << 4 | low >> 4
    } else {
        (high & 0xf) << 8 | low
    }
}
