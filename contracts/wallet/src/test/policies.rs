//! Policies: what they are asked, what their answers do, and how they come and go.

extern crate std;

use latchkey_interface::WalletError;
use soroban_sdk::{testutils::Address as _, Address, IntoVal, Map, Val, Vec};

use super::{
    contracts::{Behaviour, Enforced, TestPolicyClient},
    world::{Key, Verdict, World, OWNER},
};

const OTHER: Key = Key::Ed25519(1);
const REFUSED: Verdict = Err(Some(WalletError::RefusedByPolicy));

/// A wallet whose signer 1 is under a policy.
fn wallet(behaviour: Behaviour) -> (World, Address) {
    let world = World::new();
    let policy = world.policy(Behaviour::Consent);
    let policies = Map::from_array(&world.env, [(policy.clone(), Val::from(7u32))]);
    let added = world.owner("add", (OTHER.admin(&world.env), policies));
    assert_eq!(added, Ok(1u32));
    client(&world, &policy).behave(&behaviour);
    (world, policy)
}

fn client<'a>(world: &World, policy: &Address) -> TestPolicyClient<'a> {
    TestPolicyClient::new(&world.env, policy)
}

fn buy(world: &World, signers: &[(u32, &Key)]) -> Verdict {
    let arguments = (world.wallet.clone(), 1u32);
    world.call_on(&world.shop, signers, "buy", arguments)
}

/// Gives a signer these policies and no others.
#[track_caller]
fn put(world: &World, id: u32, policies: &[&Address]) {
    let policies = policies.iter().map(|policy| (*policy, 1u32.into()));
    let set = world.set_policies(id, &policies.collect::<std::vec::Vec<_>>());
    assert_eq!(set, Ok(()));
}

fn is_installed(world: &World, policy: &Address, signer: u32) -> bool {
    client(world, policy).parameters(&signer).is_some()
}

#[test]
fn a_policy_that_consents_lets_its_signer_sign() {
    let (world, policy) = wallet(Behaviour::Consent);
    assert_eq!(buy(&world, &[(1, &OTHER)]), Ok(()));
    let expected = Enforced {
        wallet: world.wallet.clone(),
        signer: 1,
        contexts: Vec::from_array(&world.env, [world.purchase()]),
    };
    assert_eq!(client(&world, &policy).enforced(), Some(expected));
}

#[test]
fn a_policy_that_does_anything_else_refuses() {
    for behaviour in [Behaviour::Refuse, Behaviour::Trap, Behaviour::ReturnNumber] {
        let (world, _) = wallet(behaviour);
        let verdict = world.verdict(&[(1, &OTHER)], &[world.purchase()]);
        assert_eq!(verdict, REFUSED, "{behaviour:?}");
        assert_eq!(buy(&world, &[(1, &OTHER)]), Err(None));
        assert_eq!(buy(&world, &[(0, &OWNER)]), Ok(()));
    }
}

#[test]
fn a_policy_knows_the_wallet_that_asks() {
    let (world, _) = wallet(Behaviour::AskWallet);
    assert_eq!(buy(&world, &[(1, &OTHER)]), Ok(()));
}

#[test]
fn a_policy_sees_every_call_of_an_authorization() {
    let (world, policy) = wallet(Behaviour::Consent);
    let calls = [world.own_call(), world.purchase(), world.purchase()];
    assert_eq!(world.verdict(&[(1, &OTHER)], &calls), Ok(()));
    let enforced = client(&world, &policy).enforced().unwrap();
    assert_eq!(enforced.contexts, Vec::from_slice(&world.env, &calls));
}

#[test]
fn a_policy_is_not_asked_about_calls_of_the_wallet_alone() {
    let (world, policy) = wallet(Behaviour::Refuse);
    let own = world.own_call();
    assert_eq!(
        world.verdict(&[(1, &OTHER)], &[own.clone(), own.clone()]),
        Ok(())
    );
    assert_eq!(client(&world, &policy).enforced(), None);
    let mixed = [own.clone(), world.purchase()];
    assert_eq!(world.verdict(&[(1, &OTHER)], &mixed), REFUSED);
    assert_eq!(
        world.verdict(&[(1, &OTHER)], &[world.purchase(), own]),
        REFUSED
    );
}

