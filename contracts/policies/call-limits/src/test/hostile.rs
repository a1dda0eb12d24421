//! Parameters that are no limits, or more than are kept.

extern crate std;

use soroban_sdk::{
    map, testutils::Address as _, vec, Address, Bytes, Env, IntoVal, Map, Symbol, Val, Vec,
};

use super::world::{argument, World};
use crate::{CallLimitsError::InvalidLimits, Constraint, Limit};

#[track_caller]
fn assert_invalid(world: &World, parameters: impl IntoVal<Env, Val>) {
    let parameters = parameters.into_val(world.env());
    assert_eq!(world.base.install(parameters), Err(InvalidLimits.into()));
    assert_eq!(world.base.entry_count(), 0);
}

fn limits(world: &World, count: u32) -> Vec<Limit> {
    let limits = (0..count).map(|_| world.limit(&Address::generate(world.env()), []));
    Vec::from_iter(world.env(), limits)
}

#[test]
fn refuses_no_limits_and_more_than_8() {
    let world = World::new();
    for count in [0, 9, 15] {
        assert_invalid(&world, limits(&world, count));
    }
    world.base.install(limits(&world, 8)).unwrap();
}

#[test]
fn refuses_a_contract_twice() {
    let world = World::new();
    let (app, token) = (world.limit(&world.app, []), world.cap(&world.token, 1, 1));
    let functions = world.limit(&world.app, [world.function("act", [])]);
    assert_invalid(&world, vec![world.env(), app.clone(), app.clone()]);
    assert_invalid(&world, vec![world.env(), app, token, functions]);
}

#[test]
fn refuses_what_is_not_the_address_of_a_contract() {
    let world = World::new();
    let account = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
    let account = Address::from_str(world.env(), account);
    assert_invalid(&world, vec![world.env(), world.limit(&account, [])]);
}

#[test]
fn refuses_caps_that_are_negative_without_a_window_or_two() {
    let world = World::new();
    let app = &world.app;
    for cap in [
        world.cap(app, -1, 1),
        world.cap(app, i128::MIN, 1),
        world.cap(app, 1, 0),
    ] {
        assert_invalid(&world, vec![world.env(), cap]);
    }
    let mut two = world.cap(app, 1, 1);
    two.spending.push_back(two.spending.first_unchecked());
    assert_invalid(&world, vec![world.env(), two]);
}

#[test]
fn refuses_argument_limits_that_nothing_meets_or_that_are_out_of_reach() {
    let world = World::new();
    let bad = [
        argument(0, world.one_of(&[])),
        argument(0, Constraint::AtMost(-1)),
        argument(0, Constraint::AtMost(i128::MIN)),
        argument(16, Constraint::AtMost(1)),
        argument(256, Constraint::AtMost(1)),
        argument(u32::MAX, Constraint::AtMost(1)),
    ];
    for argument in bad {
        let good = world.function("act", []);
        let bad = world.function("act", [argument]);
        let limit = world.limit(&world.app, [good, bad]);
        assert_invalid(&world, vec![world.env(), limit]);
    }
}

/// Limits of exactly so many bytes of XDR.
fn limits_of(world: &World, bytes: usize) -> Vec<Limit> {
    let around = 12 + 12 + 16 + 40 + 20 + 12 + 12 + 20 + 12 + 12 + 20 + 12 + 16 + 8 + 16 + 8;
    let around = around + 12 + 12 + 16 + 12 + 12;
    let value = Bytes::from_slice(world.env(), &std::vec![1; bytes - around]);
    let function = world.function("act", [argument(0, world.equals(value))]);
    vec![world.env(), world.limit(&world.app, [function])]
}

#[test]
fn refuses_more_than_2048_bytes() {
    use soroban_sdk::xdr::ToXdr;

    let world = World::new();
    let largest = limits_of(&world, 2048);
    assert_eq!(largest.clone().to_xdr(world.env()).len(), 2048);
    assert_invalid(&world, limits_of(&world, 2052));
    assert_invalid(&world, limits_of(&world, 10_000));
    world.base.install(largest).unwrap();
    world.assert_refuses(
        world.act((1u32,)),
        crate::CallLimitsError::ArgumentNotAllowed,
    );
}

