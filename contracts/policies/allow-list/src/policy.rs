//! The policy contract. A signer may authorize calls of the listed contracts, by function or, for
//! tokens, by the recipient of a `transfer`, and nothing else: no other contract, and no creation
//! of one. What a call requires of the wallet further down is a call of its own and has to be
//! listed too.
//!
//! Not checked: amounts, and arguments other than a transfer's recipient.

use latchkey_policy_installation::{calls, changes_this_policy, Installation};
use soroban_sdk::{
    auth::{Context, ContractContext},
    contract, contracterror, contractevent, contractimpl, contracttype, symbol_short, Address, Env,
    MuxedAddress, Symbol, TryFromVal, Vec,
};

const MAX_CONTRACTS: u32 = 16;
const MAX_NAMES: u32 = 16;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum AllowListError {
    /// No contracts, more than 16, one listed twice, or with no functions or recipients or more
    /// than 16 of them.
    InvalidList = 210,
    /// The wallet's signer has no list here.
    NotInstalled = 211,
    /// The list has no such contract or function, or the call would change this policy.
    CallNotAllowed = 212,
    /// The transfer goes to somebody who is not listed.
    RecipientNotAllowed = 213,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AllowedContract {
    pub calls: AllowedCalls,
    pub contract: Address,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AllowedCalls {
    All,
    /// 1 to 16 names.
    Functions(Vec<Symbol>),
    /// `transfer` alone, to 1 to 16 recipients. Another id on an account is another recipient.
    TransfersTo(Vec<MuxedAddress>),
}

#[contractevent(sparse = false)]
pub struct AllowListInstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub contracts: Vec<AllowedContract>,
}

#[contract]
pub struct AllowList;

#[contractimpl]
impl AllowList {
    /// Replaces a list that is there. `parameters` are 1 to 16 different contracts.
    pub fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: Vec<AllowedContract>,
    ) -> Result<(), AllowListError> {
        let installation = Installation::authorized(&env, wallet, signer);
        check(&parameters)?;
        installation.save(&parameters);
        installation.extend_ttl();
        AllowListInstalled {
            wallet: installation.wallet,
            signer,
            contracts: parameters,
        }
        .publish(&env);
        Ok(())
    }

    pub fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, AllowListError> {
        let installation = Installation::authorized(&env, wallet, signer);
        let contracts: Vec<AllowedContract> =
            installation.load().ok_or(AllowListError::NotInstalled)?;
        for call in calls(&env, &contexts) {
            let call = call.ok_or(AllowListError::CallNotAllowed)?;
            let allowed = contracts
                .iter()
                .find(|allowed| allowed.contract == call.contract)
                .ok_or(AllowListError::CallNotAllowed)?;
            check_call(&env, &allowed.calls, &call)?;
        }
        installation.extend_ttl();
        Ok(true)
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        Installation::authorized(&env, wallet, signer).remove();
    }

    pub fn allow_list(env: Env, wallet: Address, signer: u32) -> Option<Vec<AllowedContract>> {
        Installation::new(&env, wallet, signer).load()
    }
}

fn check(contracts: &Vec<AllowedContract>) -> Result<(), AllowListError> {
    let is_size = |size: u32, most: u32| (1..=most).contains(&size);
    if !is_size(contracts.len(), MAX_CONTRACTS) {
        return Err(AllowListError::InvalidList);
    }
    for (index, allowed) in contracts.iter().enumerate() {
        let mut earlier = contracts.iter().take(index);
        // Counting also decodes each of them, so that a list of something else traps here.
        let names = match allowed.calls {
            AllowedCalls::All => 1,
            AllowedCalls::Functions(functions) => functions.iter().count(),
            AllowedCalls::TransfersTo(recipients) => recipients.iter().count(),
        };
        if !is_size(names as u32, MAX_NAMES)
            || earlier.any(|other| other.contract == allowed.contract)
        {
            return Err(AllowListError::InvalidList);
        }
    }
    Ok(())
}

fn check_call(
    env: &Env,
    allowed: &AllowedCalls,
    call: &ContractContext,
) -> Result<(), AllowListError> {
    let is_function_allowed = match allowed {
        AllowedCalls::All => true,
        AllowedCalls::Functions(functions) => functions.contains(&call.fn_name),
        AllowedCalls::TransfersTo(_) => call.fn_name == symbol_short!("transfer"),
    };
    if !is_function_allowed || changes_this_policy(env, call) {
        return Err(AllowListError::CallNotAllowed);
    }
    if let AllowedCalls::TransfersTo(recipients) = allowed {
        let recipient = call.args.get(1);
        recipient
            .and_then(|recipient| MuxedAddress::try_from_val(env, &recipient).ok())
            .filter(|recipient| recipients.contains(recipient))
            .ok_or(AllowListError::RecipientNotAllowed)?;
    }
    Ok(())
}
