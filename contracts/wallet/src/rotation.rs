//! Replacing a lost passkey. The guardian rotates at once when the wallet has no delay; otherwise
//! it proposes, the owner can cancel until somebody executes, and anyone can execute once the delay
//! has passed. Only one rotation is pending at a time: a newer proposal restarts the delay.
//!
//! Not prevented: whoever holds the present passkey can cancel every proposal. That is the owner's
//! protection against the guardian, and a thief's against the owner; a delay of 0 trusts the
//! guardian instead.

use latchkey_interface::{Passkey, WalletError};
use soroban_sdk::{contracttype, Env};

use crate::{
    events::{RotationCancelled, RotationProposed, SignerRotated},
    state::{self, Recovery, SignerRecord, NO_RECORD},
};

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PendingRotation {
    pub signer: Passkey,
    /// Unix seconds from which anyone can execute the rotation.
    pub executable_at: u64,
}

pub fn rotate(env: &Env, signer: Passkey) -> Result<(), WalletError> {
    let recovery = authorized_by_guardian(env)?;
    if recovery.rotation_delay_seconds != 0 {
        return Err(WalletError::RotationDelayRequired);
    }
    check_successor(env, &signer)?;
    install(env, signer);
    Ok(())
}

pub fn propose(env: &Env, signer: Passkey) -> Result<u64, WalletError> {
    let recovery = authorized_by_guardian(env)?;
    check_successor(env, &signer)?;
    let executable_at = env.ledger().timestamp() + recovery.rotation_delay_seconds;
    let pending = PendingRotation {
        signer,
        executable_at,
    };
    state::set_pending(env, &pending);
    state::extend_ttl(env);
    RotationProposed {
        signer: pending.signer,
        executable_at,
    }
    .publish(env);
    Ok(executable_at)
}

pub fn cancel(env: &Env) -> Result<(), WalletError> {
    env.current_contract_address().require_auth();
    let pending = state::pending(env).ok_or(WalletError::NoPendingRotation)?;
    state::clear_pending(env);
    state::extend_ttl(env);
    RotationCancelled {
        signer: pending.signer,
    }
    .publish(env);
    Ok(())
}

pub fn execute(env: &Env) -> Result<(), WalletError> {
    let pending = state::pending(env).ok_or(WalletError::NoPendingRotation)?;
    if env.ledger().timestamp() < pending.executable_at {
        return Err(WalletError::RotationNotYetExecutable);
    }
    install(env, pending.signer);
    Ok(())
}

fn authorized_by_guardian(env: &Env) -> Result<Recovery, WalletError> {
    let recovery = state::recovery(env).ok_or(WalletError::NoGuardian)?;
    recovery.guardian.require_auth();
    Ok(recovery)
}

/// The old key must sign nothing afterwards, so the new one cannot be the same.
fn check_successor(env: &Env, signer: &Passkey) -> Result<(), WalletError> {
    signer.check()?;
    let mut buffer = NO_RECORD;
    let present = SignerRecord::load(env, &mut buffer);
    if signer.public_key.to_array() == *present.public_key() {
        return Err(WalletError::SameSigner);
    }
    Ok(())
}

fn install(env: &Env, signer: Passkey) {
    state::set_signer(env, &signer);
    state::clear_pending(env);
    state::extend_ttl(env);
    SignerRotated { signer }.publish(env);
}
