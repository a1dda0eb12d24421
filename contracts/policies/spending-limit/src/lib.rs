//! Latchkey spending limit: a policy that caps what a wallet's signer spends of listed tokens.
#![no_std]

mod policy;
mod rolling_window;

#[cfg(test)]
mod test;

pub use policy::{
    SpendingLimit, SpendingLimitClient, SpendingLimitError, SpendingLimits, TokenLimit,
};
