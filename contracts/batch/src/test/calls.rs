//! One authorization, several calls, all or nothing.

extern crate std;

use latchkey_calls::{CallsError, MAX_CALLS};
use soroban_sdk::{
    auth::{Context, ContractContext},
    testutils::{storage::Instance as _, Ledger as _},
    vec,
};

use super::world::{TargetClient, World};

#[test]
fn one_authorization_covers_all_calls() {
    let world = World::new();
    let [anna, ben] = [world.someone(), world.someone()];
    let calls = [
        world.transfer(&world.wallet, &anna, 60),
        world.transfer(&world.wallet, &ben, 40),
    ];
    let entry = world.signed(&world.wallet, &calls, &calls);
    world.run(&world.wallet, &calls, &[entry]).unwrap();
    assert_eq!(
        [&world.wallet, &anna, &ben].map(|holder| world.balance(holder)),
        [0, 60, 40]
    );
}

#[test]
fn the_wallet_is_shown_every_call_that_needs_it() {
    let world = World::new();
    let first = world.transfer(&world.wallet, &world.stranger, 1);
    let second = world.transfer(&world.wallet, &world.stranger, 2);
    let calls = [first.clone(), world.count(), second.clone()];
    let entry = world.signed(&world.wallet, &calls, &[first.clone(), second.clone()]);
    world.run(&world.wallet, &calls, &[entry]).unwrap();
    let batch = world.batch_call(&world.wallet, &calls);
    let expected = [batch, first, second].map(|call| {
        Context::Contract(ContractContext {
            contract: call.contract,
            fn_name: call.function,
            args: call.arguments,
        })
    });
    let expected = soroban_sdk::Vec::from_slice(&world.env, &expected);
    assert_eq!(world.asked(&world.wallet), expected);
}

#[test]
fn a_call_that_was_not_signed_is_not_made() {
    let world = World::new();
    let calls = [
        world.transfer(&world.wallet, &world.stranger, 1),
        world.transfer(&world.wallet, &world.stranger, 2),
    ];
    for required in [&calls[..0], &calls[..1], &calls[1..]] {
        let entry = world.signed(&world.wallet, &calls, required);
        assert!(world.run(&world.wallet, &calls, &[entry]).is_err());
    }
    assert_eq!(world.balance(&world.wallet), 100);
}

#[test]
fn all_or_nothing() {
    let world = World::new();
    let transfer = world.transfer(&world.wallet, &world.stranger, 60);
    let too_much = world.transfer(&world.wallet, &world.stranger, 41);
    let fail = world.call(&world.target, "fail", ());
    for last in [too_much, fail, world.call(&world.target, "missing", ())] {
        let calls = [world.count(), transfer.clone(), last];
        let entry = world.signed(&world.wallet, &calls, &calls[1..]);
        assert!(world.run(&world.wallet, &calls, &[entry]).is_err());
        assert_eq!(world.balance(&world.wallet), 100);
    }
    let calls = [world.count(), transfer];
    let entry = world.signed(&world.wallet, &calls, &calls[1..]);
    world.run(&world.wallet, &calls, &[entry]).unwrap();
    assert_eq!(TargetClient::new(&world.env, &world.target).count(), 2);
}

#[test]
fn returns_what_the_calls_return_in_their_order() {
    let world = World::new();
    let calls = [world.count(), world.count(), world.count()];
    let entry = world.signed(&world.wallet, &calls, &[]);
    let results = world.run(&world.wallet, &calls, &[entry]).unwrap();
    assert_eq!(results, world.values(&[1, 2, 3]));
}

#[test]
fn makes_1_to_32_calls() {
    let world = World::new();
    let run = |count| {
        let calls = world.calls(world.count(), count);
        let entry = world.signed(&world.wallet, &calls, &[]);
        world.run(&world.wallet, &calls, &[entry])
    };
    assert_eq!(run(0), Err(Some(CallsError::NoCalls)));
    assert_eq!(run(1).unwrap(), vec![&world.env, 1u32].to_vals());
    assert_eq!(run(MAX_CALLS).unwrap().len(), 32);
    assert_eq!(run(MAX_CALLS + 1), Err(Some(CallsError::TooManyCalls)));
}

#[test]
fn refuses_a_batch_within_a_batch() {
    let world = World::new();
    let inner = world.batch_call(&world.wallet, &[world.count()]);
    let calls = [world.count(), inner.clone()];
    let entry = world.signed(&world.wallet, &calls, &[inner]);
    let refused = world.run(&world.wallet, &calls, &[entry]);
    assert_eq!(refused, Err(Some(CallsError::OwnCall)));

    let inner = soroban_sdk::vec![&world.env, world.count()];
    let arguments = (&world.batch, &world.wallet, inner);
    let calls = [world.call(&world.target, "reenter", arguments)];
    let entry = world.signed(&world.wallet, &calls, &[]);
    assert!(world.run(&world.wallet, &calls, &[entry]).is_err());
}

#[test]
fn lives_as_long_as_the_network_allows_from_its_last_use() {
    let world = World::new();
    let ttl = || {
        world
            .env
            .as_contract(&world.batch, || world.env.storage().instance().get_ttl())
    };
    world.env.ledger().set_max_entry_ttl(3_110_400);
    assert!(ttl() < 120_960);
    let calls = [world.count()];
    let entry = world.signed(&world.wallet, &calls, &[]);
    world.run(&world.wallet, &calls, &[entry]).unwrap();
    assert_eq!(ttl(), 3_110_400);
}
