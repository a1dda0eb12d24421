extern crate std;

use soroban_sdk::testutils::Address as _;
use soroban_sdk::Address;

use super::world::{
    failed_with, refused_by_host, World, DELAY_SECONDS, NOW, OWNER, STRANGER, SUCCESSOR,
};
use crate::{PendingRotation, WalletError};

fn proposed() -> World {
    let world = World::with_delay(DELAY_SECONDS);
    let successor = world.passkey(SUCCESSOR);
    let client = world.mocked(&world.guardian, "propose_rotation", (successor.clone(),));
    assert_eq!(client.propose_rotation(&successor), NOW + DELAY_SECONDS);
    world.env.set_auths(&[]);
    world
}

#[test]
fn the_guardian_rotates_at_once_without_a_delay() {
    let world = World::with_delay(0);
    let successor = world.passkey(SUCCESSOR);
    assert!(world.accepts(OWNER) && !world.accepts(SUCCESSOR));
    world
        .mocked(&world.guardian, "rotate_signer", (successor.clone(),))
        .rotate_signer(&successor);
    assert_eq!(world.client().signer(), successor);
    assert!(!world.accepts(OWNER) && world.accepts(SUCCESSOR));
}

#[test]
fn nobody_but_the_guardian_rotates() {
    let world = World::with_delay(0);
    let successor = world.passkey(SUCCESSOR);
    world.env.set_auths(&[]);
    assert!(refused_by_host(
        world.client().try_rotate_signer(&successor)
    ));
    let stranger = Address::generate(&world.env);
    let client = world.mocked(&stranger, "rotate_signer", (successor.clone(),));
    assert!(refused_by_host(client.try_rotate_signer(&successor)));
    let client = world.signed_by(OWNER, "rotate_signer", (successor.clone(),));
    assert!(refused_by_host(client.try_rotate_signer(&successor)));
    assert!(world.accepts(OWNER));
}

#[test]
fn nobody_but_the_guardian_proposes() {
    let world = World::with_delay(DELAY_SECONDS);
    let successor = world.passkey(SUCCESSOR);
    world.env.set_auths(&[]);
    assert!(refused_by_host(
        world.client().try_propose_rotation(&successor)
    ));
    let stranger = Address::generate(&world.env);
    let client = world.mocked(&stranger, "propose_rotation", (successor.clone(),));
    assert!(refused_by_host(client.try_propose_rotation(&successor)));
    let client = world.signed_by(OWNER, "propose_rotation", (successor.clone(),));
    assert!(refused_by_host(client.try_propose_rotation(&successor)));
    assert_eq!(world.client().pending_rotation(), None);
}

#[test]
fn the_guardian_authorizes_one_passkey_and_no_other() {
    let world = World::with_delay(0);
    let client = world.mocked(
        &world.guardian,
        "rotate_signer",
        (world.passkey(SUCCESSOR),),
    );
    assert!(refused_by_host(
        client.try_rotate_signer(&world.passkey(STRANGER))
    ));
}

#[test]
fn a_wallet_with_a_delay_refuses_to_rotate_at_once() {
    let world = World::with_delay(DELAY_SECONDS);
    let successor = world.passkey(SUCCESSOR);
    let client = world.mocked(&world.guardian, "rotate_signer", (successor.clone(),));
    let result = client.try_rotate_signer(&successor);
    assert_eq!(
        failed_with(result),
        Some(WalletError::RotationDelayRequired)
    );
    assert!(world.accepts(OWNER));
}

#[test]
fn a_wallet_without_guardian_cannot_be_rotated() {
    let world = World::without_guardian();
    let successor = world.passkey(SUCCESSOR);
    let client = world.mocked(&world.guardian, "rotate_signer", (successor.clone(),));
    assert_eq!(
        failed_with(client.try_rotate_signer(&successor)),
        Some(WalletError::NoGuardian)
    );
    let client = world.mocked(&world.guardian, "propose_rotation", (successor.clone(),));
    assert_eq!(
        failed_with(client.try_propose_rotation(&successor)),
        Some(WalletError::NoGuardian)
    );
}

#[test]
fn a_proposal_changes_nothing_but_the_pending_rotation() {
    let world = proposed();
    assert_eq!(world.client().signer(), world.passkey(OWNER));
    assert!(world.accepts(OWNER) && !world.accepts(SUCCESSOR));
    let signer = world.passkey(SUCCESSOR);
    let pending = PendingRotation {
        signer,
        executable_at: NOW + DELAY_SECONDS,
    };
    assert_eq!(world.client().pending_rotation(), Some(pending));
}

#[test]
fn a_rotation_is_executable_from_its_second_on_and_not_before() {
    let world = proposed();
    world.pass_seconds(DELAY_SECONDS - 1);
    let early = world.client().try_execute_rotation();
    assert_eq!(
        failed_with(early),
        Some(WalletError::RotationNotYetExecutable)
    );
    assert!(world.accepts(OWNER));
    world.pass_seconds(1);
    world.client().execute_rotation();
    assert!(!world.accepts(OWNER) && world.accepts(SUCCESSOR));
}

#[test]
fn anyone_executes_without_an_authorization() {
    let world = proposed();
    world.pass_seconds(DELAY_SECONDS * 100);
    world.env.set_auths(&[]);
    world.client().execute_rotation();
    assert_eq!(world.env.auths(), std::vec![]);
    assert_eq!(world.client().signer(), world.passkey(SUCCESSOR));
}

