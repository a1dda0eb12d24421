//! The form of a signature: which parts, of whom, in which order; and each kind of proof.

extern crate std;

use latchkey_interface::{
    testutils::{authorize_with_delegate, flagged_part, part},
    Scheme, WalletError,
};
use soroban_sdk::{xdr::ScVal, Address, Bytes, IntoVal, Val, Vec};
use std::vec;

use super::world::{signature, Key, Verdict, World, OWNER, PAYLOAD};

const SECOND: Key = Key::Ed25519(2);
const THIRD: Key = Key::Ed25519(3);

fn refused(error: WalletError) -> Verdict {
    Err(Some(error))
}

/// A wallet of passkey 0 and ed25519 keys 1 and 2 that needs all three.
fn three() -> World {
    World::of_admins(&[&OWNER, &SECOND, &THIRD], 3)
}

fn check(world: &World, blob: &[u8]) -> Verdict {
    world.check(&PAYLOAD, blob, &[world.own_call()])
}

#[test]
fn accepts_the_parts_of_all_that_are_needed() {
    let all = signature(&PAYLOAD, &[(0, &OWNER), (1, &SECOND), (2, &THIRD)]);
    assert_eq!(check(&three(), &all), Ok(()));
}

#[test]
fn refuses_an_empty_signature() {
    for world in [World::new(), three()] {
        let expected = refused(WalletError::InvalidSignatureLength);
        assert_eq!(check(&world, &[]), expected);
    }
}

#[test]
fn refuses_a_signature_cut_at_any_length() {
    let world = three();
    let all = signature(&PAYLOAD, &[(0, &OWNER), (1, &SECOND), (2, &THIRD)]);
    for length in 0..all.len() {
        let verdict = check(&world, &all[..length]);
        // Between two parts it is the whole signature of fewer signers.
        let expected = if [72, 72 + 67].contains(&length) {
            WalletError::MissingSignature
        } else {
            WalletError::InvalidSignatureLength
        };
        assert_eq!(verdict, refused(expected), "{length}");
    }
}

#[test]
fn refuses_bytes_after_the_last_part() {
    let world = three();
    let all = signature(&PAYLOAD, &[(0, &OWNER), (1, &SECOND), (2, &THIRD)]);
    for (trailing, expected) in [
        (vec![0], WalletError::InvalidSignatureLength),
        (vec![0, 0], WalletError::InvalidSignatureLength),
        (vec![0, 0, 2], WalletError::InvalidSignatureOrder),
        (vec![0, 0, 3], WalletError::UnknownSigner),
        (vec![0x80, 0, 3], WalletError::UnknownSigner),
    ] {
        let blob = [&all[..], &trailing].concat();
        assert_eq!(check(&world, &blob), refused(expected), "{trailing:?}");
    }
    let sole = World::new();
    let blob = [&signature(&PAYLOAD, &[(0, &OWNER)])[..], &[0]].concat();
    let expected = refused(WalletError::InvalidSignatureLength);
    assert_eq!(check(&sole, &blob), expected);
}

#[test]
fn refuses_parts_out_of_order_and_twice() {
    let world = three();
    let (a, b, c) = ((0, &OWNER), (1, &SECOND), (2, &THIRD));
    for signers in [
        [b, a, c],
        [a, c, b],
        [c, b, a],
        [b, c, a],
        [a, a, b],
        [a, b, b],
    ] {
        let verdict = check(&world, &signature(&PAYLOAD, &signers));
        assert_eq!(verdict, refused(WalletError::InvalidSignatureOrder));
    }
}

#[test]
fn refuses_a_signer_that_is_not_there() {
    let world = three();
    let signed = SECOND.proof(&PAYLOAD);
    let expected = refused(WalletError::UnknownSigner);
    for id in [3, 255, 0x01_0000, 0x7f_ffff] {
        assert_eq!(check(&world, &part(id, &signed)), expected, "{id}");
        assert_eq!(check(&world, &flagged_part(id, &signed)), expected, "{id}");
    }
    // Of the same length as the one passkey that is tried first.
    let passkey = part(7, &OWNER.proof(&PAYLOAD));
    assert_eq!(check(&World::new(), &passkey), expected);
}

