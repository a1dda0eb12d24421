//! The built wasm against the native code that the other tests run: the same verdict on everything,
//! and the greatest of everything, which takes the most memory.

extern crate std;

use latchkey_interface::{
    testutils::{flagged_part, flags, part, Ceremony, SoftwareAuthenticator},
    Scheme, Signer, SignerKey,
};
use soroban_sdk::{auth::Context, testutils::Address as _, Bytes, Val, Vec};
use std::vec::Vec as StdVec;

use super::{
    contracts::Behaviour,
    world::{signature, Key, Verdict, World, OWNER, PAYLOAD},
};

const ADMIN: Key = Key::Ed25519(1);
const SESSION: Key = Key::Passkey(2);

/// Signers 0 to 5: a passkey, ed25519, a session's passkey, and one of each post-quantum scheme.
fn signed_world(world: World) -> World {
    let verifier = world.verifier();
    world.add(ADMIN.admin(&world.env));
    world.add(world.session(&SESSION, 100));
    for (seed, scheme) in [
        (3, Scheme::MlDsa44),
        (4, Scheme::MlDsa65),
        (5, Scheme::SlhDsaSha2128s),
    ] {
        world.add(Key::PostQuantum(seed, scheme, verifier.clone()).admin(&world.env));
    }
    world
}

fn blobs() -> StdVec<StdVec<u8>> {
    let owner = SoftwareAuthenticator::new(9);
    let default = Ceremony::default;
    let with_tail = |tail: &str| Ceremony {
        tail: tail.into(),
        ..default()
    };
    let with_flags = |flags: u8| Ceremony { flags, ..default() };
    let long = |length: usize| with_tail(&std::format!(",{}", "x".repeat(length - 1)));
    let ceremonies = [
        default(),
        with_flags(0x04),
        with_flags(0x01),
        with_tail("}"),
        with_tail("x"),
        long(951),
        long(952),
        Ceremony {
            rp_id: "evil.example.com",
            ..default()
        },
        Ceremony {
            origin: "https://evil.example.com".into(),
            ..default()
        },
        Ceremony {
            high_s: true,
            ..default()
        },
        Ceremony {
            flags: 0x05 | flags::EXTENSION_DATA,
            extensions: b"\xa0".to_vec(),
            ..default()
        },
    ];
    let mut blobs: StdVec<StdVec<u8>> = ceremonies
        .iter()
        .flat_map(|ceremony| {
            let compact = part(0, &owner.compact(&PAYLOAD, ceremony));
            let explicit = flagged_part(0, &owner.explicit(&PAYLOAD, ceremony));
            [compact, explicit]
        })
        .collect();
    let signed = part(0, &owner.sign(&PAYLOAD));
    blobs.extend([0, 2, 3, 71].map(|length| signed[..length].to_vec()));
    blobs.push([&signed[..], &[0]].concat());
    blobs.push([&signed[..], &part(1, &ADMIN.proof(&PAYLOAD))].concat());
    blobs.push(part(1, &ADMIN.proof(&PAYLOAD)));
    blobs.push(part(1, &ADMIN.proof(&[0; 32])));
    blobs.push(flagged_part(1, &ADMIN.proof(&PAYLOAD)));
    blobs.push(part(2, &SESSION.proof(&PAYLOAD)));
    blobs.push(part(9, &SESSION.proof(&PAYLOAD)));
    blobs
}

fn post_quantum_blobs(world: &World) -> StdVec<StdVec<u8>> {
    let schemes = [Scheme::MlDsa44, Scheme::MlDsa65, Scheme::SlhDsaSha2128s];
    let key = |(at, scheme)| Key::PostQuantum(3 + at as u8, scheme, world.shop.clone());
    let keys = schemes.into_iter().enumerate().map(key);
    (3..)
        .zip(keys)
        .flat_map(|(id, key)| {
            let signed = key.part(id, &PAYLOAD);
            let mut forged = signed.clone();
            *forged.last_mut().unwrap() ^= 1;
            let mut other_key = signed.clone();
            other_key[3] ^= 1;
            let cut = signed[..signed.len() - 1].to_vec();
            [signed, forged, other_key, cut]
        })
        .collect()
}

