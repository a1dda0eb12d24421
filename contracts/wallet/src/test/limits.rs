//! How many and how long things may be, and what is no signer at all.

extern crate std;

use latchkey_interface::{Role, Session, Signer, SignerKey, WalletError};
use soroban_sdk::{
    testutils::Address as _, Address, Bytes, BytesN, IntoVal, Map, String, Symbol, Val, Vec,
};

use super::world::{Key, Verdict, World, OWNER};

fn failed(error: WalletError) -> Verdict<u32> {
    Err(Some(error))
}

fn add(world: &World, signer: Signer) -> Verdict<u32> {
    world.owner("add", (signer, world.no_policies()))
}

fn update(world: &World, id: u32, role: Role, ids: &[u32], threshold: u32) -> Verdict {
    world.update(id, &role, ids, threshold)
}

#[test]
fn sixteen_admins_and_thirty_two_sessions_are_the_most() {
    let world = World::new();
    for seed in 1..16 {
        world.add(Key::Ed25519(seed).admin(&world.env));
    }
    let too_many = failed(WalletError::TooManySigners);
    let one_more = Key::Ed25519(99);
    assert_eq!(add(&world, one_more.admin(&world.env)), too_many);
    for seed in 100..132 {
        world.add(world.session(&Key::Ed25519(seed), 10 + u32::from(seed)));
    }
    assert_eq!(add(&world, world.session(&one_more, 10)), too_many);
    assert_eq!(world.signers().len(), 48);

    let full = Err(Some(WalletError::TooManySigners));
    assert_eq!(update(&world, 16, Role::Admin, &[], 0), full);
    let session = world.session(&one_more, 10).role;
    assert_eq!(update(&world, 1, session.clone(), &[], 0), full);
    // Where it is, a signer keeps its place.
    assert_eq!(update(&world, 1, Role::Admin, &[], 0), Ok(()));
    assert_eq!(update(&world, 16, session, &[], 0), Ok(()));
    // An expired session's place is free.
    world.pass_ledgers(11);
    assert_eq!(add(&world, world.session(&one_more, 10)), Ok(48));
    assert_eq!(add(&world, world.session(&one_more, 10)), too_many);
}

#[test]
fn a_session_is_for_one_to_eight_contracts() {
    let world = World::new();
    let contracts = |count: usize| {
        let contracts = (0..count).map(|_| Address::generate(&world.env));
        Role::Session(Session {
            contracts: Vec::from_iter(&world.env, contracts),
            expires_at_ledger: 2_000,
        })
    };
    let key = Key::Ed25519(1);
    let session = |count| Signer {
        role: contracts(count),
        ..key.admin(&world.env)
    };
    for count in [1, 8] {
        let id = add(&world, session(count)).unwrap();
        assert_eq!(update(&world, id, contracts(9 - count), &[], 0), Ok(()));
    }
    for count in [0, 9, 10, 40] {
        let expected = failed(WalletError::InvalidSessionContracts);
        assert_eq!(add(&world, session(count)), expected, "{count}");
    }
    for count in [0, 9] {
        let expected = Err(Some(WalletError::InvalidSessionContracts));
        assert_eq!(update(&world, 1, contracts(count), &[], 0), expected);
    }
}

#[test]
fn co_signers_are_at_most_sixteen() {
    let world = World::new();
    let ids: std::vec::Vec<u32> = (1..=20)
        .map(|seed| world.add(world.session(&Key::Ed25519(seed), 10)))
        .collect();
    let session = world.session(&Key::Ed25519(99), 10);
    let with = |count: usize| world.with(session.clone(), &ids[..count], 1);
    for count in [17, 18, 20] {
        let expected = failed(WalletError::InvalidCoSigners);
        assert_eq!(add(&world, with(count)), expected, "{count}");
        let updated = update(&world, 20, session.role.clone(), &ids[..count], 1);
        assert_eq!(updated, Err(Some(WalletError::InvalidCoSigners)), "{count}");
    }
    assert_eq!(add(&world, with(16)), Ok(21));
}