#[test]
fn refuses_a_signer_that_was_removed() {
    let world = World::new();
    let id = world.add(SECOND.admin(&world.env));
    assert!(world.accepts(&[(id, &SECOND)]));
    world.owner::<(), _>("remove", (id,)).unwrap();
    let verdict = world.verdict(&[(id, &SECOND)], &[]);
    assert_eq!(verdict, refused(WalletError::UnknownSigner));
}

#[test]
fn refuses_another_signers_proof() {
    let world = three();
    let blob = [OWNER.part(0, &PAYLOAD), THIRD.part(1, &PAYLOAD)].concat();
    assert_eq!(check(&world, &blob), Err(None));
}

#[test]
fn takes_eight_signatures_and_no_more() {
    let keys: vec::Vec<Key> = (1..=9).map(Key::Ed25519).collect();
    let world = World::of_admins(&keys.iter().collect::<vec::Vec<_>>(), 8);
    let signers: vec::Vec<_> = (0..).zip(&keys).collect();
    let verdict = |count| world.verdict(&signers[..count], &[world.own_call()]);
    assert_eq!(verdict(7), refused(WalletError::MissingSignature));
    assert_eq!(verdict(8), Ok(()));
    assert_eq!(verdict(9), refused(WalletError::InvalidSignatureLength));
}

#[test]
fn an_ed25519_key_signs_the_payload() {
    let world = World::of_admins(&[&SECOND], 1);
    let signed = SECOND.proof(&PAYLOAD);
    assert_eq!(check(&world, &part(0, &signed)), Ok(()));
    let mut other = PAYLOAD;
    other[31] ^= 1;
    assert_eq!(check(&world, &part(0, &SECOND.proof(&other))), Err(None));
    for byte in 0..64 {
        let mut wrong = signed.clone();
        wrong[byte] ^= 1;
        assert_eq!(check(&world, &part(0, &wrong)), Err(None), "{byte}");
    }
}

#[test]
fn only_passkeys_and_accounts_know_the_flag() {
    let world = World::of_admins(&[&SECOND], 1);
    let expected = refused(WalletError::InvalidSignatureOrder);
    let blob = flagged_part(0, &SECOND.proof(&PAYLOAD));
    assert_eq!(check(&world, &blob), expected);

    let world = World::of(|env, init| {
        let verifier = env.register(super::contracts::TestVerifier, ());
        let key = Key::PostQuantum(4, Scheme::MlDsa44, verifier);
        init.signers.push_back(key.admin(env));
    });
    let key = Key::PostQuantum(4, Scheme::MlDsa44, world.wallet.clone());
    let blob = flagged_part(1, &key.proof(&PAYLOAD));
    assert_eq!(check(&world, &blob), expected);
}

fn post_quantum_wallet(scheme: Scheme) -> (World, Key) {
    let world = World::new();
    let key = Key::PostQuantum(4, scheme, world.verifier());
    assert_eq!(world.add(key.admin(&world.env)), 1);
    (world, key)
}

#[test]
fn a_post_quantum_key_travels_with_its_signature() {
    for scheme in [Scheme::MlDsa44, Scheme::MlDsa65, Scheme::SlhDsaSha2128s] {
        let (world, key) = post_quantum_wallet(scheme);
        let signed = key.proof(&PAYLOAD);
        let expected = scheme.lengths().public_key + scheme.lengths().signature;
        assert_eq!(signed.len(), expected);
        assert_eq!(check(&world, &part(1, &signed)), Ok(()), "{scheme:?}");

        for cut in [0, 1, scheme.lengths().public_key, signed.len() - 1] {
            let verdict = check(&world, &part(1, &signed[..cut]));
            assert_eq!(verdict, refused(WalletError::InvalidSignatureLength));
        }
        let long = part(1, &[&signed[..], &[0]].concat());
        let verdict = check(&world, &long);
        assert_eq!(verdict, refused(WalletError::InvalidSignatureLength));
    }
}

