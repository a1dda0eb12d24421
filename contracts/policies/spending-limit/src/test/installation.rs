//! Parameters, who may change them, what is kept and for how long.

extern crate std;

use latchkey_policy_installation::testutils::{self, SIGNER};
use soroban_sdk::{
    map,
    testutils::{Address as _, Events as _},
    vec, Address, Event as _, IntoVal, Symbol, Val, Vec,
};

use super::world::{error, World};
use crate::{policy::SpendingLimitInstalled, SpendingLimitError, SpendingLimits, TokenLimit};

#[test]
fn a_stranger_changes_nothing() {
    let world = World::new();
    let parameters = world.limits(100, 24).into_val(&world.base.env);
    let consented = [world.transfer(1)];
    testutils::a_stranger_changes_nothing(&world.base, parameters, &consented);
    assert_eq!(world.spent(), [0]);
}

#[test]
fn a_signer_that_is_not_installed_is_refused() {
    let world = World::new();
    assert_eq!(world.client().limits(&world.base.wallet, &SIGNER), None);
    assert_eq!(world.client().spent(&world.base.wallet, &SIGNER), None);
    testutils::a_signer_that_is_not_installed_is_refused(
        &world.base,
        world.limits(100, 24).into_val(&world.base.env),
        &[world.transfer(1)],
        error(SpendingLimitError::NotInstalled),
    );
}

#[test]
fn uninstalling_leaves_nothing() {
    let world = World::new();
    testutils::uninstalling_leaves_nothing(
        &world.base,
        world.limits(100, 24).into_val(&world.base.env),
        &[world.transfer(1)],
        error(SpendingLimitError::NotInstalled),
    );
}

#[test]
fn it_lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = World::new();
    testutils::it_lives_as_long_as_the_network_allows_from_its_last_use(
        &world.base,
        world.limits(100, 24).into_val(&world.base.env),
        &[world.transfer(1)],
    );
}

#[test]
fn refuses_limits_that_are_none_too_many_twice_negative_or_without_a_window() {
    let world = World::new();
    let limit = |amount, window| world.limit(&world.token, amount, window);
    let many = |count: u32| -> Vec<TokenLimit> {
        let mut limits = Vec::new(&world.base.env);
        for _ in 0..count {
            limits.push_back(world.limit(&Address::generate(&world.base.env), 1, 1));
        }
        limits
    };
    let bad = [
        vec![&world.base.env],
        many(9),
        vec![&world.base.env, limit(1, 1), limit(2, 2)],
        vec![&world.base.env, limit(-1, 1)],
        vec![&world.base.env, limit(1, 0)],
    ];
    for limits in bad {
        let refused = world.base.install(SpendingLimits {
            limits: limits.clone(),
            others: true,
        });
        let expected = Err(error(SpendingLimitError::InvalidLimits));
        assert_eq!(refused, expected, "{limits:?}");
    }
    assert_eq!(world.base.entry_count(), 0);
    let limits = many(8);
    world
        .base
        .install(SpendingLimits {
            limits,
            others: true,
        })
        .unwrap();
}

#[test]
fn refuses_parameters_of_another_shape() {
    let world = World::new();
    let env = &world.base.env;
    let hostile: [Val; 5] = [
        ().into_val(env),
        7u32.into_val(env),
        map![env, (Symbol::new(env, "limits"), Vec::<Val>::new(env))].into_val(env),
        map![
            env,
            (Symbol::new(env, "limits"), vec![env, 1u32].to_val()),
            (Symbol::new(env, "others"), true.into_val(env))
        ]
        .into_val(env),
        map![
            env,
            (
                Symbol::new(env, "limits"),
                vec![env, world.limit(&world.token, 1, 1)].to_val()
            ),
            (Symbol::new(env, "others"), 1u32.into_val(env))
        ]
        .into_val(env),
    ];
    for parameters in hostile {
        assert!(world.base.install(parameters).is_err());
    }
    assert_eq!(world.base.entry_count(), 0);
}

#[test]
fn a_second_installation_replaces_the_first() {
    let world = World::installed();
    world.base.install(world.limits(50, 10)).unwrap();
    let limits = world.client().limits(&world.base.wallet, &SIGNER);
    assert_eq!(limits, Some(world.limits(50, 10)));
    assert_eq!(world.base.entry_count(), 1);
}

#[test]
fn what_was_spent_counts_on_with_the_same_window_alone() {
    let world = World::installed();
    world.base.ask(&[world.transfer(60)]).unwrap();
    let mut both = world.limits(80, 24);
    let other = world.limit(&world.other_token, 5, 24);
    both.limits.push_front(other);
    world.base.install(both).unwrap();
    assert_eq!(world.spent(), [0, 60]);
    let refused = world.base.ask(&[world.transfer(21)]);
    assert_eq!(refused, Err(error(SpendingLimitError::LimitExceeded)));
    world.base.ask(&[world.transfer(20)]).unwrap();
    world.base.install(world.limits(80, 25)).unwrap();
    assert_eq!(world.spent(), [0]);
}

#[test]
fn installing_is_an_event() {
    let world = World::new();
    world.base.install(world.limits(100, 24)).unwrap();
    let installed = SpendingLimitInstalled {
        wallet: world.base.wallet.clone(),
        signer: SIGNER,
        limits: world.limits(100, 24).limits,
        others: false,
    };
    let expected = [installed.to_xdr(&world.base.env, &world.base.policy)];
    assert_eq!(world.base.env.events().all().events(), expected);
}
