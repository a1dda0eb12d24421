//! The parameter sets of FIPS 204, table 1, as far as verification needs them, and what follows
//! from them. ML-DSA-87 is left out: nothing here was measured or tested with it.

/// The modulus, 2^23 - 2^13 + 1.
pub const Q: i64 = 8_380_417;
/// Coefficients of a polynomial.
pub const N: usize = 256;
/// Low-order bits of the public key's vector that are dropped.
pub const D: u32 = 13;
/// Length of the seed that the matrix is expanded from.
pub const SEED_BYTES: usize = 32;
/// Bytes of one polynomial of `t1`: 10 bits a coefficient.
pub const T1_BYTES: usize = 320;

pub trait ParameterSet {
    /// Rows of the matrix: polynomials of `t1`.
    const K: usize;
    /// Columns of the matrix: polynomials of `z`.
    const L: usize;
    /// Coefficients of the challenge that are not zero.
    const TAU: usize;
    /// `gamma1 = 2^GAMMA1_BITS` bounds the coefficients of `z`.
    const GAMMA1_BITS: u32;
    const GAMMA2: i64;
    /// `tau * eta`
    const BETA: i64;
    /// The most hints that a signature may have.
    const OMEGA: usize;
    const CHALLENGE_BYTES: usize;

    /// Bytes of one polynomial of `z`.
    const Z_BYTES: usize = 32 * (Self::GAMMA1_BITS as usize + 1);
    const PUBLIC_KEY_BYTES: usize = SEED_BYTES + T1_BYTES * Self::K;
    const SIGNATURE_BYTES: usize =
        Self::CHALLENGE_BYTES + Self::Z_BYTES * Self::L + Self::OMEGA + Self::K;
    /// High parts are in `0..HIGH_PARTS`.
    const HIGH_PARTS: i64 = (Q - 1) / (2 * Self::GAMMA2);
}

pub struct MlDsa44;

impl ParameterSet for MlDsa44 {
    const K: usize = 4;
    const L: usize = 4;
    const TAU: usize = 39;
    const GAMMA1_BITS: u32 = 17;
    const GAMMA2: i64 = (Q - 1) / 88;
    const BETA: i64 = 78;
    const OMEGA: usize = 80;
    const CHALLENGE_BYTES: usize = 32;
}

pub struct MlDsa65;

impl ParameterSet for MlDsa65 {
    const K: usize = 6;
    const L: usize = 5;
    const TAU: usize = 49;
    const GAMMA1_BITS: u32 = 19;
    const GAMMA2: i64 = (Q - 1) / 32;
    const BETA: i64 = 196;
    const OMEGA: usize = 55;
    const CHALLENGE_BYTES: usize = 48;
}
