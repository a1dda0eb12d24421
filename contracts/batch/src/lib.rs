//! Latchkey batch: several calls under one authorization of a wallet, all or nothing.
#![no_std]

mod batch;

#[cfg(test)]
mod test;

pub use batch::{Batch, BatchClient};
