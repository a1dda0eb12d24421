//! Lists, who may change them, what is kept and for how long.

extern crate std;

use latchkey_policy_installation::testutils::{self, SIGNER};
use soroban_sdk::{
    auth::Context,
    map,
    testutils::{Address as _, Events as _},
    vec, Address, Event as _, IntoVal, Symbol, Val, Vec,
};

use super::world::{allowed, error, World};
use crate::{policy::AllowListInstalled, AllowListError, AllowedCalls, AllowedContract};

fn consented(world: &World) -> [Context; 1] {
    [world.base.call(&world.app, "anything", ())]
}

#[test]
fn a_stranger_changes_nothing() {
    let world = World::new();
    testutils::a_stranger_changes_nothing(&world.base, world.parameters(), &consented(&world));
}

#[test]
fn a_signer_that_is_not_installed_is_refused() {
    let world = World::new();
    let not_installed = error(AllowListError::NotInstalled);
    testutils::a_signer_that_is_not_installed_is_refused(
        &world.base,
        world.parameters(),
        &consented(&world),
        not_installed,
    );
}

#[test]
fn uninstalling_leaves_nothing() {
    let world = World::new();
    testutils::uninstalling_leaves_nothing(
        &world.base,
        world.parameters(),
        &consented(&world),
        error(AllowListError::NotInstalled),
    );
}

#[test]
fn it_lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = World::new();
    testutils::it_lives_as_long_as_the_network_allows_from_its_last_use(
        &world.base,
        world.parameters(),
        &consented(&world),
    );
}

#[test]
fn lists_have_1_to_16_different_contracts_with_1_to_16_names() {
    let world = World::new();
    let env = &world.base.env;
    let many = |count: u32| -> Vec<AllowedContract> {
        let contracts = (0..count).map(|_| allowed(&Address::generate(env), AllowedCalls::All));
        Vec::from_iter(env, contracts)
    };
    let one = |calls: AllowedCalls| vec![env, allowed(&world.app, calls)];
    let twice = vec![
        env,
        allowed(&world.app, AllowedCalls::All),
        allowed(&world.token, AllowedCalls::All),
        allowed(&world.app, world.functions(1)),
    ];
    for list in [
        many(0),
        many(17),
        twice,
        one(world.functions(0)),
        one(world.functions(17)),
        one(world.recipients(0)),
        one(world.recipients(17)),
    ] {
        let refused = world.base.install(list.clone());
        assert_eq!(refused, Err(error(AllowListError::InvalidList)), "{list:?}");
    }
    assert_eq!(world.base.entry_count(), 0);
    for list in [
        many(16),
        one(world.functions(1)),
        one(world.functions(16)),
        one(world.recipients(1)),
        one(world.recipients(16)),
    ] {
        world.base.install(list.clone()).unwrap();
        let kept = world.client().allow_list(&world.base.wallet, &SIGNER);
        assert_eq!(kept, Some(list));
    }
    assert_eq!(world.base.entry_count(), 1);
}

#[test]
fn refuses_parameters_of_another_shape() {
    let world = World::new();
    let env = &world.base.env;
    let contract = |calls: Val| -> Val {
        let fields = map![
            env,
            (Symbol::new(env, "calls"), calls),
            (Symbol::new(env, "contract"), world.app.to_val()),
        ];
        vec![env, fields].to_val()
    };
    let variant = |name: &str, value: Val| {
        let name = Symbol::new(env, name).to_val();
        contract(vec![env, name, value].to_val())
    };
    let numbers = vec![env, 1u32, 2].to_val();
    for parameters in [
        Val::VOID.to_val(),
        7u32.into_val(env),
        vec![env, 7u32].to_val(),
        contract(Val::VOID.to_val()),
        variant("Functions", numbers),
        variant("TransfersTo", numbers),
        variant("Nothing", numbers),
    ] {
        assert!(world.base.install(parameters).is_err());
    }
    assert_eq!(world.base.entry_count(), 0);
}

#[test]
fn a_second_list_replaces_the_first() {
    let world = World::installed();
    let next = vec![&world.base.env, allowed(&world.market, world.functions(1))];
    world.base.install(next.clone()).unwrap();
    let kept = world.client().allow_list(&world.base.wallet, &SIGNER);
    assert_eq!(kept, Some(next));
    let refused = Err(error(AllowListError::CallNotAllowed));
    assert_eq!(world.base.ask(&consented(&world)), refused);
}

#[test]
fn installing_is_an_event() {
    let world = World::installed();
    let event = AllowListInstalled {
        wallet: world.base.wallet.clone(),
        signer: SIGNER,
        contracts: world.list(),
    };
    let expected = [event.to_xdr(&world.base.env, &world.base.policy)];
    assert_eq!(world.base.env.events().all().events(), expected);
}

#[test]
fn a_signer_without_a_list_has_none() {
    let world = World::new();
    let kept = world.client().allow_list(&world.base.wallet, &SIGNER);
    assert_eq!(kept, None);
}
