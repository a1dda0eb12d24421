//! What holds for every policy, as functions that its tests call with parameters of its own.
//! `consented` is what the policy consents to under them, at least twice.

extern crate std;

use latchkey_interface::PolicyClient;
use soroban_sdk::{auth::Context, testutils::Events as _, Error, Event as _, Val, Vec};

use super::{authorize, World, OTHER_SIGNER, SIGNER};
use crate::PolicyUninstalled;

pub fn a_stranger_changes_nothing(world: &World, parameters: Val, consented: &[Context]) {
    let client = PolicyClient::new(&world.env, &world.policy);
    let contexts = Vec::from_slice(&world.env, consented);
    let (wallet, signer) = (&world.wallet, &SIGNER);
    assert!(client.try_install(wallet, signer, &parameters).is_err());
    assert_eq!(world.entry_count(), 0);
    world.install(parameters).unwrap();
    assert!(client.try_install(wallet, signer, &parameters).is_err());
    assert!(client.try_enforce(wallet, signer, &contexts).is_err());
    assert!(client.try_uninstall(wallet, signer).is_err());
    assert_eq!(world.entry_count(), 1);
}

pub fn a_signer_that_is_not_installed_is_refused(
    world: &World,
    parameters: Val,
    consented: &[Context],
    not_installed: Error,
) {
    assert_eq!(world.ask(consented), Err(not_installed));
    world.install(parameters).unwrap();
    assert_eq!(world.ask_for(OTHER_SIGNER, consented), Err(not_installed));
    assert_eq!(world.ask(consented), Ok(true));
}

pub fn uninstalling_leaves_nothing(
    world: &World,
    parameters: Val,
    consented: &[Context],
    not_installed: Error,
) {
    world.uninstall();
    assert_eq!(world.env.events().all().events().len(), 0);
    world.install(parameters).unwrap();
    world.wallet().add_policy(&OTHER_SIGNER, &parameters);
    world.uninstall();
    let uninstalled = PolicyUninstalled {
        wallet: world.wallet.clone(),
        signer: SIGNER,
    };
    let expected = [uninstalled.to_xdr(&world.env, &world.policy)];
    assert_eq!(world.env.events().all().events(), expected);
    assert_eq!(world.ask(consented), Err(not_installed));
    assert_eq!(world.entry_count(), 1);
    world.wallet().remove_policy(&OTHER_SIGNER);
    assert_eq!(world.entry_count(), 0);
}

pub fn it_lives_as_long_as_the_network_allows_from_its_last_use(
    world: &World,
    parameters: Val,
    consented: &[Context],
) {
    world.install(parameters).unwrap();
    assert_eq!(world.ttl().0, 2_073_599);
    world.advance(2_073_599 - 120_961);
    assert_eq!(world.ask(consented), Ok(true));
    assert_eq!(world.ttl().0, 120_961);
    world.advance(1);
    assert_eq!(world.ask(consented), Ok(true));
    assert_eq!(world.ttl(), (3_110_400, 3_110_400));
}

/// `parameters` have to be as wide as the policy knows, `refused` is its error.
pub fn it_never_consents_to_being_changed(
    world: &World,
    parameters: Val,
    consented: &[Context],
    refused: Error,
) {
    world.install(parameters).unwrap();
    for function in ["install", "enforce", "uninstall"] {
        let own = [world.call(&world.policy, function, ())];
        assert_eq!(world.ask(&own), Err(refused), "{function}");
        let with_own = [consented, &own].concat();
        assert_eq!(world.ask(&with_own), Err(refused), "{function}");
    }
    world.env.set_auths(&[authorize(
        &world.env,
        &world.wallet,
        SIGNER,
        1,
        &world.policy,
        "uninstall",
        (&world.wallet, SIGNER),
    )]);
    let client = PolicyClient::new(&world.env, &world.policy);
    assert!(client.try_uninstall(&world.wallet, &SIGNER).is_err());
    world.env.set_auths(&[]);
    assert_eq!(world.entry_count(), 1);
}