fn verdicts(world: &World) -> StdVec<Verdict> {
    let calls: [StdVec<Context>; 3] = [
        [world.purchase()].into(),
        [world.own_call()].into(),
        [
            world.context(&world.wallet, "remove", (2u32,)),
            world.purchase(),
        ]
        .into(),
    ];
    let blobs = [blobs(), post_quantum_blobs(world)].concat();
    let verdicts = blobs.iter().flat_map(|blob| {
        calls
            .each_ref()
            .map(|calls| world.check(&PAYLOAD, blob, calls))
    });
    verdicts.collect()
}

#[test]
fn the_built_wallet_gives_the_same_verdict_on_every_kind_of_signature() {
    let built = verdicts(&signed_world(World::built(|_, _| {})));
    let native = verdicts(&signed_world(World::new()));
    assert_eq!(built, native);
    assert!(native.iter().filter(|verdict| verdict.is_ok()).count() >= 20);
}

/// A passkey with the longest credential id and origin, as a session for eight contracts.
fn longest(world: &World, seed: u8, co_signers: &[u32]) -> Signer {
    let contracts = [(); 8].map(|()| soroban_sdk::Address::generate(&world.env));
    let mut signer = world.session_for(&Key::Passkey(seed), &contracts.each_ref(), 100);
    let SignerKey::Passkey(passkey) = &mut signer.key else {
        panic!("a passkey")
    };
    passkey.credential_id = Bytes::from_slice(&world.env, &[seed; 1023]);
    passkey.origin = soroban_sdk::String::from_bytes(&world.env, &[b'o'; 256]);
    world.with(signer, co_signers, co_signers.len().min(1) as u32)
}

#[test]
fn the_built_wallet_has_memory_for_the_longest_signers() {
    let world = World::built(|_, _| {});
    let policies = [(); 4].map(|()| world.policy(Behaviour::Consent));
    let policies = policies.each_ref().map(|policy| (policy, Val::from(1u32)));
    let mut ids = StdVec::new();
    for seed in 20..28 {
        let signer = longest(&world, seed, &ids);
        let arguments = (signer.clone(), world.policies(&policies));
        let id: u32 = world.owner("add", arguments).unwrap();
        assert_eq!(world.signer(id).unwrap().signer, signer);
        ids.push(id);
    }
    assert_eq!(world.signers().len(), 9);
    let update = world.set_policies(ids[7], &policies[..3]);
    assert_eq!(update, Ok(()));
    assert_eq!(world.owner::<(), _>("remove", (ids[7],)), Ok(()));
}

#[test]
fn the_built_wallet_has_memory_for_the_most_signers() {
    let world = World::built(|env, init| {
        let others = (1..16).map(|seed| Key::Ed25519(seed).admin(env));
        others.for_each(|signer| init.signers.push_back(signer));
    });
    for seed in 100..132 {
        world.add(world.session(&Key::Ed25519(seed), 10));
    }
    assert_eq!(world.signers().len(), 48);
    let ids: StdVec<u32> = (0..16).filter(|id| *id != 3).collect();
    let role = latchkey_interface::Role::Admin;
    assert_eq!(world.update(3, &role, &ids, 7), Ok(()));
    let signers: StdVec<(u32, Key)> = (0..8)
        .map(|id| {
            (
                id,
                if id == 0 {
                    OWNER
                } else {
                    Key::Ed25519(id as u8)
                },
            )
        })
        .collect();
    let signers: StdVec<(u32, &Key)> = signers.iter().map(|(id, key)| (*id, key)).collect();
    assert_eq!(world.set_threshold(8), Ok(()));
    let verdict = world.verdict(&signers, &[world.own_call()]);
    assert_eq!(verdict, Ok(()));
}

