//! Base64url without padding (RFC 4648, section 5) of a SHA-256 hash: how WebAuthn writes a
//! challenge into clientDataJSON.

pub const ENCODED_SHA256_BYTES: usize = 43;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub fn encode(hash: &[u8; 32]) -> [u8; ENCODED_SHA256_BYTES] {
    let mut encoded = [0u8; ENCODED_SHA256_BYTES];
    for (group, characters) in hash.chunks(3).zip(encoded.chunks_mut(4)) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (i, character) in characters.iter_mut().enumerate() {
            *character = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
        }
    }
    encoded
}
