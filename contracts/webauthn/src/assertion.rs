//! WebAuthn assertion over a Soroban authorization payload (WebAuthn Level 2, section 7.2), without
//! a JSON parser: the contract rebuilds what the authenticator signed and verifies that.
//!
//! Guaranteed for a signature that passes, by section 7.2's steps:
//! - steps 11-13: type `webauthn.get`, the payload as challenge, and the registered origin:
//!   clientDataJSON is rebuilt from them in the order that section 5.8.1.1 fixes;
//! - step 15: the registered relying party id's hash, rebuilt into authenticatorData;
//! - steps 16-17: user present (UP) and user verified (UV);
//! - steps 19-20: ES256 over `authenticatorData | SHA-256(clientDataJSON)` under the registered
//!   key, low S only (the host's rule).
//!
//! Deliberately not checked: the signature counter (step 21; synced passkeys keep it at 0), the
//! backup flags, extension outputs (step 18) and, when the caller sends its own clientDataJSON tail,
//! what is in that tail: `crossOrigin`, `topOrigin` and whatever browsers add later. Only the
//! default tail enforces `crossOrigin: false`.

use core::mem::MaybeUninit;

use latchkey_interface::{
    memory::{copy, room, Room},
    PasskeyView, WalletError, MAX_ORIGIN_BYTES,
};
use soroban_sdk::{unwrap::UnwrapOptimized, Bytes, BytesN, Env};

use crate::base64url;

/// `r (32) | s (32) | flags (1) | signature counter (4)`; all of the compact form.
pub const COMPACT_BYTES: usize = 69;
/// The explicit form adds two lengths, of the extensions and of the clientDataJSON tail.
pub const EXPLICIT_HEADER_BYTES: usize = 4;
/// Both together, in the explicit form.
pub const MAX_EXPLICIT_BYTES: usize = 1024 - COMPACT_BYTES - EXPLICIT_HEADER_BYTES;

const FLAG_USER_PRESENT: u8 = 0x01;
const FLAG_USER_VERIFIED: u8 = 0x04;

const BEFORE_CHALLENGE: &[u8] = br#"{"type":"webauthn.get","challenge":""#;
const BEFORE_ORIGIN: &[u8] = br#"","origin":""#;
const AFTER_ORIGIN: &[u8] = br#"""#;
const DEFAULT_TAIL: &[u8] = br#","crossOrigin":false}"#;

const CHALLENGE_AT: usize = BEFORE_CHALLENGE.len();
const AFTER_CHALLENGE: usize = CHALLENGE_AT + base64url::ENCODED_SHA256_BYTES;
const ORIGIN_AT: usize = AFTER_CHALLENGE + BEFORE_ORIGIN.len();

const SHA256_BYTES: usize = 32;
const COMPACT_AUTHENTICATOR_DATA_BYTES: usize = 37;
const CLIENT_DATA_BYTES_BEFORE_TAIL: usize = BEFORE_CHALLENGE.len()
    + base64url::ENCODED_SHA256_BYTES
    + BEFORE_ORIGIN.len()
    + MAX_ORIGIN_BYTES as usize
    + AFTER_ORIGIN.len();

/// What an authenticator sends, less what the contract knows.
pub struct Assertion<'a> {
    /// `r | s | flags | signature counter`, big-endian.
    pub compact: &'a [u8; COMPACT_BYTES],
    /// authenticatorData after the signature counter.
    pub extensions: &'a [u8],
    /// clientDataJSON after the origin's closing quote.
    pub tail: &'a [u8],
}

impl<'a> Assertion<'a> {
    pub fn compact(compact: &'a [u8; COMPACT_BYTES]) -> Self {
        Self {
            compact,
            extensions: &[],
            tail: DEFAULT_TAIL,
        }
    }

    /// `sent` is `extensions | tail`. An empty tail is the default one.
    ///
    /// Errors: `InvalidExtensionLength`, `InvalidClientDataTail`.
    pub fn explicit(
        compact: &'a [u8; COMPACT_BYTES],
        sent: &'a [u8],
        extension_bytes: usize,
    ) -> Result<Self, WalletError> {
        let (extensions, tail) = sent
            .split_at_checked(extension_bytes)
            .ok_or(WalletError::InvalidExtensionLength)?;
        let tail = match tail.first() {
            None => DEFAULT_TAIL,
            Some(b',' | b'}') => tail,
            Some(_) => return Err(WalletError::InvalidClientDataTail),
        };
        Ok(Self {
            compact,
            extensions,
            tail,
        })
    }
}

