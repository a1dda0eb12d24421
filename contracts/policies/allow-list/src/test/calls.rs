//! Which calls a list allows.

extern crate std;

use soroban_sdk::{vec, Address, IntoVal, MuxedAddress, Val, Vec};

use super::world::{allowed, error, World};
use crate::{AllowListError, AllowedCalls};

#[test]
fn allows_every_function_of_a_contract_listed_whole() {
    let world = World::installed();
    for function in ["anything", "transfer", "install"] {
        let call = world.base.call(&world.app, function, (1u32,));
        assert_eq!(world.base.ask(&[call]), Ok(true), "{function}");
    }
}

#[test]
fn allows_the_functions_listed_and_no_other() {
    let world = World::installed();
    for function in ["place_order", "cancel"] {
        let call = world.base.call(&world.market, function, ());
        assert_eq!(world.base.ask(&[call]), Ok(true), "{function}");
    }
    for function in [
        "transfer",
        "place_orde",
        "place_orders",
        "Cancel",
        "withdraw",
    ] {
        let call = world.base.call(&world.market, function, ());
        let expected = Err(error(AllowListError::CallNotAllowed));
        assert_eq!(world.base.ask(&[call]), expected, "{function}");
    }
}

#[test]
fn refuses_contracts_that_are_not_listed() {
    let world = World::installed();
    for contract in [&world.payee, &world.base.wallet, &world.base.policy] {
        let call = world.base.call(contract, "place_order", ());
        let expected = Err(error(AllowListError::CallNotAllowed));
        assert_eq!(world.base.ask(&[call]), expected);
    }
}

#[test]
fn allows_transfers_to_listed_recipients() {
    let world = World::installed();
    let transfer = |to: Val| {
        let arguments: Vec<Val> = (&world.base.wallet, to, 5i128).into_val(&world.base.env);
        world
            .base
            .ask(&[world.base.call(&world.token, "transfer", arguments)])
    };
    assert_eq!(transfer(world.payee.to_val()), Ok(true));
    assert_eq!(transfer(world.muxed_payee.to_val()), Ok(true));
    let refused = Err(error(AllowListError::RecipientNotAllowed));
    let same_account_no_id: Address = world.muxed_payee.address();
    let another_id =
        <MuxedAddress as soroban_sdk::testutils::MuxedAddress>::new(same_account_no_id.clone(), 77);
    for to in [
        world.base.wallet.to_val(),
        world.base.stranger.to_val(),
        same_account_no_id.to_val(),
        another_id.to_val(),
        5u32.into_val(&world.base.env),
    ] {
        assert_eq!(transfer(to), refused);
    }
    let no_recipient = vec![&world.base.env, world.base.wallet.to_val()];
    let call = world.base.call(&world.token, "transfer", no_recipient);
    assert_eq!(world.base.ask(&[call]), refused);
}

#[test]
fn recipients_leave_no_other_way_to_move_the_token() {
    let world = World::installed();
    for function in ["approve", "transfer_from", "burn", "burn_from", "clawback"] {
        let arguments = (&world.base.wallet, &world.payee, 5i128);
        let call = world.base.call(&world.token, function, arguments);
        let expected = Err(error(AllowListError::CallNotAllowed));
        assert_eq!(world.base.ask(&[call]), expected, "{function}");
    }
}

#[test]
fn every_call_of_an_authorization_has_to_be_allowed() {
    let world = World::installed();
    let good = world.base.call(&world.app, "anything", ());
    let bad = world.base.call(&world.market, "withdraw", ());
    let refused = Err(error(AllowListError::CallNotAllowed));
    assert_eq!(world.base.ask(&[good.clone(), good.clone()]), Ok(true));
    assert_eq!(world.base.ask(&[good.clone(), bad.clone()]), refused);
    assert_eq!(world.base.ask(&[bad, good]), refused);
}

#[test]
fn creates_no_contracts() {
    let world = World::installed();
    for creation in world.base.creations() {
        let refused = Err(error(AllowListError::CallNotAllowed));
        assert_eq!(world.base.ask(&[creation]), refused);
    }
}

#[test]
fn a_list_with_the_policy_itself_allows_no_change_of_it() {
    let world = World::new();
    let list = vec![
        &world.base.env,
        allowed(&world.base.policy, AllowedCalls::All),
        allowed(&world.app, AllowedCalls::All),
    ];
    let consented = [world.base.call(&world.app, "anything", ())];
    latchkey_policy_installation::testutils::it_never_consents_to_being_changed(
        &world.base,
        list.into_val(&world.base.env),
        &consented,
        error(AllowListError::CallNotAllowed),
    );
    let view = world.base.call(&world.base.policy, "allow_list", ());
    assert_eq!(world.base.ask(&[view]), Ok(true));
}
