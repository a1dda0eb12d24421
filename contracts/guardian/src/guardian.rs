//! The guardian contract. Wallets name its address as their guardian, and `__check_auth` answers
//! their `require_auth`. It has no owner and no upgrade: the members change it, by their threshold.
//!
//! Guaranteed: exactly `threshold` different members authorized, and the only calls they can be
//! talked into are `rotate_signer` (of wallets) and `propose` (of recovery contracts) elsewhere and
//! `set_members` here. Not checked: which wallet, which successor, and whether members can still
//! sign.

use soroban_sdk::{
    auth::{Context, ContractContext, CustomAccountInterface},
    contract, contracterror, contractevent, contractimpl, contracttype,
    crypto::Hash,
    symbol_short,
    unwrap::UnwrapOptimized,
    xdr::ToXdr,
    Address, Env, IntoVal, Symbol, Vec,
};

const MEMBERS: Symbol = symbol_short!("members");
const MAX_MEMBERS: u32 = 15;

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum GuardianError {
    /// No members, more than 15, one listed twice, the guardian itself, or a threshold of 0 or
    /// above their number.
    InvalidMembers = 240,
    /// Fewer or more members signed than the threshold.
    WrongSignatureCount = 241,
    /// The members who signed are not in ascending order, or one signed twice.
    InvalidSignatureOrder = 242,
    /// Who signed is no member.
    UnknownMember = 243,
    /// A guardian authorizes no such call.
    CallNotAllowed = 244,
    /// The signature lists members although the entry has delegated signers.
    MixedSignatures = 245,
    /// A member that is a contract signs as a delegate of the entry, and in no other way.
    MemberNotDelegated = 246,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Members {
    /// 1 to 15 accounts or contracts.
    pub members: Vec<Address>,
    /// How many of them have to sign.
    pub threshold: u32,
}

#[contractevent(sparse = false)]
pub struct MembersSet {
    pub members: Vec<Address>,
    pub threshold: u32,
}

#[contract]
pub struct Guardian;

#[contractimpl]
impl Guardian {
    pub fn __constructor(
        env: Env,
        members: Vec<Address>,
        threshold: u32,
    ) -> Result<(), GuardianError> {
        set(&env, members, threshold)
    }

    /// Needs the guardian's own authorization, by its present members. They may lower the threshold
    /// or replace all of themselves; wallets that name this guardian trust them with that.
    pub fn set_members(
        env: Env,
        members: Vec<Address>,
        threshold: u32,
    ) -> Result<(), GuardianError> {
        env.current_contract_address().require_auth();
        set(&env, members, threshold)
    }

    pub fn members(env: Env) -> Members {
        env.storage().instance().get(&MEMBERS).unwrap_optimized()
    }
}

#[contractimpl]
impl CustomAccountInterface for Guardian {
    /// Void if the entry has delegated signers (CAP-71): then those are the members who sign, all
    /// in the guardian's own entry. Else the members in ascending order, each of whom authorizes
    /// `__check_auth(payload)` of this contract by an entry of its own.
    type Signature = Option<Vec<Address>>;
    type Error = GuardianError;

    #[allow(non_snake_case)]
    fn __check_auth(
        env: Env,
        payload: Hash<32>,
        signature: Option<Vec<Address>>,
        contexts: Vec<Context>,
    ) -> Result<(), GuardianError> {
        for context in contexts.iter() {
            check_call(&env, &context)?;
        }
        let delegates = env.custom_account().get_delegated_signers();
        let is_delegated = !delegates.is_empty();
        let signers = match signature {
            Some(_) if is_delegated => return Err(GuardianError::MixedSignatures),
            Some(listed) => listed,
            None => delegates,
        };
        check_signers(&Self::members(env.clone()), &signers)?;
        for signer in signers.iter() {
            if is_delegated {
                env.custom_account().delegate_auth(&signer);
            } else if is_contract(&env, &signer) {
                return Err(GuardianError::MemberNotDelegated);
            } else {
                signer.require_auth_for_args((payload.to_bytes(),).into_val(&env));
            }
        }
        extend_ttl(&env);
        Ok(())
    }
}

/// To the host a contract has authorized whatever it calls directly, and a member may be the wallet
/// that asks. Delegates sign in any case.
fn is_contract(env: &Env, address: &Address) -> bool {
    // The last byte of the type in `ScVal::Address(ScAddress)`: 0 for an account.
    address.to_xdr(env).get(7) != Some(0)
}

fn set(env: &Env, members: Vec<Address>, threshold: u32) -> Result<(), GuardianError> {
    let is_repeated = |index: u32, member: &Address| members.first_index_of(member) != Some(index);
    if members.len() > MAX_MEMBERS
        || threshold == 0
        || threshold > members.len()
        || members.contains(env.current_contract_address())
        || (0..)
            .zip(members.iter())
            .any(|(index, member)| is_repeated(index, &member))
    {
        return Err(GuardianError::InvalidMembers);
    }
    let set = Members { members, threshold };
    env.storage().instance().set(&MEMBERS, &set);
    extend_ttl(env);
    MembersSet {
        members: set.members,
        threshold,
    }
    .publish(env);
    Ok(())
}

fn check_call(env: &Env, context: &Context) -> Result<(), GuardianError> {
    let Context::Contract(ContractContext {
        contract, fn_name, ..
    }) = context
    else {
        return Err(GuardianError::CallNotAllowed);
    };
    let is_allowed = if *contract == env.current_contract_address() {
        *fn_name == Symbol::new(env, "set_members")
    } else {
        *fn_name == Symbol::new(env, "rotate_signer") || *fn_name == symbol_short!("propose")
    };
    is_allowed
        .then_some(())
        .ok_or(GuardianError::CallNotAllowed)
}

fn check_signers(members: &Members, signers: &Vec<Address>) -> Result<(), GuardianError> {
    if signers.len() != members.threshold {
        return Err(GuardianError::WrongSignatureCount);
    }
    let followers = signers.iter().skip(1);
    if signers
        .iter()
        .zip(followers)
        .any(|(signer, next)| signer >= next)
    {
        return Err(GuardianError::InvalidSignatureOrder);
    }
    if signers
        .iter()
        .any(|signer| !members.members.contains(signer))
    {
        return Err(GuardianError::UnknownMember);
    }
    Ok(())
}

fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
