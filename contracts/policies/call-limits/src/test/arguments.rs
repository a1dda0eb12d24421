//! What limits say of a call's arguments.

extern crate std;

use soroban_sdk::{map, vec, Bytes, String, Symbol, Val, Vec, I256, U256};

use super::world::{argument, World};
use crate::{
    CallLimitsError::{ArgumentNotAllowed, CallNotAllowed},
    Constraint,
};

/// One value of every type that contracts know, all different.
fn values(world: &World) -> std::vec::Vec<Val> {
    let env = world.env();
    std::vec![
        world.val(()),
        world.val(true),
        world.val(false),
        world.val(7u32),
        world.val(7i32),
        world.val(7u64),
        world.val(u64::MAX),
        world.val(7i64),
        world.val(7u128),
        world.val(7i128),
        world.val(i128::MIN),
        world.val(U256::from_u32(env, 7)),
        world.val(I256::from_i32(env, 7)),
        world.val(Bytes::from_slice(env, b"7")),
        world.val(Bytes::from_slice(env, b"12345678")),
        world.val(String::from_str(env, "7")),
        world.val(Symbol::new(env, "seven")),
        world.val(Symbol::new(env, "longer_than_nine")),
        world.val(Vec::<Val>::new(env)),
        world.val(vec![env, 7u32]),
        world.val(vec![env, vec![env, 7u32]]),
        world.val(map![env, (7u32, 7u32)]),
        world.val(map![env, (7u32, vec![env, 7u32])]),
        world.val(&world.app),
        world.val(&world.payee),
    ]
}

#[test]
fn one_value_allows_that_value_alone() {
    let world = World::new();
    let values = values(&world);
    for (position, value) in values.iter().enumerate() {
        let limit = argument(0, world.equals(*value));
        let limit = world.limit(&world.app, [world.function("act", [limit])]);
        world.base.install(vec![world.env(), limit]).unwrap();
        for (other_position, other) in values.iter().enumerate() {
            let call = world.act((*other,));
            if position == other_position {
                world.assert_consents(call);
            } else {
                world.assert_refuses(call, ArgumentNotAllowed);
            }
        }
    }
}

#[test]
fn one_of_allows_each_of_the_values_and_no_other() {
    let world = World::new();
    let values = values(&world);
    let (listed, others) = values.split_at(9);
    let one_of = world.one_of(listed);
    let function = world.function("act", [argument(0, one_of)]);
    let limit = world.limit(&world.app, [function]);
    world.base.install(vec![world.env(), limit]).unwrap();
    for value in listed {
        world.assert_consents(world.act((*value,)));
    }
    for value in others {
        world.assert_refuses(world.act((*value,)), ArgumentNotAllowed);
    }
    let all = world.val(Vec::from_slice(world.env(), listed));
    world.assert_refuses(world.act((all,)), ArgumentNotAllowed);
}

#[test]
fn at_most_allows_amounts_from_0_to_the_limit() {
    let world = World::with_argument(|_| Constraint::AtMost(100));
    for amount in [0i128, 1, 99, 100] {
        world.assert_consents(world.act((amount,)));
    }
    for amount in [-1i128, 101, i128::MIN, i128::MAX, 1 << 64] {
        world.assert_refuses(world.act((amount,)), ArgumentNotAllowed);
    }
    for value in [
        world.val(7u32),
        world.val(7u128),
        world.val(7i64),
        world.val(()),
    ] {
        world.assert_refuses(world.act((value,)), ArgumentNotAllowed);
    }
}

#[test]
fn at_most_0_and_at_most_the_greatest_amount_are_limits() {
    let world = World::with_argument(|_| Constraint::AtMost(0));
    world.assert_consents(world.act((0i128,)));
    world.assert_refuses(world.act((1i128,)), ArgumentNotAllowed);
    let world = World::with_argument(|_| Constraint::AtMost(i128::MAX));
    world.assert_consents(world.act((i128::MAX,)));
    world.assert_refuses(world.act((-1i128,)), ArgumentNotAllowed);
}

#[test]
fn an_argument_that_is_not_there_is_refused() {
    for limit in 0..3 {
        let world = World::with_argument(|world| match limit {
            0 => world.equals(()),
            1 => Constraint::AtMost(i128::MAX),
            _ => world.one_of(&[world.val(())]),
        });
        world.assert_refuses(world.act(()), ArgumentNotAllowed);
    }
}

#[test]
fn every_position_up_to_the_16th_can_be_limited() {
    let world = World::new();
    for limited in 0..16 {
        let limit = argument(limited, Constraint::AtMost(limited.into()));
        let limit = world.limit(&world.app, [world.function("act", [limit])]);
        world.base.install(vec![world.env(), limit]).unwrap();
        // One more than the positions that a limit can name.
        let call = |amount: i128| {
            let amounts = (0..17).map(|at| world.val(if at == limited { amount } else { -1 }));
            world.act(Vec::from_iter(world.env(), amounts))
        };
        world.assert_consents(call(limited.into()));
        world.assert_refuses(call(i128::from(limited) + 1), ArgumentNotAllowed);
    }
}

#[test]
fn all_limits_of_a_function_have_to_hold() {
    let world = World::with(|world| {
        let limits = [
            argument(2, Constraint::AtMost(10)),
            argument(0, world.equals(1u32)),
            argument(1, world.one_of(&[world.val("a"), world.val("b")])),
            argument(2, world.one_of(&[world.val(3i128), world.val(30i128)])),
        ];
        vec![
            world.env(),
            world.limit(&world.app, [world.function("act", limits)]),
        ]
    });
    world.assert_consents(world.act((1u32, "a", 3i128)));
    world.assert_consents(world.act((1u32, "b", 3i128, "more")));
    for arguments in [(2u32, "a", 3i128), (1, "c", 3), (1, "a", 4), (1, "a", 30)] {
        world.assert_refuses(world.act(arguments), ArgumentNotAllowed);
    }
}

#[test]
fn one_of_the_limits_with_the_functions_name_is_enough() {
    let world = World::with(|world| {
        let small = [
            argument(0, world.equals("small")),
            argument(1, Constraint::AtMost(10)),
        ];
        let large = [
            argument(0, world.equals("large")),
            argument(1, Constraint::AtMost(1_000)),
        ];
        let functions = [
            world.function("act", small),
            world.function("other", []),
            world.function("act", large),
        ];
        vec![world.env(), world.limit(&world.app, functions)]
    });
    world.assert_consents(world.act(("small", 10i128)));
    world.assert_consents(world.act(("large", 1_000i128)));
    world.assert_refuses(world.act(("small", 11i128)), ArgumentNotAllowed);
    world.assert_refuses(world.act(("medium", 1i128)), ArgumentNotAllowed);
    world.assert_consents(world.base.call(&world.app, "other", ()));
    world.assert_refuses(world.base.call(&world.app, "another", ()), CallNotAllowed);
}
