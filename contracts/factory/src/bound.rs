//! What an address stands for: code, salt and everything that the wallet is made of, as one
//! encoding, which is hashed for the address and checked before the deployment.

use latchkey_interface::{
    self as interface, decode_init, decode_signer,
    memory::{copy_all, room},
    xdr::Reader,
    WalletError,
};
use soroban_sdk::{
    xdr::ToXdr, Bytes, BytesN, ConversionError, Env, SpecShakingMarker, TryFromVal, Val,
};

/// `(wallet wasm hash, salt, init)` up to `init`: a vector, and two `Bytes` of 32.
const BEFORE_INIT_BYTES: usize = 12 + 40 + 40;
/// The longest `init` taken; the wallet takes no longer one.
const MAX_INIT_BYTES: usize = 6144;

/// A `latchkey_interface::WalletInit` that nobody has looked into yet: converting it to the type and
/// back would cost every deployment 15,000 instructions.
#[derive(Clone)]
pub struct WalletInit(pub Val);

impl TryFromVal<Env, Val> for WalletInit {
    type Error = ConversionError;
    fn try_from_val(_: &Env, value: &Val) -> Result<Self, ConversionError> {
        Ok(Self(*value))
    }
}

impl TryFromVal<Env, WalletInit> for Val {
    type Error = ConversionError;
    fn try_from_val(_: &Env, value: &WalletInit) -> Result<Self, ConversionError> {
        Ok(value.0)
    }
}

impl TryFromVal<Env, &WalletInit> for Val {
    type Error = ConversionError;
    fn try_from_val(_: &Env, value: &&WalletInit) -> Result<Self, ConversionError> {
        Ok(value.0)
    }
}

impl SpecShakingMarker for WalletInit {
    fn spec_shaking_marker() {
        interface::WalletInit::spec_shaking_marker();
    }
}

pub struct Bound(Bytes);

impl Bound {
    pub fn new(
        env: &Env,
        wallet_wasm_hash: &BytesN<32>,
        salt: &BytesN<32>,
        init: &WalletInit,
    ) -> Self {
        Self((wallet_wasm_hash.clone(), salt.clone(), init.0).to_xdr(env))
    }

    pub fn deployment_salt(&self, env: &Env) -> BytesN<32> {
        env.crypto().sha256(&self.0).to_bytes()
    }

    /// Errors: `MalformedArgument`, those of the parts of a `Signer`.
    pub fn check(&self) -> Result<(), WalletError> {
        let mut memory = room::<{ BEFORE_INIT_BYTES + MAX_INIT_BYTES }>();
        let bytes =
            copy_all(self.0.env(), &self.0, &mut memory).ok_or(WalletError::MalformedArgument)?;
        let init = decode_init(Reader::new(&bytes[BEFORE_INIT_BYTES..]))?;
        let mut signers = init.signers;
        for _ in 0..init.signer_count {
            decode_signer(&mut signers)?;
        }
        signers.finish()
    }
}
