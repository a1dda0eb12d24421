//! A wallet whose signer is under the policy, and a token contract that asks for authorization.

extern crate std;

use latchkey_policy_installation::testutils::{self, authorize, SIGNER};
use soroban_sdk::{
    auth::Context, contract, contractimpl, testutils::Address as _, vec, Address, Error,
};

use crate::{SpendingLimit, SpendingLimitClient, SpendingLimitError, SpendingLimits, TokenLimit};

#[contract]
pub struct Token;

#[contractimpl]
impl Token {
    pub fn transfer(from: Address, _to: Address, _amount: i128) {
        from.require_auth();
    }
}

pub struct World {
    pub base: testutils::World,
    pub token: Address,
    pub other_token: Address,
}

impl World {
    pub fn new() -> Self {
        let base = testutils::World::new(|env| env.register(SpendingLimit, ()));
        Self {
            token: base.env.register(Token, ()),
            other_token: Address::generate(&base.env),
            base,
        }
    }

    /// Up to 100 of `token` in 24 ledgers, and nothing else.
    pub fn installed() -> Self {
        let world = Self::new();
        world.base.install(world.limits(100, 24)).unwrap();
        world
    }

    /// The same, or also every call that is not of `token`.
    pub fn installed_with_others(others: bool) -> Self {
        let world = Self::new();
        let mut limits = world.limits(100, 24);
        limits.others = others;
        world.base.install(limits).unwrap();
        world
    }

    pub fn client(&self) -> SpendingLimitClient<'_> {
        SpendingLimitClient::new(&self.base.env, &self.base.policy)
    }

    pub fn limits(&self, amount: i128, window_ledgers: u32) -> SpendingLimits {
        SpendingLimits {
            limits: vec![
                &self.base.env,
                self.limit(&self.token, amount, window_ledgers),
            ],
            others: false,
        }
    }

    pub fn limit(&self, token: &Address, amount: i128, window_ledgers: u32) -> TokenLimit {
        TokenLimit {
            amount,
            token: token.clone(),
            window_ledgers,
        }
    }

    /// What counts as spent, by token.
    pub fn spent(&self) -> std::vec::Vec<i128> {
        let spent = self.client().spent(&self.base.wallet, &SIGNER).unwrap();
        spent.iter().collect()
    }

    pub fn transfer(&self, amount: i128) -> Context {
        self.transfer_of(&self.token, amount)
    }

    pub fn transfer_of(&self, token: &Address, amount: i128) -> Context {
        let arguments = (&self.base.wallet, &self.base.stranger, amount);
        self.base.call(token, "transfer", arguments)
    }

    /// A transfer that the signer authorizes through the host.
    pub fn transfer_by_signature(&self, nonce: i64, amount: i128) -> bool {
        let env = &self.base.env;
        let (from, to) = (&self.base.wallet, &self.base.stranger);
        env.set_auths(&[authorize(
            env,
            from,
            SIGNER,
            nonce,
            &self.token,
            "transfer",
            (from, to, amount),
        )]);
        let token = TokenClient::new(env, &self.token);
        let is_done = token.try_transfer(from, to, &amount).is_ok();
        env.set_auths(&[]);
        is_done
    }
}

pub fn error(error: SpendingLimitError) -> Error {
    error.into()
}
