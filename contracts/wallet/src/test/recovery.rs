//! The guardian: who it is, and that it replaces an admin's key and does nothing else.

extern crate std;

use latchkey_interface::{RegisteredSigner, Scheme, SignerKey, WalletError};
use soroban_sdk::{testutils::Address as _, Address};

use super::world::{Key, Verdict, World, OWNER};

const SUCCESSOR: Key = Key::Passkey(10);
const OTHER: Key = Key::Ed25519(1);

fn guarded() -> (World, Address) {
    let world = World::of(|env, init| init.recovery = Some(Address::generate(env)));
    let guardian = world.settings().recovery.unwrap();
    (world, guardian)
}

fn rotate(world: &World, guardian: &Address, id: u32, key: &Key) -> Verdict {
    world.mocked(guardian, "rotate_signer", (id, key.registered(&world.env)))
}

fn failed(error: WalletError) -> Verdict {
    Err(Some(error))
}

#[test]
fn the_guardian_replaces_a_key() {
    let (world, guardian) = guarded();
    assert!(world.accepts(&[(0, &OWNER)]) && !world.accepts(&[(0, &SUCCESSOR)]));
    assert_eq!(rotate(&world, &guardian, 0, &SUCCESSOR), Ok(()));
    assert!(!world.accepts(&[(0, &OWNER)]) && world.accepts(&[(0, &SUCCESSOR)]));
    let signer = world.signer(0).unwrap().signer;
    assert_eq!(signer, SUCCESSOR.admin(&world.env));
}

#[test]
fn a_key_is_replaced_by_one_of_any_kind() {
    let (world, guardian) = guarded();
    let verifier = world.verifier();
    for key in [
        OTHER,
        Key::PostQuantum(3, Scheme::MlDsa44, verifier),
        SUCCESSOR,
        Key::Account(world.shop.clone()),
        OWNER,
    ] {
        assert_eq!(rotate(&world, &guardian, 0, &key), Ok(()));
        assert_eq!(world.signer(0).unwrap().signer, key.admin(&world.env));
        if !matches!(key, Key::Account(_)) {
            assert!(world.accepts(&[(0, &key)]));
        }
    }
}

