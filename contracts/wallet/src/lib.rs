//! Latchkey wallet: a Soroban account owned by one passkey, with a guardian who can replace it.
//!
//! - `wallet`: the contract, its functions in the order of its interface;
//! - `assertion`: from a signature blob to a verified WebAuthn assertion;
//! - `base64url`: the challenge as clientDataJSON writes it;
//! - `state`: what is kept in instance storage, and for how long;
//! - `rotation`: replacing the signer, at once or after a delay;
//! - `events`: what an indexer can rebuild all of it from.
#![no_std]

mod assertion;
mod base64url;
mod events;
mod rotation;
mod state;
mod wallet;

#[cfg(test)]
mod test;

pub use latchkey_interface::{Passkey, WalletError, WalletInit};
pub use rotation::PendingRotation;
pub use state::Recovery;
pub use wallet::{Wallet, WalletClient};
