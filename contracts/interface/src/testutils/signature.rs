//! The form of a wallet's signature: one part for each signer, in ascending order of id.

extern crate std;

use std::vec::Vec;

const FLAG: u8 = 0x80;

/// `signer id (3) | proof`
pub fn part(id: u32, proof: &[u8]) -> Vec<u8> {
    let [_, header @ ..] = id.to_be_bytes();
    [&header, proof].concat()
}

/// The same with the flag: an explicit passkey proof, or an account that is a delegate.
pub fn flagged_part(id: u32, proof: &[u8]) -> Vec<u8> {
    let mut part = part(id, proof);
    part[0] |= FLAG;
    part
}
