//! Who may change what is kept, for how long it is kept, and who learns of it.

extern crate std;

use latchkey_policy_installation::{
    testutils::{self, SIGNER},
    PolicyUninstalled,
};
use soroban_sdk::{testutils::Events as _, vec, xdr::ToXdr, Event as _, IntoVal, Val, Vec};

use super::world::{argument, World};
use crate::{events::CallLimitsInstalled, CallLimitsError, Constraint, Installed, Limit};

/// A limit of each kind.
fn limits(world: &World) -> Vec<Limit> {
    let place = [
        argument(0, world.equals(vec![world.env(), 1u32, 2])),
        argument(15, Constraint::AtMost(1 << 100)),
        argument(3, world.one_of(&[world.val("one"), world.val(2u64)])),
    ];
    let functions = [
        world.function("place_order_of_the_app", place),
        world.function("cancel", []),
    ];
    let to_payee = argument(1, world.equals(&world.payee));
    let transfer = world.function("transfer", [to_payee]);
    let capped = Limit {
        functions: vec![world.env(), transfer],
        ..world.cap(&world.token, 1 << 70, 17_280)
    };
    vec![
        world.env(),
        world.limit(&world.app, functions),
        capped,
        world.limit(&world.payee, []),
    ]
}

fn parameters(world: &World) -> Val {
    limits(world).into_val(world.env())
}

fn assert_same(world: &World, installed: &Installed, limits: &Vec<Limit>) {
    let env = world.env();
    assert_eq!(installed.limits.clone().to_xdr(env), limits.to_xdr(env));
}

#[test]
fn a_stranger_changes_nothing() {
    let world = World::new();
    let consented = [world.transfer(1)];
    testutils::a_stranger_changes_nothing(&world.base, parameters(&world), &consented);
    assert_eq!(world.spent(), [0, 0, 0]);
}

#[test]
fn a_signer_that_is_not_installed_is_refused() {
    let world = World::new();
    assert!(world.installed().is_none());
    testutils::a_signer_that_is_not_installed_is_refused(
        &world.base,
        parameters(&world),
        &[world.transfer(1)],
        CallLimitsError::NotInstalled.into(),
    );
}

#[test]
fn uninstalling_leaves_nothing() {
    let world = World::new();
    testutils::uninstalling_leaves_nothing(
        &world.base,
        parameters(&world),
        &[world.transfer(1)],
        CallLimitsError::NotInstalled.into(),
    );
    assert!(world.installed().is_none());
}

#[test]
fn it_lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = World::new();
    testutils::it_lives_as_long_as_the_network_allows_from_its_last_use(
        &world.base,
        parameters(&world),
        &[world.transfer(1)],
    );
}

#[test]
fn what_spends_nothing_extends_its_life_as_well() {
    let world = World::new();
    testutils::it_lives_as_long_as_the_network_allows_from_its_last_use(
        &world.base,
        parameters(&world),
        &[world.base.call(&world.payee, "act", ())],
    );
}

#[test]
fn the_view_gives_back_what_was_installed() {
    let world = World::with(limits);
    let installed = world.installed().unwrap();
    assert_same(&world, &installed, &limits(&world));
    assert_eq!(installed.spent, vec![world.env(), 0, 0, 0]);
    world.assert_consents(world.transfer(5));
    let installed = world.installed().unwrap();
    assert_same(&world, &installed, &limits(&world));
    assert_eq!(installed.spent, vec![world.env(), 0, 5, 0]);
}

#[test]
fn the_event_of_an_installation_carries_the_limits() {
    let world = World::new();
    world.base.install(limits(&world)).unwrap();
    let installed = CallLimitsInstalled {
        wallet: world.base.wallet.clone(),
        signer: SIGNER,
        limits: limits(&world),
    };
    let expected = [installed.to_xdr(world.env(), &world.base.policy)];
    assert_eq!(world.env().events().all().events(), expected);
}

#[test]
fn the_event_of_an_end_is_that_of_every_policy() {
    let world = World::with(limits);
    world.base.uninstall();
    let uninstalled = PolicyUninstalled {
        wallet: world.base.wallet.clone(),
        signer: SIGNER,
    };
    let expected = [uninstalled.to_xdr(world.env(), &world.base.policy)];
    assert_eq!(world.env().events().all().events(), expected);
}

#[test]
fn consents_and_refusals_are_no_events() {
    let world = World::capped();
    world.assert_consents(world.transfer(1));
    assert_eq!(world.env().events().all().events().len(), 0);
    assert!(world.ask(world.transfer(100)).is_err());
    assert_eq!(world.env().events().all().events().len(), 0);
}

#[test]
fn a_second_installation_replaces_the_first() {
    let world = World::with(limits);
    let app_alone = vec![world.env(), world.limit(&world.app, [])];
    world.base.install(app_alone.clone()).unwrap();
    assert_same(&world, &world.installed().unwrap(), &app_alone);
    world.assert_consents(world.act(()));
    world.assert_refuses(world.transfer(1), CallLimitsError::CallNotAllowed);
    assert_eq!(world.base.entry_count(), 1);
}

#[test]
fn an_installation_that_is_refused_changes_nothing() {
    let world = World::capped();
    world.assert_consents(world.transfer(30));
    let twice = [world.limit(&world.app, []), world.limit(&world.app, [])];
    let twice = Vec::from_slice(world.env(), &twice);
    let refused = world.base.install(twice);
    assert_eq!(refused, Err(CallLimitsError::InvalidLimits.into()));
    let before = vec![world.env(), world.cap(&world.token, 100, 24)];
    assert_same(&world, &world.installed().unwrap(), &before);
    assert_eq!(world.spent(), [30]);
}

#[test]
fn what_was_spent_counts_on_with_the_same_window_alone() {
    let world = World::capped();
    world.assert_consents(world.transfer(60));
    world.base.advance(10);
    let more = vec![
        world.env(),
        world.cap(&world.payee, 7, 24),
        world.limit(&world.app, []),
        world.cap(&world.token, 80, 24),
    ];
    world.base.install(more).unwrap();
    assert_eq!(world.spent(), [0, 0, 60]);
    let exceeded = CallLimitsError::SpendingCapExceeded;
    world.assert_refuses(world.transfer(21), exceeded);
    world.assert_consents(world.transfer(20));
    world.base.advance(14);
    assert_eq!(world.spent(), [0, 0, 0]);
    world.assert_consents(world.transfer(60));
    let longer = vec![world.env(), world.cap(&world.token, 80, 25)];
    world.base.install(longer).unwrap();
    assert_eq!(world.spent(), [0]);
    world.assert_consents(world.transfer(80));
    let free = vec![world.env(), world.limit(&world.token, [])];
    world.base.install(free).unwrap();
    let capped = vec![world.env(), world.cap(&world.token, 80, 25)];
    world.base.install(capped).unwrap();
    assert_eq!(world.spent(), [0]);
}

#[test]
fn a_lower_cap_than_what_was_spent_allows_nothing_more() {
    let world = World::capped();
    world.assert_consents(world.transfer(60));
    let lower = vec![world.env(), world.cap(&world.token, 50, 24)];
    world.base.install(lower).unwrap();
    assert_eq!(world.spent(), [60]);
    world.assert_refuses(world.transfer(1), CallLimitsError::SpendingCapExceeded);
    world.base.advance(24);
    world.assert_consents(world.transfer(50));
}
