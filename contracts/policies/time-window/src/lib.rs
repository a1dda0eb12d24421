//! Latchkey time window: a policy that says when a wallet's signer may authorize anything.
#![no_std]

mod policy;

#[cfg(test)]
mod test;

pub use policy::{TimeWindow, TimeWindowClient, TimeWindowError, Times};
