//! Recovery with a delay: a contract that wallets name as their guardian. Behind it stands the real
//! guardian, who can only propose a rotation; the wallet can cancel it until somebody executes, and
//! anyone can execute once the delay has passed.
//!
//! - `recovery`: the contract, its functions in the order of its interface;
//! - `pending`: the rotations that wait, one for each wallet;
//! - `events`: what an indexer can follow all of it by.
#![no_std]

mod error;
mod events;
mod pending;
mod recovery;

#[cfg(test)]
mod test;

pub use error::RecoveryError;
pub use pending::PendingRotation;
pub use recovery::{
    Recovery, RecoveryClient, RecoverySettings, EXECUTABLE_SECONDS, MAX_DELAY_SECONDS,
};
