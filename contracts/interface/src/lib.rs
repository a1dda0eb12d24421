//! The part of the contracts' interface that they share: what is registered with a wallet, the
//! rules it must meet, what a policy and a verifier look like, and the error codes.
//!
//! Wallet and factory check a `WalletInit` by the same code. The factory has to check as well,
//! because the host hides a constructor's error code from the contract that deploys.
#![no_std]

mod decode;
pub mod memory;
mod p256_point;
mod passkey;
mod policy;
mod signer;
mod stored;
mod wallet;
mod wallet_error;
mod wallet_init;
pub mod xdr;

#[cfg(test)]
mod test;
#[cfg(any(test, feature = "testutils"))]
pub mod testutils;

pub use decode::{
    decode_ids, decode_init, decode_key, decode_recovery, decode_role, decode_signer,
    CoSignersView, InitView, KeyView, PasskeyView, SchemeLengths, SessionView, SignerView,
    MAX_CO_SIGNERS, MAX_SESSION_CONTRACTS, MAX_SESSION_LEDGERS,
};
pub use passkey::{
    Passkey, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES, MIN_CREDENTIAL_ID_BYTES, PUBLIC_KEY_BYTES,
};
pub use policy::{Policy, PolicyClient};
pub use signer::{PostQuantumKey, RegisteredSigner, Role, Scheme, Session, Signer, SignerKey};
pub use stored::{stored, Storage};
pub use wallet::{WalletClient, WalletInterface};
pub use wallet_error::WalletError;
pub use wallet_init::{Settings, WalletInit};
