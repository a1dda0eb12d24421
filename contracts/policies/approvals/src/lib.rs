//! Latchkey approvals: a policy that lets a wallet's signer authorize only what others approved.
#![no_std]

mod pending;
mod policy;

#[cfg(test)]
mod test;

pub use policy::{Approvals, ApprovalsClient, ApprovalsError, Approvers};
