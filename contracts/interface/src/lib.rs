//! The part of the contracts' interface that the wallet and the factory share: what is registered
//! when a wallet is made, the rules it must meet, and the error codes.
//!
//! Both contracts check a `WalletInit` by the same code. The factory has to check as well, because
//! the host hides a constructor's error code from the contract that deploys.
#![no_std]

mod p256_point;
mod passkey;
mod wallet_error;
mod wallet_init;

#[cfg(test)]
mod test;
#[cfg(feature = "testutils")]
pub mod testutils;

pub use passkey::{
    Passkey, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES, MIN_CREDENTIAL_ID_BYTES, PUBLIC_KEY_BYTES,
};
pub use wallet_error::WalletError;
pub use wallet_init::{WalletInit, MAX_ROTATION_DELAY_SECONDS};
