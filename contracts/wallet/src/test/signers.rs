//! Adding, changing, removing and listing signers: who may, what is refused, what is kept where.

extern crate std;

use latchkey_interface::{RegisteredSigner, Role, Scheme, Signer, WalletError};
use soroban_sdk::{symbol_short, testutils::Address as _, Address, Bytes, IntoVal, Val, Vec};

use super::world::{Key, Verdict, World, MAX_TTL, NOW_LEDGER, OWNER};

const OTHER: Key = Key::Ed25519(1);
const THIRD: Key = Key::Ed25519(2);

fn failed<T>(error: WalletError) -> Verdict<T> {
    Err(Some(error))
}

fn add(world: &World, signer: Signer) -> Verdict<u32> {
    world.owner("add", (signer, world.no_policies()))
}

fn update(world: &World, id: u32, role: &Role, ids: &[u32], threshold: u32) -> Verdict {
    world.update(id, role, ids, threshold)
}

/// The ids whose records are in the wallet's state, and those in temporary entries.
pub fn stored_ids(world: &World, below: u32) -> (std::vec::Vec<u32>, std::vec::Vec<u32>) {
    world.env.as_contract(&world.wallet, || {
        let storage = world.env.storage();
        let state: Bytes = storage.instance().get(&symbol_short!("signer")).unwrap();
        let state: std::vec::Vec<u8> = state.iter().collect();
        let entries = state[8..].chunks(10).take(usize::from(state[2]));
        let admins = entries.filter(|entry| entry[8..10] != [0, 0]);
        let id = |entry: &[u8]| u32::from_be_bytes([entry[0] & 0x3f, entry[1], entry[2], entry[3]]);
        (
            admins.map(id).collect(),
            (0..below)
                .filter(|id| {
                    // What was removed is void until its entry ends.
                    let entry: Option<Val> = storage.temporary().get(id);
                    entry.is_some_and(|entry| !entry.is_void())
                })
                .collect(),
        )
    })
}

fn registered(world: &World, id: u32, signer: Signer) -> RegisteredSigner {
    RegisteredSigner {
        id,
        policies: Vec::new(&world.env),
        signer,
    }
}

#[test]
fn signers_of_every_kind_and_role_read_back_as_they_were_added() {
    let world = World::new();
    let verifier = world.verifier();
    let muxed = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
    let keys = [
        Key::Passkey(1),
        OTHER,
        Key::Account(Address::generate(&world.env)),
        Key::Account(Address::from_str(&world.env, muxed)),
        Key::PostQuantum(2, Scheme::MlDsa44, verifier.clone()),
        Key::PostQuantum(3, Scheme::MlDsa65, verifier.clone()),
        Key::PostQuantum(4, Scheme::SlhDsaSha2128s, verifier),
    ];
    let mut expected = std::vec![registered(&world, 0, OWNER.admin(&world.env))];
    for key in &keys {
        for signer in [
            key.admin(&world.env),
            world.session_for(key, &[&world.shop, &world.other_account()], 10),
        ] {
            let id = world.add(signer.clone());
            expected.push(registered(&world, id, signer));
        }
    }
    for signer in &expected {
        assert_eq!(world.signer(signer.id), Ok(signer.clone()));
    }
    assert_eq!(world.signers(), expected);
}

#[test]
fn a_page_has_four_signers() {
    let world = World::new();
    for seed in 1..=6 {
        world.add(Key::Ed25519(seed).admin(&world.env));
    }
    let page = |page: u32| -> std::vec::Vec<u32> {
        let page: Vec<RegisteredSigner> = world.anyone("signers", (page,)).unwrap();
        page.iter().map(|signer| signer.id).collect()
    };
    assert_eq!(page(0), [0, 1, 2, 3]);
    assert_eq!(page(1), [4, 5, 6]);
    assert_eq!(page(2), [0; 0]);
    assert_eq!(page(u32::MAX), [0; 0]);
}

#[test]
fn the_longest_signers_read_back() {
    let world = World::new();
    let contracts = [(); 8].map(|()| world.other_account());
    let policies = [(); 4].map(|()| world.policy(super::contracts::Behaviour::Consent));
    let policies = policies.map(|policy| (policy, Val::VOID.to_val()));
    let policies = soroban_sdk::Map::from_array(&world.env, policies);
    for seed in 1..=16 {
        world.add(world.session(&Key::Ed25519(seed), 10));
    }
    let ids: std::vec::Vec<u32> = (1..=16).collect();
    for seed in [40, 41, 42] {
        let mut signer = Key::Passkey(seed).admin(&world.env);
        let latchkey_interface::SignerKey::Passkey(passkey) = &mut signer.key else {
            panic!("a passkey")
        };
        passkey.credential_id = Bytes::from_slice(&world.env, &[seed; 1023]);
        passkey.origin = soroban_sdk::String::from_bytes(&world.env, &[b'o'; 256]);
        signer.role = world.session_for(&OTHER, &contracts.each_ref(), 9).role;
        let signer = world.with(signer, &ids, 7);
        let id: u32 = world
            .owner("add", (signer.clone(), policies.clone()))
            .unwrap();
        let read = world.signer(id).unwrap();
        assert_eq!(
            (read.signer, read.policies),
            (signer.clone(), policies.keys())
        );
        let update = update(&world, id, &signer.role, &ids, 6);
        assert_eq!(update, Ok(()));
    }
    assert_eq!(world.signers().len(), 20);
}

