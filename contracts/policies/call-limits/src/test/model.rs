//! The policy against a model that says the rules over plain values, for random limits and calls.

extern crate std;

use proptest::prelude::*;
use soroban_sdk::{auth::Context, vec, xdr::ToXdr, Vec};
use std::{string::String, vec::Vec as StdVec};

use super::world::{argument, World};
use crate::{
    state::MAX_LIMITS_BYTES, ArgumentLimit, CallLimitsError::InvalidLimits, Constraint,
    FunctionLimit, Limit, SpendingCap,
};

/// Arguments are i128 or text; that is enough to tell the constraints apart.
#[derive(Clone, Debug, PartialEq)]
enum Argument {
    Amount(i128),
    Text(String),
}

#[derive(Clone, Debug)]
enum Rule {
    AtMost(i128),
    OneOf(StdVec<Argument>),
}

#[derive(Clone, Debug)]
struct ModelFunction {
    name: String,
    arguments: StdVec<(u32, Rule)>,
}

#[derive(Clone, Debug)]
struct ModelLimit {
    contract: usize,
    functions: StdVec<ModelFunction>,
    cap: Option<(i128, u32)>,
}

#[derive(Clone, Debug)]
struct ModelCall {
    contract: usize,
    function: String,
    arguments: StdVec<Argument>,
}

#[derive(Clone, Debug)]
enum Step {
    Ask(StdVec<ModelCall>),
    Wait(u32),
    Install(StdVec<ModelLimit>),
}

/// What was spent by contract: the amount, the ledger of the first one, the window.
#[derive(Clone, Default)]
struct Model {
    limits: StdVec<ModelLimit>,
    spent: std::collections::BTreeMap<usize, (i128, u32, u32)>,
}

impl Model {
    fn install(&mut self, limits: &[ModelLimit]) {
        self.spent.retain(|contract, (_, _, window)| {
            let cap = limits.iter().find(|limit| limit.contract == *contract);
            cap.and_then(|limit| limit.cap).map(|cap| cap.1) == Some(*window)
        });
        self.limits = limits.to_vec();
    }

    fn ask(&mut self, calls: &[ModelCall], now: u32) -> bool {
        let mut after = self.clone();
        // Without an installation there is nothing that could consent, not even to no calls.
        let all = !self.limits.is_empty() && calls.iter().all(|call| after.allows(call, now));
        if all {
            *self = after;
        }
        all
    }

    fn allows(&mut self, call: &ModelCall, now: u32) -> bool {
        let limits = self.limits.clone();
        let Some(limit) = limits.iter().find(|limit| limit.contract == call.contract) else {
            return false;
        };
        let holds = |function: &ModelFunction| {
            function.name == call.function
                && function.arguments.iter().all(|(index, rule)| {
                    match (rule, call.arguments.get(*index as usize)) {
                        (_, None) => false,
                        (Rule::OneOf(values), Some(argument)) => values.contains(argument),
                        (Rule::AtMost(most), Some(Argument::Amount(amount))) => {
                            0 <= *amount && amount <= most
                        }
                        (Rule::AtMost(_), Some(Argument::Text(_))) => false,
                    }
                })
        };
        let is_listed = limit.functions.is_empty() || limit.functions.iter().any(holds);
        is_listed && limit.cap.is_none_or(|cap| self.counts(call, cap, now))
    }

    fn counts(&mut self, call: &ModelCall, (most, window): (i128, u32), now: u32) -> bool {
        let position = match call.function.as_str() {
            "transfer" | "approve" => 2,
            "burn" => 1,
            _ => return false,
        };
        let Some(Argument::Amount(amount)) = call.arguments.get(position) else {
            return false;
        };
        let (spent, start) = match self.spent.get(&call.contract) {
            Some((spent, start, _)) if now - start < window => (*spent, *start),
            _ => (0, now),
        };
        if *amount < 0 || spent + amount > most {
            return false;
        }
        // The window starts with the first amount.
        let start = if spent == 0 { now } else { start };
        self.spent
            .insert(call.contract, (spent + amount, start, window));
        true
    }

    fn spent_at(&self, limit: &ModelLimit, now: u32) -> i128 {
        match (limit.cap, self.spent.get(&limit.contract)) {
            (Some((_, window)), Some((spent, start, _))) if now - start < window => *spent,
            _ => 0,
        }
    }
}

const NAMES: [&str; 5] = [
    "transfer",
    "approve",
    "burn",
    "mint",
    "a_function_of_the_app",
];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(String::from)
}

fn value() -> impl Strategy<Value = Argument> {
    prop_oneof![
        6 => (-1..40i128).prop_map(Argument::Amount),
        1 => prop::sample::select(std::vec!["", "a", "abcd", "abce", "abcdefghi"])
            .prop_map(|text| Argument::Text(text.into())),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        (0..40i128).prop_map(Rule::AtMost),
        prop::collection::vec(value(), 1..4).prop_map(Rule::OneOf),
    ]
}

