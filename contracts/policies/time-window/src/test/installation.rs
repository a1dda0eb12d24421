//! Windows through the contract: who may set them, what is kept and for how long.

extern crate std;

use latchkey_policy_installation::testutils::{self, World, SIGNER};
use soroban_sdk::{
    auth::Context,
    testutils::{Events as _, Ledger as _},
    Error, Event as _, IntoVal, Val,
};

use super::times::always;
use crate::{policy::TimeWindowInstalled, TimeWindow, TimeWindowClient, TimeWindowError, Times};

const NOW: u64 = 1_795_392_000;

fn world() -> World {
    let world = World::new(|env| env.register(TimeWindow, ()));
    world.env.ledger().set_timestamp(NOW);
    world
}

fn times(world: &World) -> Option<Times> {
    TimeWindowClient::new(&world.env, &world.policy).times(&world.wallet, &SIGNER)
}

fn parameters(world: &World) -> Val {
    always().into_val(&world.env)
}

fn consented(world: &World) -> [Context; 1] {
    [world.call(&world.stranger, "anything", ())]
}

fn error(error: TimeWindowError) -> Error {
    error.into()
}

#[test]
fn consents_within_the_window_alone() {
    let world = world();
    let window = Times {
        from_unix_seconds: NOW + 10,
        until_unix_seconds: NOW + 20,
        ..always()
    };
    world.install(window).unwrap();
    let outside = Err(error(TimeWindowError::OutsideWindow));
    for (seconds, expected) in [(9, outside), (10, Ok(true)), (19, Ok(true)), (20, outside)] {
        world.env.ledger().set_timestamp(NOW + seconds);
        assert_eq!(world.ask(&consented(&world)), expected, "{seconds}");
    }
}

#[test]
fn consents_to_any_call_and_creation() {
    let world = world();
    world.install(always()).unwrap();
    for creation in world.creations() {
        assert_eq!(world.ask(&[creation]), Ok(true));
    }
    let elsewhere = world.call(&world.stranger, "install", ());
    assert_eq!(world.ask(&[elsewhere]), Ok(true));
}

#[test]
fn refuses_windows_that_are_none() {
    let world = world();
    let bad = [
        Times {
            from_unix_seconds: 5,
            until_unix_seconds: 5,
            ..always()
        },
        Times {
            from_unix_seconds: 6,
            until_unix_seconds: 5,
            ..always()
        },
        Times {
            daily_from_seconds: 86_400,
            daily_until_seconds: 1,
            ..always()
        },
        Times {
            daily_from_seconds: 5,
            daily_until_seconds: 5,
            ..always()
        },
        Times {
            daily_from_seconds: 5,
            daily_until_seconds: 0,
            ..always()
        },
        Times {
            daily_until_seconds: 86_401,
            ..always()
        },
        Times {
            weekdays: 0,
            ..always()
        },
        Times {
            weekdays: 128,
            ..always()
        },
        Times {
            weekdays: u32::MAX,
            ..always()
        },
    ];
    for window in bad {
        let refused = world.install(window.clone());
        assert_eq!(
            refused,
            Err(error(TimeWindowError::InvalidWindow)),
            "{window:?}"
        );
    }
    for parameters in [Val::VOID.to_val(), 7u32.into_val(&world.env)] {
        assert!(world.install(parameters).is_err());
    }
    assert_eq!(world.entry_count(), 0);
    let good = [
        always(),
        Times {
            from_unix_seconds: 5,
            until_unix_seconds: 6,
            ..always()
        },
        Times {
            daily_from_seconds: 86_399,
            daily_until_seconds: 1,
            ..always()
        },
        Times {
            daily_from_seconds: 86_399,
            ..always()
        },
        Times {
            weekdays: 64,
            ..always()
        },
    ];
    for window in good {
        world.install(window.clone()).unwrap();
        assert_eq!(times(&world), Some(window));
    }
    assert_eq!(world.entry_count(), 1);
}

#[test]
fn a_stranger_changes_nothing() {
    let world = world();
    testutils::a_stranger_changes_nothing(&world, parameters(&world), &consented(&world));
    assert_eq!(times(&world), Some(always()));
}

#[test]
fn a_signer_that_is_not_installed_is_refused() {
    let world = world();
    assert_eq!(times(&world), None);
    testutils::a_signer_that_is_not_installed_is_refused(
        &world,
        parameters(&world),
        &consented(&world),
        error(TimeWindowError::NotInstalled),
    );
}

#[test]
fn uninstalling_leaves_nothing() {
    let world = world();
    testutils::uninstalling_leaves_nothing(
        &world,
        parameters(&world),
        &consented(&world),
        error(TimeWindowError::NotInstalled),
    );
}

#[test]
fn it_lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = world();
    testutils::it_lives_as_long_as_the_network_allows_from_its_last_use(
        &world,
        parameters(&world),
        &consented(&world),
    );
}

#[test]
fn it_never_consents_to_being_changed() {
    let world = world();
    testutils::it_never_consents_to_being_changed(
        &world,
        parameters(&world),
        &consented(&world),
        error(TimeWindowError::CallNotAllowed),
    );
}

#[test]
fn installing_is_an_event() {
    let world = world();
    world.install(always()).unwrap();
    let event = TimeWindowInstalled {
        wallet: world.wallet.clone(),
        signer: SIGNER,
        times: always(),
    };
    let expected = [event.to_xdr(&world.env, &world.policy)];
    assert_eq!(world.env.events().all().events(), expected);
}