#[test]
fn a_threshold_of_co_signers_fits_them() {
    let world = World::new();
    let ids = [1, 2, 3].map(|seed| world.add(Key::Ed25519(seed).admin(&world.env)));
    let signer = |count: usize, threshold| {
        let signer = Key::Ed25519(9).admin(&world.env);
        world.with(signer, &ids[..count], threshold)
    };
    for (count, threshold) in [
        (0, 1),
        (1, 0),
        (1, 2),
        (3, 0),
        (3, 4),
        (3, u32::MAX),
        (3, 257),
    ] {
        let expected = failed(WalletError::InvalidCoSigners);
        assert_eq!(add(&world, signer(count, threshold)), expected);
        let updated = update(&world, 0, Role::Admin, &ids[..count], threshold);
        assert_eq!(updated, Err(Some(WalletError::InvalidCoSigners)));
    }
    assert_eq!(add(&world, signer(3, 3)), Ok(4));
}

#[test]
fn co_signers_are_others_of_the_same_role_each_once() {
    let world = World::new();
    let admin = world.add(Key::Ed25519(1).admin(&world.env));
    let session = world.add(world.session(&Key::Ed25519(2), 10));
    let invalid = failed(WalletError::InvalidCoSigners);
    let new_admin = Key::Ed25519(3).admin(&world.env);
    let new_session = world.session(&Key::Ed25519(3), 10);
    for (signer, ids) in [
        (&new_admin, [admin, admin]),
        (&new_admin, [admin, session]),
        (&new_admin, [session, admin]),
        (&new_admin, [admin, 3]),
        (&new_admin, [admin, 99]),
        (&new_session, [session, admin]),
        (&new_session, [session, session]),
        (&new_session, [session, 3]),
    ] {
        let signer = world.with(signer.clone(), &ids, 1);
        assert_eq!(add(&world, signer), invalid, "{ids:?}");
    }
    let itself = update(&world, admin, Role::Admin, &[admin], 1);
    assert_eq!(itself, Err(Some(WalletError::InvalidCoSigners)));
    // A session with the key of its co-signer would be one person counted twice.
    let same_key = world.with(world.session(&Key::Ed25519(2), 10), &[session], 1);
    assert_eq!(add(&world, same_key), invalid);
    let removed = world.add(world.session(&Key::Ed25519(4), 5));
    world.pass_ledgers(6);
    let expired = world.with(new_session, &[session, removed], 1);
    assert_eq!(add(&world, expired), invalid);
}

#[test]
fn passkeys_that_could_not_sign_are_refused() {
    let world = World::new();
    let env = &world.env;
    let add_changed = |change: &dyn Fn(&mut latchkey_interface::Passkey)| {
        let mut signer = Key::Passkey(1).admin(env);
        let SignerKey::Passkey(passkey) = &mut signer.key else {
            panic!("a passkey")
        };
        change(passkey);
        add(&world, signer)
    };
    let mut key = [4; 65];
    key[1..].fill(1);
    let off_curve = BytesN::from_array(env, &key);
    let verdict = add_changed(&|passkey| passkey.public_key = off_curve.clone());
    assert_eq!(verdict, failed(WalletError::InvalidPublicKey));
    for length in [0, 15, 1024, 2000] {
        let id = Bytes::from_slice(env, &std::vec![1; length]);
        let verdict = add_changed(&|passkey| passkey.credential_id = id.clone());
        assert_eq!(
            verdict,
            failed(WalletError::InvalidCredentialId),
            "{length}"
        );
    }
    for origin in [&[b'o'; 257][..], b"", b"a\"b", b"a\\b", b"a\n", b"\x7f"] {
        let origin = String::from_bytes(env, origin);
        let verdict = add_changed(&|passkey| passkey.origin = origin.clone());
        assert_eq!(verdict, failed(WalletError::InvalidOrigin));
    }
    assert_eq!(add_changed(&|_| {}), Ok(1));
}