#[test]
fn refuses_another_post_quantum_key_or_signature() {
    let (world, key) = post_quantum_wallet(Scheme::MlDsa44);
    let signed = key.proof(&PAYLOAD);
    for byte in [0, 1311] {
        let mut other = signed.clone();
        other[byte] ^= 1;
        let verdict = check(&world, &part(1, &other));
        assert_eq!(verdict, refused(WalletError::PublicKeyMismatch), "{byte}");
    }
    for byte in [1312, 1312 + 31, signed.len() - 1] {
        let mut other = signed.clone();
        other[byte] ^= 1;
        let verdict = check(&world, &part(1, &other));
        let expected = refused(WalletError::PostQuantumSignatureRefused);
        assert_eq!(verdict, expected, "{byte}");
    }
    let verdict = world.check(&[7; 32], &part(1, &signed), &[]);
    assert_eq!(verdict, refused(WalletError::PostQuantumSignatureRefused));
}

#[test]
fn a_verifier_that_traps_or_says_anything_but_true_refuses() {
    let (world, key) = post_quantum_wallet(Scheme::MlDsa65);
    for payload in [[0; 32], [0xff; 32]] {
        let verdict = world.check(&payload, &key.part(1, &payload), &[]);
        let expected = refused(WalletError::PostQuantumSignatureRefused);
        assert_eq!(verdict, expected, "{payload:?}");
    }
}

#[test]
fn a_verifier_that_is_no_contract_refuses() {
    let world = World::new();
    use soroban_sdk::testutils::Address as _;
    for nobody in [
        Address::generate(&world.env),
        world.shop.clone(),
        world.wallet.clone(),
    ] {
        let key = Key::PostQuantum(5, Scheme::SlhDsaSha2128s, nobody);
        let id = world.add(key.admin(&world.env));
        let verdict = world.verdict(&[(id, &key)], &[]);
        assert_eq!(verdict, refused(WalletError::PostQuantumSignatureRefused));
        world.owner::<(), _>("remove", (id,)).unwrap();
    }
}

fn account_wallet() -> (World, Address) {
    let world = World::new();
    let account = world.other_account();
    assert_eq!(
        world.add(Key::Account(account.clone()).admin(&world.env)),
        1
    );
    (world, account)
}

#[test]
fn a_contract_signs_only_as_a_delegate() {
    let (world, _) = account_wallet();
    world.env.mock_all_auths();
    let verdict = world.check(&PAYLOAD, &part(1, &[]), &[world.purchase()]);
    assert_eq!(verdict, refused(WalletError::InvalidSignatureOrder));
}

fn buy_with_delegate(world: &World, blob: &[u8], delegate: Option<(&Address, ScVal)>) -> Verdict {
    let arguments: Vec<Val> = (world.wallet.clone(), 1u32).into_val(&world.env);
    let mut entry = world.entry(&world.shop, "buy", &arguments, |_| blob.to_vec());
    if let Some((delegate, signature)) = delegate {
        entry = authorize_with_delegate(entry, delegate, signature);
    }
    world.env.set_auths(&[entry]);
    world.invoke(&world.shop, "buy", arguments)
}

#[test]
fn an_account_authorizes_as_a_delegate() {
    let (world, account) = account_wallet();
    let flagged = flagged_part(1, &[]);
    let consent = Some((&account, ScVal::Void));
    assert_eq!(buy_with_delegate(&world, &flagged, consent.clone()), Ok(()));

    let refusal = Some((&account, ScVal::U32(1)));
    assert_eq!(buy_with_delegate(&world, &flagged, refusal), Err(None));
    assert_eq!(buy_with_delegate(&world, &flagged, None), Err(None));
    let other = world.other_account();
    let stranger = Some((&other, ScVal::Void));
    assert_eq!(buy_with_delegate(&world, &flagged, stranger), Err(None));
    // A delegate is not an entry of its own.
    assert_eq!(buy_with_delegate(&world, &part(1, &[]), consent), Err(None));
}

#[test]
fn only_the_host_asks_for_a_check() {
    let world = World::new();
    let blob = OWNER.part(0, &PAYLOAD);
    let payload = soroban_sdk::BytesN::from_array(&world.env, &PAYLOAD);
    let blob = Bytes::from_slice(&world.env, &blob);
    let calls = Vec::from_array(&world.env, [world.purchase()]);
    let asked: Verdict = world.anyone("__check_auth", (payload, blob, calls));
    assert_eq!(asked, Err(None));
}