/// Verifies an assertion of `payload` in the form that nearly all authenticators send.
///
/// Errors: `UserPresenceMissing`, `UserVerificationMissing`. The host traps (`Crypto, InvalidInput`)
/// if the signature is wrong: another payload, key, relying party or origin.
#[inline(never)]
pub fn verify_compact(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    compact: &[u8; COMPACT_BYTES],
) -> Result<(), WalletError> {
    verify_rebuilt(env, payload, passkey, &Assertion::compact(compact))
}

/// For some dozens of bytes at any address, half of what the general function takes.
#[inline(always)]
fn write_short(to: &mut [MaybeUninit<u8>], from: &[u8]) {
    let (to_words, to_rest) = to.as_chunks_mut::<8>();
    let (words, rest) = from.as_chunks::<8>();
    for (to, word) in to_words.iter_mut().zip(words) {
        to.write_copy_of_slice(word);
    }
    for (to, byte) in to_rest.iter_mut().zip(rest) {
        to.write(*byte);
    }
}

/// clientDataJSON. All but origin and tail has a fixed place, which saves half of the instructions.
#[inline(always)]
fn write_client_data<'a>(
    memory: &'a mut Room<{ CLIENT_DATA_BYTES_BEFORE_TAIL + MAX_EXPLICIT_BYTES }>,
    payload: &[u8; 32],
    origin: &[u8],
    tail: &[u8],
) -> &'a [u8] {
    let (fixed, rest) = memory.split_at_mut(ORIGIN_AT);
    fixed[..CHALLENGE_AT].write_copy_of_slice(BEFORE_CHALLENGE);
    base64url::encode(payload, &mut fixed[CHALLENGE_AT..AFTER_CHALLENGE]);
    fixed[AFTER_CHALLENGE..].write_copy_of_slice(BEFORE_ORIGIN);
    let (origin_room, rest) = rest.split_at_mut(origin.len());
    write_short(origin_room, origin);
    rest[..1].write_copy_of_slice(AFTER_ORIGIN);
    rest[1..1 + tail.len()].write_copy_of_slice(tail);
    // SAFETY: all of it was just written.
    unsafe { memory[..ORIGIN_AT + origin.len() + 1 + tail.len()].assume_init_ref() }
}

/// As `verify_compact`, for any assertion.
#[inline(never)]
pub fn verify(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    assertion: &Assertion,
) -> Result<(), WalletError> {
    verify_rebuilt(env, payload, passkey, assertion)
}

#[inline(always)]
fn verify_rebuilt(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    assertion: &Assertion,
) -> Result<(), WalletError> {
    let (signature, flags_and_counter) = assertion
        .compact
        .split_first_chunk::<64>()
        .unwrap_optimized();
    let flags = flags_and_counter[0];
    if flags & FLAG_USER_PRESENT == 0 {
        return Err(WalletError::UserPresenceMissing);
    }
    if flags & FLAG_USER_VERIFIED == 0 {
        return Err(WalletError::UserVerificationMissing);
    }

    let mut memory = room::<{ CLIENT_DATA_BYTES_BEFORE_TAIL + MAX_EXPLICIT_BYTES }>();
    let client_data = write_client_data(&mut memory, payload, passkey.origin, assertion.tail);
    let client_data_hash = env.crypto().sha256(&Bytes::from_slice(env, client_data));

    let mut memory =
        room::<{ COMPACT_AUTHENTICATOR_DATA_BYTES + MAX_EXPLICIT_BYTES + SHA256_BYTES }>();
    let (authenticator_data, rest) = memory.split_at_mut(COMPACT_AUTHENTICATOR_DATA_BYTES);
    authenticator_data[..32].write_copy_of_slice(passkey.rp_id_hash);
    authenticator_data[32..].write_copy_of_slice(flags_and_counter);
    let (extensions, rest) = rest.split_at_mut(assertion.extensions.len());
    extensions.write_copy_of_slice(assertion.extensions);
    let client_data_hash = client_data_hash.to_bytes().into();
    copy(env, &client_data_hash, 0, &mut rest[..SHA256_BYTES]);
    let length = COMPACT_AUTHENTICATOR_DATA_BYTES + assertion.extensions.len() + SHA256_BYTES;
    // SAFETY: all of it was just written.
    let signed = unsafe { memory[..length].assume_init_ref() };
    env.crypto().secp256r1_verify(
        &BytesN::from_array(env, passkey.public_key),
        &env.crypto().sha256(&Bytes::from_slice(env, signed)),
        &BytesN::from_array(env, signature),
    );
    Ok(())
}