#[test]
fn ids_count_up_and_are_never_given_again() {
    let world = World::new();
    assert_eq!(world.add(OTHER.admin(&world.env)), 1);
    world.owner::<(), _>("remove", (1u32,)).unwrap();
    assert_eq!(world.add(world.session(&OTHER, 5)), 2);
    world.pass_ledgers(6);
    assert_eq!(world.add(world.session(&OTHER, 5)), 3);
    assert_eq!(add(&world, world.session_for(&OTHER, &[], 5)).ok(), None);
    assert_eq!(world.add(world.session(&OTHER, 5)), 4);
}

#[test]
fn only_the_wallets_own_authorization_changes_its_signers() {
    let world = World::of(|env, init| init.recovery = Some(Address::generate(env)));
    let guardian = world.settings().recovery.unwrap();
    let signer = OTHER.admin(&world.env);
    let (admin, hash) = (
        Role::Admin,
        soroban_sdk::BytesN::from_array(&world.env, &[1; 32]),
    );
    let env = &world.env;
    let nobody: Option<Address> = None;
    let changes: [(&str, Vec<Val>); 5] = [
        ("add", (signer.clone(), world.no_policies()).into_val(env)),
        (
            "update_signer",
            (0u32, admin, world.ids(&[]), 0u32, world.no_policies()).into_val(env),
        ),
        ("remove", (0u32,).into_val(env)),
        ("configure", (1u32, nobody).into_val(env)),
        ("update", (hash,).into_val(env)),
    ];
    for (function, arguments) in changes {
        let anyone = world.anyone::<Val, _>(function, arguments.clone());
        assert!(matches!(anyone, Err(None)), "{function}");
        let guardian = world.mocked::<Val, _>(&guardian, function, arguments.clone());
        assert!(matches!(guardian, Err(None)), "{function}");
        let stranger = world.call::<Val, _>(&[(0, &Key::Passkey(1))], function, arguments);
        assert!(matches!(stranger, Err(None)), "{function}");
    }
    assert_eq!(world.signers().len(), 1);
}

#[test]
fn the_authorization_of_one_change_is_none_of_another() {
    let world = World::new();
    let arguments: Vec<Val> = (5u32,).into_val(&world.env);
    let entry = world.entry(&world.wallet, "remove", &arguments, |payload| {
        super::world::signature(payload, &[(0, &OWNER)])
    });
    world.add(OTHER.admin(&world.env));
    world.env.set_auths(&[entry]);
    let other: Vec<Val> = (1u32,).into_val(&world.env);
    assert_eq!(
        world.invoke::<()>(&world.wallet, "remove", other),
        Err(None)
    );
}

#[test]
fn a_signer_is_kept_in_one_place_and_moves_with_its_role() {
    let world = World::new();
    let session = world.session(&OTHER, 50).role;
    let id = world.add(OTHER.admin(&world.env));
    assert_eq!(stored_ids(&world, 8), ([0, 1].into(), [].into()));
    assert_eq!(update(&world, id, &session, &[], 0), Ok(()));
    assert_eq!(stored_ids(&world, 8), ([0].into(), [1].into()));
    assert_eq!(world.signer(id).unwrap().signer.role, session);
    assert_eq!(update(&world, id, &Role::Admin, &[], 0), Ok(()));
    assert_eq!(stored_ids(&world, 8), ([0, 1].into(), [].into()));
    assert_eq!(world.signer(id).unwrap().signer, OTHER.admin(&world.env));
    assert!(world.verdict(&[(1, &OTHER)], &[world.own_call()]).is_ok());
    world.owner::<(), _>("remove", (id,)).unwrap();
    assert_eq!(stored_ids(&world, 8), ([0].into(), [].into()));
    let id = world.add(world.session(&OTHER, 50));
    assert_eq!(stored_ids(&world, 8), ([0].into(), [id].into()));
    world.owner::<(), _>("remove", (id,)).unwrap();
    assert_eq!(stored_ids(&world, 8), ([0].into(), [].into()));
}