/// The longest calls, shown to policies, authorized by the longest signature.
#[test]
fn the_built_wallet_has_memory_for_the_longest_authorization() {
    let world = World::built(|_, _| {});
    let policies = [(); 4].map(|()| world.policy(Behaviour::Consent));
    let policies = policies.each_ref().map(|policy| (policy, Val::from(1u32)));
    let verifier = world.verifier();
    let backup = Key::PostQuantum(5, Scheme::SlhDsaSha2128s, verifier);
    let arguments = (backup.admin(&world.env), world.policies(&policies));
    assert_eq!(world.owner("add", arguments), Ok(1u32));
    let session = longest(&world, 20, &[]);
    let arguments = (session, world.policies(&policies));
    assert_eq!(world.owner("add", arguments), Ok(2u32));
    let role = latchkey_interface::Role::Admin;
    let arguments = (
        0u32,
        role.clone(),
        world.ids(&[1]),
        1u32,
        world.policies(&policies),
    );
    assert_eq!(world.owner("update_signer", arguments), Ok(()));
    let both = [(0, &OWNER), (1, &backup)];
    let arguments = (1u32, role, world.ids(&[0]), 1u32, world.policies(&policies));
    let updated = world.call(&both[1..], "update_signer", arguments);
    assert_eq!(updated, Ok(()));

    let ceremony = Ceremony {
        tail: std::format!(",{}", "x".repeat(950)),
        ..Ceremony::default()
    };
    let owner = SoftwareAuthenticator::new(9).explicit(&PAYLOAD, &ceremony);
    let blob = [flagged_part(0, &owner), signature(&PAYLOAD, &both[1..])].concat();
    assert_eq!(blob.len(), 3 + 1024 + 3 + 32 + 7856);
    let calls = super::calls::call_of_length(&world, 8192);
    assert_eq!(world.check(&PAYLOAD, &blob, &calls), Ok(()));
    let longer = super::calls::call_of_length(&world, 8196);
    let too_long = Err(Some(latchkey_interface::WalletError::CallsTooLong));
    assert_eq!(world.check(&PAYLOAD, &blob, &longer), too_long);
}

#[test]
fn the_built_wallet_is_made_of_as_much_as_fits() {
    let world = World::built(|env, init| {
        init.recovery = Some(soroban_sdk::Address::generate(env));
        let mut signer = Key::Passkey(1).admin(env);
        let SignerKey::Passkey(passkey) = &mut signer.key else {
            panic!("a passkey")
        };
        passkey.credential_id = Bytes::from_slice(env, &[1; 1023]);
        let other = |seed| Signer {
            co_signers: Vec::from_array(env, [0, 1]),
            threshold: 1,
            ..Key::Ed25519(seed).admin(env)
        };
        init.signers.push_back(signer);
        (1..11).for_each(|seed| init.signers.push_back(other(seed)));
    });
    assert_eq!(world.signers().len(), 12);
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn the_built_wallet_refuses_bad_keys_and_rotates() {
    let world = World::built(|env, init| {
        init.recovery = Some(soroban_sdk::Address::generate(env));
    });
    let guardian = world.settings().recovery.unwrap();
    let rotate =
        |key: SignerKey| -> Verdict { world.mocked(&guardian, "rotate_signer", (0u32, key)) };
    let mut off_curve = Key::Passkey(10).registered(&world.env);
    let SignerKey::Passkey(passkey) = &mut off_curve else {
        panic!("a passkey")
    };
    let mut key = passkey.public_key.to_array();
    key[64] ^= 1;
    passkey.public_key = soroban_sdk::BytesN::from_array(&world.env, &key);
    let invalid = Err(Some(latchkey_interface::WalletError::InvalidPublicKey));
    assert_eq!(rotate(off_curve), invalid);
    for seed in 10..20 {
        let key = Key::Passkey(seed);
        assert_eq!(rotate(key.registered(&world.env)), Ok(()));
        assert!(world.accepts(&[(0, &key)]) && !world.accepts(&[(0, &OWNER)]));
    }
}
