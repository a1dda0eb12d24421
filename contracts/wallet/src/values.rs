//! Between the host's values and their encoding, which is all that this contract looks into, and
//! the types by which the specification names them.
//!
//! A type here is a value that nobody has looked into yet: the SDK's own conversions of the same
//! types would import nine more host functions, and every transfer pays for each import.

use latchkey_interface::{
    self as interface,
    xdr::{Reader, Writer},
    WalletError,
};
use soroban_sdk::{
    unwrap::UnwrapOptimized,
    xdr::{FromXdr, ToXdr},
    Bytes, ConversionError, Env, EnvBase, SpecShakingMarker, TryFromVal, Val,
};

/// The longest argument taken: a signer with limits, origin and credential id.
pub const MAX_ARGUMENT_BYTES: usize = 4096;

macro_rules! not_looked_into {
    ($($name:ident)*) => {$(
        #[derive(Clone)]
        pub struct $name(pub Val);

        impl TryFromVal<Env, Val> for $name {
            type Error = ConversionError;
            fn try_from_val(_: &Env, value: &Val) -> Result<Self, ConversionError> {
                Ok(Self(*value))
            }
        }

        impl TryFromVal<Env, $name> for Val {
            type Error = ConversionError;
            fn try_from_val(_: &Env, value: &$name) -> Result<Self, ConversionError> {
                Ok(value.0)
            }
        }

        impl TryFromVal<Env, &$name> for Val {
            type Error = ConversionError;
            fn try_from_val(_: &Env, value: &&$name) -> Result<Self, ConversionError> {
                Ok(value.0)
            }
        }

        impl SpecShakingMarker for $name {
            fn spec_shaking_marker() {
                interface::$name::spec_shaking_marker();
            }
        }
    )*};
}

not_looked_into!(RegisteredSigner Role Settings Signer SignerKey WalletInit);

/// The encoding of `value`, in `buffer`.
///
/// Errors: `MalformedArgument` if it is longer.
pub fn encode<'a>(env: &Env, value: Val, buffer: &'a mut [u8]) -> Result<Reader<'a>, WalletError> {
    let encoded = value.to_xdr(env);
    let bytes = buffer
        .get_mut(..encoded.len() as usize)
        .ok_or(WalletError::MalformedArgument)?;
    copy(env, &encoded, 0, bytes);
    Ok(Reader::new(bytes))
}

/// The value whose encoding was written.
pub fn decode(env: &Env, encoding: &Writer) -> Val {
    decode_slice(env, encoding.written())
}

pub fn decode_slice(env: &Env, encoding: &[u8]) -> Val {
    Val::from_xdr(env, &Bytes::from_slice(env, encoding)).unwrap_optimized()
}

/// Fills `to` from `bytes`, from position `start` on. The host traps if there are too few.
pub fn copy(env: &Env, bytes: &Bytes, start: usize, to: &mut [u8]) {
    env.bytes_copy_to_slice(bytes.to_object(), (start as u32).into(), to)
        .unwrap_optimized();
}
