//! The tweakable hash of FIPS 205, section 11.2.1, with its compressed address (table 3 there):
//! `Trunc16(SHA-256(PK.seed | zeros to 64 bytes | address | message))`. F, H and T differ in the
//! length of the message alone.
//!
//! A verification hashes about 2,100 times and each hash goes through the host, so everything is
//! laid out once and hashed where it lies: a result is the start of the next message.

use soroban_sdk::{Bytes, Env};

/// Length of a hash, of a node and of a seed.
pub const N: usize = 16;
pub type Node = [u8; N];

const SEED_BLOCK: usize = 64;
const ADDRESS: usize = 22;
const MESSAGE: usize = SEED_BLOCK + ADDRESS;
const SHA256: usize = 32;
/// The chain ends of a one-time key are the longest message.
const MAX_NODES: usize = crate::hypertree::CHAINS;

const LAYER: usize = SEED_BLOCK;
const TREE: usize = SEED_BLOCK + 1;
const TYPE: usize = SEED_BLOCK + 9;
const FIRST_WORD: usize = SEED_BLOCK + 10;
const SECOND_WORD: usize = SEED_BLOCK + 14;
const THIRD_WORD: usize = SEED_BLOCK + 18;

/// FIPS 205, section 4.2.
#[derive(Clone, Copy)]
pub enum AddressType {
    WotsHash = 0,
    WotsPublicKey = 1,
    Tree = 2,
    ForsTree = 3,
    ForsRoots = 4,
}

pub struct TweakableHash<'a> {
    env: &'a Env,
    /// Seed block, address, message; what is behind the message has no meaning.
    buffer: [u8; MESSAGE + MAX_NODES * N],
}

impl<'a> TweakableHash<'a> {
    pub fn new(env: &'a Env, public_seed: &Node) -> Self {
        let mut buffer = [0; MESSAGE + MAX_NODES * N];
        buffer[..N].copy_from_slice(public_seed);
        Self { env, buffer }
    }

    pub fn set_layer_and_tree(&mut self, layer: u8, tree: u64) {
        self.buffer[LAYER] = layer;
        self.buffer[TREE..TYPE].copy_from_slice(&tree.to_be_bytes());
    }

    /// Also clears the address's words, and names the key pair where the type has one.
    pub fn set_type(&mut self, address_type: AddressType, key_pair: u32) {
        self.buffer[TYPE] = address_type as u8;
        self.set_word(FIRST_WORD, key_pair);
        self.set_word(SECOND_WORD, 0);
        self.set_word(THIRD_WORD, 0);
    }

    pub fn set_chain(&mut self, chain: u32) {
        self.set_word(SECOND_WORD, chain);
    }

    #[inline(always)]
    pub fn set_position_in_chain(&mut self, position: u32) {
        self.set_word(THIRD_WORD, position);
    }

    pub fn set_tree_height_and_index(&mut self, height: u32, index: u32) {
        self.set_word(SECOND_WORD, height);
        self.set_word(THIRD_WORD, index);
    }

    #[inline(always)]
    fn set_word(&mut self, offset: usize, word: u32) {
        self.buffer[offset..offset + 4].copy_from_slice(&word.to_be_bytes());
    }

    /// A node of the message. Node 0 is also the last result.
    #[inline(always)]
    pub fn node(&mut self, index: usize) -> &mut Node {
        self.buffer[MESSAGE + index * N..]
            .first_chunk_mut()
            .unwrap()
    }

    /// Hashes the first `nodes` nodes of the message; the result replaces node 0, and node 1 is lost.
    #[inline(always)]
    pub fn hash(&mut self, nodes: usize) {
        let input = Bytes::from_slice(self.env, &self.buffer[..MESSAGE + nodes * N]);
        let digest = self.env.crypto().sha256(&input).to_bytes();
        let result: &mut [u8; SHA256] = self.buffer[MESSAGE..].first_chunk_mut().unwrap();
        digest.copy_into_slice(result);
    }

    /// From the node at 0, the root of a binary tree: hashes with each sibling of the path, whose
    /// first is at height 0. `index` is that of the leaf.
    pub fn climb(&mut self, path: &[u8], mut index: u32) {
        for (height, sibling) in (1..).zip(path.chunks_exact(N)) {
            let sibling: &Node = sibling.first_chunk().unwrap();
            if index.is_multiple_of(2) {
                *self.node(1) = *sibling;
            } else {
                *self.node(1) = *self.node(0);
                *self.node(0) = *sibling;
            }
            index /= 2;
            self.set_tree_height_and_index(height, index);
            self.hash(2);
        }
    }
}
