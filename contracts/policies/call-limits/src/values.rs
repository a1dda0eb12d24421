//! Types by which the specification names values that nobody has looked into yet: the SDK's own
//! conversions would import more host functions, and every call of a signer pays for each import.

use soroban_sdk::{ConversionError, Env, SpecShakingMarker, TryFromVal, Val};

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

not_looked_into!(Installed Limit);
