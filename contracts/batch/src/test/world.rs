//! An account that keeps what it was asked to authorize, a token, and authorization trees.

extern crate std;

use std::{
    sync::atomic::{AtomicI64, Ordering},
    vec::Vec as StdVec,
};

use latchkey_calls::{Call, CallsError};
use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contracterror, contractimpl,
    crypto::Hash,
    symbol_short,
    testutils::{Address as _, EnvTestConfig},
    token::{StellarAssetClient, TokenClient},
    vec,
    xdr::{
        InvokeContractArgs, ScVal, SorobanAddressCredentials, SorobanAuthorizationEntry,
        SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials,
    },
    Address, Env, IntoVal, Symbol, TryFromVal, Val, Vec,
};

use crate::{Batch, BatchClient};

static NEXT_NONCE: AtomicI64 = AtomicI64::new(1);

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum AccountError {
    Refused = 1,
}

/// Authorizes whatever is signed with `true`.
#[contract]
pub struct Account;

#[contractimpl]
impl Account {
    pub fn asked(env: Env) -> Vec<Context> {
        let asked = env.storage().instance().get(&symbol_short!("asked"));
        asked.unwrap_or(Vec::new(&env))
    }
}

#[contractimpl]
impl CustomAccountInterface for Account {
    type Signature = bool;
    type Error = AccountError;

    #[allow(non_snake_case)]
    fn __check_auth(
        env: Env,
        _payload: Hash<32>,
        signature: bool,
        contexts: Vec<Context>,
    ) -> Result<(), AccountError> {
        env.storage()
            .instance()
            .set(&symbol_short!("asked"), &contexts);
        signature.then_some(()).ok_or(AccountError::Refused)
    }
}

#[contract]
pub struct Target;

#[contractimpl]
impl Target {
    pub fn count(env: Env) -> u32 {
        let key = symbol_short!("count");
        let count = env.storage().instance().get(&key).unwrap_or(0u32) + 1;
        env.storage().instance().set(&key, &count);
        count
    }

    pub fn fail() {
        panic!("as it should");
    }

    /// Calls back into the batch contract.
    pub fn reenter(env: Env, batch: Address, wallet: Address, calls: Vec<Call>) -> Vec<Val> {
        BatchClient::new(&env, &batch).batch(&wallet, &calls)
    }

    /// What a contract does for whoever it takes to be `owner`.
    pub fn withdraw(owner: Address) -> Address {
        owner.require_auth();
        owner
    }
}

pub struct World {
    pub env: Env,
    pub batch: Address,
    pub wallet: Address,
    pub token: Address,
    pub target: Address,
    pub stranger: Address,
}

impl World {
    /// The wallet holds 100 of the token.
    pub fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        let issuer = env.register(Account, ());
        let token = env.register_stellar_asset_contract_v2(issuer).address();
        let world = Self {
            batch: env.register(Batch, ()),
            wallet: env.register(Account, ()),
            target: env.register(Target, ()),
            stranger: env.register(Account, ()),
            token,
            env,
        };
        world.fund(&world.wallet);
        world
    }

    pub fn fund(&self, holder: &Address) {
        self.env.mock_all_auths();
        StellarAssetClient::new(&self.env, &self.token).mint(holder, &100);
        self.env.set_auths(&[]);
    }

    pub fn balance(&self, holder: &Address) -> i128 {
        TokenClient::new(&self.env, &self.token).balance(holder)
    }

    pub fn call(
        &self,
        contract: &Address,
        function: &str,
        arguments: impl IntoVal<Env, Vec<Val>>,
    ) -> Call {
        Call {
            arguments: arguments.into_val(&self.env),
            contract: contract.clone(),
            function: Symbol::new(&self.env, function),
        }
    }

    pub fn count(&self) -> Call {
        self.call(&self.target, "count", ())
    }

    pub fn transfer(&self, from: &Address, to: &Address, amount: i128) -> Call {
        self.call(&self.token, "transfer", (from, to, amount))
    }

    pub fn batch_call(&self, wallet: &Address, calls: &[Call]) -> Call {
        let calls = Vec::from_slice(&self.env, calls);
        self.call(&self.batch, "batch", (wallet, calls))
    }

    /// `wallet`'s entry for the batch of `calls`, with `required` of them as sub-invocations.
    pub fn signed(
        &self,
        wallet: &Address,
        calls: &[Call],
        required: &[Call],
    ) -> SorobanAuthorizationEntry {
        let root = self.batch_call(wallet, calls);
        let required: StdVec<_> = required
            .iter()
            .map(|call| self.invocation(call, StdVec::new()))
            .collect();
        self.entry(wallet, self.invocation(&root, required))
    }

    pub fn entry(
        &self,
        account: &Address,
        root_invocation: SorobanAuthorizedInvocation,
    ) -> SorobanAuthorizationEntry {
        SorobanAuthorizationEntry {
            credentials: SorobanCredentials::Address(SorobanAddressCredentials {
                address: account.into(),
                nonce: NEXT_NONCE.fetch_add(1, Ordering::Relaxed),
                signature_expiration_ledger: 100,
                signature: ScVal::Bool(true),
            }),
            root_invocation,
        }
    }

    pub fn invocation(
        &self,
        call: &Call,
        sub_invocations: StdVec<SorobanAuthorizedInvocation>,
    ) -> SorobanAuthorizedInvocation {
        let arguments: StdVec<ScVal> = call
            .arguments
            .iter()
            .map(|argument| ScVal::try_from_val(&self.env, &argument).unwrap())
            .collect();
        SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(InvokeContractArgs {
                contract_address: (&call.contract).into(),
                function_name: ScVal::try_from_val(&self.env, &call.function.to_val())
                    .map(|name| match name {
                        ScVal::Symbol(name) => name,
                        other => panic!("not a symbol: {other:?}"),
                    })
                    .unwrap(),
                args: arguments.try_into().unwrap(),
            }),
            sub_invocations: sub_invocations.try_into().unwrap(),
        }
    }

    /// The batch in a transaction with these entries, or its error if it is the batch's own.
    pub fn run(
        &self,
        wallet: &Address,
        calls: &[Call],
        entries: &[SorobanAuthorizationEntry],
    ) -> Result<Vec<Val>, Option<CallsError>> {
        self.env.set_auths(entries);
        let calls = Vec::from_slice(&self.env, calls);
        let outcome = BatchClient::new(&self.env, &self.batch).try_batch(wallet, &calls);
        self.env.set_auths(&[]);
        match outcome {
            Ok(results) => Ok(results.unwrap()),
            Err(error) => Err(error.ok()),
        }
    }

    pub fn asked(&self, account: &Address) -> Vec<Context> {
        AccountClient::new(&self.env, account).asked()
    }

    pub fn calls(&self, call: Call, count: u32) -> StdVec<Call> {
        (0..count).map(|_| call.clone()).collect()
    }

    pub fn someone(&self) -> Address {
        Address::generate(&self.env)
    }

    pub fn values(&self, values: &[u32]) -> Vec<Val> {
        let mut all = vec![&self.env];
        for value in values {
            all.push_back(value.into_val(&self.env));
        }
        all
    }
}
