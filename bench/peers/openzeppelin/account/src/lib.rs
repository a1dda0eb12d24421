//! OpenZeppelin's smart account as its crate's README shows it, and nothing more: the trait's own
//! management functions, the crate's `__check_auth`, and a constructor that makes one rule for
//! every call. Measured beside the wallet by `bench/`; never deployed by the product.
//!
//! Not here, to the account's favour, because every export costs every caller: the entry point
//! `execute` and an upgrade function.

#![no_std]

use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contractimpl,
    crypto::Hash,
    Address, BytesN, Env, Map, String, Val, Vec,
};
use stellar_accounts::smart_account::{
    add_context_rule, do_check_auth, AuthDigestPreimage, AuthPayload, ContextRule, ContextRuleType,
    Signer, SmartAccount, SmartAccountError,
};

#[contract]
pub struct Account;

#[contractimpl]
impl Account {
    /// The first rule has the id 0.
    pub fn __constructor(e: &Env, signers: Vec<Signer>, policies: Map<Address, Val>) {
        let name = String::from_str(e, "owner");
        add_context_rule(
            e,
            &ContextRuleType::Default,
            &name,
            None,
            &signers,
            &policies,
        );
    }
}

#[contractimpl]
impl CustomAccountInterface for Account {
    type Error = SmartAccountError;
    type Signature = AuthPayload;

    fn __check_auth(
        e: Env,
        signature_payload: Hash<32>,
        signatures: AuthPayload,
        auth_contexts: Vec<Context>,
    ) -> Result<(), SmartAccountError> {
        do_check_auth(&e, &signature_payload, &signatures, &auth_contexts)
    }
}

#[contractimpl(contracttrait)]
impl SmartAccount for Account {}
