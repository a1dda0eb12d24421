//! Base64url without padding (RFC 4648, section 5) of a SHA-256 hash: how WebAuthn writes a
//! challenge into clientDataJSON.

use core::mem::MaybeUninit;

use soroban_sdk::unwrap::UnwrapOptimized;

pub const ENCODED_SHA256_BYTES: usize = 43;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes 43 characters.
#[inline(always)]
pub fn encode(hash: &[u8; 32], to: &mut [MaybeUninit<u8>]) {
    let to: &mut [MaybeUninit<u8>; ENCODED_SHA256_BYTES] = to.first_chunk_mut().unwrap_optimized();
    let mut write = |at: usize, bits: u32| {
        to[at].write(ALPHABET[(bits & 63) as usize]);
    };
    for group in 0..10 {
        let from = 3 * group;
        let bits = u32::from_be_bytes([0, hash[from], hash[from + 1], hash[from + 2]]);
        for place in 0..4 {
            write(4 * group + place, bits >> (18 - 6 * place));
        }
    }
    let bits = u32::from_be_bytes([0, hash[30], hash[31], 0]);
    for place in 0..3 {
        write(40 + place, bits >> (18 - 6 * place));
    }
}
