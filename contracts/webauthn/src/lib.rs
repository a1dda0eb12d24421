//! Verifying a passkey's assertion on chain. A crate of its own because it is what every transfer
//! runs: it is compiled for speed, where the rest of the wallet is compiled for size.
#![no_std]

mod assertion;
mod base64url;

pub use assertion::{
    verify, verify_compact, Assertion, COMPACT_BYTES, EXPLICIT_HEADER_BYTES, MAX_EXPLICIT_BYTES,
};
pub use base64url::{encode as encode_base64url, ENCODED_SHA256_BYTES};
