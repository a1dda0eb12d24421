//! What a wallet is made of: what the constructor keeps and what it refuses.

extern crate std;

use std::panic::{catch_unwind, AssertUnwindSafe};

use latchkey_interface::{Settings, Signer, WalletError, WalletInit};
use soroban_sdk::{
    testutils::Address as _, xdr::ToXdr, Address, Env, Error, IntoVal, Map, String, Symbol, Val,
    Vec,
};

use super::world::{env, init, Key, World, MAX_TTL, NOW_LEDGER, OWNER};
use crate::{signers, Wallet};

const OTHER: Key = Key::Ed25519(1);

/// What the constructor says to an argument.
fn construct(env: &Env, argument: Val) -> Result<(), WalletError> {
    let nothing = env.register(super::contracts::Shop, ());
    env.as_contract(&nothing, || signers::construct(env, argument))
}

fn construct_changed(change: impl FnOnce(&Env, &mut WalletInit)) -> Result<(), WalletError> {
    let env = env();
    let mut init = init(&env);
    change(&env, &mut init);
    construct(&env, init.into_val(&env))
}

fn session(env: &Env, key: &Key) -> Signer {
    let contracts = Vec::from_array(env, [Address::generate(env)]);
    Signer {
        role: latchkey_interface::Role::Session(latchkey_interface::Session {
            contracts,
            expires_at_ledger: NOW_LEDGER + 100,
        }),
        ..key.admin(env)
    }
}

fn with(env: &Env, signer: Signer, ids: &[u32], threshold: u32) -> Signer {
    Signer {
        co_signers: Vec::from_slice(env, ids),
        threshold,
        ..signer
    }
}

#[test]
fn a_wallet_keeps_what_it_was_made_of() {
    let mut made_of = None;
    let world = World::of(|env, init| {
        init.recovery = Some(Address::generate(env));
        init.admin_threshold = 2;
        init.signers.push_back(with(env, OTHER.admin(env), &[0], 1));
        init.signers.push_back(session(env, &Key::Ed25519(2)));
        made_of = Some((init.recovery.clone(), init.signers.clone()));
    });
    let (recovery, signers) = made_of.unwrap();
    let settings = Settings {
        admin_threshold: 2,
        recovery,
        state_version: 2,
    };
    assert_eq!(world.settings(), settings);
    let listed = world.signers();
    let ids: std::vec::Vec<u32> = listed.iter().map(|listed| listed.id).collect();
    assert_eq!(ids, [0, 1, 2]);
    let listed = listed.into_iter().map(|listed| listed.signer);
    assert_eq!(Vec::from_iter(&world.env, listed), signers);
}

#[test]
fn no_wallet_is_made_of_bad_parts() {
    let env = env();
    let wallet = Address::generate(&env);
    let good = init(&env);
    let bad = WalletInit {
        admin_threshold: 2,
        ..good.clone()
    };
    let register = |init| {
        let registered = AssertUnwindSafe(|| env.register_at(&wallet, Wallet, (init,)));
        catch_unwind(registered).is_ok()
    };
    assert!(!register(bad));
    assert!(register(good));
}

#[test]
fn a_wallet_is_made_of_an_admin_at_least() {
    let last_admin = Err(WalletError::LastAdmin);
    let none = construct_changed(|env, init| init.signers = Vec::new(env));
    assert_eq!(none, last_admin);
    let sessions = construct_changed(|env, init| {
        init.signers = Vec::from_array(env, [session(env, &OTHER)]);
    });
    assert_eq!(sessions, last_admin);
}

#[test]
fn the_first_threshold_is_one_to_as_many_as_there_are() {
    for (threshold, expected) in [
        (0, Err(WalletError::UnsatisfiableRule)),
        (1, Ok(())),
        (2, Ok(())),
        (3, Err(WalletError::UnsatisfiableRule)),
        (257, Err(WalletError::UnsatisfiableRule)),
    ] {
        let verdict = construct_changed(|env, init| {
            init.admin_threshold = threshold;
            init.signers.push_back(OTHER.admin(env));
            init.signers.push_back(session(env, &Key::Ed25519(2)));
        });
        assert_eq!(verdict, expected, "{threshold}");
    }
}

/// Three groups of three, whose members sign together or not at all: 3 or 6 of them fit into an
/// authorization, 9 do not.
#[test]
fn the_first_threshold_is_one_that_co_signers_leave_within_reach() {
    let of_threshold = |threshold| {
        construct_changed(|env, init| {
            let signer = |id: u32| {
                let group = id / 3 * 3;
                let others = (group..group + 3).filter(|other| *other != id);
                let others: std::vec::Vec<u32> = others.collect();
                with(env, Key::Ed25519(1 + id as u8).admin(env), &others, 2)
            };
            init.admin_threshold = threshold;
            init.signers = Vec::from_iter(env, (0..9).map(signer));
        })
    };
    let unsatisfiable = Err(WalletError::UnsatisfiableRule);
    assert_eq!(of_threshold(6), Ok(()));
    assert_eq!(of_threshold(7), unsatisfiable);
    assert_eq!(of_threshold(8), unsatisfiable);
}

