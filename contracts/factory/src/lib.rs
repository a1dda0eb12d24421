//! Latchkey factory: deploys wallets, each at an address that its code and all of its constructor's
//! arguments determine.
#![no_std]

mod bound;
mod client;
mod events;
mod executable;
mod factory;

#[cfg(test)]
mod test;

pub use client::{FactoryClient, FactoryInterface};
pub use factory::{Factory, Provenance};
