//! What a cap counts, and what a capped token may be asked for.

extern crate std;

use latchkey_policy_installation::testutils::OTHER_SIGNER;
use soroban_sdk::{vec, IntoVal, Val, Vec};

use super::world::{argument, World};
use crate::{
    CallLimitsError::{ArgumentNotAllowed, CallNotAllowed, SpendingCapExceeded},
    Limit,
};

#[test]
fn transfers_allowances_and_burns_count() {
    let world = World::capped();
    world.assert_consents(world.transfer(10));
    assert_eq!(world.spent(), [10]);
    let arguments = (&world.base.wallet, &world.payee, 20i128, 5_000_000u32);
    world.assert_consents(world.base.call(&world.token, "approve", arguments));
    assert_eq!(world.spent(), [30]);
    let arguments = (&world.base.wallet, 30i128);
    world.assert_consents(world.base.call(&world.token, "burn", arguments));
    assert_eq!(world.spent(), [60]);
}

#[test]
fn a_capped_token_does_nothing_else() {
    let world = World::capped();
    for function in [
        "transfer_from",
        "burn_from",
        "mint",
        "balance",
        "approves",
        "burns",
    ] {
        let arguments = (&world.base.wallet, &world.payee, 1i128, 1i128);
        world.assert_refuses(
            world.base.call(&world.token, function, arguments),
            CallNotAllowed,
        );
    }
    assert_eq!(world.spent(), [0]);
}

#[test]
fn a_cap_can_be_spent_to_the_last_unit() {
    let world = World::capped();
    world.assert_consents(world.transfer(99));
    world.assert_refuses(world.transfer(2), SpendingCapExceeded);
    world.assert_consents(world.transfer(1));
    world.assert_refuses(world.transfer(1), SpendingCapExceeded);
    world.assert_consents(world.transfer(0));
    assert_eq!(world.spent(), [100]);
}

#[test]
fn all_calls_of_an_authorization_count_together_or_not_at_all() {
    let world = World::capped();
    let calls = [world.transfer(60), world.transfer(60)];
    assert_eq!(world.base.ask(&calls), Err(SpendingCapExceeded.into()));
    assert_eq!(world.spent(), [0]);
    let calls = [world.transfer(60), world.base.call(&world.app, "act", ())];
    assert_eq!(world.base.ask(&calls), Err(CallNotAllowed.into()));
    assert_eq!(world.spent(), [0]);
    let calls = [world.transfer(60), world.transfer(40)];
    assert_eq!(world.base.ask(&calls), Ok(true));
    assert_eq!(world.spent(), [100]);
}

#[test]
fn a_window_starts_with_the_first_amount_and_ends_after_its_ledgers() {
    let world = World::capped();
    world.base.advance(5);
    world.assert_consents(world.transfer(0));
    world.base.advance(5);
    world.assert_consents(world.transfer(60));
    world.base.advance(23);
    assert_eq!(world.spent(), [60]);
    world.assert_refuses(world.transfer(41), SpendingCapExceeded);
    world.assert_consents(world.transfer(40));
    world.base.advance(1);
    assert_eq!(world.spent(), [0]);
    world.assert_consents(world.transfer(100));
    world.base.advance(23);
    world.assert_refuses(world.transfer(1), SpendingCapExceeded);
    world.base.advance(1);
    world.assert_consents(world.transfer(1));
}

#[test]
fn a_window_of_one_ledger_is_that_ledger() {
    let world = World::with(|world| vec![world.env(), world.cap(&world.token, 100, 1)]);
    world.assert_consents(world.transfer(100));
    world.assert_refuses(world.transfer(1), SpendingCapExceeded);
    world.base.advance(1);
    world.assert_consents(world.transfer(100));
}

#[test]
fn the_longest_window_does_not_end() {
    let world = World::with(|world| vec![world.env(), world.cap(&world.token, 100, u32::MAX)]);
    world.assert_consents(world.transfer(100));
    for _ in 0..20 {
        world.base.advance(1_000_000);
        world.assert_refuses(world.transfer(1), SpendingCapExceeded);
    }
    assert_eq!(world.spent(), [100]);
}

