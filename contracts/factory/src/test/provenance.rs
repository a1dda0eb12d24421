//! Which wallets a factory calls its own, and with which code.

extern crate std;

use soroban_sdk::{testutils::Address as _, Address};

use super::world::World;
use crate::{Factory, FactoryClient, Provenance};

#[test]
fn a_wallet_has_the_code_it_was_deployed_with() {
    let world = World::new();
    let salt = world.deployment_salt(&world.salt(7), &world.init());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    let expected = Provenance {
        deployed_wasm_hash: world.wallet_wasm_hash.clone(),
        present_wasm_hash: world.wallet_wasm_hash.clone(),
    };
    assert_eq!(world.client().provenance(&wallet, &salt), Some(expected));
}

#[test]
fn an_updated_wallet_has_another_code_than_it_was_deployed_with() {
    let world = World::new();
    let salt = world.deployment_salt(&world.salt(7), &world.init());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    let another = include_bytes!("../../../wasm/factory.wasm");
    let another = world.env.deployer().upload_contract_wasm(&another[..]);
    world.env.mock_all_auths();
    latchkey_interface::WalletClient::new(&world.env, &wallet).update(&another);
    let expected = Provenance {
        deployed_wasm_hash: world.wallet_wasm_hash.clone(),
        present_wasm_hash: another,
    };
    assert_eq!(world.client().provenance(&wallet, &salt), Some(expected));
}

#[test]
fn an_announced_wallet_has_none() {
    let world = World::new();
    let salt = world.deployment_salt(&world.salt(7), &world.init());
    let announced = world.client().address_of(&world.salt(7), &world.init());
    assert_eq!(world.client().provenance(&announced, &salt), None);
}

#[test]
fn another_salt_proves_nothing() {
    let world = World::new();
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    let other = world.deployment_salt(&world.salt(8), &world.init());
    assert_eq!(world.client().provenance(&wallet, &other), None);
    assert_eq!(world.client().provenance(&wallet, &world.salt(7)), None);
}

#[test]
fn what_others_deployed_has_none() {
    let world = World::new();
    let salt = world.deployment_salt(&world.salt(7), &world.init());
    let other_factory = world
        .env
        .register(Factory, (world.wallet_wasm_hash.clone(),));
    let other_client = FactoryClient::new(&world.env, &other_factory);
    let theirs = other_client.deploy(&world.salt(7), &world.init());
    assert_eq!(world.client().provenance(&theirs, &salt), None);
    assert!(other_client.provenance(&theirs, &salt).is_some());
    for address in [Address::generate(&world.env), world.factory.clone()] {
        assert_eq!(world.client().provenance(&address, &salt), None);
    }
}
