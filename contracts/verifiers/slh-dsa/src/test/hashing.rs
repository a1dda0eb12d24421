//! The tweakable hash against its definition, with every field of the address in its place.

extern crate std;

use soroban_sdk::{Bytes, Env};
use std::vec::Vec;

use crate::hashing::{AddressType, TweakableHash, N};

fn by_definition(env: &Env, seed: &[u8; N], address: &[u8], message: &[u8]) -> Vec<u8> {
    let input = [&seed[..], &[0; 48], address, message].concat();
    let digest = env.crypto().sha256(&Bytes::from_slice(env, &input));
    digest.to_array()[..N].to_vec()
}

#[test]
fn hashes_seed_address_and_message() {
    let env = Env::default();
    let seed = [7; N];
    let mut hash = TweakableHash::new(&env, &seed);
    hash.set_layer_and_tree(6, 0x0102_0304_0506_0708);
    hash.set_type(AddressType::WotsHash, 0x1112_1314);
    hash.set_chain(0x2122_2324);
    hash.set_position_in_chain(0x3132_3334);
    *hash.node(0) = [9; N];
    hash.hash(1);
    let address = [
        &[6, 1, 2, 3, 4, 5, 6, 7, 8, 0][..],
        &[0x11, 0x12, 0x13, 0x14],
        &[0x21, 0x22, 0x23, 0x24],
        &[0x31, 0x32, 0x33, 0x34],
    ];
    let expected = by_definition(&env, &seed, &address.concat(), &[9; N]);
    assert_eq!(hash.node(0)[..], expected);
}

#[test]
fn clears_the_address_behind_a_new_type() {
    let env = Env::default();
    let seed = [1; N];
    let mut hash = TweakableHash::new(&env, &seed);
    hash.set_layer_and_tree(1, 2);
    hash.set_tree_height_and_index(3, 4);
    hash.set_type(AddressType::ForsRoots, 5);
    *hash.node(0) = [8; N];
    hash.hash(1);
    let address = [&[1, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 5][..], &[0; 8]].concat();
    assert_eq!(
        hash.node(0)[..],
        by_definition(&env, &seed, &address, &[8; N])
    );
}

#[test]
fn climbs_with_siblings_left_and_right() {
    let env = Env::default();
    let seed = [2; N];
    let mut hash = TweakableHash::new(&env, &seed);
    hash.set_type(AddressType::Tree, 0);
    *hash.node(0) = [5; N];
    hash.climb(&[[6; N], [7; N]].concat(), 0b10);
    let address = |height: u8, index: u8| {
        let mut address = [0; 22];
        (address[9], address[17], address[21]) = (2, height, index);
        address
    };
    let lower = by_definition(&env, &seed, &address(1, 1), &[[5; N], [6; N]].concat());
    let upper = by_definition(&env, &seed, &address(2, 0), &[&[7; N][..], &lower].concat());
    assert_eq!(hash.node(0)[..], upper);
}