#[test]
fn every_policy_of_every_signer_has_to_consent() {
    let (world, first) = wallet(Behaviour::Consent);
    let second = world.policy(Behaviour::Consent);
    put(&world, 1, &[&first, &second]);
    assert_eq!(buy(&world, &[(1, &OTHER)]), Ok(()));
    for refusing in [&first, &second] {
        client(&world, refusing).behave(&Behaviour::Refuse);
        let verdict = world.verdict(&[(1, &OTHER)], &[world.purchase()]);
        assert_eq!(verdict, REFUSED);
        client(&world, refusing).behave(&Behaviour::Consent);
    }
    let id = world.add(world.with(Key::Ed25519(2).admin(&world.env), &[1], 1));
    let both = [(1, &OTHER), (id, &Key::Ed25519(2))];
    // Admin 1 is enough without the other.
    let unneeded = Err(Some(WalletError::UnneededSignature));
    assert_eq!(world.verdict(&both, &[world.purchase()]), unneeded);
    let role = latchkey_interface::Role::Admin;
    let policies = world.policies(&[(&first, 1u32.into()), (&second, 1u32.into())]);
    let arguments = (1u32, role, world.ids(&[id]), 1u32, policies);
    assert_eq!(world.owner::<(), _>("update_signer", arguments), Ok(()));
    assert_eq!(world.verdict(&both, &[world.purchase()]), Ok(()));
    client(&world, &first).behave(&Behaviour::Refuse);
    assert_eq!(world.verdict(&both, &[world.purchase()]), REFUSED);
}

#[test]
fn a_policy_binds_a_session_too() {
    let world = World::new();
    let policy = world.policy(Behaviour::Refuse);
    let id = world.add(world.session(&OTHER, 100));
    assert_eq!(buy(&world, &[(id, &OTHER)]), Ok(()));
    put(&world, id, &[&policy]);
    let verdict = world.verdict(&[(id, &OTHER)], &[world.purchase()]);
    assert_eq!(verdict, REFUSED);
    assert_eq!(world.call(&[(id, &OTHER)], "remove", (id,)), Ok(()));
    assert!(!is_installed(&world, &policy, id));
}

#[test]
fn a_policy_binds_a_sole_passkey_too() {
    let world = World::new();
    let policy = world.policy(Behaviour::Refuse);
    assert_eq!(buy(&world, &[(0, &OWNER)]), Ok(()));
    put(&world, 0, &[&policy]);
    let verdict = world.verdict(&[(0, &OWNER)], &[world.purchase()]);
    assert_eq!(verdict, REFUSED);
    put(&world, 0, &[]);
    assert_eq!(buy(&world, &[(0, &OWNER)]), Ok(()));
}

#[test]
fn a_policy_gets_its_parameters() {
    let (world, first) = wallet(Behaviour::Consent);
    let parameters = |policy: &Address| -> Val { client(&world, policy).parameters(&1).unwrap() };
    let as_u32 = |value: Val| -> u32 { value.into_val(&world.env) };
    assert_eq!(as_u32(parameters(&first)), 7);
    let second = world.policy(Behaviour::Consent);
    let sent: Vec<u32> = Vec::from_array(&world.env, [1, 2, 3]);
    let policies = [(&first, 8u32.into()), (&second, sent.to_val())];
    assert_eq!(world.set_policies(1, &policies), Ok(()));
    let kept: Vec<u32> = parameters(&second).into_val(&world.env);
    assert_eq!((as_u32(parameters(&first)), kept), (8, sent));
    let policies = world.policies(&policies).keys();
    assert_eq!(world.signer(1).unwrap().policies, policies);
}

#[test]
fn a_policy_that_traps_or_returns_something_is_not_installed() {
    for behaviour in [Behaviour::TrapOnInstall, Behaviour::NumberFromInstall] {
        let world = World::new();
        let policy = world.policy(behaviour);
        assert_not_installed(&world, &policy);
    }
    let world = World::new();
    for nobody in [
        Address::generate(&world.env),
        world.wallet.clone(),
        world.shop.clone(),
    ] {
        assert_not_installed(&world, &nobody);
    }
}

#[track_caller]
fn assert_not_installed(world: &World, policy: &Address) {
    let failed = Err(Some(WalletError::PolicyInstallFailed));
    let policies = [(policy, 1u32.into())];
    assert_eq!(world.set_policies(0, &policies), failed);
    let arguments = (OTHER.admin(&world.env), world.policies(&policies));
    let added = world.owner::<u32, _>("add", arguments);
    assert_eq!(added, failed.map(|()| 0));
    assert_eq!(world.signers().len(), 1);
    assert!(world.signer(0).unwrap().policies.is_empty());
}

