//! Approvals: whose count, for what, how often and how long.

extern crate std;

use latchkey_policy_installation::testutils::{OTHER_SIGNER, SIGNER};
use sha2::{Digest, Sha256};
use soroban_sdk::{
    testutils::{storage::Temporary as _, Events as _},
    xdr::{Limits, ScVal, WriteXdr},
    Event as _, IntoVal, TryFromVal, Vec,
};

use super::world::{error, World};
use crate::{
    policy::{ApprovalRevoked, ApprovalsUsed, Approved},
    ApprovalsError,
};

#[test]
fn consents_to_what_any_two_of_three_approved() {
    for pair in [[0, 1], [0, 2], [1, 2], [2, 0]] {
        let world = World::installed();
        let calls = world.calls(5);
        let missing = Err(error(ApprovalsError::MissingApproval));
        assert_eq!(world.base.ask(&calls), missing);
        world.approve(pair[0], &calls);
        assert_eq!(world.base.ask(&calls), missing);
        world.approve(pair[1], &calls);
        assert_eq!(world.base.ask(&calls), Ok(true));
    }
}

#[test]
fn consents_to_what_all_approved() {
    let world = World::installed();
    let calls = world.calls(5);
    for approver in 0..3 {
        world.approve(approver, &calls);
    }
    assert_eq!(world.base.ask(&calls), Ok(true));
    assert_eq!(world.temporary_entry_count(), 0);
}

#[test]
fn one_approver_counts_once() {
    let world = World::installed();
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.approve(0, &calls);
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask(&calls), missing);
}

#[test]
fn consents_once() {
    let world = World::installed();
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.approve(1, &calls);
    assert_eq!(world.base.ask(&calls), Ok(true));
    assert_eq!(world.approvals(&calls), []);
    assert_eq!(world.temporary_entry_count(), 0);
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask(&calls), missing);
    world.approve(0, &calls);
    assert_eq!(world.base.ask(&calls), missing);
}

#[test]
fn consents_to_exactly_the_calls_approved() {
    let world = World::installed();
    let [five] = world.calls(5);
    let [six] = world.calls(6);
    let approved = [five.clone(), six.clone()];
    world.approve(0, &approved);
    world.approve(1, &approved);
    let missing = Err(error(ApprovalsError::MissingApproval));
    for other in [
        &[][..],
        &[five.clone()],
        &[six.clone(), five.clone()],
        &[five.clone(), six.clone(), six.clone()],
        &world.base.creations(),
    ] {
        assert_eq!(world.base.ask(other), missing);
    }
    assert_eq!(world.base.ask(&approved), Ok(true));
}

#[test]
fn creations_can_be_approved() {
    let world = World::installed();
    let creations = world.base.creations();
    world.approve(0, &creations);
    world.approve(1, &creations);
    assert_eq!(world.base.ask(&creations), Ok(true));
}

#[test]
fn approvals_are_for_one_signer() {
    let world = World::installed();
    let parameters = world.any(2, &[0, 1, 2]).into_val(&world.base.env);
    world.base.wallet().add_policy(&OTHER_SIGNER, &parameters);
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.approve(1, &calls);
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask_for(OTHER_SIGNER, &calls), missing);
    assert_eq!(world.base.ask(&calls), Ok(true));
}

#[test]
fn an_approval_counts_up_to_its_ledger() {
    for (ledgers, is_consented) in [(0, true), (10, true), (11, false)] {
        let world = World::installed();
        let calls = world.calls(5);
        world.approve(0, &calls);
        world.approve(1, &calls);
        world.base.advance(ledgers);
        let missing = Err(error(ApprovalsError::MissingApproval));
        let expected = if is_consented { Ok(true) } else { missing };
        assert_eq!(world.base.ask(&calls), expected, "{ledgers}");
    }
}

#[test]
fn each_approval_has_its_own_end() {
    let world = World::installed();
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.base.advance(5);
    world.approve(1, &calls);
    world.base.advance(6);
    assert_eq!(world.approvals(&calls), [world.approvers[1].clone()]);
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask(&calls), missing);
    world.approve(2, &calls);
    assert_eq!(world.base.ask(&calls), Ok(true));
}

#[test]
fn an_approval_ends_now_at_the_earliest_and_with_the_network_s_maximum_at_the_latest() {
    let world = World::installed();
    let hash = world.hash(&world.calls(5));
    let now = world.base.env.ledger().sequence();
    let last = world.base.env.ledger().max_live_until_ledger();
    let approve = |ledger| world.approve_until(&world.approvers[0], SIGNER, &hash, ledger);
    let invalid = Err(error(ApprovalsError::InvalidExpiry));
    for ledger in [0, now - 1, last + 1, u32::MAX] {
        assert_eq!(approve(ledger), invalid, "{ledger}");
    }
    assert_eq!(world.temporary_entry_count(), 0);
    for ledger in [now, last] {
        assert_eq!(approve(ledger), Ok(()), "{ledger}");
    }
}

