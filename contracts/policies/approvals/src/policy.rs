//! The policy contract. A signer may authorize exactly those calls, arguments included and in this
//! order, that `threshold` of the approvers approved beforehand, and once: consent uses the
//! approvals up.
//!
//! An approval is for a wallet, a signer and calls, not for an installation: it does not count while
//! its approver is not listed, counts again when listed again, and ends with its ledger. Not checked:
//! that approvers are different people.

use latchkey_policy_installation::{calls, changes_this_policy, Installation};
use soroban_sdk::{
    auth::Context, contract, contracterror, contractevent, contractimpl, contracttype, xdr::ToXdr,
    Address, BytesN, Env, Vec,
};

use crate::pending::Pending;

const MAX_APPROVERS: u32 = 15;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum ApprovalsError {
    /// No approvers, more than 15, one listed twice, the wallet itself, or a threshold of 0 or
    /// above their number.
    InvalidApprovers = 230,
    /// The wallet's signer has no approvers here.
    NotInstalled = 231,
    /// Who approves is not one of the signer's approvers.
    UnknownApprover = 232,
    /// The approval would end before this ledger, or later than the network keeps it.
    InvalidExpiry = 233,
    /// Fewer approvals than the threshold are there for these calls.
    MissingApproval = 234,
    /// The call would change this policy.
    CallNotAllowed = 235,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approvers {
    /// 1 to 15, and not the wallet.
    pub approvers: Vec<Address>,
    /// How many of them have to approve.
    pub threshold: u32,
}

#[contractevent(sparse = false)]
pub struct ApproversInstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub approvers: Vec<Address>,
    pub threshold: u32,
}

#[contractevent(sparse = false)]
pub struct Approved {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub approver: Address,
    pub contexts_hash: BytesN<32>,
    pub expires_at_ledger: u32,
}

#[contractevent(sparse = false)]
pub struct ApprovalRevoked {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub approver: Address,
    pub contexts_hash: BytesN<32>,
}

#[contractevent(sparse = false)]
pub struct ApprovalsUsed {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub contexts_hash: BytesN<32>,
}

#[contract]
pub struct Approvals;

#[contractimpl]
impl Approvals {
    /// Replaces approvers that are there.
    pub fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: Approvers,
    ) -> Result<(), ApprovalsError> {
        let installation = Installation::authorized(&env, wallet, signer);
        check(&parameters, &installation.wallet)?;
        installation.save(&parameters);
        installation.extend_ttl();
        ApproversInstalled {
            wallet: installation.wallet,
            signer,
            approvers: parameters.approvers,
            threshold: parameters.threshold,
        }
        .publish(&env);
        Ok(())
    }

    pub fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, ApprovalsError> {
        let installation = Installation::authorized(&env, wallet, signer);
        let Approvers {
            approvers,
            threshold,
        } = installation.load().ok_or(ApprovalsError::NotInstalled)?;
        if calls(&env, &contexts)
            .flatten()
            .any(|call| changes_this_policy(&env, &call))
        {
            return Err(ApprovalsError::CallNotAllowed);
        }
        let pending = Pending {
            env: &env,
            wallet: installation.wallet.clone(),
            signer,
            contexts_hash: Self::hash(env.clone(), contexts),
        };
        let given = pending.load().keys();
        let count = given
            .iter()
            .filter(|approver| approvers.contains(approver))
            .count();
        if (count as u32) < threshold {
            return Err(ApprovalsError::MissingApproval);
        }
        pending.remove();
        installation.extend_ttl();
        ApprovalsUsed {
            wallet: pending.wallet,
            signer,
            contexts_hash: pending.contexts_hash,
        }
        .publish(&env);
        Ok(true)
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        Installation::authorized(&env, wallet, signer).remove();
    }

    /// Approves the calls of this hash up to and including a ledger; again, it replaces the ledger.
    /// Needs the approver's authorization.
    pub fn approve(
        env: Env,
        approver: Address,
        wallet: Address,
        signer: u32,
        contexts_hash: BytesN<32>,
        expires_at_ledger: u32,
    ) -> Result<(), ApprovalsError> {
        approver.require_auth();
        let installation = Installation::new(&env, wallet.clone(), signer);
        let Approvers { approvers, .. } =
            installation.load().ok_or(ApprovalsError::NotInstalled)?;
        if !approvers.contains(&approver) {
            return Err(ApprovalsError::UnknownApprover);
        }
        let last = env.ledger().max_live_until_ledger();
        if !(env.ledger().sequence()..=last).contains(&expires_at_ledger) {
            return Err(ApprovalsError::InvalidExpiry);
        }
        let pending = Pending {
            env: &env,
            wallet: wallet.clone(),
            signer,
            contexts_hash: contexts_hash.clone(),
        };
        // Approvers of the past are dropped, so that an entry never has more than there are now.
        let mut expiries = pending.load();
        for other in expiries.keys() {
            if !approvers.contains(&other) {
                expiries.remove(other);
            }
        }
        expiries.set(approver.clone(), expires_at_ledger);
        pending.save(&expiries);
        installation.extend_ttl();
        Approved {
            wallet,
            signer,
            approver,
            contexts_hash,
            expires_at_ledger,
        }
        .publish(&env);
        Ok(())
    }

    /// Takes an approval back; succeeds without one. Needs the approver's authorization.
    pub fn revoke(
        env: Env,
        approver: Address,
        wallet: Address,
        signer: u32,
        contexts_hash: BytesN<32>,
    ) {
        approver.require_auth();
        let pending = Pending {
            env: &env,
            wallet: wallet.clone(),
            signer,
            contexts_hash: contexts_hash.clone(),
        };
        let mut expiries = pending.load();
        if expiries.remove(approver.clone()).is_some() {
            pending.save(&expiries);
            ApprovalRevoked {
                wallet,
                signer,
                approver,
                contexts_hash,
            }
            .publish(&env);
        }
    }

    pub fn approvers(env: Env, wallet: Address, signer: u32) -> Option<Approvers> {
        Installation::new(&env, wallet, signer).load()
    }

    /// Whose approvals of these calls have not expired. Only those listed at the time count.
    pub fn approvals(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts_hash: BytesN<32>,
    ) -> Vec<Address> {
        let pending = Pending {
            env: &env,
            wallet,
            signer,
            contexts_hash,
        };
        pending.load().keys()
    }

    /// What approvers approve: SHA-256 of the XDR of the contexts as one value.
    pub fn hash(env: Env, contexts: Vec<Context>) -> BytesN<32> {
        env.crypto().sha256(&contexts.to_xdr(&env)).to_bytes()
    }
}

fn check(parameters: &Approvers, wallet: &Address) -> Result<(), ApprovalsError> {
    let Approvers {
        approvers,
        threshold,
    } = parameters;
    let is_repeated =
        |index: u32, approver: &Address| approvers.first_index_of(approver) != Some(index);
    if approvers.len() > MAX_APPROVERS
        || *threshold == 0
        || *threshold > approvers.len()
        || approvers.contains(wallet)
        || (0..)
            .zip(approvers.iter())
            .any(|(index, approver)| is_repeated(index, &approver))
    {
        return Err(ApprovalsError::InvalidApprovers);
    }
    Ok(())
}
