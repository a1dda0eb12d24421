//! A wallet whose signer is under call limits, and short names for limits and calls.

extern crate std;

use latchkey_policy_installation::testutils::{self, SIGNER};
use soroban_sdk::{
    auth::Context, testutils::Address as _, vec, Address, Env, Error, IntoVal, Symbol, Val, Vec,
};

use crate::{
    ArgumentLimit, CallLimits, CallLimitsClient, CallLimitsError, Constraint, FunctionLimit,
    Installed, Limit, SpendingCap,
};

pub struct World {
    pub base: testutils::World,
    pub token: Address,
    pub app: Address,
    pub payee: Address,
}

impl World {
    pub fn new() -> Self {
        let base = testutils::World::new(|env| env.register(CallLimits, ()));
        let address = || Address::generate(&base.env);
        Self {
            token: address(),
            app: address(),
            payee: address(),
            base,
        }
    }

    pub fn with(limits: impl FnOnce(&Self) -> Vec<Limit>) -> Self {
        let world = Self::new();
        world.base.install(limits(&world)).unwrap();
        world
    }

    /// Up to 100 of the token in 24 ledgers.
    pub fn capped() -> Self {
        Self::with(|world| vec![world.env(), world.cap(&world.token, 100, 24)])
    }

    /// One function of the app, whose argument 0 has to be so.
    pub fn with_argument(constraint: impl FnOnce(&Self) -> Constraint) -> Self {
        Self::with(|world| {
            let argument = argument(0, constraint(world));
            let function = world.function("act", [argument]);
            vec![world.env(), world.limit(&world.app, [function])]
        })
    }

    pub fn env(&self) -> &Env {
        &self.base.env
    }

    pub fn client(&self) -> CallLimitsClient<'_> {
        CallLimitsClient::new(self.env(), &self.base.policy)
    }

    pub fn installed(&self) -> Option<Installed> {
        self.client().installed(&self.base.wallet, &SIGNER)
    }

    pub fn spent(&self) -> std::vec::Vec<i128> {
        self.installed().unwrap().spent.iter().collect()
    }

    pub fn limit<const N: usize>(
        &self,
        contract: &Address,
        functions: [FunctionLimit; N],
    ) -> Limit {
        Limit {
            contract: contract.clone(),
            functions: Vec::from_slice(self.env(), &functions),
            spending: vec![self.env()],
        }
    }

    pub fn cap(&self, contract: &Address, amount: i128, window_ledgers: u32) -> Limit {
        let cap = SpendingCap {
            amount,
            window_ledgers,
        };
        Limit {
            spending: vec![self.env(), cap],
            ..self.limit(contract, [])
        }
    }

    pub fn function<const N: usize>(
        &self,
        name: &str,
        arguments: [ArgumentLimit; N],
    ) -> FunctionLimit {
        FunctionLimit {
            arguments: Vec::from_slice(self.env(), &arguments),
            name: Symbol::new(self.env(), name),
        }
    }

    pub fn equals(&self, value: impl IntoVal<Env, Val>) -> Constraint {
        self.one_of(&[self.val(value)])
    }

    pub fn one_of(&self, values: &[Val]) -> Constraint {
        Constraint::OneOf(Vec::from_slice(self.env(), values))
    }

    pub fn val(&self, value: impl IntoVal<Env, Val>) -> Val {
        value.into_val(self.env())
    }

    pub fn transfer(&self, amount: i128) -> Context {
        let arguments = (&self.base.wallet, &self.payee, amount);
        self.base.call(&self.token, "transfer", arguments)
    }

    pub fn act(&self, arguments: impl IntoVal<Env, Vec<Val>>) -> Context {
        self.base.call(&self.app, "act", arguments)
    }

    pub fn ask(&self, context: Context) -> Result<bool, Error> {
        self.base.ask(&[context])
    }

    #[track_caller]
    pub fn assert_consents(&self, context: Context) {
        assert_eq!(self.ask(context), Ok(true));
    }

    #[track_caller]
    pub fn assert_refuses(&self, context: Context, reason: CallLimitsError) {
        assert_eq!(self.ask(context), Err(reason.into()));
    }
}

pub fn argument(index: u32, constraint: Constraint) -> ArgumentLimit {
    ArgumentLimit { constraint, index }
}
