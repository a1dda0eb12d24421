use latchkey_interface::testutils::SoftwareAuthenticator;
use soroban_sdk::testutils::{storage::Instance as _, Ledger as _};

use super::world::{World, DELAY_SECONDS, OWNER, PAYLOAD, SUCCESSOR};

/// At 5 seconds a ledger.
const DAY: u32 = 17_280;
const WEEK: u32 = 7 * DAY;
const YEAR: u32 = 365 * DAY;
/// The network's maximum: 180 days.
const MAX_TTL: u32 = 3_110_400;

fn world() -> World {
    let world = World::with_delay(DELAY_SECONDS);
    world.env.ledger().set_max_entry_ttl(MAX_TTL);
    world.env.ledger().set_min_persistent_entry_ttl(DAY);
    world.client().extend_ttl();
    world
}

fn ttl(world: &World) -> u32 {
    world
        .env
        .as_contract(&world.wallet, || world.env.storage().instance().get_ttl())
}

fn pass_ledgers(world: &World, ledgers: u32) {
    world
        .env
        .ledger()
        .set_sequence_number(world.env.ledger().sequence() + ledgers);
}

fn pass_until_ttl(world: &World, remaining: u32) {
    pass_ledgers(world, ttl(world) - remaining);
}

#[test]
fn anyone_extends_to_the_networks_maximum() {
    let world = world();
    pass_until_ttl(&world, WEEK);
    world.env.set_auths(&[]);
    world.client().extend_ttl();
    assert_eq!(ttl(&world), MAX_TTL);
}

#[test]
fn nothing_is_extended_while_more_than_a_week_is_left() {
    let world = world();
    pass_until_ttl(&world, WEEK + 1);
    world.client().extend_ttl();
    assert!(world.accepts(OWNER));
    assert_eq!(ttl(&world), WEEK + 1);
}

#[test]
fn using_the_wallet_extends_it() {
    let world = world();
    pass_until_ttl(&world, WEEK);
    assert!(world.accepts(OWNER));
    assert_eq!(ttl(&world), MAX_TTL);
}

#[test]
fn a_refused_assertion_extends_nothing() {
    let world = world();
    pass_until_ttl(&world, DAY);
    assert!(!world.accepts(SUCCESSOR));
    assert_eq!(ttl(&world), DAY);
}

#[test]
fn every_step_of_a_rotation_extends_it() {
    let world = world();
    let successor = world.passkey(SUCCESSOR);
    let steps: [&dyn Fn(); 4] = [
        &|| propose(&world),
        &|| {
            world
                .signed_by(OWNER, "cancel_rotation", ())
                .cancel_rotation()
        },
        &|| propose(&world),
        &|| {
            world.pass_seconds(DELAY_SECONDS);
            world.client().execute_rotation();
        },
    ];
    for step in steps {
        pass_until_ttl(&world, DAY);
        step();
        assert_eq!(ttl(&world), MAX_TTL);
    }
    assert_eq!(world.client().signer(), successor);
}

fn propose(world: &World) {
    let successor = world.passkey(SUCCESSOR);
    world
        .mocked(&world.guardian, "propose_rotation", (successor.clone(),))
        .propose_rotation(&successor);
}

#[test]
fn a_wallet_used_once_in_six_months_outlives_a_year() {
    let world = world();
    let start = world.env.ledger().sequence();
    let signer = SoftwareAuthenticator::new(OWNER);
    while world.env.ledger().sequence() - start <= 2 * YEAR {
        pass_until_ttl(&world, WEEK - DAY);
        assert_eq!(world.check(&PAYLOAD, &signer.sign(&PAYLOAD)), Ok(()));
        assert_eq!(ttl(&world), MAX_TTL);
    }
    assert_eq!(world.client().signer(), world.passkey(OWNER));
}