#[test]
fn approvals_are_kept_until_the_last_of_them_ends() {
    let world = World::installed();
    let hash = world.hash(&world.calls(5));
    let now = world.base.env.ledger().sequence();
    let (first, second) = (&world.approvers[0], &world.approvers[1]);
    world
        .approve_until(first, SIGNER, &hash, now + 100_000)
        .unwrap();
    world
        .approve_until(second, SIGNER, &hash, now + 50_000)
        .unwrap();
    let key = (world.base.wallet.clone(), SIGNER, hash);
    let ttl = world.base.env.as_contract(&world.base.policy, || {
        world.base.env.storage().temporary().get_ttl(&key)
    });
    assert_eq!(ttl, 100_000);
}

#[test]
fn a_revoked_approval_does_not_count() {
    let world = World::installed();
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.approve(1, &calls);
    world.revoke(1, &calls);
    assert_eq!(world.approvals(&calls), [world.approvers[0].clone()]);
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask(&calls), missing);
    world.revoke(0, &calls);
    assert_eq!(world.temporary_entry_count(), 0);
}

#[test]
fn revoking_what_is_not_there_succeeds() {
    let world = World::installed();
    world.revoke(0, &world.calls(5));
    assert_eq!(world.base.env.events().all().events().len(), 0);
}

#[test]
fn only_listed_approvers_approve() {
    let world = World::installed();
    let hash = world.hash(&world.calls(5));
    let now = world.base.env.ledger().sequence();
    for who in [&world.base.stranger, &world.base.wallet] {
        let refused = world.approve_until(who, SIGNER, &hash, now);
        assert_eq!(refused, Err(error(ApprovalsError::UnknownApprover)));
    }
    let refused = world.approve_until(&world.approvers[0], OTHER_SIGNER, &hash, now);
    assert_eq!(refused, Err(error(ApprovalsError::NotInstalled)));
    assert_eq!(world.temporary_entry_count(), 0);
}

#[test]
fn nobody_approves_or_revokes_for_another() {
    let world = World::installed();
    let calls = world.calls(5);
    let hash = world.hash(&calls);
    let (approver, wallet) = (&world.approvers[0], &world.base.wallet);
    let now = world.base.env.ledger().sequence();
    let client = world.client();
    assert!(client
        .try_approve(approver, wallet, &SIGNER, &hash, &now)
        .is_err());
    world.approve(0, &calls);
    assert!(client.try_revoke(approver, wallet, &SIGNER, &hash).is_err());
    assert_eq!(world.approvals(&calls), [approver.clone()]);
}

#[test]
fn approvers_of_the_past_do_not_count() {
    let world = World::installed();
    let calls = world.calls(5);
    world.approve(0, &calls);
    world.approve(1, &calls);
    world.base.install(world.any(2, &[1, 2])).unwrap();
    let missing = Err(error(ApprovalsError::MissingApproval));
    assert_eq!(world.base.ask(&calls), missing);
    world.approve(2, &calls);
    let [_, second, third] = world.approvers.clone();
    let mut expected = [second, third];
    expected.sort();
    assert_eq!(world.approvals(&calls), expected);
    assert_eq!(world.base.ask(&calls), Ok(true));
}

#[test]
fn the_hash_is_the_documented_one() {
    let world = World::new();
    let contexts = Vec::from_slice(&world.base.env, &world.calls(5));
    let value = ScVal::try_from_val(&world.base.env, &contexts.to_val()).unwrap();
    let expected: [u8; 32] = Sha256::digest(value.to_xdr(Limits::none()).unwrap()).into();
    assert_eq!(world.client().hash(&contexts).to_array(), expected);
}

#[test]
fn approving_revoking_and_using_are_events() {
    let world = World::installed();
    let env = &world.base.env;
    let (wallet, policy) = (world.base.wallet.clone(), &world.base.policy);
    let calls = world.calls(5);
    let contexts_hash = world.hash(&calls);
    world.approve(0, &calls);
    let approved = Approved {
        wallet: wallet.clone(),
        signer: SIGNER,
        approver: world.approvers[0].clone(),
        contexts_hash: contexts_hash.clone(),
        expires_at_ledger: env.ledger().sequence() + 10,
    };
    assert_eq!(env.events().all().events(), [approved.to_xdr(env, policy)]);
    world.revoke(0, &calls);
    let revoked = ApprovalRevoked {
        wallet: wallet.clone(),
        signer: SIGNER,
        approver: world.approvers[0].clone(),
        contexts_hash: contexts_hash.clone(),
    };
    assert_eq!(env.events().all().events(), [revoked.to_xdr(env, policy)]);
    world.approve(0, &calls);
    world.approve(1, &calls);
    world.base.ask(&calls).unwrap();
    let used = ApprovalsUsed {
        wallet,
        signer: SIGNER,
        contexts_hash,
    };
    assert_eq!(env.events().all().events(), [used.to_xdr(env, policy)]);
}
