//! Between the host's values and their encoding, which is all that this contract looks into, and
//! the types by which the specification names them.
//!
//! A type here is a value that nobody has looked into yet: the SDK's own conversions of the same
//! types would import nine more host functions, and every transfer pays for each import.

use core::{marker::PhantomData, mem::MaybeUninit};

use latchkey_interface::{
    memory::{copy, copy_all, room},
    xdr::{Reader, Writer},
    WalletError,
};
use soroban_sdk::{
    unwrap::UnwrapOptimized,
    xdr::{FromXdr, ToXdr},
    Address, Bytes, ConversionError, Env, SpecShakingMarker, TryFromVal, Val,
};

/// The longest argument taken: a signer with its origin and credential id, or a policy's parameters.
pub const MAX_ARGUMENT_BYTES: usize = 3072;

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

        // The specification has the type because functions name it.
        impl SpecShakingMarker for $name {}
    )*};
}

not_looked_into!(RegisteredSigner Role Settings Signer SignerKey WalletInit);

/// The calls that the host asks `__check_auth` about: `Vec<Context>` in the specification.
#[derive(Clone)]
pub struct Vec<T>(pub Val, PhantomData<T>);

impl<T> TryFromVal<Env, Val> for Vec<T> {
    type Error = ConversionError;
    fn try_from_val(_: &Env, value: &Val) -> Result<Self, ConversionError> {
        Ok(Self(*value, PhantomData))
    }
}

impl<T> SpecShakingMarker for Vec<T> {}

/// What the host gives `__check_auth` to sign: `Hash<32>` in the specification, without the SDK's call
/// to ask how long it is.
#[derive(Clone)]
pub struct Hash<const N: usize>(pub Bytes);

impl<const N: usize> TryFromVal<Env, Val> for Hash<N> {
    type Error = ConversionError;
    fn try_from_val(env: &Env, value: &Val) -> Result<Self, ConversionError> {
        Bytes::try_from_val(env, value).map(Self)
    }
}

impl<const N: usize> SpecShakingMarker for Hash<N> {}

/// The encoding of `value`.
///
/// Errors: `MalformedArgument` if it does not fit into `memory`.
pub fn encode<'a>(
    env: &Env,
    value: Val,
    memory: &'a mut [MaybeUninit<u8>],
) -> Result<Reader<'a>, WalletError> {
    let encoded = copy_all(env, &value.to_xdr(env), memory);
    encoded
        .map(|encoded| Reader::new(encoded))
        .ok_or(WalletError::MalformedArgument)
}

pub fn decode<T: TryFromVal<Env, Val>>(env: &Env, encoding: &[u8]) -> T {
    let value = Val::from_xdr(env, &Bytes::from_slice(env, encoding)).unwrap_optimized();
    T::try_from_val(env, &value).ok().unwrap_optimized()
}

/// The wallet's own address, as `xdr::Reader::address` returns it.
pub fn own_address(env: &Env) -> [u8; 36] {
    let mut memory = room::<40>();
    let encoded = copy(
        env,
        &env.current_contract_address().to_xdr(env),
        0,
        &mut memory,
    );
    let (_tag, address) = encoded.split_at(4);
    (&*address).try_into().unwrap_optimized()
}

/// Of an address as `xdr::Reader::address` returned it.
pub fn address(env: &Env, encoding: &[u8]) -> Address {
    let mut memory = room::<44>();
    let mut writer = Writer::new(&mut memory);
    writer.address(encoding);
    decode(env, writer.written())
}

pub fn contract(env: &Env, contract_id: &[u8; 32]) -> Address {
    let mut memory = room::<40>();
    let mut writer = Writer::new(&mut memory);
    writer.contract(contract_id);
    decode(env, writer.written())
}
