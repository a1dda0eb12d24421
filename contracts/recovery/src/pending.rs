//! The rotations that wait for their delay: a persistent entry for each wallet that has one.

use latchkey_interface::SignerKey;
use soroban_sdk::{contracttype, Address, Env};

/// Entries are extended when they have less than 7 days left, at 5 seconds a ledger.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
/// More than any network allows; the host clamps it to the network's own maximum.
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PendingRotation {
    /// Unix seconds from which anyone can execute the rotation.
    pub executable_at: u64,
    /// The signer whose key is to be replaced.
    pub id: u32,
    pub key: SignerKey,
}

pub fn get(env: &Env, wallet: &Address) -> Option<PendingRotation> {
    env.storage().persistent().get(wallet)
}

pub fn set(env: &Env, wallet: &Address, pending: &PendingRotation) {
    env.storage().persistent().set(wallet, pending);
    env.storage()
        .persistent()
        .extend_ttl(wallet, EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}

pub fn remove(env: &Env, wallet: &Address) {
    env.storage().persistent().remove(wallet);
}

/// Of the contract itself.
pub fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
