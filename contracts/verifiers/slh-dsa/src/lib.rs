//! SLH-DSA-SHA2-128s (FIPS 205) verification as an immutable contract, on the host's SHA-256.
//!
//! - `contract`: its two functions and the lengths they demand;
//! - `verification`: FIPS 205 algorithms 20 and 24, and the digest of the message;
//! - `fors`, `hypertree`: what a signature is made of;
//! - `hashing`: the tweakable hash and its address.
#![no_std]

mod contract;
mod fors;
mod hashing;
mod hypertree;
mod verification;

#[cfg(test)]
mod test;

pub use contract::{SlhDsaVerifier, SlhDsaVerifierClient};