#[test]
fn nobody_but_the_guardian_replaces_a_key() {
    let (world, guardian) = guarded();
    let arguments = (0u32, SUCCESSOR.registered(&world.env));
    let anyone: Verdict = world.anyone("rotate_signer", arguments.clone());
    assert_eq!(anyone, Err(None));
    let stranger = Address::generate(&world.env);
    assert_eq!(rotate(&world, &stranger, 0, &SUCCESSOR), Err(None));
    assert_eq!(
        world.owner::<(), _>("rotate_signer", arguments.clone()),
        Err(None)
    );
    // Authorized for another key, and for another signer.
    let env = &world.env;
    use soroban_sdk::{
        testutils::{MockAuth, MockAuthInvoke},
        IntoVal,
    };
    for other in [
        (0u32, OTHER.registered(env)),
        (1u32, SUCCESSOR.registered(env)),
    ] {
        env.mock_auths(&[MockAuth {
            address: &guardian,
            invoke: &MockAuthInvoke {
                contract: &world.wallet,
                fn_name: "rotate_signer",
                args: other.into_val(env),
                sub_invokes: &[],
            },
        }]);
        let arguments = arguments.clone().into_val(env);
        let rotated: Verdict = world.invoke(&world.wallet, "rotate_signer", arguments);
        assert_eq!(rotated, Err(None));
    }
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn a_wallet_without_guardian_has_no_keys_replaced() {
    let world = World::new();
    let stranger = Address::generate(&world.env);
    let no_guardian = failed(WalletError::NoGuardian);
    assert_eq!(rotate(&world, &stranger, 0, &SUCCESSOR), no_guardian);
}

#[test]
fn a_rotation_changes_no_rule() {
    let (world, guardian) = guarded();
    let policy = world.policy(super::contracts::Behaviour::Consent);
    let other = world.add(OTHER.admin(&world.env));
    let admin = latchkey_interface::Role::Admin;
    assert_eq!(world.update(0, &admin, &[other], 1), Ok(()));
    let both = [(0, &OWNER), (other, &OTHER)];
    let set = world.set_policies_by(&both[1..], 0, &[(&policy, 1u32.into())]);
    assert_eq!(set, Ok(()));
    let before = world.signer(0).unwrap();
    assert_eq!(rotate(&world, &guardian, 0, &SUCCESSOR), Ok(()));
    let mut signer = before.signer;
    signer.key = SUCCESSOR.registered(&world.env);
    let expected = RegisteredSigner { signer, ..before };
    assert_eq!(world.signer(0), Ok(expected));
    let missing = failed(WalletError::MissingSignature);
    assert_eq!(
        world.verdict(&[(0, &SUCCESSOR)], &[world.purchase()]),
        missing
    );
}

#[test]
fn a_rotation_leaves_other_signers_and_thresholds() {
    let world = World::of(|env, init| {
        init.recovery = Some(Address::generate(env));
        init.signers.push_back(OTHER.admin(env));
        init.admin_threshold = 2;
    });
    let guardian = world.settings().recovery.unwrap();
    assert_eq!(rotate(&world, &guardian, 0, &SUCCESSOR), Ok(()));
    let missing = failed(WalletError::MissingSignature);
    assert_eq!(
        world.verdict(&[(0, &SUCCESSOR)], &[world.own_call()]),
        missing
    );
    let both = [(0, &SUCCESSOR), (1, &OTHER)];
    assert_eq!(world.verdict(&both, &[world.own_call()]), Ok(()));
}

#[test]
fn a_session_is_not_rotated() {
    let (world, guardian) = guarded();
    let id = world.add(world.session(&OTHER, 10));
    let not_admin = failed(WalletError::NotAdmin);
    assert_eq!(rotate(&world, &guardian, id, &SUCCESSOR), not_admin);
    let unknown = failed(WalletError::UnknownSigner);
    assert_eq!(rotate(&world, &guardian, id + 1, &SUCCESSOR), unknown);
    world.pass_ledgers(11);
    assert_eq!(rotate(&world, &guardian, id, &SUCCESSOR), unknown);
}

#[test]
fn a_key_that_an_admin_has_is_no_successor() {
    let (world, guardian) = guarded();
    world.add(OTHER.admin(&world.env));
    world.add(world.session(&SUCCESSOR, 10));
    let duplicate = failed(WalletError::DuplicateKey);
    assert_eq!(rotate(&world, &guardian, 0, &OWNER), duplicate);
    assert_eq!(rotate(&world, &guardian, 0, &OTHER), duplicate);
    assert_eq!(rotate(&world, &guardian, 0, &SUCCESSOR), Ok(()));
}

#[test]
fn a_key_that_could_not_sign_is_no_successor() {
    let (world, guardian) = guarded();
    let own = Key::Account(world.wallet.clone());
    let expected = failed(WalletError::OwnAddress);
    assert_eq!(rotate(&world, &guardian, 0, &own), expected);
    let mut key = SUCCESSOR.registered(&world.env);
    let SignerKey::Passkey(passkey) = &mut key else {
        panic!("a passkey")
    };
    passkey.origin = soroban_sdk::String::from_str(&world.env, "");
    let rotated: Verdict = world.mocked(&guardian, "rotate_signer", (0u32, key));
    assert_eq!(rotated, failed(WalletError::InvalidOrigin));
    let rotated: Verdict = world.mocked(&guardian, "rotate_signer", (0u32, 1u32));
    assert_eq!(rotated, failed(WalletError::MalformedArgument));
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn the_owner_sets_and_removes_the_guardian() {
    let world = World::new();
    let [first, second] = [(); 2].map(|()| Address::generate(&world.env));
    let account = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
    let account = Address::from_str(&world.env, account);
    for guardian in [
        Some(first.clone()),
        Some(account),
        Some(second.clone()),
        None,
    ] {
        assert_eq!(world.set_guardian(guardian.clone()), Ok(()));
        assert_eq!(world.settings().recovery, guardian);
    }
    assert_eq!(world.set_guardian(Some(second.clone())), Ok(()));
    assert_eq!(rotate(&world, &first, 0, &SUCCESSOR), Err(None));
    assert_eq!(rotate(&world, &second, 0, &SUCCESSOR), Ok(()));
}

#[test]
fn a_wallet_is_not_its_own_guardian() {
    let world = World::new();
    let own = Some(world.wallet.clone());
    assert_eq!(world.set_guardian(own), failed(WalletError::OwnAddress));
    assert_eq!(world.settings().recovery, None);
}

#[test]
fn rotations_follow_one_another() {
    let (world, guardian) = guarded();
    let keys = [SUCCESSOR, Key::Passkey(11), OWNER];
    for key in &keys {
        assert_eq!(rotate(&world, &guardian, 0, key), Ok(()));
        let accepted = keys.iter().filter(|key| world.accepts(&[(0, key)]));
        assert_eq!(accepted.count(), 1);
        assert!(world.accepts(&[(0, key)]));
    }
}
