//! How long a wallet and its sessions live, and what keeps them alive.

extern crate std;

use latchkey_interface::Role;
use soroban_sdk::testutils::{
    storage::{Instance as _, Temporary as _},
    Address as _, Ledger as _,
};

use super::world::{Key, Verdict, World, MAX_TTL, OWNER};

/// At 5 seconds a ledger.
const DAY: u32 = 17_280;
const WEEK: u32 = 7 * DAY;
const YEAR: u32 = 365 * DAY;
const OTHER: Key = Key::Ed25519(1);

fn wallet() -> World {
    let world = World::new();
    world.env.ledger().set_min_persistent_entry_ttl(DAY);
    world
}

fn ttl(world: &World) -> u32 {
    world
        .env
        .as_contract(&world.wallet, || world.env.storage().instance().get_ttl())
}

fn session_ttl(world: &World, id: u32) -> u32 {
    world.env.as_contract(&world.wallet, || {
        world.env.storage().temporary().get_ttl(&id)
    })
}

fn pass_until_ttl(world: &World, remaining: u32) {
    world.pass_ledgers(ttl(world) - remaining);
}

#[test]
fn a_new_wallet_lives_as_long_as_the_network_allows() {
    assert_eq!(ttl(&World::new()), MAX_TTL - 1);
}

#[test]
fn nothing_is_extended_while_more_than_a_week_is_left() {
    let world = wallet();
    pass_until_ttl(&world, WEEK + 1);
    assert!(world.accepts(&[(0, &OWNER)]));
    assert_eq!(ttl(&world), WEEK + 1);
}

#[test]
fn every_authorization_extends_the_wallet() {
    let world = wallet();
    let id = world.add(OTHER.admin(&world.env));
    for signer in [(0, &OWNER), (id, &OTHER)] {
        pass_until_ttl(&world, WEEK);
        assert!(world.accepts(&[signer]));
        assert_eq!(ttl(&world), MAX_TTL - 1);
    }
}

#[test]
fn a_refused_authorization_extends_nothing() {
    let world = wallet();
    pass_until_ttl(&world, DAY);
    assert!(!world.accepts(&[(0, &Key::Passkey(1))]));
    assert!(!world.accepts(&[(1, &OTHER)]));
    assert_eq!(ttl(&world), DAY);
}

#[test]
fn a_session_extends_the_wallet_and_not_itself() {
    let world = wallet();
    pass_until_ttl(&world, WEEK + 100);
    let id = world.add(world.session(&OTHER, 1_000));
    assert_eq!(session_ttl(&world, id), 1_000);
    world.pass_ledgers(100);
    assert!(world.accepts(&[(id, &OTHER)]));
    assert_eq!((ttl(&world), session_ttl(&world, id)), (MAX_TTL - 1, 900));
}

#[test]
fn every_change_extends_the_wallet() {
    let world = wallet();
    let guardian = soroban_sdk::Address::generate(&world.env);
    let policy = world.policy(super::contracts::Behaviour::Consent);
    let admin = Key::Passkey(2).admin(&world.env);
    let changes: [&dyn Fn() -> Verdict; 6] = [
        &|| world.set_guardian(Some(guardian.clone())),
        &|| {
            let added = world.owner::<u32, _>("add", (admin.clone(), world.no_policies()));
            added.map(|_| ())
        },
        &|| world.update(1, &Role::Admin, &[], 0),
        &|| world.set_policies(1, &[(&policy, 1u32.into())]),
        &|| world.owner("remove", (1u32,)),
        &|| {
            let key = OTHER.registered(&world.env);
            world.mocked(&guardian, "rotate_signer", (0u32, key))
        },
    ];
    for (position, change) in changes.iter().enumerate() {
        pass_until_ttl(&world, DAY);
        assert_eq!(change(), Ok(()), "{position}");
        assert_eq!(ttl(&world), MAX_TTL - 1, "{position}");
    }
}

#[test]
fn a_wallet_used_once_in_six_months_outlives_two_years() {
    let world = wallet();
    let id = world.add(OTHER.admin(&world.env));
    let start = world.env.ledger().sequence();
    while world.env.ledger().sequence() - start <= 2 * YEAR {
        pass_until_ttl(&world, WEEK - DAY);
        assert!(world.accepts(&[(0, &OWNER)]));
        assert_eq!(ttl(&world), MAX_TTL - 1);
    }
    assert_eq!(world.signer(id).unwrap().signer, OTHER.admin(&world.env));
}

/// The test host restores an archived entry when a call reads it, as transactions do on the network.
#[test]
fn an_archived_wallet_comes_back_as_it_was_without_its_sessions() {
    let world = wallet();
    let admin = world.add(OTHER.admin(&world.env));
    let session = world.add(world.session(&Key::Ed25519(2), MAX_TTL - 1));
    assert_eq!(session_ttl(&world, session), MAX_TTL - 1);
    let before = world.signers();
    assert_eq!(before.len(), 3);
    world.pass_ledgers(YEAR + DAY);
    assert!(world.accepts(&[(0, &OWNER)]));
    assert!(world.accepts(&[(admin, &OTHER)]));
    assert!(!world.accepts(&[(session, &Key::Ed25519(2))]));
    assert_eq!(world.signers(), before[..2]);
    assert_eq!(ttl(&world), MAX_TTL - 1);
}

#[test]
fn a_session_ends_by_itself_and_its_record_with_it() {
    let world = wallet();
    let id = world.add(world.session(&OTHER, 100));
    world.pass_ledgers(100);
    assert_eq!(session_ttl(&world, id), 0);
    assert!(world.accepts(&[(id, &OTHER)]));
    world.pass_ledgers(1);
    assert!(!world.accepts(&[(id, &OTHER)]));
    let is_stored = world
        .env
        .as_contract(&world.wallet, || world.env.storage().temporary().has(&id));
    assert!(!is_stored);
}

#[test]
fn a_session_of_a_few_ledgers_ends_before_its_entry_does() {
    let world = wallet();
    let id = world.add(world.session(&OTHER, 2));
    world.pass_ledgers(3);
    assert!(session_ttl(&world, id) > 0);
    assert!(!world.accepts(&[(id, &OTHER)]));
}

#[test]
fn a_session_can_be_prolonged_and_cut_short() {
    let world = wallet();
    let id = world.add(world.session(&OTHER, 100));
    let update = |ledgers: u32| {
        let role = world.session(&OTHER, ledgers).role;
        assert_eq!(world.update(id, &role, &[], 0), Ok(()));
    };
    world.pass_ledgers(50);
    update(200);
    world.pass_ledgers(150);
    assert!(world.accepts(&[(id, &OTHER)]));
    update(10);
    world.pass_ledgers(10);
    assert!(world.accepts(&[(id, &OTHER)]));
    world.pass_ledgers(1);
    assert!(!world.accepts(&[(id, &OTHER)]));
}
