//! The wallet contract. Every function that changes something says whose authorization it needs;
//! the wallet's own authorization is what `__check_auth` accepts.
//!
//! Arguments with structure are taken as they come and decoded by our own code (`values`), so the
//! types named here are those of `latchkey_interface`, not looked into yet.

use latchkey_interface::{memory::array, WalletError};
use soroban_sdk::{
    auth::Context, contract, contractimpl, Address, Bytes, BytesN, Env, IntoVal, Map, Val, Vec,
};

use crate::{
    authorization, events, recovery, signers,
    values::{self, Hash, RegisteredSigner, Role, Settings, Signer, SignerKey, WalletInit},
    views,
};

#[contract]
pub struct Wallet;

#[contractimpl]
impl Wallet {
    /// Passes if the signatures are enough for the calls; their form is that of `authorization`.
    #[allow(non_snake_case)]
    pub fn __check_auth(
        env: Env,
        payload: Hash<32>,
        signature: Bytes,
        contexts: values::Vec<Context>,
    ) -> Result<(), WalletError> {
        authorization::check(&env, &payload.0, &signature, contexts.0)
    }

    /// Errors: those of `add` and `configure`.
    pub fn __constructor(env: Env, init: WalletInit) -> Result<(), WalletError> {
        signers::construct(&env, init.0)
    }

    /// Adds a signer, under policies by their addresses and parameters, and returns its id. Needs the
    /// wallet's authorization.
    pub fn add(env: Env, signer: Signer, policies: Map<Address, Val>) -> Result<u32, WalletError> {
        signers::add(&env, signer.0, policies.to_val())
    }

    /// Gives a signer another role, other co-signers and other policies: those in the map are
    /// installed, with these parameters, and its others end. Needs the wallet's authorization.
    pub fn update_signer(
        env: Env,
        id: u32,
        role: Role,
        co_signers: Vec<u32>,
        threshold: u32,
        policies: Map<Address, Val>,
    ) -> Result<(), WalletError> {
        let (co_signers, policies) = (co_signers.to_val(), policies.to_val());
        signers::update(&env, id, role.0, co_signers, threshold, policies)
    }

    /// Removes a signer. Needs the wallet's authorization; a session may remove itself.
    pub fn remove(env: Env, id: u32) -> Result<(), WalletError> {
        signers::remove(&env, id)
    }

    pub fn signer(env: Env, id: u32) -> Result<RegisteredSigner, WalletError> {
        views::signer_by_id(&env, id).map(RegisteredSigner)
    }

    /// The signers, 4 a page, from page 0; an empty page is past the end.
    pub fn signers(env: Env, page: u32) -> Vec<RegisteredSigner> {
        views::page(&env, page).into_val(&env)
    }

    /// Sets how many admins have to sign a change to the wallet, and the guardian, if any. Needs the
    /// wallet's authorization.
    pub fn configure(
        env: Env,
        admin_threshold: u32,
        recovery: Option<Address>,
    ) -> Result<(), WalletError> {
        let recovery = recovery.map_or(Val::VOID.to_val(), |guardian| guardian.to_val());
        signers::configure(&env, admin_threshold, recovery)
    }

    pub fn settings(env: Env) -> Settings {
        Settings(views::settings(&env))
    }

    /// Replaces an admin's key. Needs the guardian's authorization.
    pub fn rotate_signer(env: Env, id: u32, key: SignerKey) -> Result<(), WalletError> {
        recovery::rotate(&env, id, key.0)
    }

    /// Replaces the wallet's code by an uploaded one, which brings the state up to date in the first
    /// call after. Needs the wallet's authorization.
    pub fn update(env: Env, wasm_hash: BytesN<32>) {
        signers::authorize(&env);
        update_code(&env, &wasm_hash);
        events::updated(&env, &array(&env, &wasm_hash.into()));
    }
}

/// The function that replaces this deprecated one also handles executables by reference. That is two
/// more host functions to import, and every transfer pays 6,500 instructions for each import.
#[allow(deprecated)]
fn update_code(env: &Env, wasm_hash: &BytesN<32>) {
    env.deployer()
        .update_current_contract_wasm(wasm_hash.clone());
}
