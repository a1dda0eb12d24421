//! The parameters of the policy, in the shapes that callers and indexers see; `state` takes them
//! apart and keeps them in a form of its own.

use soroban_sdk::{contracttype, Address, Symbol, Val, Vec};

/// What a signer may do with one contract.
#[contracttype]
#[derive(Clone, Debug)]
pub struct Limit {
    pub contract: Address,
    /// The functions allowed; empty for all. One of those with the call's name has to hold.
    pub functions: Vec<FunctionLimit>,
    /// None or one. With a cap only `transfer`, `approve` and `burn` are allowed, and their amounts
    /// are counted.
    pub spending: Vec<SpendingCap>,
}

#[contracttype]
#[derive(Clone, Debug)]
pub struct FunctionLimit {
    /// All of them have to hold.
    pub arguments: Vec<ArgumentLimit>,
    pub name: Symbol,
}

#[contracttype]
#[derive(Clone, Debug)]
pub struct ArgumentLimit {
    pub constraint: Constraint,
    /// Position of the argument, from 0 to 15.
    pub index: u32,
}

#[contracttype]
#[derive(Clone, Debug)]
pub enum Constraint {
    /// An i128 from 0 to this.
    AtMost(i128),
    /// Exactly one of these values, of which there is at least one.
    OneOf(Vec<Val>),
}

/// In the token's units, per window of ledgers. A window starts with the first amount after the last
/// one has passed.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SpendingCap {
    pub amount: i128,
    pub window_ledgers: u32,
}

/// What the policy keeps for one signer of one wallet.
#[contracttype]
#[derive(Clone, Debug)]
pub struct Installed {
    pub limits: Vec<Limit>,
    /// By limit: what was spent in the present window; 0 without a cap.
    pub spent: Vec<i128>,
}
