//! The hypertree's root from a signature: FIPS 205 algorithms 8 (WOTS+), 11 (XMSS) and 13.

use crate::hashing::{AddressType, Node, TweakableHash, N};

/// Layers.
pub const D: usize = 7;
/// Height of each layer's trees.
pub const LAYER_HEIGHT: usize = 9;
/// Chains of a one-time key: 32 for the message's digits, 3 for their checksum.
pub const CHAINS: usize = MESSAGE_DIGITS + CHECKSUM_DIGITS;
pub const SIGNATURE_BYTES: usize = D * LAYER_SIGNATURE_BYTES;

const MESSAGE_DIGITS: usize = 2 * N;
const CHECKSUM_DIGITS: usize = 3;
const MAX_DIGIT: u32 = 15;
const ONE_TIME_SIGNATURE_BYTES: usize = CHAINS * N;
const LAYER_SIGNATURE_BYTES: usize = ONE_TIME_SIGNATURE_BYTES + LAYER_HEIGHT * N;

/// The root that follows from `node`, signed by leaf `leaf` of tree `tree` of the lowest layer.
pub fn root(
    hash: &mut TweakableHash,
    signature: &[u8],
    node: Node,
    mut tree: u64,
    mut leaf: u32,
) -> Node {
    let mut node = node;
    for (layer, signature) in signature.chunks_exact(LAYER_SIGNATURE_BYTES).enumerate() {
        let (one_time, path) = signature.split_at(ONE_TIME_SIGNATURE_BYTES);
        hash.set_layer_and_tree(layer as u8, tree);
        one_time_public_key(hash, one_time, &node, leaf);
        hash.set_type(AddressType::Tree, 0);
        hash.climb(path, leaf);
        node = *hash.node(0);
        leaf = (tree & ((1 << LAYER_HEIGHT) - 1)) as u32;
        tree >>= LAYER_HEIGHT;
    }
    node
}

/// Leaves the WOTS+ public key as node 0 of `hash`.
fn one_time_public_key(hash: &mut TweakableHash, signature: &[u8], message: &Node, key_pair: u32) {
    let mut ends = [[0; N]; CHAINS];
    hash.set_type(AddressType::WotsHash, key_pair);
    let chains = signature.chunks_exact(N).zip(digits(message));
    for (chain, (start, digit)) in chains.enumerate() {
        hash.set_chain(chain as u32);
        hash.node(0).copy_from_slice(start);
        for position in digit..MAX_DIGIT {
            hash.set_position_in_chain(position);
            hash.hash(1);
        }
        ends[chain] = *hash.node(0);
    }
    hash.set_type(AddressType::WotsPublicKey, key_pair);
    for (i, end) in ends.iter().enumerate() {
        *hash.node(i) = *end;
    }
    hash.hash(CHAINS);
}

/// The message in base 16, then the checksum of its digits.
fn digits(message: &Node) -> [u32; CHAINS] {
    let mut digits = [0; CHAINS];
    let mut checksum = 0;
    for (pair, byte) in digits.chunks_exact_mut(2).zip(message) {
        pair[0] = u32::from(byte >> 4);
        pair[1] = u32::from(byte & 0xf);
        checksum += 2 * MAX_DIGIT - pair[0] - pair[1];
    }
    for (i, digit) in digits[MESSAGE_DIGITS..].iter_mut().enumerate() {
        *digit = checksum >> (4 * (CHECKSUM_DIGITS - 1 - i)) & 0xf;
    }
    digits
}
