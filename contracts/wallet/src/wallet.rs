//! The wallet contract. Every function that changes something says whose authorization it needs;
//! the wallet's own authorization is what `__check_auth` accepts.
//!
//! Arguments with structure are taken as they come and decoded by our own code (`values`), so the
//! types named here are those of `latchkey_interface`, not looked into yet.

use latchkey_interface::WalletError;
use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contractimpl,
    crypto::Hash,
    Address, Bytes, BytesN, Env, IntoVal, Map, Val, Vec,
};

use crate::{
    authorization, events, policies, recovery, signers, storage,
    values::{RegisteredSigner, Role, Settings, Signer, SignerKey, WalletInit},
    views,
};

#[contract]
pub struct Wallet;

#[contractimpl]
impl CustomAccountInterface for Wallet {
    type Signature = Bytes;
    type Error = WalletError;

    /// Passes if the signatures are enough for the calls; their form is that of `authorization`.
    #[allow(non_snake_case)]
    fn __check_auth(
        env: Env,
        payload: Hash<32>,
        signature: Bytes,
        contexts: Vec<Context>,
    ) -> Result<(), WalletError> {
        authorization::check(&env, &payload, &signature, &contexts)
    }
}

#[contractimpl]
impl Wallet {
    /// Errors: those of `add`, `set_admin_threshold` and `set_recovery`.
    pub fn __constructor(env: Env, init: WalletInit) -> Result<(), WalletError> {
        signers::construct(&env, init.0)
    }

    /// Adds a signer, under policies by their addresses and parameters, and returns its id. Needs the
    /// wallet's authorization.
    pub fn add(env: Env, signer: Signer, policies: Map<Address, Val>) -> Result<u32, WalletError> {
        signers::add(&env, signer.0, policies.to_val())
    }

    /// Gives a signer another role and other co-signers. Needs the wallet's authorization.
    pub fn update_signer(
        env: Env,
        id: u32,
        role: Role,
        co_signers: Vec<u32>,
        threshold: u32,
    ) -> Result<(), WalletError> {
        signers::update(&env, id, role.0, co_signers.to_val(), threshold)
    }

    /// Removes a signer. Needs the wallet's authorization; a session may remove itself.
    pub fn remove(env: Env, id: u32) -> Result<(), WalletError> {
        signers::remove(&env, id)
    }

    pub fn signer(env: Env, id: u32) -> Result<RegisteredSigner, WalletError> {
        signers::view(&env, id).map(RegisteredSigner)
    }

    /// The signers, 3 a page, from page 0; an empty page is past the end.
    pub fn signers(env: Env, page: u32) -> Vec<RegisteredSigner> {
        signers::page(&env, page).into_val(&env)
    }

    /// Sets how many admins have to sign a change to the wallet. Needs the wallet's authorization.
    pub fn set_admin_threshold(env: Env, threshold: u32) -> Result<(), WalletError> {
        signers::set_admin_threshold(&env, threshold)
    }

    /// Puts a signer under a policy. Needs the wallet's authorization.
    pub fn add_policy(
        env: Env,
        id: u32,
        policy: Address,
        parameters: Val,
    ) -> Result<(), WalletError> {
        policies::add(&env, id, policy.to_val(), parameters)
    }

    /// Takes a policy away, whatever it says. Needs the wallet's authorization.
    pub fn remove_policy(env: Env, id: u32, policy: Address) -> Result<(), WalletError> {
        policies::remove(&env, id, policy.to_val())
    }

    pub fn settings(env: Env) -> Settings {
        Settings(views::settings(&env))
    }

    /// Sets or removes the guardian. Needs the wallet's authorization.
    pub fn set_recovery(env: Env, guardian: Option<Address>) -> Result<(), WalletError> {
        signers::authorized_index(&env);
        recovery::set(
            &env,
            guardian.map_or(Val::VOID.to_val(), |guardian| guardian.to_val()),
        )
    }

    /// Replaces an admin's key. Needs the guardian's authorization.
    pub fn rotate_signer(env: Env, id: u32, key: SignerKey) -> Result<(), WalletError> {
        recovery::rotate(&env, id, key.0)
    }

    /// Replaces the wallet's code by an uploaded one. Needs the wallet's authorization.
    pub fn update(env: Env, wasm_hash: BytesN<32>) {
        signers::authorized_index(&env);
        update_code(&env, &wasm_hash);
        events::updated(&env, &wasm_hash.to_array());
    }

    /// Brings what older code stored up to date, and extends the wallet's life to the network's
    /// maximum when less than 7 days are left. Anyone may call it, at any time.
    pub fn migrate(env: Env) {
        storage::index(&env);
        storage::extend_ttl(&env);
    }
}

/// The function that replaces this deprecated one also handles executables by reference. That is two
/// more host functions to import, and every transfer pays 6,500 instructions for each import.
#[allow(deprecated)]
fn update_code(env: &Env, wasm_hash: &BytesN<32>) {
    env.deployer()
        .update_current_contract_wasm(wasm_hash.clone());
}
