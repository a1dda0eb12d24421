//! ML-DSA-44, -65 and -87 (FIPS 204) verification by the host functions of ledger protocol 30
//! (CAP-87), as an immutable contract with the interface of the other verifiers. Below protocol 30
//! the network refuses to upload it.
//!
//! A signature, key or context of a wrong length is `false`. A signature that does not verify is not:
//! the host function ends the invocation with its error (Crypto, InvalidInput), which no contract can
//! catch in itself. A caller that asks with `try_` gets that as an error, and whatever is not `true`
//! is a refusal; a caller that asks without is ended with it. Nothing that does not verify is `true`.
//!
//! It neither stores nor judges keys: that a key is somebody's is for the caller to know.
#![no_std]

use soroban_sdk::{contract, contractimpl, Bytes, BytesN, Env};

/// Separates signatures for Soroban accounts from all others by the same key.
const SOROBAN_AUTH_CONTEXT: &[u8] = b"latchkey/soroban-auth/1";

const MAX_CONTEXT_BYTES: u32 = 255;

#[contract]
pub struct MlDsaHostVerifier;

#[contractimpl]
impl MlDsaHostVerifier {
    /// True if `signature` is one of `message` under `public_key` with the context
    /// `latchkey/soroban-auth/1`. The key's length tells the parameter set: 1312 bytes ML-DSA-44,
    /// 1952 bytes ML-DSA-65, 2592 bytes ML-DSA-87.
    pub fn verify(env: Env, public_key: Bytes, message: Bytes, signature: Bytes) -> bool {
        let context = Bytes::from_slice(&env, SOROBAN_AUTH_CONTEXT);
        Self::verify_with_context(env, public_key, message, context, signature)
    }

    /// As `verify`, with any context of at most 255 bytes.
    pub fn verify_with_context(
        env: Env,
        public_key: Bytes,
        message: Bytes,
        context: Bytes,
        signature: Bytes,
    ) -> bool {
        if context.len() > MAX_CONTEXT_BYTES {
            return false;
        }
        let crypto = env.crypto();
        match (public_key.len(), signature.len()) {
            (1312, 2420) => {
                let (key, signature) = (of_length(public_key), of_length(signature));
                crypto.ml_dsa_44_verify(&key, &message, &signature, &context);
            }
            (1952, 3309) => {
                let (key, signature) = (of_length(public_key), of_length(signature));
                crypto.ml_dsa_65_verify(&key, &message, &signature, &context);
            }
            (2592, 4627) => {
                let (key, signature) = (of_length(public_key), of_length(signature));
                crypto.ml_dsa_87_verify(&key, &message, &signature, &context);
            }
            _ => return false,
        }
        true
    }
}

/// The length has been compared already.
#[inline(always)]
fn of_length<const N: usize>(bytes: Bytes) -> BytesN<N> {
    bytes.try_into().unwrap()
}
