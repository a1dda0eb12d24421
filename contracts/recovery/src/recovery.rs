//! The recovery contract. It has no owner and no upgrade; guardian and delay are fixed for good, and
//! one contract serves every wallet that names it.
//!
//! Guaranteed: a rotation proposed through it takes effect no sooner than the delay after its event,
//! and not at all if the wallet cancels it, or names another guardian, before somebody executes it.
//! Only one rotation is pending for a wallet: a newer proposal restarts the delay. In one ledger the
//! order of transactions decides: a cancel that comes first leaves nothing to execute. A proposal
//! outlives a change of guardian and back; `cancel` ends it, and 30 days after its delay.
//!
//! Not prevented: whoever can sign for the wallet can cancel every proposal. That is the owner's
//! protection against the guardian, and a thief's against the owner.

use latchkey_interface::{RegisteredSigner, Role, SignerKey, WalletClient};
use soroban_sdk::{
    contract, contractimpl, contracttype, symbol_short, unwrap::UnwrapOptimized, Address, Env,
    Symbol,
};

use crate::{
    events::{RotationCancelled, RotationExecuted, RotationProposed},
    pending::{self, PendingRotation},
    RecoveryError,
};

const SETTINGS: Symbol = symbol_short!("settings");
/// 366 days. A longer delay is a mistake of units rather than a choice.
pub const MAX_DELAY_SECONDS: u64 = 31_622_400;
/// 30 days, after which a proposal that everybody has forgotten does no more harm.
pub const EXECUTABLE_SECONDS: u64 = 2_592_000;

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecoverySettings {
    pub delay_seconds: u64,
    pub guardian: Address,
}

#[contract]
pub struct Recovery;

#[contractimpl]
impl Recovery {
    /// Errors: `InvalidDelay`.
    pub fn __constructor(
        env: Env,
        guardian: Address,
        delay_seconds: u64,
    ) -> Result<(), RecoveryError> {
        if delay_seconds == 0 || delay_seconds > MAX_DELAY_SECONDS {
            return Err(RecoveryError::InvalidDelay);
        }
        let settings = RecoverySettings {
            delay_seconds,
            guardian,
        };
        env.storage().instance().set(&SETTINGS, &settings);
        pending::extend_ttl(&env);
        Ok(())
    }

    pub fn settings(env: Env) -> RecoverySettings {
        env.storage().instance().get(&SETTINGS).unwrap_optimized()
    }

    /// The rotation that waits for its delay, if any.
    pub fn pending(env: Env, wallet: Address) -> Option<PendingRotation> {
        pending::get(&env, &wallet)
    }

    /// Announces another key for one of the wallet's admins and returns the unix seconds from which
    /// it can be installed. Replaces an earlier proposal. Needs the guardian's authorization.
    ///
    /// Errors: `NotTheGuardian`, `InvalidSuccessor`.
    pub fn propose(
        env: Env,
        wallet: Address,
        id: u32,
        key: SignerKey,
    ) -> Result<u64, RecoveryError> {
        let settings = Self::settings(env.clone());
        settings.guardian.require_auth();
        let client = WalletClient::new(&env, &wallet);
        if settings.guardian == wallet
            || client.settings().recovery != Some(env.current_contract_address())
        {
            return Err(RecoveryError::NotTheGuardian);
        }
        match client.try_signer(&id) {
            Ok(Ok(RegisteredSigner { signer, .. }))
                if signer.role == Role::Admin && signer.key != key => {}
            _ => return Err(RecoveryError::InvalidSuccessor),
        }
        let executable_at = env.ledger().timestamp() + settings.delay_seconds;
        let pending = PendingRotation {
            executable_at,
            id,
            key,
        };
        pending::set(&env, &wallet, &pending);
        pending::extend_ttl(&env);
        RotationProposed {
            wallet,
            id,
            key: pending.key,
            executable_at,
        }
        .publish(&env);
        Ok(executable_at)
    }

    /// Drops the pending rotation. Needs the wallet's authorization.
    ///
    /// Errors: `NoPendingRotation`.
    pub fn cancel(env: Env, wallet: Address) -> Result<(), RecoveryError> {
        wallet.require_auth();
        let PendingRotation { id, key, .. } =
            pending::get(&env, &wallet).ok_or(RecoveryError::NoPendingRotation)?;
        pending::remove(&env, &wallet);
        pending::extend_ttl(&env);
        RotationCancelled { wallet, id, key }.publish(&env);
        Ok(())
    }

    /// Installs the pending key once its delay has passed. Anyone may call it. The wallet refuses, in
    /// its own codes, if this contract is no longer its guardian or the key no longer fits.
    ///
    /// Errors: `NoPendingRotation`, `RotationNotYetExecutable`, `RotationExpired`.
    pub fn execute(env: Env, wallet: Address) -> Result<(), RecoveryError> {
        let PendingRotation {
            executable_at,
            id,
            key,
        } = pending::get(&env, &wallet).ok_or(RecoveryError::NoPendingRotation)?;
        if env.ledger().timestamp() < executable_at {
            return Err(RecoveryError::RotationNotYetExecutable);
        }
        if env.ledger().timestamp() - executable_at > EXECUTABLE_SECONDS {
            return Err(RecoveryError::RotationExpired);
        }
        pending::remove(&env, &wallet);
        pending::extend_ttl(&env);
        WalletClient::new(&env, &wallet).rotate_signer(&id, &key);
        RotationExecuted { wallet, id, key }.publish(&env);
        Ok(())
    }
}
