//! A list of contract calls, made one after the other, all or nothing. The batch contract and the
//! factory make them, for anybody: whoever is called finds that the maker authorized the call, so
//! the maker must be nobody: it holds nothing, and no contract may trust it with anything.
#![no_std]

use soroban_sdk::{
    contracterror, contracttype,
    unwrap::{UnwrapInfallible, UnwrapOptimized},
    Address, Env, EnvBase, Symbol, TryFromVal, Val, Vec,
};

pub const MAX_CALLS: u32 = 32;

#[contracttype]
#[derive(Clone, Debug)]
pub struct Call {
    pub arguments: Vec<Val>,
    pub contract: Address,
    pub function: Symbol,
}

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum CallsError {
    /// There are no calls.
    NoCalls = 250,
    /// There are more than 32 calls.
    TooManyCalls = 251,
    /// A call is to the contract that makes the calls.
    OwnCall = 252,
}

/// Refuses bad lists before the first call is made.
pub fn check(env: &Env, calls: &Vec<Call>) -> Result<(), CallsError> {
    if calls.is_empty() {
        return Err(CallsError::NoCalls);
    }
    if calls.len() > MAX_CALLS {
        return Err(CallsError::TooManyCalls);
    }
    let this = env.current_contract_address();
    if calls.iter().any(|call| call.contract == this) {
        return Err(CallsError::OwnCall);
    }
    Ok(())
}

/// What the calls returned, in their order. Traps if one of them fails, and undoes all of them.
pub fn make(env: &Env, calls: &Vec<Call>) -> Vec<Val> {
    let mut results = [Val::VOID.to_val(); MAX_CALLS as usize];
    let mut made = 0;
    for call in calls {
        results[made] = env.invoke_contract(&call.contract, &call.function, call.arguments);
        made += 1;
    }
    // Appending to a vector of the host would import two more of its functions.
    let results = env.vec_new_from_slice(&results[..made]);
    Vec::try_from_val(env, &results.unwrap_infallible()).unwrap_optimized()
}
