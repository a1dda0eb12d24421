//! Who the members are, who may change that, and for how long it is kept.

extern crate std;

use std::vec;

use soroban_sdk::{
    testutils::{storage::Instance as _, Address as _, Events as _, Ledger as _},
    xdr::{ScVal, SorobanAuthorizationEntry},
    Address, Event as _, TryFromVal, Val, Vec,
};

use super::world::{invocation, Member, World};
use crate::{guardian::MembersSet, Guardian, GuardianClient, GuardianError, Members};

fn addresses(world: &World, count: u32) -> Vec<Address> {
    let mut addresses = Vec::new(&world.env);
    for _ in 0..count {
        addresses.push_back(Address::generate(&world.env));
    }
    addresses
}

/// `set_members`, authorized by `signers`.
fn set_members(world: &World, set: &Members, signers: &[&Member]) -> bool {
    let value = |value: Val| ScVal::try_from_val(&world.env, &value).unwrap();
    let arguments = [value(set.members.to_val()), ScVal::U32(set.threshold)];
    let call = invocation(&world.guardian, "set_members", &arguments);
    let entries: std::vec::Vec<SorobanAuthorizationEntry> =
        world.delegated(&call, ScVal::Void, signers);
    world.invoke(&call, entries)
}

#[test]
fn the_constructor_refuses_bad_members() {
    let world = World::new();
    let a = world.members[0].address.clone();
    let bad = [
        (addresses(&world, 0), 0),
        (addresses(&world, 0), 1),
        (addresses(&world, 2), 0),
        (addresses(&world, 2), 3),
        (addresses(&world, 16), 1),
        (
            soroban_sdk::vec![&world.env, a.clone(), Address::generate(&world.env), a],
            1,
        ),
    ];
    for (members, threshold) in bad {
        let arguments = (members.clone(), threshold);
        let deployed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.env.register(Guardian, arguments)
        }));
        assert!(deployed.is_err(), "{threshold} of {}", members.len());
    }
    for (count, threshold) in [(1, 1), (15, 15), (15, 1)] {
        let members = addresses(&world, count);
        let guardian = world.env.register(Guardian, (members.clone(), threshold));
        let client = GuardianClient::new(&world.env, &guardian);
        assert_eq!(client.members(), Members { members, threshold });
    }
}

#[test]
fn bad_members_have_their_error() {
    let world = World::new();
    world.env.mock_all_auths();
    let own = soroban_sdk::vec![&world.env, world.guardian.clone()];
    let twice = soroban_sdk::vec![
        &world.env,
        world.stranger.address.clone(),
        world.stranger.address.clone()
    ];
    for (members, threshold) in [
        (addresses(&world, 0), 0),
        (addresses(&world, 2), 0),
        (addresses(&world, 2), 3),
        (addresses(&world, 16), 1),
        (own, 1),
        (twice, 1),
    ] {
        let refused = world.client().try_set_members(&members, &threshold);
        assert_eq!(refused, Err(Ok(GuardianError::InvalidMembers)));
    }
    assert_eq!(world.client().members(), world.set(&[0, 1, 2], 2));
}

#[test]
fn members_change_the_members() {
    let world = World::new();
    let [a, b, c] = [0, 1, 2].map(|index| &world.members[index]);
    let next = world.set(&[1, 2], 1);
    assert!(set_members(&world, &next, &[a, b]));
    assert_eq!(world.client().members(), next);
    let call = world.invocation("rotate_signer");
    assert!(!world.invoke(&call, world.entries(&call, &[a], &[a])));
    assert!(world.invoke(&call, world.entries(&call, &[c], &[c])));
}

#[test]
fn nobody_else_changes_the_members() {
    let world = World::new();
    let set = world.set(&[0], 1);
    assert!(!set_members(&world, &set, &[&world.members[0]]));
    assert!(!set_members(&world, &set, &[]));
    let client = world.client();
    assert!(client
        .try_set_members(&set.members, &set.threshold)
        .is_err());
    assert_eq!(client.members(), world.set(&[0, 1, 2], 2));
}

#[test]
fn setting_members_is_an_event() {
    let world = World::new();
    world.env.mock_all_auths();
    let next = world.set(&[2, 0], 2);
    world.client().set_members(&next.members, &next.threshold);
    let event = MembersSet {
        members: next.members,
        threshold: 2,
    };
    let expected = vec![event.to_xdr(&world.env, &world.guardian)];
    assert_eq!(world.env.events().all().events(), expected);
}

#[test]
fn a_guardian_that_is_used_lives_as_long_as_the_network_allows() {
    let world = World::new();
    let ttl = || {
        world
            .env
            .as_contract(&world.guardian, || world.env.storage().instance().get_ttl())
    };
    assert_eq!(ttl(), 2_073_599);
    let ledgers = 2_073_599 - 120_960;
    let now = world.env.ledger().sequence();
    world.env.ledger().set_sequence_number(now + ledgers);
    assert_eq!(ttl(), 120_960);
    let pair = [&world.members[0], &world.members[1]];
    let call = world.invocation("rotate_signer");
    assert!(world.invoke(&call, world.delegated(&call, ScVal::Void, &pair)));
    assert_eq!(ttl(), 3_110_400);
}
