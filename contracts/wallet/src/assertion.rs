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

use latchkey_interface::{WalletError, MAX_ORIGIN_BYTES};
use soroban_sdk::{unwrap::UnwrapOptimized, Bytes, BytesN, Env};

use crate::{
    base64url,
    state::{SignerRecord, NO_RECORD},
};

/// `r (32) | s (32) | flags (1) | signature counter (4)`; all of the compact form.
const COMPACT_BYTES: usize = 69;
/// The explicit form adds at least its extension length.
const MIN_EXPLICIT_BYTES: usize = COMPACT_BYTES + 2;
const MAX_SIGNATURE_BYTES: usize = 1024;
const MAX_EXPLICIT_TAIL_BYTES: usize = MAX_SIGNATURE_BYTES - MIN_EXPLICIT_BYTES;

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

/// A signature blob, taken apart.
struct Assertion<'a> {
    /// `r | s`, big-endian.
    signature: &'a [u8; 64],
    /// authenticatorData's flags and signature counter.
    flags_and_counter: &'a [u8],
    /// authenticatorData after the signature counter.
    extensions: &'a [u8],
    /// clientDataJSON after the origin's closing quote.
    tail: &'a [u8],
}

/// Verifies `blob` as the registered passkey's assertion of `payload`.
///
/// `blob` is the compact form, 69 bytes: `r | s (64) | flags (1) | signature counter (4, big-endian)`
/// or the explicit form, 71 to 1024 bytes: the same, then `extension length (2, big-endian) |
/// extensions | clientDataJSON tail`. An empty tail is the default one.
///
/// Errors: `InvalidSignatureLength`, `InvalidExtensionLength`, `InvalidClientDataTail`,
/// `UserPresenceMissing`, `UserVerificationMissing`. The host traps (`Crypto, InvalidInput`) if the
/// signature is wrong: another payload, key, relying party or origin.
pub fn verify(env: &Env, payload: &[u8; 32], blob: &Bytes) -> Result<(), WalletError> {
    // Two sizes of working memory: the short form is the one that everybody pays for.
    match blob.len() as usize {
        COMPACT_BYTES => {
            let mut bytes = [0u8; COMPACT_BYTES];
            blob.copy_into_slice(&mut bytes);
            verify_rebuilt(
                env,
                payload,
                &parse_compact(&bytes),
                &mut [0u8; COMPACT_AUTHENTICATOR_DATA_BYTES + SHA256_BYTES],
                &mut [0u8; CLIENT_DATA_BYTES_BEFORE_TAIL + DEFAULT_TAIL.len()],
            )
        }
        MIN_EXPLICIT_BYTES..=MAX_SIGNATURE_BYTES => verify_explicit(env, payload, blob),
        _ => Err(WalletError::InvalidSignatureLength),
    }
}

#[inline(never)]
fn verify_explicit(env: &Env, payload: &[u8; 32], blob: &Bytes) -> Result<(), WalletError> {
    let mut buffer = [0u8; MAX_SIGNATURE_BYTES];
    let bytes = &mut buffer[..blob.len() as usize];
    blob.copy_into_slice(bytes);
    verify_rebuilt(
        env,
        payload,
        &parse_explicit(bytes)?,
        &mut [0u8; COMPACT_AUTHENTICATOR_DATA_BYTES + MAX_EXPLICIT_TAIL_BYTES + SHA256_BYTES],
        &mut [0u8; CLIENT_DATA_BYTES_BEFORE_TAIL + MAX_EXPLICIT_TAIL_BYTES],
    )
}

fn parse_compact(bytes: &[u8]) -> Assertion<'_> {
    Assertion {
        signature: bytes[..64].try_into().unwrap_optimized(),
        flags_and_counter: &bytes[64..COMPACT_BYTES],
        extensions: &[],
        tail: DEFAULT_TAIL,
    }
}

fn parse_explicit(bytes: &[u8]) -> Result<Assertion<'_>, WalletError> {
    let extension_length = u16::from_be_bytes([bytes[COMPACT_BYTES], bytes[COMPACT_BYTES + 1]]);
    let (extensions, tail) = bytes[MIN_EXPLICIT_BYTES..]
        .split_at_checked(extension_length as usize)
        .ok_or(WalletError::InvalidExtensionLength)?;
    let tail = match tail.first() {
        None => DEFAULT_TAIL,
        Some(b',' | b'}') => tail,
        Some(_) => return Err(WalletError::InvalidClientDataTail),
    };
    Ok(Assertion {
        extensions,
        tail,
        ..parse_compact(bytes)
    })
}

fn verify_rebuilt(
    env: &Env,
    payload: &[u8; 32],
    assertion: &Assertion,
    authenticator_data: &mut [u8],
    client_data: &mut [u8],
) -> Result<(), WalletError> {
    let flags = assertion.flags_and_counter[0];
    if flags & FLAG_USER_PRESENT == 0 {
        return Err(WalletError::UserPresenceMissing);
    }
    if flags & FLAG_USER_VERIFIED == 0 {
        return Err(WalletError::UserVerificationMissing);
    }

    let mut buffer = NO_RECORD;
    let signer = SignerRecord::load(env, &mut buffer);
    let client_data_hash = sha256_of(
        env,
        client_data,
        &[
            BEFORE_CHALLENGE,
            &base64url::encode(payload),
            BEFORE_ORIGIN,
            signer.origin(),
            AFTER_ORIGIN,
            assertion.tail,
        ],
    );
    let signed = concatenate(
        authenticator_data,
        &[
            signer.rp_id_hash(),
            assertion.flags_and_counter,
            assertion.extensions,
            &client_data_hash,
        ],
    );
    env.crypto().secp256r1_verify(
        &BytesN::from_array(env, signer.public_key()),
        &env.crypto().sha256(&Bytes::from_slice(env, signed)),
        &BytesN::from_array(env, assertion.signature),
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
