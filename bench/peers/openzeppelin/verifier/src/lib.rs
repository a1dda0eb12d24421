//! OpenZeppelin's WebAuthn verifier: one shared contract for the passkeys of all accounts, as
//! the crate's `Verifier` trait asks for, with nothing in it but calls to the crate.
//!
//! A key is the 65 bytes of the public key; what follows them is not looked at. A signature is
//! the XDR of the crate's `WebAuthnSigData`. What WebAuthn demands and is not checked (origin,
//! relying party, counter) is listed in the crate's `verifiers::webauthn`.

#![no_std]

use soroban_sdk::{contract, contractimpl, xdr::FromXdr, Bytes, Env, Vec};
use stellar_accounts::verifiers::{
    utils::extract_from_bytes,
    webauthn::{self, WebAuthnSigData},
    Verifier,
};

#[contract]
pub struct WebAuthnVerifier;

#[contractimpl]
impl Verifier for WebAuthnVerifier {
    type KeyData = Bytes;
    type SigData = Bytes;

    fn verify(e: &Env, hash: Bytes, key_data: Bytes, sig_data: Bytes) -> bool {
        let public_key = extract_from_bytes(e, &key_data, 0..65).expect("a public key of 65 bytes");
        let assertion = WebAuthnSigData::from_xdr(e, &sig_data).expect("XDR of WebAuthnSigData");
        webauthn::verify(e, &hash, &public_key, &assertion)
    }

    fn canonicalize_key(e: &Env, key_data: Bytes) -> Bytes {
        webauthn::canonicalize_key(e, &key_data)
    }

    fn batch_canonicalize_key(e: &Env, key_data: Vec<Bytes>) -> Vec<Bytes> {
        webauthn::batch_canonicalize_key(e, &key_data)
    }
}
