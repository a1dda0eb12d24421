//! What somebody gains who makes the batch contract call: nothing that is anybody's else.

extern crate std;

use std::vec;

use soroban_sdk::Address;

use super::world::World;

/// What the batch returns for one call to `withdraw` in the name of `owner`.
fn withdraw(world: &World, owner: &Address) -> bool {
    let calls = [world.call(&world.target, "withdraw", (owner,))];
    let entry = world.signed(&world.stranger, &calls, &[]);
    world.run(&world.stranger, &calls, &[entry]).is_ok()
}

#[test]
fn needs_the_wallet_even_for_calls_that_need_nobody() {
    let world = World::new();
    let calls = [world.count()];
    assert!(world.run(&world.wallet, &calls, &[]).is_err());
    let entry = world.signed(&world.stranger, &calls, &[]);
    assert!(world.run(&world.wallet, &calls, &[entry]).is_err());
}

#[test]
fn a_stranger_moves_nothing_of_a_wallet() {
    let world = World::new();
    let calls = [world.transfer(&world.wallet, &world.stranger, 1)];
    let entry = world.signed(&world.stranger, &calls, &calls);
    assert!(world.run(&world.stranger, &calls, &[entry]).is_err());
    assert!(!withdraw(&world, &world.wallet));
    assert_eq!(world.balance(&world.wallet), 100);
}

#[test]
fn a_signed_batch_cannot_be_changed() {
    let world = World::new();
    let signed = [world.transfer(&world.wallet, &world.stranger, 1)];
    let more = [signed[0].clone(), world.count()];
    let other = [world.transfer(&world.wallet, &world.stranger, 2)];
    for calls in [&more[..], &other[..], &more[1..]] {
        let entry = world.signed(&world.wallet, &signed, &signed);
        assert!(world.run(&world.wallet, calls, &[entry]).is_err());
    }
    assert_eq!(world.balance(&world.wallet), 100);
}

#[test]
fn a_signed_call_is_made_in_its_batch_alone() {
    let world = World::new();
    let signed = [world.transfer(&world.wallet, &world.stranger, 1)];
    let wallet_entry = world.signed(&world.wallet, &signed, &signed);
    let stranger_entry = world.signed(&world.stranger, &signed, &[]);
    let entries = [wallet_entry, stranger_entry];
    assert!(world.run(&world.stranger, &signed, &entries).is_err());
    assert_eq!(world.balance(&world.wallet), 100);
}

#[test]
fn another_wallet_signs_its_own_calls_within_the_same_batch() {
    let world = World::new();
    world.fund(&world.stranger);
    let calls = [
        world.transfer(&world.wallet, &world.stranger, 10),
        world.transfer(&world.stranger, &world.wallet, 30),
    ];
    let first = world.signed(&world.wallet, &calls, &calls[..1]);
    let second = world.entry(&world.stranger, world.invocation(&calls[1], vec![]));
    world.run(&world.wallet, &calls, &[first, second]).unwrap();
    assert_eq!(world.balance(&world.wallet), 120);
}

/// Why nobody may trust this address with anything.
#[test]
fn what_the_batch_contract_owns_is_anybodys() {
    let world = World::new();
    assert!(withdraw(&world, &world.batch));
    world.fund(&world.batch);
    let calls = [world.transfer(&world.batch, &world.stranger, 100)];
    let entry = world.signed(&world.stranger, &calls, &[]);
    world.run(&world.stranger, &calls, &[entry]).unwrap();
    assert_eq!(world.balance(&world.stranger), 100);
}
