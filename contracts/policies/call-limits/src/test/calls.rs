//! Which contracts and functions a signer may call.

extern crate std;

use latchkey_policy_installation::testutils::{self, OTHER_SIGNER};
use soroban_sdk::{testutils::Address as _, vec, Address, IntoVal, Vec};

use super::world::World;
use crate::CallLimitsError::{CallNotAllowed, CallsTooLong};

#[test]
fn a_limit_without_functions_allows_every_function() {
    let world = World::with(|world| vec![world.env(), world.limit(&world.app, [])]);
    world.assert_consents(world.act(()));
    world.assert_consents(world.base.call(&world.app, "a", (1u32, "two")));
    world.assert_refuses(world.transfer(1), CallNotAllowed);
}

#[test]
fn only_listed_functions_are_allowed() {
    let world = World::with(|world| {
        let functions = [world.function("act", []), world.function("place_order", [])];
        vec![world.env(), world.limit(&world.app, functions)]
    });
    world.assert_consents(world.act((7u32,)));
    world.assert_consents(world.base.call(&world.app, "place_order", ()));
    for other in [
        "ac",
        "acts",
        "ACT",
        "place_ordes",
        "qlace_order",
        "place_order_",
        "_",
    ] {
        world.assert_refuses(world.base.call(&world.app, other, ()), CallNotAllowed);
    }
}

#[test]
fn names_of_every_length_are_told_apart() {
    for length in 1..=32 {
        let name = std::string::String::from(&"abcdefghijklmnopqrstuvwxyz012345"[..length]);
        let world = World::with(|world| {
            let function = world.function(&name, []);
            vec![world.env(), world.limit(&world.app, [function])]
        });
        world.assert_consents(world.base.call(&world.app, &name, ()));
        for at in 0..length {
            let mut other = name.clone();
            other.replace_range(at..=at, "_");
            world.assert_refuses(world.base.call(&world.app, &other, ()), CallNotAllowed);
        }
    }
}

#[test]
fn a_contract_is_held_to_its_own_limit() {
    let world = World::with(|world| {
        let app = world.limit(&world.app, [world.function("act", [])]);
        let payee = world.limit(&world.payee, [world.function("pay", [])]);
        vec![world.env(), app, payee, world.cap(&world.token, 10, 5)]
    });
    world.assert_consents(world.act(()));
    world.assert_consents(world.base.call(&world.payee, "pay", ()));
    world.assert_consents(world.transfer(10));
    world.assert_refuses(world.base.call(&world.app, "pay", ()), CallNotAllowed);
    world.assert_refuses(world.base.call(&world.payee, "act", ()), CallNotAllowed);
    let stranger = world.base.call(&world.base.stranger, "act", ());
    world.assert_refuses(stranger, CallNotAllowed);
}

#[test]
fn the_last_of_eight_limits_counts_as_the_first() {
    let world = World::new();
    let contracts: std::vec::Vec<Address> =
        (0..8).map(|_| Address::generate(world.env())).collect();
    let limits = contracts.iter().map(|contract| world.limit(contract, []));
    let limits = Vec::from_iter(world.env(), limits);
    world.base.install(limits).unwrap();
    for contract in &contracts {
        world.assert_consents(world.base.call(contract, "act", ()));
    }
}

#[test]
fn every_call_of_an_authorization_has_to_be_allowed() {
    let world = World::with(|world| vec![world.env(), world.limit(&world.app, [])]);
    let (allowed, refused) = (world.act(()), world.transfer(1));
    assert_eq!(
        world.base.ask(&[allowed.clone(), allowed.clone()]),
        Ok(true)
    );
    for calls in [
        [allowed.clone(), refused.clone()],
        [refused.clone(), allowed.clone()],
    ] {
        assert_eq!(world.base.ask(&calls), Err(CallNotAllowed.into()));
    }
    assert_eq!(world.base.ask(&[]), Ok(true));
}

#[test]
fn creating_a_contract_is_refused() {
    let world = World::with(|world| vec![world.env(), world.limit(&world.app, [])]);
    for creation in world.base.creations() {
        world.assert_refuses(creation.clone(), CallNotAllowed);
        let calls = [world.act(()), creation];
        assert_eq!(world.base.ask(&calls), Err(CallNotAllowed.into()));
    }
}

#[test]
fn limits_are_the_signers_own() {
    let world = World::with(|world| vec![world.env(), world.limit(&world.app, [])]);
    let other = vec![world.env(), world.limit(&world.token, [])];
    let other = other.into_val(world.env());
    world.base.wallet().add_policy(&OTHER_SIGNER, &other);
    world.assert_refuses(world.transfer(1), CallNotAllowed);
    let asked = world.base.ask_for(OTHER_SIGNER, &[world.transfer(1)]);
    assert_eq!(asked, Ok(true));
    let asked = world.base.ask_for(OTHER_SIGNER, &[world.act(())]);
    assert_eq!(asked, Err(CallNotAllowed.into()));
}

#[test]
fn never_consents_to_being_changed() {
    let world = World::new();
    let app = world.limit(&world.app, []);
    let own = world.limit(&world.base.policy, []);
    testutils::it_never_consents_to_being_changed(
        &world.base,
        vec![world.env(), app, own].into_val(world.env()),
        &[world.act(())],
        CallNotAllowed.into(),
    );
    let view = (&world.base.wallet, testutils::SIGNER);
    world.assert_consents(world.base.call(&world.base.policy, "installed", view));
}

#[test]
fn never_consents_to_a_change_of_any_policy() {
    let world = World::with(|world| {
        let names = ["install", "enforce", "uninstall"];
        let functions = names.map(|name| world.function(name, []));
        let by_name = world.limit(&world.app, functions);
        vec![world.env(), by_name, world.limit(&world.payee, [])]
    });
    for function in ["install", "enforce", "uninstall"] {
        for contract in [&world.app, &world.payee] {
            world.assert_refuses(world.base.call(contract, function, ()), CallNotAllowed);
        }
    }
    world.assert_consents(world.base.call(&world.payee, "installs", ()));
}

#[test]
fn calls_of_more_than_8192_bytes_are_refused() {
    let world = World::with(|world| vec![world.env(), world.limit(&world.app, [])]);
    let call = |length: usize| {
        let bytes = std::vec![7; length];
        world.act((soroban_sdk::Bytes::from_slice(world.env(), &bytes),))
    };
    // A vector of one vector, with the variant's name and three fields, around the bytes.
    let around = 12 + 12 + 16 + 12 + 12 + 12 + 8 + 16 + 40 + 16 + 12;
    world.assert_consents(call(8192 - around));
    world.assert_refuses(call(8192 - around + 1), CallsTooLong);
}
