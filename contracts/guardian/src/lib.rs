//! Latchkey guardian: an account of several members, any `threshold` of whom may rotate the signers
//! of wallets that trust it, and nothing else.
#![no_std]

mod guardian;

#[cfg(test)]
mod test;

pub use guardian::{Guardian, GuardianClient, GuardianError, Members};
