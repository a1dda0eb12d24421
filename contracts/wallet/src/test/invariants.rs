//! What no change may break: an admin, as many as the threshold, and rules that can be satisfied.

extern crate std;

use latchkey_interface::{Role, Settings, WalletError};

use super::world::{Key, Verdict, World, OWNER};

const OTHER: Key = Key::Ed25519(1);
const THIRD: Key = Key::Ed25519(2);

fn failed<T>(error: WalletError) -> Verdict<T> {
    Err(Some(error))
}

fn update(world: &World, id: u32, role: &Role, ids: &[u32], threshold: u32) -> Verdict {
    world.update(id, role, ids, threshold)
}

#[test]
fn the_last_admin_stays() {
    let world = World::new();
    world.add(world.session(&THIRD, 50));
    let session = world.session(&OTHER, 50).role;
    let last = failed(WalletError::LastAdmin);
    assert_eq!(world.owner::<(), _>("remove", (0u32,)), last);
    assert_eq!(update(&world, 0, &session, &[], 0), last);
    let id = world.add(OTHER.admin(&world.env));
    assert_eq!(world.owner::<(), _>("remove", (0u32,)), Ok(()));
    assert_eq!(world.call(&[(id, &OTHER)], "remove", (id,)), last);
}

#[test]
fn admins_do_not_become_fewer_than_the_threshold() {
    let world = World::of_admins(&[&OWNER, &OTHER], 2);
    let both = [(0, &OWNER), (1, &OTHER)];
    let unsatisfiable = failed::<()>(WalletError::UnsatisfiableRule);
    assert_eq!(world.call(&both, "remove", (1u32,)), unsatisfiable);
    let session = world.session(&OTHER, 50).role;
    let demoted = world.update_by(&both, 1, &session, &[], 0);
    assert_eq!(demoted, unsatisfiable);
    assert_eq!(world.configure(&both, 1, None), Ok(()));
    assert_eq!(world.call(&both[..1], "remove", (1u32,)), Ok(()));
}

#[test]
fn the_threshold_is_one_to_as_many_as_there_are_and_fit() {
    let keys: std::vec::Vec<Key> = (1..=8).map(Key::Ed25519).collect();
    let world = World::of_admins(&[&OWNER], 1);
    for (count, key) in (1..).zip(&keys) {
        let set = |threshold| world.set_threshold(threshold);
        for threshold in [0, count + 1, 256, 257, u32::MAX] {
            let unsatisfiable = failed(WalletError::UnsatisfiableRule);
            assert_eq!(set(threshold), unsatisfiable, "{threshold}");
        }
        assert_eq!(set(1), Ok(()));
        world.add(key.admin(&world.env));
    }
    // Nine admins, but eight signatures are the most.
    let set = |threshold| world.set_threshold(threshold);
    assert_eq!(set(9), failed(WalletError::UnsatisfiableRule));
    assert_eq!(set(8), Ok(()));
    let settings = Settings {
        admin_threshold: 8,
        recovery: None,
        state_version: 2,
    };
    assert_eq!(world.settings(), settings);
}

#[test]
fn a_rule_that_others_rely_on_keeps_them() {
    let world = World::of_admins(&[&OWNER, &OTHER, &THIRD], 1);
    assert_eq!(update(&world, 1, &Role::Admin, &[2], 1), Ok(()));
    let unsatisfiable = failed(WalletError::UnsatisfiableRule);
    assert_eq!(world.owner::<(), _>("remove", (2u32,)), unsatisfiable);
    let session = world.session(&OTHER, 50).role;
    assert_eq!(update(&world, 2, &session, &[], 0), unsatisfiable);
    assert_eq!(update(&world, 1, &Role::Admin, &[0, 2], 1), Ok(()));
    assert_eq!(world.owner::<(), _>("remove", (2u32,)), Ok(()));
}

#[test]
fn sessions_that_others_rely_on_stay() {
    let world = World::new();
    let first = world.add(world.session(&OTHER, 50));
    let second = world.add(world.with(world.session(&THIRD, 50), &[first], 1));
    let unsatisfiable = failed(WalletError::UnsatisfiableRule);
    assert_eq!(world.owner::<(), _>("remove", (first,)), unsatisfiable);
    assert_eq!(update(&world, first, &Role::Admin, &[], 0), unsatisfiable);
    assert_eq!(world.owner::<(), _>("remove", (second,)), Ok(()));
    assert_eq!(world.owner::<(), _>("remove", (first,)), Ok(()));
}

/// Nine signatures are more than an authorization holds, so a rule that takes them locks.
#[test]
fn a_rule_that_takes_nine_signatures_is_refused() {
    let world = World::new();
    let keys: std::vec::Vec<Key> = (1..=9).map(Key::Ed25519).collect();
    for key in &keys {
        world.add(key.admin(&world.env));
    }
    let unsatisfiable = failed(WalletError::UnsatisfiableRule);
    let others: std::vec::Vec<u32> = (1..=9).collect();
    for threshold in [8, 9] {
        assert_eq!(
            update(&world, 0, &Role::Admin, &others, threshold),
            unsatisfiable
        );
    }
    // A chain, each signer of which needs the next.
    for id in 2..=8 {
        assert_eq!(update(&world, id, &Role::Admin, &[id + 1], 1), Ok(()));
    }
    assert_eq!(update(&world, 1, &Role::Admin, &[2], 1), unsatisfiable);
    let chain: std::vec::Vec<_> = (2..=9).zip(&keys[1..]).collect();
    // The last of them is enough without the others.
    let unneeded = failed(WalletError::UnneededSignature);
    assert_eq!(world.verdict(&chain, &[world.purchase()]), unneeded);
}