#[test]
fn arguments_of_another_shape_are_refused() {
    let world = World::new();
    let env = &world.env;
    let malformed = failed(WalletError::MalformedArgument);
    let add_value = |value: Val| world.owner::<u32, _>("add", (value, world.no_policies()));
    let signer = Key::Ed25519(1).admin(env);
    let mut fields: Map<Symbol, Val> = Map::from_array(
        env,
        [
            (Symbol::new(env, "co_signers"), signer.co_signers.to_val()),
            (Symbol::new(env, "key"), signer.key.into_val(env)),
            (Symbol::new(env, "role"), signer.role.into_val(env)),
            (Symbol::new(env, "threshold"), 0u32.into()),
        ],
    );
    let with = |field: &str, value: Val| {
        let mut changed = fields.clone();
        changed.set(Symbol::new(env, field), value);
        add_value(changed.to_val())
    };
    for value in [1u32.into(), Val::VOID.to_val(), world.shop.to_val()] {
        assert_eq!(add_value(value), malformed);
        for field in ["co_signers", "key", "role", "another"] {
            assert_eq!(with(field, value), malformed, "{field}");
        }
    }
    assert_eq!(with("threshold", 0u64.into_val(env)), malformed);
    let too_long = Bytes::from_slice(env, &[0; 3072]).to_val();
    assert_eq!(add_value(too_long), malformed);
    let of_variant = |name: &str, value: Val| {
        let key: Vec<Val> = Vec::from_array(env, [Symbol::new(env, name).to_val(), value]);
        with("key", key.to_val())
    };
    let bytes = |length: usize| Bytes::from_slice(env, &std::vec![1; length]).to_val();
    for length in [0, 31, 33, 65] {
        assert_eq!(of_variant("Ed25519", bytes(length)), malformed, "{length}");
    }
    assert_eq!(of_variant("Ed25518", bytes(32)), malformed);
    assert_eq!(of_variant("Account", bytes(32)), malformed);
    fields.remove(Symbol::new(env, "role"));
    assert_eq!(add_value(fields.to_val()), malformed);
    assert_eq!(world.signers().len(), 1);
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn ids_end_where_a_signature_cannot_name_them() {
    let world = World::new();
    let state_key = soroban_sdk::symbol_short!("signer");
    world.env.as_contract(&world.wallet, || {
        let instance = world.env.storage().instance();
        let mut state: Bytes = instance.get(&state_key).unwrap();
        for (position, byte) in (4..).zip(0x7f_ffff_u32.to_be_bytes()) {
            state.set(position, byte);
        }
        instance.set(&state_key, &state);
    });
    let last = Key::Ed25519(1);
    assert_eq!(add(&world, last.admin(&world.env)), Ok(0x7f_ffff));
    assert!(world.accepts(&[(0x7f_ffff, &last)]));
    let too_many = failed(WalletError::TooManySigners);
    assert_eq!(add(&world, world.session(&last, 10)), too_many);
}

#[test]
fn all_that_admins_take_up_has_a_greatest_length() {
    let world = World::new();
    let long = |seed: u8| {
        let mut signer = Key::Passkey(seed).admin(&world.env);
        let SignerKey::Passkey(passkey) = &mut signer.key else {
            panic!("a passkey")
        };
        passkey.credential_id = Bytes::from_slice(&world.env, &[seed; 1023]);
        signer
    };
    // Five of them with what is around them are more than 5,000 bytes, six more than 6,144.
    for seed in 1..=5 {
        assert_eq!(add(&world, long(seed)), Ok(u32::from(seed)));
    }
    assert_eq!(add(&world, long(6)), failed(WalletError::TooManySigners));
    for seed in 1..=5 {
        let signer = (u32::from(seed), &Key::Passkey(seed));
        assert!(world.accepts(&[signer]), "{seed}");
    }
    assert!(world.accepts(&[(0, &OWNER)]));
    assert_eq!(world.owner::<(), _>("remove", (3u32,)), Ok(()));
    // The refused one took no id.
    assert_eq!(add(&world, long(6)), Ok(6));
    assert!(world.accepts(&[(6, &Key::Passkey(6))]));
}