#[test]
fn a_wallet_is_made_of_two_admins_that_need_each_other() {
    let verdict = construct_changed(|env, init| {
        let first = with(env, OWNER.admin(env), &[1], 1);
        let second = with(env, OTHER.admin(env), &[0], 1);
        init.signers = Vec::from_array(env, [first, second]);
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_wallet_is_not_made_with_co_signers_that_it_could_not_be_given_later() {
    let invalid = Err(WalletError::InvalidCoSigners);
    let of = |first: fn(&Env) -> Signer, second: fn(&Env) -> Signer| {
        construct_changed(|env, init| {
            init.signers.push_back(first(env));
            init.signers.push_back(second(env));
        })
    };
    let unknown = of(
        |env| with(env, OTHER.admin(env), &[3], 1),
        |env| session(env, &OWNER),
    );
    assert_eq!(unknown, invalid);
    let itself = of(
        |env| with(env, OTHER.admin(env), &[1], 1),
        |env| session(env, &OWNER),
    );
    assert_eq!(itself, invalid);
    let twice = of(
        |env| with(env, OTHER.admin(env), &[0, 0], 1),
        |env| session(env, &OWNER),
    );
    assert_eq!(twice, invalid);
    // The other is listed later, so it is not known yet.
    let later_of_the_other_role = of(
        |env| with(env, OTHER.admin(env), &[0, 2], 1),
        |env| session(env, &Key::Ed25519(2)),
    );
    assert_eq!(later_of_the_other_role, invalid);
    let later_with_the_same_key = of(
        |env| with(env, session(env, &OTHER), &[2], 1),
        |env| session(env, &OTHER),
    );
    assert_eq!(later_with_the_same_key, invalid);
}

#[test]
fn a_wallet_is_not_made_of_the_same_admin_twice() {
    let twice = construct_changed(|env, init| init.signers.push_back(OWNER.admin(env)));
    assert_eq!(twice, Err(WalletError::DuplicateKey));
}

#[test]
fn a_wallet_is_made_of_as_many_signers_as_fit() {
    let of = |admins: u8, sessions: u8| {
        construct_changed(|env, init| {
            let admins = (1..=admins).map(|seed| Key::Ed25519(seed).admin(env));
            let sessions = (1..=sessions).map(|seed| session(env, &Key::Ed25519(seed)));
            init.signers = Vec::from_iter(env, admins.chain(sessions));
        })
    };
    assert_eq!(of(16, 0), Ok(()));
    assert_eq!(of(17, 0), Err(WalletError::TooManySigners));
    assert_eq!(of(1, 15), Ok(()));
}

#[test]
fn an_init_of_another_shape_is_refused() {
    let env = env();
    let malformed = Err(WalletError::MalformedArgument);
    let good = init(&env);
    let mut long = good.clone();
    for seed in 0..60 {
        long.signers.push_back(Key::Ed25519(seed).admin(&env));
    }
    assert!(long.clone().to_xdr(&env).len() > 8192);
    assert_eq!(construct(&env, long.into_val(&env)), malformed);
    for value in [1u32.into(), Val::VOID.to_val(), good.signers.to_val()] {
        assert_eq!(construct(&env, value), malformed);
    }
    let mut origin = good.clone();
    let mut signer = origin.signers.get(0).unwrap();
    let latchkey_interface::SignerKey::Passkey(passkey) = &mut signer.key else {
        panic!("a passkey")
    };
    passkey.origin = String::from_str(&env, "");
    origin.signers.set(0, signer);
    let verdict = construct(&env, origin.into_val(&env));
    assert_eq!(verdict, Err(WalletError::InvalidOrigin));
    let fields: Map<Symbol, Val> = Val::into_val(&good.into_val(&env), &env);
    for field in fields.keys() {
        let mut fields = fields.clone();
        fields.remove(field.clone());
        assert_eq!(construct(&env, fields.to_val()), malformed, "{field:?}");
    }
}

#[test]
fn an_initial_session_is_one_like_any_other() {
    let expiring = |ledgers: u32| {
        construct_changed(|env, init| {
            let mut signer = session(env, &OTHER);
            let latchkey_interface::Role::Session(session) = &mut signer.role else {
                panic!("a session")
            };
            session.expires_at_ledger = NOW_LEDGER + ledgers;
            init.signers.push_back(signer);
        })
    };
    assert_eq!(expiring(0), Err(WalletError::InvalidExpiry));
    assert_eq!(expiring(1), Ok(()));
    assert_eq!(expiring(MAX_TTL - 1), Ok(()));
    assert_eq!(expiring(MAX_TTL), Err(WalletError::InvalidExpiry));
}

#[test]
fn a_wallet_is_constructed_once() {
    let world = World::new();
    let again: Result<(), _> = world.anyone("__constructor", (init(&world.env),));
    assert_eq!(again, Err(None));
    let error = Error::from_contract_error(WalletError::LastAdmin as u32);
    assert_eq!(WalletError::try_from(error), Ok(WalletError::LastAdmin));
}
