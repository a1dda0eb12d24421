//! Latchkey allow-list: a policy that names the calls a wallet's signer may authorize.
#![no_std]

mod policy;

#[cfg(test)]
mod test;

pub use policy::{AllowList, AllowListClient, AllowListError, AllowedCalls, AllowedContract};
