//! The contract: no state, no owner, no upgrade. Whoever pins its address pins its code.
//!
//! A signature, key or context of a wrong length is `false`, as is everything else that does not
//! verify; no bytes make it trap, but for want of instructions. It neither stores nor judges
//! keys: that a key is somebody's is for the caller to know.

use soroban_sdk::{contract, contractimpl, Bytes, BytesN, Env};

use crate::verification::{self, PUBLIC_KEY_BYTES, SIGNATURE_BYTES};

/// Separates signatures for Soroban accounts from all others by the same key.
pub const SOROBAN_AUTH_CONTEXT: &[u8] = b"latchkey/soroban-auth/1";

const MAX_CONTEXT_BYTES: usize = 255;

#[contract]
pub struct SlhDsaVerifier;

#[contractimpl]
impl SlhDsaVerifier {
    /// True if `signature` is one of `message` under `public_key` with the context
    /// `latchkey/soroban-auth/1`.
    pub fn verify(env: Env, public_key: Bytes, message: Bytes, signature: Bytes) -> bool {
        verify_sized(&env, public_key, &message, SOROBAN_AUTH_CONTEXT, signature)
    }

    /// As `verify`, with any context of at most 255 bytes.
    pub fn verify_with_context(
        env: Env,
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
        verify_sized(&env, public_key, &message, bytes, signature)
    }
}

fn verify_sized(
    env: &Env,
    public_key: Bytes,
    message: &Bytes,
    context: &[u8],
    signature: Bytes,
) -> bool {
    let key = BytesN::<PUBLIC_KEY_BYTES>::try_from(public_key);
    let signature = BytesN::<SIGNATURE_BYTES>::try_from(signature);
    let (Ok(key), Ok(signature)) = (key, signature) else {
        return false;
    };
    verification::verify(
        env,
        &key.to_array(),
        message,
        context,
        &signature.to_array(),
    )
}