#[test]
fn a_policy_that_traps_is_removed_all_the_same() {
    for behaviour in [Behaviour::Trap, Behaviour::TrapOnUninstall] {
        let (world, _) = wallet(behaviour);
        put(&world, 1, &[]);
        assert_eq!(buy(&world, &[(1, &OTHER)]), Ok(()), "{behaviour:?}");
        assert!(world.signer(1).unwrap().policies.is_empty());

        let (world, _) = wallet(behaviour);
        world.owner::<(), _>("remove", (1u32,)).unwrap();
        assert_eq!(world.signers().len(), 1);
    }
}

#[test]
fn an_admin_removes_the_policy_that_it_is_under() {
    let (world, _) = wallet(Behaviour::Trap);
    let removed = world.set_policies_by(&[(1, &OTHER)], 1, &[]);
    assert_eq!(removed, Ok(()));
    assert_eq!(buy(&world, &[(1, &OTHER)]), Ok(()));
}

#[test]
fn policies_that_are_not_named_again_end() {
    let world = World::new();
    let [a, b, c, d] = [(); 4].map(|()| world.policy(Behaviour::Consent));
    let installed = || [&a, &b, &c, &d].map(|policy| is_installed(&world, policy, 0));
    put(&world, 0, &[&a, &b, &c]);
    assert_eq!(installed(), [true, true, true, false]);
    put(&world, 0, &[&a, &c, &d]);
    assert_eq!(installed(), [true, false, true, true]);
    let kept = world.signer(0).unwrap().policies;
    assert_eq!(kept.len(), 3);
    assert!([&a, &c, &d].iter().all(|policy| kept.contains(*policy)));
    put(&world, 0, &[]);
    assert_eq!(installed(), [false; 4]);
}

#[test]
fn a_removed_signers_policies_are_told() {
    let (world, first) = wallet(Behaviour::Consent);
    let second = world.policy(Behaviour::Consent);
    put(&world, 1, &[&first, &second]);
    assert!(is_installed(&world, &first, 1) && is_installed(&world, &second, 1));
    world.owner::<(), _>("remove", (1u32,)).unwrap();
    assert!(!is_installed(&world, &first, 1) && !is_installed(&world, &second, 1));
}

#[test]
fn a_signer_has_at_most_four_policies() {
    let world = World::new();
    let policies = [(); 5].map(|()| world.policy(Behaviour::Consent));
    let too_many = Err(Some(WalletError::TooManyPolicies));
    let with = |count: usize| {
        let policies = policies[..count].iter();
        policies
            .map(|policy| (policy, 1u32.into()))
            .collect::<std::vec::Vec<_>>()
    };
    assert_eq!(world.set_policies(0, &with(4)), Ok(()));
    assert_eq!(world.set_policies(0, &with(5)), too_many);
    assert_eq!(world.signer(0).unwrap().policies.len(), 4);
    let add = |count| {
        let policies = world.policies(&with(count));
        world.owner::<u32, _>("add", (OTHER.admin(&world.env), policies))
    };
    assert_eq!(add(5), too_many.map(|()| 0));
    assert_eq!(add(4), Ok(1));
}

#[test]
fn policies_of_unknown_signers_are_refused() {
    let (world, policy) = wallet(Behaviour::Consent);
    let unknown = Err(Some(WalletError::UnknownSigner));
    let policies = world.policies(&[(&policy, 1u32.into())]);
    let role = latchkey_interface::Role::Admin;
    let arguments = (2u32, role, world.ids(&[]), 0u32, policies);
    assert_eq!(world.owner::<(), _>("update_signer", arguments), unknown);
}

#[test]
fn parameters_that_are_too_long_are_refused() {
    let world = World::new();
    let policy = world.policy(Behaviour::Consent);
    let set = |length: usize| {
        let parameters = soroban_sdk::Bytes::from_slice(&world.env, &std::vec![1; length]);
        world.set_policies(0, &[(&policy, parameters.to_val())])
    };
    // A map of one pair, its address and what surrounds the bytes.
    let most = 3072 - 12 - 40 - 8;
    assert_eq!(set(most + 1), Err(Some(WalletError::MalformedArgument)));
    assert_eq!(set(most), Ok(()));
}

#[test]
fn a_policy_must_be_a_contract() {
    let world = World::new();
    let account = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
    let account = Address::from_str(&world.env, account);
    let malformed = Err(Some(WalletError::MalformedArgument));
    let policies = [(&account, 1u32.into())];
    assert_eq!(world.set_policies(0, &policies), malformed);
    let arguments = (OTHER.admin(&world.env), world.policies(&policies));
    let added = world.owner::<u32, _>("add", arguments);
    assert_eq!(added, malformed.map(|()| 0));
}
