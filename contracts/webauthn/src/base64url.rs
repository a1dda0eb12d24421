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
        // The fourth byte comes along because a load of four is one instruction.
        let word: &[u8; 4] = hash[3 * group..].first_chunk().unwrap_optimized();
        let bits = u32::from_be_bytes(*word);
        write(4 * group, bits >> 26);
        write(4 * group + 1, bits >> 20);
        write(4 * group + 2, bits >> 14);
        write(4 * group + 3, bits >> 8);
    }
    let bits = u32::from_be_bytes([hash[30], hash[31], 0, 0]);
    write(40, bits >> 26);
    write(41, bits >> 20);
    write(42, bits >> 14);
}
