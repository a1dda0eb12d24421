//! Approvers, who may change them, what is kept and for how long.

extern crate std;

use latchkey_policy_installation::testutils::{self, SIGNER};
use soroban_sdk::{
    auth::Context,
    testutils::{Address as _, Events as _},
    vec, Address, Event as _, IntoVal, Val, Vec,
};

use super::world::{error, World};
use crate::{policy::ApproversInstalled, ApprovalsError, Approvers};

fn parameters(world: &World) -> Val {
    world.any(2, &[0, 1, 2]).into_val(&world.base.env)
}

#[test]
fn refuses_approvers_that_are_none_too_many_twice_or_the_wallet() {
    let world = World::new();
    let env = &world.base.env;
    let many = |count: u32| Vec::from_iter(env, (0..count).map(|_| Address::generate(env)));
    let [a, b, _] = world.approvers.clone();
    for (approvers, threshold) in [
        (many(0), 0),
        (many(0), 1),
        (many(3), 0),
        (many(3), 4),
        (many(16), 1),
        (vec![env, a.clone(), b, a.clone()], 1),
        (vec![env, a, world.base.wallet.clone()], 1),
    ] {
        let refused = world.base.install(Approvers {
            approvers: approvers.clone(),
            threshold,
        });
        let expected = Err(error(ApprovalsError::InvalidApprovers));
        assert_eq!(refused, expected, "{threshold} of {}", approvers.len());
    }
    for parameters in [Val::VOID.to_val(), vec![env, 1u32].to_val()] {
        assert!(world.base.install(parameters).is_err());
    }
    assert_eq!(world.base.entry_count(), 0);
    for (approvers, threshold) in [(many(1), 1), (many(15), 15), (many(15), 1)] {
        let set = Approvers {
            approvers,
            threshold,
        };
        world.base.install(set.clone()).unwrap();
        let kept = world.client().approvers(&world.base.wallet, &SIGNER);
        assert_eq!(kept, Some(set));
    }
    assert_eq!(world.base.entry_count(), 1);
}

#[test]
fn a_stranger_changes_nothing() {
    let world = World::new();
    testutils::a_stranger_changes_nothing(&world.base, parameters(&world), &world.calls(5));
    let kept = world.client().approvers(&world.base.wallet, &SIGNER);
    assert_eq!(kept, Some(world.any(2, &[0, 1, 2])));
}

#[test]
fn a_signer_that_is_not_installed_is_refused() {
    let world = World::new();
    let not_installed = Err(error(ApprovalsError::NotInstalled));
    assert_eq!(world.base.ask(&world.calls(5)), not_installed);
    assert_eq!(world.client().approvers(&world.base.wallet, &SIGNER), None);
}

#[test]
fn uninstalling_leaves_nothing() {
    let world = World::new();
    testutils::uninstalling_leaves_nothing(
        &world.base,
        parameters(&world),
        &world.calls(5),
        error(ApprovalsError::NotInstalled),
    );
    assert_eq!(world.temporary_entry_count(), 0);
}

#[test]
fn it_lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = World::installed();
    let calls = world.calls(5);
    let consent = |world: &World| {
        world.approve(0, &calls);
        world.approve(1, &calls);
        assert_eq!(world.base.ask(&calls), Ok(true));
    };
    world.base.advance(2_073_599 - 120_961);
    consent(&world);
    assert_eq!(world.base.ttl().0, 120_961);
    world.base.advance(1);
    consent(&world);
    assert_eq!(world.base.ttl(), (3_110_400, 3_110_400));
}

#[test]
fn never_consents_to_being_changed_even_if_approved() {
    let world = World::installed();
    let refused = Err(error(ApprovalsError::CallNotAllowed));
    for function in ["install", "enforce", "uninstall"] {
        let own = [world.base.call(&world.base.policy, function, ())];
        world.approve(0, &own);
        world.approve(1, &own);
        assert_eq!(world.base.ask(&own), refused, "{function}");
    }
}

#[test]
fn a_wallet_may_approve_for_others_if_that_was_approved() {
    let world = World::installed();
    let approval: [Context; 1] = [world.base.call(&world.base.policy, "approve", ())];
    world.approve(0, &approval);
    world.approve(1, &approval);
    assert_eq!(world.base.ask(&approval), Ok(true));
}

#[test]
fn installing_is_an_event() {
    let world = World::installed();
    let set = world.any(2, &[0, 1, 2]);
    let event = ApproversInstalled {
        wallet: world.base.wallet.clone(),
        signer: SIGNER,
        approvers: set.approvers,
        threshold: set.threshold,
    };
    let expected = [event.to_xdr(&world.base.env, &world.base.policy)];
    assert_eq!(world.base.env.events().all().events(), expected);
}
