//! A passkey as a wallet registers it: the credential, and the relying party and origin it may be
//! used from. `decode_key` refuses whatever the wallet could not verify a signature with later.

use soroban_sdk::{contracttype, Bytes, BytesN, String};

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
