//! The policy contract. On a listed token a signer may only `transfer`, `approve` and `burn`
//! (SEP-41), and the amounts of all three are counted, an allowance as if it were spent.
//!
//! Guaranteed: within any `window_ledgers` ledgers the signer moves at most the limit of a token by
//! calls that it authorizes. Not checked: what contracts that are not listed do with allowances
//! they already hold, and what tokens do that break SEP-41.

use latchkey_policy_installation::{calls, changes_this_policy, Installation};
use soroban_sdk::{
    auth::{Context, ContractContext},
    contract, contracterror, contractevent, contractimpl, contracttype, symbol_short, Address,
    Bytes, Env, TryFromVal, Vec,
};

use crate::rolling_window::{RollingWindow, Spent, MAX_SPENT_BYTES};

const MAX_TOKENS: u32 = 8;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum SpendingLimitError {
    /// No tokens, more than 8, one listed twice, a negative amount or a window of 0 ledgers.
    InvalidLimits = 200,
    /// The wallet's signer has no limits here.
    NotInstalled = 201,
    /// Another function of a listed token, a contract that is not listed, or this policy itself.
    CallNotAllowed = 202,
    /// The amount is negative, missing or no i128.
    InvalidAmount = 203,
    /// More than the limit would be spent within the window.
    LimitExceeded = 204,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SpendingLimits {
    /// 1 to 8, for different tokens.
    pub limits: Vec<TokenLimit>,
    /// Whether contracts that are not listed may be called, and contracts created.
    pub others: bool,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenLimit {
    /// In the token's smallest units. 0 stops spending.
    pub amount: i128,
    pub token: Address,
    /// At 5 seconds a ledger a day has 17,280.
    pub window_ledgers: u32,
}

/// What is kept: the limits, and what was spent of each token in their order, encoded.
type State = (SpendingLimits, Vec<Bytes>);

#[contractevent(sparse = false)]
pub struct SpendingLimitInstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub limits: Vec<TokenLimit>,
    pub others: bool,
}

#[contract]
pub struct SpendingLimit;

#[contractimpl]
impl SpendingLimit {
    /// Replaces limits that are there. What was spent of a token still counts if its window is the
    /// same, since a wallet installs again whenever it updates the signer.
    pub fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: SpendingLimits,
    ) -> Result<(), SpendingLimitError> {
        let installation = Installation::authorized(&env, wallet, signer);
        check(&parameters.limits)?;
        let before: Option<State> = installation.load();
        let mut spent: Vec<Bytes> = Vec::new(&env);
        for limit in parameters.limits.iter() {
            let still_counts = before
                .as_ref()
                .and_then(|before| spent_before(before, &limit));
            spent.push_back(still_counts.unwrap_or(Bytes::new(&env)));
        }
        installation.save(&(parameters.clone(), spent));
        installation.extend_ttl();
        SpendingLimitInstalled {
            wallet: installation.wallet,
            signer,
            limits: parameters.limits,
            others: parameters.others,
        }
        .publish(&env);
        Ok(())
    }

    /// Counts what `contexts` spend, or refuses all of them with an error.
    pub fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, SpendingLimitError> {
        let installation = Installation::authorized(&env, wallet, signer);
        let (parameters, mut spent): State = installation
            .load()
            .ok_or(SpendingLimitError::NotInstalled)?;
        let now = env.ledger().sequence();
        for call in calls(&env, &contexts) {
            let limit = call.as_ref().and_then(|call| {
                let limits = parameters.limits.iter();
                (0..)
                    .zip(limits)
                    .find(|(_, limit)| limit.token == call.contract)
            });
            match (call, limit) {
                (Some(call), Some((index, limit))) => {
                    let amount = spent_amount(&env, &call)?;
                    let mut token_spent = decode(&spent.get_unchecked(index));
                    RollingWindow {
                        ledgers: limit.window_ledgers,
                        now,
                    }
                    .add(&mut token_spent, amount, limit.amount)
                    .ok_or(SpendingLimitError::LimitExceeded)?;
                    spent.set(index, encode(&env, &token_spent));
                }
                (call, _) => {
                    let changes_limits = call.is_some_and(|call| changes_this_policy(&env, &call));
                    if changes_limits || !parameters.others {
                        return Err(SpendingLimitError::CallNotAllowed);
                    }
                }
            }
        }
        installation.save(&(parameters, spent));
        installation.extend_ttl();
        Ok(true)
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        Installation::authorized(&env, wallet, signer).remove();
    }

    pub fn limits(env: Env, wallet: Address, signer: u32) -> Option<SpendingLimits> {
        let (parameters, _): State = Installation::new(&env, wallet, signer).load()?;
        Some(parameters)
    }

    /// What counts as spent at present, by token in the order of `limits`.
    pub fn spent(env: Env, wallet: Address, signer: u32) -> Option<Vec<i128>> {
        let (parameters, spent): State = Installation::new(&env, wallet, signer).load()?;
        let now = env.ledger().sequence();
        let mut sums = Vec::new(&env);
        for (limit, token_spent) in parameters.limits.iter().zip(spent.iter()) {
            let window = RollingWindow {
                ledgers: limit.window_ledgers,
                now,
            };
            sums.push_back(window.sum(&decode(&token_spent)));
        }
        Some(sums)
    }
}

fn check(limits: &Vec<TokenLimit>) -> Result<(), SpendingLimitError> {
    if limits.is_empty() || limits.len() > MAX_TOKENS {
        return Err(SpendingLimitError::InvalidLimits);
    }
    for (index, limit) in limits.iter().enumerate() {
        let mut earlier = limits.iter().take(index);
        if limit.amount < 0
            || limit.window_ledgers == 0
            || earlier.any(|other| other.token == limit.token)
        {
            return Err(SpendingLimitError::InvalidLimits);
        }
    }
    Ok(())
}

fn spent_before((before, spent): &State, limit: &TokenLimit) -> Option<Bytes> {
    let is_same = |other: &TokenLimit| {
        other.token == limit.token && other.window_ledgers == limit.window_ledgers
    };
    let mut all = before.limits.iter().zip(spent.iter());
    all.find(|(other, _)| is_same(other))
        .map(|(_, spent)| spent)
}

fn spent_amount(env: &Env, call: &ContractContext) -> Result<i128, SpendingLimitError> {
    let position =
        if call.fn_name == symbol_short!("transfer") || call.fn_name == symbol_short!("approve") {
            2
        } else if call.fn_name == symbol_short!("burn") {
            1
        } else {
            return Err(SpendingLimitError::CallNotAllowed);
        };
    let argument = call.args.get(position);
    argument
        .and_then(|value| i128::try_from_val(env, &value).ok())
        .filter(|amount| *amount >= 0)
        .ok_or(SpendingLimitError::InvalidAmount)
}

fn decode(encoded: &Bytes) -> Spent {
    let mut buffer = [0; MAX_SPENT_BYTES];
    let bytes = &mut buffer[..encoded.len() as usize];
    encoded.copy_into_slice(bytes);
    Spent::decode(bytes)
}

fn encode(env: &Env, spent: &Spent) -> Bytes {
    Bytes::from_slice(env, spent.encode(&mut [0; MAX_SPENT_BYTES]))
}
