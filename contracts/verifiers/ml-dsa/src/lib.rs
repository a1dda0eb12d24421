//! ML-DSA-44 and ML-DSA-65 (FIPS 204) verification as an immutable contract.
//!
//! - `contract`: its two functions and the lengths they demand;
//! - `verification`: FIPS 204 algorithms 3 and 8;
//! - `parameters`: FIPS 204 table 1; `encoding`: bit packing and its refusals;
//! - `sampling`: the matrix and the challenge; `ntt`: polynomials; `rounding`: hints;
//! - `shake`, `keccak`: FIPS 202.
#![no_std]

mod contract;
mod encoding;
mod keccak;
mod ntt;
mod parameters;
mod rounding;
mod sampling;
mod shake;
mod verification;

#[cfg(test)]
mod test;

pub use contract::{MlDsaVerifier, MlDsaVerifierClient};