#[test]
fn keeps_as_many_functions_arguments_and_values_as_2048_bytes_hold() {
    let world = World::new();
    let functions = std::vec![world.function("f", []); 28];
    let mut limit = world.limit(&world.app, []);
    limit.functions = Vec::from_slice(world.env(), &functions);
    world.base.install(vec![world.env(), limit]).unwrap();
    world.assert_consents(world.base.call(&world.app, "f", ()));

    let arguments = std::vec![argument(0, Constraint::AtMost(1)); 17];
    let mut function = world.function("act", []);
    function.arguments = Vec::from_slice(world.env(), &arguments);
    let limit = world.limit(&world.app, [function]);
    world.base.install(vec![world.env(), limit]).unwrap();
    world.assert_consents(world.act((1i128,)));

    let one_of = world.one_of(&std::vec![world.val(()); 430]);
    let function = world.function("act", [argument(0, one_of)]);
    let limit = world.limit(&world.app, [function]);
    world.base.install(vec![world.env(), limit]).unwrap();
    world.assert_consents(world.act(((),)));
    assert_eq!(world.installed().unwrap().limits.len(), 1);
}

/// What is wrong is put in place of one part of good limits, wherever that part is.
fn with(world: &World, part: &str, value: Val) -> Val {
    let env = world.env();
    let name = |name: &str| Symbol::new(env, name);
    let or = |own: &str, good: Val| if own == part { value } else { good };
    let pair = (name("AtMost"), 5i128);
    let argument: Map<Symbol, Val> = map![
        env,
        (name("constraint"), or("constraint", world.val(pair))),
        (name("index"), or("index", world.val(0u32)))
    ];
    let arguments = vec![env, or("argument", world.val(argument))];
    let function: Map<Symbol, Val> = map![
        env,
        (name("arguments"), or("arguments", world.val(arguments))),
        (name("name"), or("name", world.val(name("act"))))
    ];
    let functions = vec![env, or("function", world.val(function))];
    let cap: Map<Symbol, Val> = map![
        env,
        (name("amount"), or("amount", world.val(5i128))),
        (name("window_ledgers"), or("window", world.val(5u32)))
    ];
    let spending = vec![env, or("cap", world.val(cap))];
    let limit: Map<Symbol, Val> = map![
        env,
        (name("contract"), or("contract", world.val(&world.app))),
        (name("functions"), or("functions", world.val(functions))),
        (name("spending"), or("spending", world.val(spending)))
    ];
    world.val(vec![env, or("limit", world.val(limit))])
}

const PARTS: [&str; 13] = [
    "limit",
    "contract",
    "functions",
    "function",
    "name",
    "arguments",
    "argument",
    "constraint",
    "index",
    "spending",
    "cap",
    "amount",
    "window",
];

#[test]
fn refuses_a_part_of_another_shape() {
    let world = World::new();
    let env = world.env();
    let name = |name: &str| Symbol::new(env, name);
    let hostile = std::vec![
        world.val(()),
        world.val(true),
        world.val(7u64),
        world.val(7i64),
        world.val("text"),
        world.val(Bytes::new(env)),
        world.val(Map::<Val, Val>::new(env)),
        world.val(map![env, (name("act"), 1u32)]),
        world.val(vec![env, 7u64]),
        world.val((name("OneOf"),)),
        world.val((name("AtMost"), 1i128, 2u32)),
        world.val((name("OneOf"), vec![env, 1u32], 2u32)),
        world.val((name("Equals"), 1u32)),
        world.val((name("AtMost"), 1u32)),
        world.val((name("OneOf"), 1u32)),
        world.val((name("Anything"), 1u32)),
        world.val(vec![env, vec![env, vec![env, 1u32]]]),
        world.val(7u128),
        world.val(-7i128),
    ];
    for part in PARTS {
        for value in &hostile {
            assert_invalid(&world, with(&world, part, *value));
        }
    }
    let good = with(&world, "none", world.val(()));
    world.base.install(good).unwrap();
}

#[test]
fn refuses_a_struct_with_a_field_more_less_or_of_another_name() {
    let world = World::new();
    let env = world.env();
    let good = with(&world, "none", world.val(()));
    let limits: Vec<Map<Symbol, Val>> = good.into_val(env);
    let limit = limits.first_unchecked();
    let mut more = limit.clone();
    more.set(Symbol::new(env, "zero"), world.val(()));
    assert_invalid(&world, vec![env, more]);
    for field in ["contract", "functions", "spending"] {
        let mut less = limit.clone();
        let value = less.get(Symbol::new(env, field)).unwrap();
        less.remove(Symbol::new(env, field));
        assert_invalid(&world, vec![env, less.clone()]);
        less.set(Symbol::new(env, &std::format!("{field}_")), value);
        assert_invalid(&world, vec![env, less]);
    }
}

#[test]
fn refuses_parameters_that_are_no_vector() {
    let world = World::new();
    for parameters in [world.val(()), world.val(1u32), world.val(&world.app)] {
        assert!(world.base.install(parameters).is_err());
    }
    assert_invalid(&world, vec![world.env(), 1u32, 2]);
    assert_eq!(world.base.entry_count(), 0);
}
