//! A passkey as a wallet registers it: the credential, and the relying party and origin it may be
//! used from. `check` refuses whatever the wallet could not verify a signature with later.
//!
//! Not checked: that the relying party id behind `rp_id_hash` is a suffix of the origin's host
//! (browsers enforce it, and the hash hides the id), and that anybody holds the private key.

use soroban_sdk::{contracttype, Bytes, BytesN, String};

use crate::{p256_point, WalletError};

/// Length of an uncompressed P-256 point: 0x04, x, y (SEC 1, section 2.3.3).
pub const PUBLIC_KEY_BYTES: usize = 65;
/// WebAuthn Level 3, section 4, "Credential ID": at least 16 bytes, at most 1023.
pub const MIN_CREDENTIAL_ID_BYTES: u32 = 16;
pub const MAX_CREDENTIAL_ID_BYTES: u32 = 1023;
/// A scheme, a host name of at most 253 characters or less, and a port fit in practice.
pub const MAX_ORIGIN_BYTES: u32 = 256;

/// A WebAuthn credential of algorithm ES256 and where it may be used.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Passkey {
    /// Uncompressed P-256 point: 0x04, x, y.
    pub public_key: BytesN<65>,
    /// The credential id, 16 to 1023 bytes. The wallet only keeps it for those who look it up.
    pub credential_id: Bytes,
    /// SHA-256 of the relying party id, as authenticators sign it.
    pub rp_id_hash: BytesN<32>,
    /// The origin as browsers write it into clientDataJSON, for example `https://wallet.example`.
    pub origin: String,
}

impl Passkey {
    /// Errors: `InvalidPublicKey`, `InvalidCredentialId`, `InvalidOrigin`.
    pub fn check(&self) -> Result<(), WalletError> {
        if !p256_point::is_on_curve(&self.public_key.to_array()) {
            return Err(WalletError::InvalidPublicKey);
        }
        let credential_id_bytes = self.credential_id.len();
        if !(MIN_CREDENTIAL_ID_BYTES..=MAX_CREDENTIAL_ID_BYTES).contains(&credential_id_bytes) {
            return Err(WalletError::InvalidCredentialId);
        }
        check_origin(&self.origin.to_bytes())
    }
}

/// The origin is copied into a JSON string as it is. A character that JSON escapes would make a
/// clientDataJSON that no browser writes, and a wallet that can never sign.
fn check_origin(origin: &Bytes) -> Result<(), WalletError> {
    let length = origin.len();
    if length == 0 || length > MAX_ORIGIN_BYTES {
        return Err(WalletError::InvalidOrigin);
    }
    let mut buffer = [0u8; MAX_ORIGIN_BYTES as usize];
    let bytes = &mut buffer[..length as usize];
    origin.copy_into_slice(bytes);
    if bytes
        .iter()
        .any(|byte| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f))
    {
        return Err(WalletError::InvalidOrigin);
    }
    Ok(())
}
