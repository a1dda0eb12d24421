//! The names and fields that indexers read.

extern crate std;

use soroban_sdk::{
    testutils::Events as _,
    xdr::{ContractEventBody, ScMap, ScMapEntry, ScVal},
    Env, IntoVal, TryFromVal, Val,
};

use super::world::{World, DELAY_SECONDS, NOW, OWNER, SUCCESSOR};

/// Asserts that the last call made the wallet publish this one event.
#[track_caller]
fn assert_event(world: &World, name: &str, fields: &[(&str, ScVal)]) {
    let events = world.env.events().all().filter_by_contract(&world.wallet);
    let [event] = events.events() else {
        panic!("{} events", events.events().len())
    };
    let ContractEventBody::V0(body) = &event.body;
    assert_eq!(
        body.topics.as_slice(),
        [ScVal::Symbol(name.try_into().unwrap())]
    );
    let fields = fields.iter().map(|(name, value)| ScMapEntry {
        key: ScVal::Symbol((*name).try_into().unwrap()),
        val: value.clone(),
    });
    let fields: std::vec::Vec<ScMapEntry> = fields.collect();
    assert_eq!(
        body.data,
        ScVal::Map(Some(ScMap(fields.try_into().unwrap())))
    );
}

fn value(env: &Env, value: impl IntoVal<Env, Val>) -> ScVal {
    ScVal::try_from_val(env, &value.into_val(env)).unwrap()
}

#[test]
fn wallet_created_carries_the_whole_registration() {
    let world = World::with_delay(DELAY_SECONDS);
    assert_event(
        &world,
        "wallet_created",
        &[
            ("guardian", value(&world.env, world.guardian.clone())),
            ("rotation_delay_seconds", ScVal::U64(DELAY_SECONDS)),
            ("signer", value(&world.env, world.passkey(OWNER))),
        ],
    );
}

#[test]
fn wallet_created_says_that_there_is_no_guardian() {
    let world = World::without_guardian();
    assert_event(
        &world,
        "wallet_created",
        &[
            ("guardian", ScVal::Void),
            ("rotation_delay_seconds", ScVal::U64(0)),
            ("signer", value(&world.env, world.passkey(OWNER))),
        ],
    );
}

#[test]
fn each_step_of_a_rotation_is_an_event_with_the_new_passkey() {
    let world = World::with_delay(DELAY_SECONDS);
    let successor = world.passkey(SUCCESSOR);
    let signer = ("signer", value(&world.env, successor.clone()));
    let executable_at = ("executable_at", ScVal::U64(NOW + DELAY_SECONDS));
    let propose = || {
        world
            .mocked(&world.guardian, "propose_rotation", (successor.clone(),))
            .propose_rotation(&successor);
    };
    propose();
    assert_event(
        &world,
        "rotation_proposed",
        &[executable_at, signer.clone()],
    );
    world
        .signed_by(OWNER, "cancel_rotation", ())
        .cancel_rotation();
    assert_event(&world, "rotation_cancelled", std::slice::from_ref(&signer));
    propose();
    world.pass_seconds(DELAY_SECONDS);
    world.client().execute_rotation();
    assert_event(&world, "signer_rotated", &[signer]);
}

#[test]
fn a_rotation_at_once_is_an_event_with_the_new_passkey() {
    let world = World::with_delay(0);
    let successor = world.passkey(SUCCESSOR);
    world
        .mocked(&world.guardian, "rotate_signer", (successor.clone(),))
        .rotate_signer(&successor);
    assert_event(
        &world,
        "signer_rotated",
        &[("signer", value(&world.env, successor))],
    );
}
