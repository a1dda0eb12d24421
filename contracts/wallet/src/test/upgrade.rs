//! Upgrades of the built wallet to itself and to another contract: `contracts/wasm`, since native
//! contracts have no code to replace.

extern crate std;

use soroban_sdk::{xdr::ScErrorType, BytesN, Error, Executable, InvokeError};

use super::world::{
    failed_with, World, DELAY_SECONDS, NOW, OWNER, STRANGER, SUCCESSOR, WALLET_WASM,
};
use crate::{PendingRotation, WalletError};

const OTHER_WASM: &[u8] = include_bytes!("../../../wasm/factory.wasm");

fn code_of(world: &World) -> BytesN<32> {
    match world.wallet.executable() {
        Some(Executable::Wasm(hash)) => hash,
        other => panic!("not wasm: {other:?}"),
    }
}

/// `upgrade` has no error codes of its own, so clients report the host's.
fn unauthorized<T, C>(result: Result<Result<T, C>, Result<Error, InvokeError>>) -> bool {
    matches!(result, Err(Ok(error)) if error.is_type(ScErrorType::Context) || error.is_type(ScErrorType::Auth))
}

#[test]
fn the_owner_upgrades() {
    let world = World::built(DELAY_SECONDS);
    let other = world.env.deployer().upload_contract_wasm(OTHER_WASM);
    assert_ne!(code_of(&world), other);
    world
        .signed_by(OWNER, "upgrade", (other.clone(),))
        .upgrade(&other);
    assert_eq!(code_of(&world), other);
}

#[test]
fn nobody_but_the_owner_upgrades() {
    let world = World::built(DELAY_SECONDS);
    let before = code_of(&world);
    let other = world.env.deployer().upload_contract_wasm(OTHER_WASM);
    world.env.set_auths(&[]);
    assert!(unauthorized(world.client().try_upgrade(&other)));
    let client = world.mocked(&world.guardian, "upgrade", (other.clone(),));
    assert!(unauthorized(client.try_upgrade(&other)));
    let client = world.signed_by(STRANGER, "upgrade", (other.clone(),));
    assert!(unauthorized(client.try_upgrade(&other)));
    // The owner's signature for one code is none for another.
    let client = world.signed_by(OWNER, "upgrade", (before.clone(),));
    assert!(unauthorized(client.try_upgrade(&other)));
    assert_eq!(code_of(&world), before);
}

#[test]
fn code_that_was_not_uploaded_is_refused() {
    let world = World::built(DELAY_SECONDS);
    let unknown = BytesN::from_array(&world.env, &[1; 32]);
    let client = world.signed_by(OWNER, "upgrade", (unknown.clone(),));
    assert!(client.try_upgrade(&unknown).is_err());
    assert!(world.accepts(OWNER));
}

#[test]
fn the_signer_and_a_pending_rotation_survive_an_upgrade() {
    let world = World::built(DELAY_SECONDS);
    let successor = world.passkey(SUCCESSOR);
    world
        .mocked(&world.guardian, "propose_rotation", (successor.clone(),))
        .propose_rotation(&successor);
    // The same interface under another hash: a custom section more.
    let mut next_version = WALLET_WASM.to_vec();
    next_version.extend(b"\x00\x05\x04next");
    let next_version = world
        .env
        .deployer()
        .upload_contract_wasm(next_version.as_slice());
    world
        .signed_by(OWNER, "upgrade", (next_version.clone(),))
        .upgrade(&next_version);

    assert_eq!(code_of(&world), next_version);
    assert_eq!(world.client().signer(), world.passkey(OWNER));
    let pending = PendingRotation {
        signer: successor,
        executable_at: NOW + DELAY_SECONDS,
    };
    assert_eq!(world.client().pending_rotation(), Some(pending));
    let early = world.client().try_execute_rotation();
    assert_eq!(
        failed_with(early),
        Some(WalletError::RotationNotYetExecutable)
    );
    world.pass_seconds(DELAY_SECONDS);
    world.client().execute_rotation();
    assert!(!world.accepts(OWNER) && world.accepts(SUCCESSOR));
}
