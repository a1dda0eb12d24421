//! The verifier that smart-account-kit's accounts name for their passkeys: the crate's WebAuthn verification behind the
//! crate's `Verifier` trait. A key is 65 bytes of public key with the credential id behind them, as the kit writes it;
//! a signature is the XDR of the crate's `WebAuthnSigData`. Origin and relying party are not checked.

#![no_std]

use soroban_sdk::{contract, contractimpl, xdr::FromXdr, Bytes, Env};
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
}