#[test]
fn a_rotation_is_executed_once() {
    let world = proposed();
    world.pass_seconds(DELAY_SECONDS);
    world.client().execute_rotation();
    assert_eq!(world.client().pending_rotation(), None);
    let again = world.client().try_execute_rotation();
    assert_eq!(failed_with(again), Some(WalletError::NoPendingRotation));
}

#[test]
fn a_newer_proposal_replaces_the_older_and_restarts_the_delay() {
    let world = proposed();
    world.pass_seconds(DELAY_SECONDS - 1);
    let other = world.passkey(STRANGER);
    let client = world.mocked(&world.guardian, "propose_rotation", (other.clone(),));
    assert_eq!(client.propose_rotation(&other), NOW + 2 * DELAY_SECONDS - 1);
    world.pass_seconds(1);
    let early = world.client().try_execute_rotation();
    assert_eq!(
        failed_with(early),
        Some(WalletError::RotationNotYetExecutable)
    );
    world.pass_seconds(DELAY_SECONDS);
    world.client().execute_rotation();
    assert_eq!(world.client().signer(), other);
}

#[test]
fn the_owner_cancels() {
    let world = proposed();
    world
        .signed_by(OWNER, "cancel_rotation", ())
        .cancel_rotation();
    assert_eq!(world.client().pending_rotation(), None);
    world.pass_seconds(DELAY_SECONDS);
    let result = world.client().try_execute_rotation();
    assert_eq!(failed_with(result), Some(WalletError::NoPendingRotation));
    assert!(world.accepts(OWNER));
}

#[test]
fn nobody_but_the_owner_cancels() {
    let world = proposed();
    assert!(refused_by_host(world.client().try_cancel_rotation()));
    let client = world.mocked(&world.guardian, "cancel_rotation", ());
    assert!(refused_by_host(client.try_cancel_rotation()));
    for seed in [SUCCESSOR, STRANGER] {
        let client = world.signed_by(seed, "cancel_rotation", ());
        assert!(refused_by_host(client.try_cancel_rotation()), "{seed}");
    }
    assert!(world.client().pending_rotation().is_some());
}

#[test]
fn there_is_nothing_to_cancel_or_execute_without_a_proposal() {
    let world = World::with_delay(DELAY_SECONDS);
    let result = world.client().try_execute_rotation();
    assert_eq!(failed_with(result), Some(WalletError::NoPendingRotation));
    let client = world.signed_by(OWNER, "cancel_rotation", ());
    assert_eq!(
        failed_with(client.try_cancel_rotation()),
        Some(WalletError::NoPendingRotation)
    );
}

#[test]
fn a_proposal_without_delay_is_executable_at_once() {
    let world = World::with_delay(0);
    let successor = world.passkey(SUCCESSOR);
    let client = world.mocked(&world.guardian, "propose_rotation", (successor.clone(),));
    assert_eq!(client.propose_rotation(&successor), NOW);
    world.client().execute_rotation();
    assert_eq!(world.client().signer(), successor);
}

#[test]
fn a_rotation_at_once_drops_a_pending_one() {
    let world = World::with_delay(0);
    let (first, second) = (world.passkey(STRANGER), world.passkey(SUCCESSOR));
    world
        .mocked(&world.guardian, "propose_rotation", (first.clone(),))
        .propose_rotation(&first);
    world
        .mocked(&world.guardian, "rotate_signer", (second.clone(),))
        .rotate_signer(&second);
    assert_eq!(world.client().pending_rotation(), None);
    let result = world.client().try_execute_rotation();
    assert_eq!(failed_with(result), Some(WalletError::NoPendingRotation));
    assert_eq!(world.client().signer(), second);
}

#[test]
fn the_present_public_key_is_no_successor() {
    for world in [World::with_delay(0), World::with_delay(DELAY_SECONDS)] {
        let mut same_key = world.passkey(OWNER);
        same_key.credential_id = world.passkey(SUCCESSOR).credential_id;
        let client = world.mocked(&world.guardian, "propose_rotation", (same_key.clone(),));
        let result = client.try_propose_rotation(&same_key);
        assert_eq!(failed_with(result), Some(WalletError::SameSigner));
    }
    let world = World::with_delay(0);
    let owner = world.passkey(OWNER);
    let client = world.mocked(&world.guardian, "rotate_signer", (owner.clone(),));
    assert_eq!(
        failed_with(client.try_rotate_signer(&owner)),
        Some(WalletError::SameSigner)
    );
}

#[test]
fn a_bad_passkey_is_refused_when_it_is_proposed() {
    let world = World::with_delay(0);
    let mut bad = world.passkey(SUCCESSOR);
    bad.origin = soroban_sdk::String::from_str(&world.env, "");
    let client = world.mocked(&world.guardian, "propose_rotation", (bad.clone(),));
    assert_eq!(
        failed_with(client.try_propose_rotation(&bad)),
        Some(WalletError::InvalidOrigin)
    );
    let client = world.mocked(&world.guardian, "rotate_signer", (bad.clone(),));
    assert_eq!(
        failed_with(client.try_rotate_signer(&bad)),
        Some(WalletError::InvalidOrigin)
    );
    assert!(world.accepts(OWNER));
}

#[test]
fn rotations_follow_one_another() {
    let world = World::with_delay(0);
    for seed in [SUCCESSOR, STRANGER, OWNER] {
        let next = world.passkey(seed);
        world
            .mocked(&world.guardian, "rotate_signer", (next.clone(),))
            .rotate_signer(&next);
        let accepted: std::vec::Vec<u8> = [OWNER, SUCCESSOR, STRANGER]
            .into_iter()
            .filter(|&seed| world.accepts(seed))
            .collect();
        assert_eq!(accepted, [seed]);
    }
}
