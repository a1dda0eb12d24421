//! The account that smart-account-kit deploys: OpenZeppelin's smart account with what the kit calls of it, which is the
//! constructor and the rules, and with the crate's `__check_auth`. Every rule, signer and signature is the crate's.
//! Deployed in tests only. Not here, because no test of ours asks for it: changing rules, `execute`, upgrades.

#![no_std]

use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contractimpl,
    crypto::Hash,
    Address, Env, Map, String, Val, Vec,
};
use stellar_accounts::smart_account::{
    add_context_rule, do_check_auth, get_context_rules, ContextRule, ContextRuleType, Signatures,
    Signer, SmartAccountError,
};

#[contract]
pub struct Account;

#[contractimpl]
impl Account {
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

    pub fn get_context_rules(e: &Env, context_rule_type: ContextRuleType) -> Vec<ContextRule> {
        get_context_rules(e, &context_rule_type)
    }
}

#[contractimpl]
impl CustomAccountInterface for Account {
    type Error = SmartAccountError;
    type Signature = Signatures;

    fn __check_auth(
        e: Env,
        signature_payload: Hash<32>,
        signatures: Signatures,
        auth_contexts: Vec<Context>,
    ) -> Result<(), SmartAccountError> {
        do_check_auth(&e, &signature_payload, &signatures, &auth_contexts)
    }
}
