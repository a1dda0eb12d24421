//! A wallet whose signer is under a list of three contracts.

extern crate std;

use latchkey_policy_installation::testutils;
use soroban_sdk::{
    testutils::{Address as _, MuxedAddress as _},
    vec, Address, Error, IntoVal, MuxedAddress, Symbol, Val, Vec,
};

use crate::{AllowList, AllowListClient, AllowListError, AllowedCalls, AllowedContract};

pub struct World {
    pub base: testutils::World,
    pub app: Address,
    pub market: Address,
    pub token: Address,
    pub payee: Address,
    pub muxed_payee: MuxedAddress,
}

impl World {
    pub fn new() -> Self {
        let base = testutils::World::new(|env| env.register(AllowList, ()));
        let address = || Address::generate(&base.env);
        Self {
            app: address(),
            market: address(),
            token: address(),
            payee: address(),
            muxed_payee: MuxedAddress::generate(&base.env),
            base,
        }
    }

    pub fn installed() -> Self {
        let world = Self::new();
        world.base.install(world.list()).unwrap();
        world
    }

    pub fn client(&self) -> AllowListClient<'_> {
        AllowListClient::new(&self.base.env, &self.base.policy)
    }

    /// Everything of the app, two functions of the market, transfers of the token to two payees.
    pub fn list(&self) -> Vec<AllowedContract> {
        let env = &self.base.env;
        let functions = vec![
            env,
            Symbol::new(env, "place_order"),
            Symbol::new(env, "cancel"),
        ];
        let recipients = vec![env, self.payee.clone().into(), self.muxed_payee.clone()];
        vec![
            env,
            allowed(&self.app, AllowedCalls::All),
            allowed(&self.market, AllowedCalls::Functions(functions)),
            allowed(&self.token, AllowedCalls::TransfersTo(recipients)),
        ]
    }

    pub fn parameters(&self) -> Val {
        self.list().into_val(&self.base.env)
    }

    pub fn functions(&self, count: u32) -> AllowedCalls {
        let names = (0..count).map(|n| Symbol::new(&self.base.env, &std::format!("f{n}")));
        AllowedCalls::Functions(Vec::from_iter(&self.base.env, names))
    }

    pub fn recipients(&self, count: u32) -> AllowedCalls {
        let env = &self.base.env;
        let recipients = (0..count).map(|_| Address::generate(env).into());
        AllowedCalls::TransfersTo(Vec::from_iter(env, recipients))
    }
}

pub fn allowed(contract: &Address, calls: AllowedCalls) -> AllowedContract {
    AllowedContract {
        calls,
        contract: contract.clone(),
    }
}

pub fn error(error: AllowListError) -> Error {
    error.into()
}