#[test]
fn caps_count_apart() {
    let world = World::with(|world| {
        let capped = world.cap(&world.token, 100, 24);
        let free = world.limit(&world.app, []);
        vec![world.env(), free, capped, world.cap(&world.payee, 50, 24)]
    });
    let amount = (&world.base.wallet, &world.payee, 40i128);
    world.assert_consents(world.base.call(&world.payee, "transfer", amount));
    world.assert_consents(world.transfer(70));
    world.assert_consents(world.base.call(&world.app, "transfer", amount));
    assert_eq!(world.spent(), [0, 70, 40]);
    let limits = vec![world.env(), world.cap(&world.token, 100, 24)];
    let limits = limits.into_val(world.env());
    world.base.wallet().add_policy(&OTHER_SIGNER, &limits);
    let asked = world.base.ask_for(OTHER_SIGNER, &[world.transfer(100)]);
    assert_eq!(asked, Ok(true));
    assert_eq!(world.spent(), [0, 70, 40]);
}

#[test]
fn a_cap_of_0_allows_what_spends_nothing() {
    let world = World::with(|world| vec![world.env(), world.cap(&world.token, 0, 24)]);
    world.assert_consents(world.transfer(0));
    world.assert_refuses(world.transfer(1), SpendingCapExceeded);
}

#[test]
fn sums_beyond_an_i128_exceed_every_cap() {
    let world = World::with(|world| vec![world.env(), world.cap(&world.token, i128::MAX, 24)]);
    world.assert_consents(world.transfer(i128::MAX));
    world.assert_refuses(world.transfer(1), SpendingCapExceeded);
    world.assert_refuses(world.transfer(i128::MAX), SpendingCapExceeded);
    assert_eq!(world.spent(), [i128::MAX]);
}

#[test]
fn what_is_no_amount_is_refused() {
    let world = World::capped();
    let (env, wallet) = (world.env(), world.base.wallet.to_val());
    let with = |value: Val| vec![env, wallet, wallet, value];
    let hostile: std::vec::Vec<(&str, Vec<Val>)> = std::vec![
        ("transfer", with(world.val(-1i128))),
        ("transfer", with(world.val(i128::MIN))),
        ("transfer", with(world.val(1u32))),
        ("transfer", with(world.val(1u128))),
        ("transfer", with(world.val(()))),
        ("transfer", vec![env, wallet, wallet]),
        ("transfer", vec![env]),
        ("approve", vec![env, wallet, world.val(1i128)]),
        ("burn", vec![env, wallet]),
        ("burn", vec![env, world.val(1i128)]),
    ];
    for (function, arguments) in hostile {
        let call = world.base.call(&world.token, function, arguments);
        world.assert_refuses(call, ArgumentNotAllowed);
    }
    assert_eq!(world.spent(), [0]);
}

#[test]
fn a_cap_counts_within_what_functions_and_arguments_allow() {
    let world = World::with(|world| {
        let to_payee = argument(1, world.equals(&world.payee));
        let functions = vec![world.env(), world.function("transfer", [to_payee])];
        let capped = world.cap(&world.token, 100, 24);
        vec![
            world.env(),
            Limit {
                functions,
                ..capped
            },
        ]
    });
    world.assert_consents(world.transfer(60));
    let elsewhere = (&world.base.wallet, &world.base.stranger, 1i128);
    let elsewhere = world.base.call(&world.token, "transfer", elsewhere);
    world.assert_refuses(elsewhere, ArgumentNotAllowed);
    let burn = world
        .base
        .call(&world.token, "burn", (&world.base.wallet, 1i128));
    world.assert_refuses(burn, CallNotAllowed);
    world.assert_refuses(world.transfer(41), SpendingCapExceeded);
    assert_eq!(world.spent(), [60]);
}

#[test]
fn a_cap_refuses_a_listed_function_that_it_cannot_count() {
    let world = World::with(|world| {
        let functions = vec![world.env(), world.function("mint", [])];
        let capped = world.cap(&world.token, 100, 24);
        vec![
            world.env(),
            Limit {
                functions,
                ..capped
            },
        ]
    });
    let mint = (&world.base.wallet, &world.payee, 1i128);
    world.assert_refuses(world.base.call(&world.token, "mint", mint), CallNotAllowed);
}
