//! `deploy` and `address_of`: one address for one wallet, whoever deploys it.

extern crate std;

use latchkey_interface::{
    Passkey, PostQuantumKey, Scheme, Signer, SignerKey, WalletClient, WalletError, WalletInit,
};
use soroban_sdk::{testutils::Events as _, Address, Bytes, BytesN, Event as _, String};
use std::vec::Vec;

use super::world::World;
use crate::{events::WalletDeployed, Factory, FactoryClient};

fn has_the_announced_signers(world: &World, wallet: &Address) -> bool {
    let listed = WalletClient::new(&world.env, wallet).signers(&0);
    let signers: Vec<Signer> = listed.iter().map(|listed| listed.signer).collect();
    signers.into_iter().eq(world.init().signers.iter())
}

#[test]
fn deploys_and_constructs_at_the_address_it_announces() {
    let world = World::new();
    let announced = world.client().address_of(&world.salt(7), &world.init());
    assert!(!announced.exists());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(wallet, announced);
    assert!(has_the_announced_signers(&world, &wallet));
    let settings = WalletClient::new(&world.env, &wallet).settings();
    assert_eq!(settings.recovery, world.init().recovery);
}

#[test]
fn needs_no_authorization() {
    let world = World::new();
    world.env.set_auths(&[]);
    world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(world.env.auths(), std::vec![]);
}

#[test]
fn a_second_deployment_returns_the_address_and_changes_nothing() {
    let world = World::new();
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_ne!(world.env.events().all().events().len(), 0);
    assert_eq!(world.client().deploy(&world.salt(7), &world.init()), wallet);
    assert_eq!(world.env.events().all().events().len(), 0);
    let announced = world.client().address_of(&world.salt(7), &world.init());
    assert_eq!(announced, wallet);
}

#[test]
fn the_address_binds_the_salt_and_every_field() {
    let world = World::new();
    let wallet = world.client().address_of(&world.salt(7), &world.init());
    let other_salt = world.client().address_of(&world.salt(8), &world.init());
    assert_ne!(other_salt, wallet);
    let mut addresses = std::vec![wallet, other_salt];
    for (field, init) in world.variants() {
        let address = world.client().address_of(&world.salt(7), &init);
        assert!(!addresses.contains(&address), "{field}");
        addresses.push(address);
    }
}

#[test]
fn the_address_binds_the_code() {
    let world = World::new();
    let before = world.client().address_of(&world.salt(7), &world.init());
    // The same factory address with another code for its wallets, as only a test can make it.
    world
        .env
        .register_at(&world.factory, Factory, (world.salt(1),));
    let after = world.client().address_of(&world.salt(7), &world.init());
    assert_ne!(after, before);
}

#[test]
fn the_address_is_the_documented_hash() {
    let world = World::new();
    let salt = world.deployment_salt(&world.salt(7), &world.init());
    let deployer = world.env.deployer();
    let expected = deployer.with_address(world.factory.clone(), salt);
    let announced = world.client().address_of(&world.salt(7), &world.init());
    assert_eq!(announced, expected.deployed_address());
}

#[test]
fn front_running_with_another_wallet_takes_nothing() {
    let world = World::new();
    let announced = world.client().address_of(&world.salt(7), &world.init());
    for (field, init) in world.variants() {
        let theirs = world.client().deploy(&world.salt(7), &init);
        assert_ne!(theirs, announced, "{field}");
    }
    assert!(!announced.exists());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(wallet, announced);
    assert!(has_the_announced_signers(&world, &wallet));
}

#[test]
fn front_running_with_the_same_arguments_only_pays_for_it() {
    let world = World::new();
    let theirs = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(world.client().deploy(&world.salt(7), &world.init()), theirs);
    assert!(has_the_announced_signers(&world, &theirs));
}

fn error_for(world: &World, init: &WalletInit) -> Option<WalletError> {
    let announced = world.client().address_of(&world.salt(7), init);
    let refused = world.client().try_deploy(&world.salt(7), init);
    assert!(!announced.exists());
    refused.unwrap_err().ok()
}

#[test]
fn bad_signers_have_the_wallet_s_errors_and_leave_nothing_behind() {
    let world = World::new();
    let env = &world.env;
    let passkey = |change: &dyn Fn(&mut Passkey)| {
        error_for(&world, &world.with_passkey(|passkey| change(passkey)))
    };
    assert_eq!(
        passkey(&|passkey| passkey.public_key = BytesN::from_array(env, &[4; 65])),
        Some(WalletError::InvalidPublicKey)
    );
    assert_eq!(
        passkey(&|passkey| passkey.credential_id = Bytes::from_array(env, &[1; 15])),
        Some(WalletError::InvalidCredentialId)
    );
    assert_eq!(
        passkey(&|passkey| passkey.origin = String::from_str(env, "\"")),
        Some(WalletError::InvalidOrigin)
    );
    let second =
        |signer: Signer| error_for(&world, &world.with(|init| init.signers.set(1, signer)));
    let mut alone = world.passkey(10);
    alone.threshold = 1;
    assert_eq!(second(alone), Some(WalletError::InvalidCoSigners));
    let account = world.init().recovery.unwrap();
    let no_verifier = world.admin(SignerKey::PostQuantum(PostQuantumKey {
        public_key_hash: world.salt(1),
        scheme: Scheme::MlDsa44,
        verifier: account,
    }));
    assert_eq!(second(no_verifier), Some(WalletError::MalformedArgument));
}

#[test]
fn refuses_an_init_of_more_than_6144_bytes() {
    let world = World::new();
    let with_signers = |count: u8| {
        world.with(|init| {
            for seed in 0..count {
                init.signers.push_back(world.passkey(20 + seed));
            }
        })
    };
    let too_long = error_for(&world, &with_signers(30));
    assert_eq!(too_long, Some(WalletError::MalformedArgument));
}

#[test]
fn what_only_the_wallet_knows_fails_without_a_code_and_leaves_nothing_behind() {
    let world = World::new();
    let no_admin = world.with(|init| {
        init.signers.pop_front();
    });
    let no_signer = world.with(|init| init.signers = soroban_sdk::vec![&world.env]);
    let threshold = world.with(|init| init.admin_threshold = 2);
    let expired = world.with(|init| init.signers.set(1, world.session(999)));
    for init in [no_admin, no_signer, threshold, expired] {
        assert_eq!(error_for(&world, &init), None);
    }
}

#[test]
fn a_factory_of_missing_code_deploys_nothing() {
    let world = World::new();
    let factory = world.env.register(Factory, (world.salt(1),));
    let client = FactoryClient::new(&world.env, &factory);
    let announced = client.address_of(&world.salt(7), &world.init());
    assert!(client.try_deploy(&world.salt(7), &world.init()).is_err());
    assert!(!announced.exists());
}

#[test]
fn says_which_code_it_deploys() {
    let world = World::new();
    assert_eq!(world.client().wallet_wasm_hash(), world.wallet_wasm_hash);
}

#[test]
fn a_deployment_is_an_event() {
    let world = World::new();
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    let event = WalletDeployed {
        wallet,
        deployment_salt: world.deployment_salt(&world.salt(7), &world.init()),
        salt: world.salt(7),
        wallet_wasm_hash: world.wallet_wasm_hash.clone(),
    };
    let events = world.env.events().all().filter_by_contract(&world.factory);
    assert_eq!(events.events(), [event.to_xdr(&world.env, &world.factory)]);
}
