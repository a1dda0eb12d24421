//! The contract: no state, no owner, no upgrade. Whoever pins its address pins its code.
//!
//! A signature, key or context of a wrong length is `false`, as is everything else that does not
//! verify; no bytes make it trap, but for want of instructions. It neither stores nor judges
//! keys: that a key is somebody's is for the caller to know.

use soroban_sdk::{contract, contractimpl, Bytes, Env};

use crate::{
    parameters::{MlDsa44, MlDsa65, ParameterSet},
    verification,
};

/// Separates signatures for Soroban accounts from all others by the same key.
pub const SOROBAN_AUTH_CONTEXT: &[u8] = b"latchkey/soroban-auth/1";

const MAX_CONTEXT_BYTES: usize = 255;

#[contract]
pub struct MlDsaVerifier;

#[contractimpl]
impl MlDsaVerifier {
    /// True if `signature` is one of `message` under `public_key` with the context
    /// `latchkey/soroban-auth/1`. The key's length tells the parameter set: 1312 bytes ML-DSA-44,
    /// 1952 bytes ML-DSA-65.
    pub fn verify(_env: Env, public_key: Bytes, message: Bytes, signature: Bytes) -> bool {
        verify_any(&public_key, &message, SOROBAN_AUTH_CONTEXT, &signature)
    }

    /// As `verify`, with any context of at most 255 bytes.
    pub fn verify_with_context(
        _env: Env,
        public_key: Bytes,
        message: Bytes,
        context: Bytes,
        signature: Bytes,
    ) -> bool {
        let mut buffer = [0; MAX_CONTEXT_BYTES];
        let Some(bytes) = buffer.get_mut(..context.len() as usize) else {
            return false;
        };
        context.copy_into_slice(bytes);
        verify_any(&public_key, &message, bytes, &signature)
    }
}

fn verify_any(public_key: &Bytes, message: &Bytes, context: &[u8], signature: &Bytes) -> bool {
    match public_key.len() as usize {
        MlDsa44::PUBLIC_KEY_BYTES => verify_sized::<
            MlDsa44,
            { MlDsa44::L },
            { MlDsa44::PUBLIC_KEY_BYTES },
            { MlDsa44::SIGNATURE_BYTES },
        >(public_key, message, context, signature),
        MlDsa65::PUBLIC_KEY_BYTES => verify_sized::<
            MlDsa65,
            { MlDsa65::L },
            { MlDsa65::PUBLIC_KEY_BYTES },
            { MlDsa65::SIGNATURE_BYTES },
        >(public_key, message, context, signature),
        _ => false,
    }
}

#[inline(never)]
fn verify_sized<
    P: ParameterSet,
    const L: usize,
    const PUBLIC_KEY_BYTES: usize,
    const SIGNATURE_BYTES: usize,
>(
    public_key: &Bytes,
    message: &Bytes,
    context: &[u8],
    signature: &Bytes,
) -> bool {
    if signature.len() as usize != SIGNATURE_BYTES {
        return false;
    }
    let mut key = [0; PUBLIC_KEY_BYTES];
    public_key.copy_into_slice(&mut key);
    let mut sig = [0; SIGNATURE_BYTES];
    signature.copy_into_slice(&mut sig);
    verification::verify::<P, L>(&key, message, context, &sig)
}
