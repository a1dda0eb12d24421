//! The wallet contract. Every function that changes something says whose authorization it needs;
//! the wallet's own authorization is an assertion of its passkey, checked in `__check_auth`.
//!
//! The passkey is all-powerful: no contract, function or amount is refused in `__check_auth`.

use latchkey_interface::{Passkey, WalletError, WalletInit};
use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contractimpl,
    crypto::Hash,
    Bytes, BytesN, Env, Vec,
};

use crate::{
    assertion,
    events::{Upgraded, WalletCreated},
    rotation::{self, PendingRotation},
    state::{self, Recovery},
};

#[contract]
pub struct Wallet;

#[contractimpl]
impl CustomAccountInterface for Wallet {
    type Signature = Bytes;
    type Error = WalletError;

    /// Passes for a WebAuthn assertion of `payload` by the wallet's passkey, made for the registered
    /// relying party and origin with user presence and verification. The signature's two forms and
    /// the errors are those of `assertion::verify`.
    #[allow(non_snake_case)]
    fn __check_auth(
        env: Env,
        payload: Hash<32>,
        signature: Bytes,
        _contexts: Vec<Context>,
    ) -> Result<(), WalletError> {
        assertion::verify(&env, &payload.to_array(), &signature)?;
        state::extend_ttl(&env);
        Ok(())
    }
}

#[contractimpl]
impl Wallet {
    /// Errors: those of `WalletInit::check`.
    pub fn __constructor(env: Env, init: WalletInit) -> Result<(), WalletError> {
        init.check()?;
        let WalletInit {
            signer,
            guardian,
            rotation_delay_seconds,
        } = init;
        state::set_signer(&env, &signer);
        if let Some(guardian) = guardian.clone() {
            state::set_recovery(
                &env,
                &Recovery {
                    guardian,
                    rotation_delay_seconds,
                },
            );
        }
        state::extend_ttl(&env);
        WalletCreated {
            signer,
            guardian,
            rotation_delay_seconds,
        }
        .publish(&env);
        Ok(())
    }

    /// The passkey that owns the wallet.
    pub fn signer(env: Env) -> Passkey {
        state::signer(&env)
    }

    /// Who may replace the passkey, if anybody.
    pub fn recovery(env: Env) -> Option<Recovery> {
        state::recovery(&env)
    }

    /// The rotation that waits for its delay, if any.
    pub fn pending_rotation(env: Env) -> Option<PendingRotation> {
        state::pending(&env)
    }

    /// Replaces the passkey at once and drops a pending rotation. Needs the guardian's authorization
    /// and a wallet without rotation delay.
    ///
    /// Errors: `NoGuardian`, `RotationDelayRequired`, `SameSigner`, those of `Passkey::check`.
    pub fn rotate_signer(env: Env, signer: Passkey) -> Result<(), WalletError> {
        rotation::rotate(&env, signer)
    }

    /// Announces a new passkey and returns the unix seconds from which it can be installed. Replaces
    /// an earlier proposal. Needs the guardian's authorization.
    ///
    /// Errors: `NoGuardian`, `SameSigner`, those of `Passkey::check`.
    pub fn propose_rotation(env: Env, signer: Passkey) -> Result<u64, WalletError> {
        rotation::propose(&env, signer)
    }

    /// Drops the pending rotation. Needs the wallet's own authorization.
    ///
    /// Errors: `NoPendingRotation`.
    pub fn cancel_rotation(env: Env) -> Result<(), WalletError> {
        rotation::cancel(&env)
    }

    /// Installs the pending passkey once its delay has passed. Anyone may call it.
    ///
    /// Errors: `NoPendingRotation`, `RotationNotYetExecutable`.
    pub fn execute_rotation(env: Env) -> Result<(), WalletError> {
        rotation::execute(&env)
    }

    /// Replaces the wallet's code by an uploaded one. Needs the wallet's own authorization.
    pub fn upgrade(env: Env, wasm_hash: BytesN<32>) {
        env.current_contract_address().require_auth();
        state::extend_ttl(&env);
        update_code(&env, &wasm_hash);
        Upgraded { wasm_hash }.publish(&env);
    }

    /// Extends the life of the wallet's instance and code to the network's maximum when less than
    /// 7 days are left. Anyone may call it.
    pub fn extend_ttl(env: Env) {
        state::extend_ttl(&env);
    }
}

/// The function that replaces this deprecated one also handles executables by reference. That is two
/// more host functions to import, and every transfer pays 6,500 instructions for each import.
#[allow(deprecated)]
fn update_code(env: &Env, wasm_hash: &BytesN<32>) {
    env.deployer()
        .update_current_contract_wasm(wasm_hash.clone());
}
