//! An authenticator and a browser in one: makes the assertions that a passkey would make, from
//! clientDataJSON and authenticatorData as whole strings of bytes, independently of how the
//! contract rebuilds them. A test changes one field of the ceremony to see it refused.

extern crate std;

use std::{format, string::String as StdString, vec::Vec as StdVec};

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{signature::hazmat::PrehashSigner, Signature, SigningKey};
use sha2::{Digest, Sha256};
use soroban_sdk::{Bytes, BytesN, Env, String};

use crate::Passkey;

/// authenticatorData's flags (WebAuthn Level 2, section 6.1).
pub mod flags {
    pub const USER_PRESENT: u8 = 0x01;
    pub const USER_VERIFIED: u8 = 0x04;
    pub const EXTENSION_DATA: u8 = 0x80;
}

pub struct SoftwareAuthenticator {
    key: SigningKey,
    credential_id: [u8; 32],
}

/// One `navigator.credentials.get()`.
#[derive(Clone)]
pub struct Ceremony {
    pub ceremony_type: &'static str,
    pub rp_id: &'static str,
    pub origin: StdString,
    pub flags: u8,
    pub sign_count: u32,
    /// CBOR that follows the counter when `flags` has `EXTENSION_DATA`.
    pub extensions: StdVec<u8>,
    /// clientDataJSON after the origin's closing quote.
    pub tail: StdString,
    pub high_s: bool,
}

impl Default for Ceremony {
    fn default() -> Self {
        Self {
            ceremony_type: "webauthn.get",
            rp_id: "wallet.example.com",
            origin: "https://wallet.example.com".into(),
            flags: flags::USER_PRESENT | flags::USER_VERIFIED,
            sign_count: 0,
            extensions: StdVec::new(),
            tail: r#","crossOrigin":false}"#.into(),
            high_s: false,
        }
    }
}

impl SoftwareAuthenticator {
    /// Another `seed` is another passkey. 0 is not a private key.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            credential_id: [seed ^ 0xa5; 32],
        }
    }

    /// What a wallet registers for this passkey in the default ceremony.
    pub fn passkey(&self, env: &Env) -> Passkey {
        let ceremony = Ceremony::default();
        let point = self.key.verifying_key().to_encoded_point(false);
        Passkey {
            public_key: BytesN::from_array(env, &point.as_bytes().try_into().unwrap()),
            credential_id: Bytes::from_array(env, &self.credential_id),
            rp_id_hash: BytesN::from_array(env, &Sha256::digest(ceremony.rp_id).into()),
            origin: String::from_str(env, &ceremony.origin),
        }
    }

    /// The compact form of the default ceremony.
    pub fn sign(&self, payload: &[u8; 32]) -> StdVec<u8> {
        self.compact(payload, &Ceremony::default())
    }

    /// `r | s | flags | counter`
    pub fn compact(&self, payload: &[u8; 32], ceremony: &Ceremony) -> StdVec<u8> {
        let client_data = format!(
            r#"{{"type":"{}","challenge":"{}","origin":"{}"{}"#,
            ceremony.ceremony_type,
            Base64UrlUnpadded::encode_string(payload),
            ceremony.origin,
            ceremony.tail,
        );
        self.compact_of(&client_data, ceremony)
    }

    /// The same for a clientDataJSON that no browser would write.
    pub fn compact_of(&self, client_data: &str, ceremony: &Ceremony) -> StdVec<u8> {
        let mut blob = self.signature(client_data, ceremony).to_vec();
        blob.push(ceremony.flags);
        blob.extend(ceremony.sign_count.to_be_bytes());
        blob
    }

    /// `r | s | flags | counter | extension length | tail length | extensions | tail`, for a part with
    /// the flag.
    pub fn explicit(&self, payload: &[u8; 32], ceremony: &Ceremony) -> StdVec<u8> {
        let mut blob = self.compact(payload, ceremony);
        blob.extend((ceremony.extensions.len() as u16).to_be_bytes());
        blob.extend((ceremony.tail.len() as u16).to_be_bytes());
        blob.extend(&ceremony.extensions);
        blob.extend(ceremony.tail.as_bytes());
        blob
    }

    fn signature(&self, client_data: &str, ceremony: &Ceremony) -> [u8; 64] {
        let mut signed = Sha256::digest(ceremony.rp_id).to_vec();
        signed.push(ceremony.flags);
        signed.extend(ceremony.sign_count.to_be_bytes());
        signed.extend(&ceremony.extensions);
        signed.extend(Sha256::digest(client_data));

        let signature: Signature = self.key.sign_prehash(&Sha256::digest(signed)).unwrap();
        let low = signature.normalize_s().unwrap_or(signature);
        if ceremony.high_s {
            let (r, s) = low.split_scalars();
            return Signature::from_scalars(*r, -*s).unwrap().to_bytes().into();
        }
        low.to_bytes().into()
    }
}