fn limits() -> impl Strategy<Value = StdVec<ModelLimit>> {
    let function = (name(), prop::collection::vec((0..4u32, rule()), 0..3))
        .prop_map(|(name, arguments)| ModelFunction { name, arguments });
    let cap = prop::option::of((0..100i128, prop_oneof![1..6u32, Just(u32::MAX)]));
    let limit = (prop::collection::vec(function, 0..3), cap);
    let contracts = prop::sample::subsequence(std::vec![0, 1, 2], 1..=3).prop_shuffle();
    (contracts, prop::collection::vec(limit, 3)).prop_map(|(contracts, limits)| {
        contracts
            .into_iter()
            .zip(limits)
            .map(|(contract, (functions, cap))| ModelLimit {
                contract,
                functions,
                cap,
            })
            .collect()
    })
}

fn steps() -> impl Strategy<Value = StdVec<Step>> {
    let call = (0..4usize, name(), prop::collection::vec(value(), 0..4)).prop_map(
        |(contract, function, arguments)| ModelCall {
            contract,
            function,
            arguments,
        },
    );
    let step = prop_oneof![
        8 => prop::collection::vec(call, 0..3).prop_map(Step::Ask),
        2 => (0..8u32).prop_map(Step::Wait),
        1 => limits().prop_map(Step::Install),
    ];
    prop::collection::vec(step, 1..25)
}

struct Compared {
    world: World,
    model: Model,
}

impl Compared {
    fn contract(&self, index: usize) -> &soroban_sdk::Address {
        let world = &self.world;
        [&world.app, &world.token, &world.payee, &world.base.stranger][index]
    }

    fn val(&self, argument: &Argument) -> soroban_sdk::Val {
        match argument {
            Argument::Amount(amount) => self.world.val(*amount),
            Argument::Text(text) => self.world.val(text.as_str()),
        }
    }

    fn install(&mut self, limits: &[ModelLimit]) {
        let env = self.world.env();
        let rule = |rule: &Rule| match rule {
            Rule::AtMost(most) => Constraint::AtMost(*most),
            Rule::OneOf(values) => {
                let values: StdVec<_> = values.iter().map(|value| self.val(value)).collect();
                self.world.one_of(&values)
            }
        };
        let argument_limit =
            |(index, of): &(u32, Rule)| -> ArgumentLimit { argument(*index, rule(of)) };
        let function = |function: &ModelFunction| FunctionLimit {
            arguments: Vec::from_iter(env, function.arguments.iter().map(argument_limit)),
            name: soroban_sdk::Symbol::new(env, &function.name),
        };
        let limit = |limit: &ModelLimit| Limit {
            contract: self.contract(limit.contract).clone(),
            functions: Vec::from_iter(env, limit.functions.iter().map(function)),
            spending: match limit.cap {
                None => vec![env],
                Some((amount, window_ledgers)) => vec![
                    env,
                    SpendingCap {
                        amount,
                        window_ledgers,
                    },
                ],
            },
        };
        let parameters = Vec::from_iter(env, limits.iter().map(limit));
        let is_kept = parameters.clone().to_xdr(env).len() as usize <= MAX_LIMITS_BYTES;
        let answer = self.world.base.install(parameters);
        if is_kept {
            answer.unwrap();
            self.model.install(limits);
        } else {
            assert_eq!(answer, Err(InvalidLimits.into()));
        }
    }

    fn ask(&mut self, calls: &[ModelCall]) -> (bool, bool) {
        let world = &self.world;
        let contexts: StdVec<Context> = calls
            .iter()
            .map(|call| {
                let arguments = call.arguments.iter().map(|argument| self.val(argument));
                let arguments = Vec::from_iter(world.env(), arguments);
                let contract = self.contract(call.contract);
                world.base.call(contract, &call.function, arguments)
            })
            .collect();
        let answer = world.base.ask(&contexts) == Ok(true);
        let now = world.env().ledger().sequence();
        (answer, self.model.ask(calls, now))
    }

    fn spent(&self) -> (StdVec<i128>, StdVec<i128>) {
        let env = self.world.env();
        let now = env.ledger().sequence();
        let limits = self.model.limits.iter();
        let of_model = limits.map(|limit| self.model.spent_at(limit, now));
        let installed = self.world.installed();
        let spent = installed.map_or(vec![env], |installed| installed.spent);
        (spent.iter().collect(), of_model.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decides_and_counts_as_the_model_does(first in limits(), steps in steps()) {
        let mut compared = Compared { world: World::new(), model: Model::default() };
        compared.install(&first);
        for step in &steps {
            match step {
                Step::Ask(calls) => {
                    let (answer, expected) = compared.ask(calls);
                    prop_assert_eq!(answer, expected, "{:?} of {:?}", calls, compared.model.limits);
                }
                Step::Wait(ledgers) => compared.world.base.advance(*ledgers),
                Step::Install(limits) => compared.install(limits),
            }
            let (spent, expected) = compared.spent();
            prop_assert_eq!(spent, expected, "after {:?}", step);
        }
    }
}
