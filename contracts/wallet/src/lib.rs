//! Latchkey wallet: a Soroban account with several signers of several kinds, each with its role.
//!
//! - `wallet`: the contract, its functions in the order of its interface;
//! - `authorization`: from signatures to a yes;
//! - `rules`, `calls`: who has to sign together, and for what; no chain in them;
//! - `signers`, `policies`, `recovery`: what changes a wallet; `invariants`: what no change may break;
//! - `state`, `record`: what is kept, in which form, for how long;
//! - `views`, `events`, `values`: how the outside sees it.
#![no_std]

mod authorization;
mod calls;
mod events;
mod invariants;
mod policies;
mod record;
mod recovery;
mod rules;
mod signers;
mod state;
mod values;
mod views;
mod wallet;

#[cfg(test)]
mod test;

pub use latchkey_interface::WalletError;
pub use wallet::Wallet;
