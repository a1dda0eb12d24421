//! What a policy contract offers to wallets: a say in what one signer may do. A wallet calls
//! `enforce` for every authorization that the signer takes part in, except for those that only call
//! the wallet itself; so a policy cannot keep an admin from removing it.
//!
//! A policy authenticates the wallet by `wallet.require_auth()`, which the wallet's direct call
//! satisfies, and keeps its state by wallet and signer.

use soroban_sdk::{auth::Context, contractclient, Address, Env, Val, Vec};

#[contractclient(name = "PolicyClient")]
pub trait Policy {
    /// The wallet put its signer under this policy. Anything but a normal return refuses it.
    fn install(env: Env, wallet: Address, signer: u32, parameters: Val);

    /// Whether `signer` may authorize all of `contexts`. `false` and a trap both refuse.
    fn enforce(env: Env, wallet: Address, signer: u32, contexts: Vec<Context>) -> bool;

    /// The wallet took its signer, or the policy, away. A trap is ignored.
    fn uninstall(env: Env, wallet: Address, signer: u32);
}
