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

use latchkey_interface::{PasskeyView, WalletError, MAX_ORIGIN_BYTES};
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
#[inline(always)]
pub fn verify_compact(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    compact: &[u8; COMPACT_BYTES],
) -> Result<(), WalletError> {
    // Two sizes of working memory: the short form is the one that everybody pays for.
    verify_rebuilt(
        env,
        payload,
        passkey,
        &Assertion::compact(compact),
        &mut [0u8; COMPACT_AUTHENTICATOR_DATA_BYTES + SHA256_BYTES],
        &mut [0u8; CLIENT_DATA_BYTES_BEFORE_TAIL + DEFAULT_TAIL.len()],
    )
}

/// As `verify_compact`, for any assertion.
#[inline(never)]
pub fn verify(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    assertion: &Assertion,
) -> Result<(), WalletError> {
    verify_rebuilt(
        env,
        payload,
        passkey,
        assertion,
        &mut [0u8; COMPACT_AUTHENTICATOR_DATA_BYTES + MAX_EXPLICIT_BYTES + SHA256_BYTES],
        &mut [0u8; CLIENT_DATA_BYTES_BEFORE_TAIL + MAX_EXPLICIT_BYTES],
    )
}

#[inline(always)]
fn verify_rebuilt(
    env: &Env,
    payload: &[u8; 32],
    passkey: &PasskeyView,
    assertion: &Assertion,
    authenticator_data: &mut [u8],
    client_data: &mut [u8],
) -> Result<(), WalletError> {
    let (signature, flags_and_counter) = assertion.compact.split_at(64);
    let flags = flags_and_counter[0];
    if flags & FLAG_USER_PRESENT == 0 {
        return Err(WalletError::UserPresenceMissing);
    }
    if flags & FLAG_USER_VERIFIED == 0 {
        return Err(WalletError::UserVerificationMissing);
    }

    let client_data_hash = sha256_of(
        env,
        client_data,
        &[
            BEFORE_CHALLENGE,
            &base64url::encode(payload),
            BEFORE_ORIGIN,
            passkey.origin,
            AFTER_ORIGIN,
            assertion.tail,
        ],
    );
    let signed = concatenate(
        authenticator_data,
        &[
            passkey.rp_id_hash,
            flags_and_counter,
            assertion.extensions,
            &client_data_hash,
        ],
    );
    let signature: &[u8; 64] = signature.try_into().unwrap_optimized();
    env.crypto().secp256r1_verify(
        &BytesN::from_array(env, passkey.public_key),
        &env.crypto().sha256(&Bytes::from_slice(env, signed)),
        &BytesN::from_array(env, signature),
    );
    Ok(())
}

fn sha256_of(env: &Env, buffer: &mut [u8], parts: &[&[u8]]) -> [u8; SHA256_BYTES] {
    let bytes = Bytes::from_slice(env, concatenate(buffer, parts));
    env.crypto().sha256(&bytes).to_array()
}

fn concatenate<'a>(buffer: &'a mut [u8], parts: &[&[u8]]) -> &'a [u8] {
    let mut end = 0;
    for part in parts {
        let start = end;
        end += part.len();
        buffer[start..end].copy_from_slice(part);
    }
    &buffer[..end]
}
