//! Latchkey call limits: the policy for sessions, which limits a wallet's signer to calls of listed
//! contracts, by function, by argument and by what they spend.
#![no_std]

mod call;
mod client;
mod compile;
mod enforcement;
mod error;
mod events;
mod expand;
mod limit;
mod policy;
mod state;
mod values;

#[cfg(test)]
mod test;

pub use client::{CallLimitsClient, CallLimitsInterface};
pub use error::CallLimitsError;
pub use limit::{ArgumentLimit, Constraint, FunctionLimit, Installed, Limit, SpendingCap};
pub use policy::CallLimits;