#[test]
fn a_signer_changes_role_and_policies_together() {
    let world = World::new();
    let policy = world.policy(super::contracts::Behaviour::Refuse);
    let id = world.add(OTHER.admin(&world.env));
    let session = world.session(&OTHER, 50).role;
    for role in [session, Role::Admin] {
        assert_eq!(update(&world, id, &role, &[], 0), Ok(()));
        assert_eq!(world.signer(id).unwrap().policies.len(), 0);
        assert!(world.accepts(&[(id, &OTHER)]));
        let policies = world.policies(&[(&policy, 1u32.into())]);
        let arguments = (id, role.clone(), world.ids(&[]), 0u32, policies);
        let updated: Verdict = world.owner("update_signer", arguments);
        assert_eq!(updated, Ok(()));
        let signer = world.signer(id).unwrap();
        assert_eq!((signer.policies.len(), signer.signer.role), (1, role));
        let refused = failed(WalletError::RefusedByPolicy);
        assert_eq!(world.verdict(&[(id, &OTHER)], &[world.purchase()]), refused);
    }
}

#[test]
fn an_admin_key_is_registered_once() {
    let world = World::new();
    let verifier = world.verifier();
    let keys = [
        Key::Passkey(1),
        OTHER,
        Key::Account(world.shop.clone()),
        Key::PostQuantum(2, Scheme::MlDsa44, verifier),
    ];
    let duplicate = failed::<u32>(WalletError::DuplicateKey);
    for key in &keys {
        world.add(key.admin(&world.env));
        assert_eq!(add(&world, key.admin(&world.env)), duplicate);
        let id = world.add(world.session(key, 10));
        let promoted = update(&world, id, &Role::Admin, &[], 0);
        assert_eq!(promoted, failed(WalletError::DuplicateKey));
    }
    // The same public key with another credential id is the same key.
    let mut passkey = Key::Passkey(1).admin(&world.env);
    let other = Key::Passkey(5).registered(&world.env);
    let (
        latchkey_interface::SignerKey::Passkey(same),
        latchkey_interface::SignerKey::Passkey(other),
    ) = (&mut passkey.key, other)
    else {
        panic!("passkeys")
    };
    same.credential_id = other.credential_id;
    assert_eq!(add(&world, passkey), duplicate);
    // An ed25519 key is not the account's, nor the hash's, of the same bytes.
    let bytes = soroban_sdk::BytesN::from_array(&world.env, &[7; 32]);
    for key in [
        latchkey_interface::SignerKey::Ed25519(bytes.clone()),
        latchkey_interface::SignerKey::PostQuantum(latchkey_interface::PostQuantumKey {
            public_key_hash: bytes,
            scheme: Scheme::MlDsa65,
            verifier: world.shop.clone(),
        }),
    ] {
        let signer = Signer {
            key,
            ..OTHER.admin(&world.env)
        };
        assert!(add(&world, signer).is_ok());
    }
}

#[test]
fn a_wallet_is_not_its_own_signer_or_contract_of_a_session() {
    let world = World::new();
    let own = failed::<u32>(WalletError::OwnAddress);
    let account = Key::Account(world.wallet.clone());
    assert_eq!(add(&world, account.admin(&world.env)), own);
    assert_eq!(add(&world, world.session(&account, 10)), own);
    for contracts in [&[&world.wallet][..], &[&world.shop, &world.wallet]] {
        let session = world.session_for(&OTHER, contracts, 10);
        assert_eq!(add(&world, session.clone()), own);
        let id = world.add(THIRD.admin(&world.env));
        let updated = update(&world, id, &session.role, &[], 0);
        assert_eq!(updated, failed(WalletError::OwnAddress));
        world.owner::<(), _>("remove", (id,)).unwrap();
    }
}

#[test]
fn a_session_expires_after_this_ledger_and_within_the_networks_maximum() {
    let world = World::new();
    let invalid = failed::<u32>(WalletError::InvalidExpiry);
    let expiring = |ledger: u32| {
        let mut signer = world.session(&OTHER, 1);
        let Role::Session(session) = &mut signer.role else {
            panic!("a session")
        };
        session.expires_at_ledger = ledger;
        signer
    };
    for ledger in [
        0,
        1,
        NOW_LEDGER - 1,
        NOW_LEDGER,
        NOW_LEDGER + MAX_TTL,
        u32::MAX,
    ] {
        assert_eq!(add(&world, expiring(ledger)), invalid, "{ledger}");
        let updated = update(&world, 0, &expiring(ledger).role, &[], 0);
        assert_eq!(updated, failed(WalletError::InvalidExpiry));
    }
    for ledger in [NOW_LEDGER + 1, NOW_LEDGER + MAX_TTL - 1] {
        assert!(add(&world, expiring(ledger)).is_ok(), "{ledger}");
    }
}

#[test]
fn unknown_signers_cannot_be_seen_changed_or_removed() {
    let world = World::new();
    let id = world.add(world.session(&OTHER, 10));
    world.pass_ledgers(11);
    for id in [id, id + 1, u32::MAX] {
        let unknown = failed(WalletError::UnknownSigner);
        assert_eq!(world.signer(id), failed(WalletError::UnknownSigner));
        assert_eq!(world.owner::<(), _>("remove", (id,)), unknown);
        assert_eq!(update(&world, id, &Role::Admin, &[], 0), unknown);
    }
}
