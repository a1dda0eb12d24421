//! Fuzzing of `__check_auth`: signatures, clientDataJSON tails, authenticator data and calls that
//! nobody would send, made from a seed. Every input goes to the native code and to the built wasm,
//! `contracts/wasm/wallet.wasm`, and both have to say the same: authorized if every part is genuine
//! and they are exactly those that the calls take, else an error code or the host's refusal of a
//! signature. A trap of the contract's own is never an answer.
//!
//! `cargo test` makes a short run. `LATCHKEY_FUZZ_SECONDS=600 cargo test -p latchkey-fuzz -- --nocapture`
//! makes a long one; `LATCHKEY_FUZZ_SEED` starts elsewhere. A failure names the seed that repeats it.

#[cfg(test)]
mod test;
