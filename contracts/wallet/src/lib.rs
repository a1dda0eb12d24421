//! Latchkey wallet: a Soroban account with several signers of several kinds, each with its role.
//!
//! - `wallet`: the contract, its functions in the order of its interface;
//! - `authorization`: from a signature to a yes; `assertion` and `base64url`: a passkey's part of it;
//! - `rules`, `calls`: who has to sign together, and for what; no chain in them;
//! - `signers`, `policies`, `recovery`: what changes a wallet;
//! - `index`, `record`, `storage`, `migration`: what is kept, in which form, for how long;
//! - `views`, `events`, `values`: how the outside sees it.
#![no_std]

mod assertion;
mod authorization;
mod base64url;
mod calls;
mod events;
mod index;
mod migration;
mod policies;
mod record;
mod recovery;
mod rules;
mod signers;
mod storage;
mod values;
mod views;
mod wallet;

#[cfg(test)]
mod test;

pub use latchkey_interface::WalletError;
pub use wallet::Wallet;
