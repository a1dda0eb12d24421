//! Which calls the policy counts and which it refuses.

extern crate std;

use latchkey_policy_installation::testutils::{self, OTHER_SIGNER};
use soroban_sdk::{vec, IntoVal, Val, Vec};

use super::world::{error, World};
use crate::{SpendingLimitError, SpendingLimits};

#[test]
fn counts_transfers_allowances_and_burns() {
    let world = World::installed();
    assert_eq!(world.base.ask(&[world.transfer(10)]), Ok(true));
    assert_eq!(world.spent(), [10]);
    let arguments = (
        &world.base.wallet,
        &world.base.stranger,
        20i128,
        5_000_000u32,
    );
    let approve = world.base.call(&world.token, "approve", arguments);
    assert_eq!(world.base.ask(&[approve]), Ok(true));
    assert_eq!(world.spent(), [30]);
    let arguments = (&world.base.wallet, 30i128);
    let burn = world.base.call(&world.token, "burn", arguments);
    assert_eq!(world.base.ask(&[burn]), Ok(true));
    assert_eq!(world.spent(), [60]);
}

#[test]
fn a_limit_can_be_spent_to_the_last_unit() {
    let world = World::installed();
    assert_eq!(world.base.ask(&[world.transfer(99)]), Ok(true));
    assert_eq!(world.base.ask(&[world.transfer(1)]), Ok(true));
    let refused = world.base.ask(&[world.transfer(1)]);
    assert_eq!(refused, Err(error(SpendingLimitError::LimitExceeded)));
    assert_eq!(world.base.ask(&[world.transfer(0)]), Ok(true));
    assert_eq!(world.spent(), [100]);
}

#[test]
fn counts_every_call_of_one_authorization() {
    let world = World::installed();
    let sixty = world.transfer(60);
    let refused = world.base.ask(&[sixty.clone(), sixty.clone()]);
    assert_eq!(refused, Err(error(SpendingLimitError::LimitExceeded)));
    assert_eq!(world.spent(), [0]);
    let forty = world.transfer(40);
    assert_eq!(world.base.ask(&[sixty, forty]), Ok(true));
    assert_eq!(world.spent(), [100]);
}

#[test]
fn tokens_are_counted_apart() {
    let world = World::new();
    let limits = SpendingLimits {
        limits: vec![
            &world.base.env,
            world.limit(&world.token, 100, 24),
            world.limit(&world.other_token, 7, 2),
        ],
        others: false,
    };
    world.base.install(limits).unwrap();
    let seven = world.transfer_of(&world.other_token, 7);
    assert_eq!(
        world.base.ask(&[world.transfer(100), seven.clone()]),
        Ok(true)
    );
    assert_eq!(world.spent(), [100, 7]);
    world.base.advance(2);
    assert_eq!(world.spent(), [100, 0]);
    assert_eq!(world.base.ask(&[seven.clone()]), Ok(true));
    let refused = world.base.ask(&[seven]);
    assert_eq!(refused, Err(error(SpendingLimitError::LimitExceeded)));
}

#[test]
fn signers_are_counted_apart() {
    let world = World::installed();
    let parameters: Val = world.limits(5, 24).into_val(&world.base.env);
    world.base.wallet().add_policy(&OTHER_SIGNER, &parameters);
    assert_eq!(world.base.ask(&[world.transfer(100)]), Ok(true));
    let five = vec![&world.base.env, world.transfer(5)];
    assert!(world.base.wallet().ask_policy(&OTHER_SIGNER, &five));
    assert!(world
        .base
        .wallet()
        .try_ask_policy(&OTHER_SIGNER, &five)
        .is_err());
}

#[test]
fn refuses_other_functions_of_a_listed_token() {
    for others in [false, true] {
        let world = World::installed_with_others(others);
        for function in [
            "transfer_from",
            "burn_from",
            "clawback",
            "set_admin",
            "Transfer",
        ] {
            let arguments = (&world.base.wallet, 1i128, 1i128);
            let refused = world
                .base
                .ask(&[world.base.call(&world.token, function, arguments)]);
            let expected = Err(error(SpendingLimitError::CallNotAllowed));
            assert_eq!(refused, expected, "{function}");
        }
    }
}

#[test]
fn refuses_amounts_that_are_negative_missing_or_no_i128() {
    let world = World::installed();
    let env = &world.base.env;
    let wallet: Val = world.base.wallet.to_val();
    let hostile: [(&str, Vec<Val>); 8] = [
        (
            "transfer",
            vec![env, wallet, wallet, (-1i128).into_val(env)],
        ),
        (
            "transfer",
            vec![env, wallet, wallet, i128::MIN.into_val(env)],
        ),
        ("transfer", vec![env, wallet, wallet]),
        ("transfer", vec![env, wallet, wallet, 1u32.into_val(env)]),
        ("transfer", vec![env, wallet, wallet, wallet]),
        ("approve", vec![env, wallet, 1i128.into_val(env)]),
        ("burn", vec![env, wallet]),
        ("burn", vec![env]),
    ];
    for (function, arguments) in hostile {
        let refused = world
            .base
            .ask(&[world.base.call(&world.token, function, arguments.clone())]);
        let expected = Err(error(SpendingLimitError::InvalidAmount));
        assert_eq!(refused, expected, "{function} {arguments:?}");
    }
    assert_eq!(world.spent(), [0]);
}

#[test]
fn sums_beyond_an_i128_are_refused() {
    let world = World::new();
    world.base.install(world.limits(i128::MAX, 24)).unwrap();
    assert_eq!(world.base.ask(&[world.transfer(i128::MAX)]), Ok(true));
    let refused = world.base.ask(&[world.transfer(1)]);
    assert_eq!(refused, Err(error(SpendingLimitError::LimitExceeded)));
}

#[test]
fn calls_and_creations_that_are_not_listed_need_leave() {
    for others in [false, true] {
        let world = World::installed_with_others(others);
        let mut unlisted = world.base.creations().to_vec();
        unlisted.push(world.transfer_of(&world.other_token, i128::MAX));
        let expected = if others {
            Ok(true)
        } else {
            Err(error(SpendingLimitError::CallNotAllowed))
        };
        for context in unlisted {
            assert_eq!(world.base.ask(&[context.clone()]), expected);
            assert_eq!(world.base.ask(&[world.transfer(1), context]), expected);
        }
        assert_eq!(world.spent(), [if others { 3 } else { 0 }]);
    }
}

#[test]
fn never_consents_to_being_changed() {
    let world = World::new();
    let mut limits = world.limits(100, 24);
    limits.others = true;
    testutils::it_never_consents_to_being_changed(
        &world.base,
        limits.into_val(&world.base.env),
        &[world.transfer(1)],
        error(SpendingLimitError::CallNotAllowed),
    );
    let elsewhere = world.base.call(&world.base.stranger, "install", ());
    assert_eq!(world.base.ask(&[elsewhere]), Ok(true));
}

#[test]
fn holds_a_signature_to_the_limit() {
    let world = World::installed();
    assert!(world.transfer_by_signature(1, 60));
    assert!(!world.transfer_by_signature(2, 41));
    assert!(world.transfer_by_signature(3, 40));
    world.base.advance(24);
    assert!(world.transfer_by_signature(4, 100));
    assert_eq!(world.spent(), [100]);
}
