//! An account that puts its signers under policies and asks them, as wallets do, and authorization
//! entries for it.

extern crate std;

use latchkey_interface::PolicyClient;
use soroban_sdk::{
    auth::{Context, ContractContext, CustomAccountInterface},
    contract, contracterror, contractimpl,
    crypto::Hash,
    symbol_short,
    xdr::{
        InvokeContractArgs, ScAddress, ScVal, SorobanAddressCredentials, SorobanAuthorizationEntry,
        SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials, VecM,
    },
    Address, Env, IntoVal, Symbol, TryFromVal, Val, Vec,
};

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum PolicyWalletError {
    Refused = 1,
}

/// Holds one policy. A signature is the id of the signer, taken at its word.
#[contract]
pub struct PolicyWallet;

#[contractimpl]
impl PolicyWallet {
    pub fn __constructor(env: Env, policy: Address) {
        env.storage()
            .instance()
            .set(&symbol_short!("policy"), &policy);
    }

    pub fn add_policy(env: Env, signer: u32, parameters: Val) {
        policy(&env).install(&env.current_contract_address(), &signer, &parameters);
    }

    pub fn ask_policy(env: Env, signer: u32, contexts: Vec<Context>) -> bool {
        policy(&env).enforce(&env.current_contract_address(), &signer, &contexts)
    }

    pub fn remove_policy(env: Env, signer: u32) {
        policy(&env).uninstall(&env.current_contract_address(), &signer);
    }
}

#[contractimpl]
impl CustomAccountInterface for PolicyWallet {
    type Signature = u32;
    type Error = PolicyWalletError;

    #[allow(non_snake_case)]
    fn __check_auth(
        env: Env,
        _payload: Hash<32>,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<(), PolicyWalletError> {
        let wallet = env.current_contract_address();
        match policy(&env).try_enforce(&wallet, &signer, &contexts) {
            Ok(Ok(true)) => Ok(()),
            _ => Err(PolicyWalletError::Refused),
        }
    }
}

fn policy(env: &Env) -> PolicyClient<'static> {
    let policy: Address = env
        .storage()
        .instance()
        .get(&symbol_short!("policy"))
        .unwrap();
    PolicyClient::new(env, &policy)
}

pub fn call(env: &Env, contract: &Address, function: &str, arguments: Vec<Val>) -> Context {
    Context::Contract(ContractContext {
        contract: contract.clone(),
        fn_name: Symbol::new(env, function),
        args: arguments,
    })
}

/// An entry by which `signer` authorizes, in the wallet's name, one call without sub-calls.
pub fn authorize(
    env: &Env,
    wallet: &Address,
    signer: u32,
    nonce: i64,
    contract: &Address,
    function: &str,
    arguments: impl IntoVal<Env, Vec<Val>>,
) -> SorobanAuthorizationEntry {
    let arguments: Vec<Val> = arguments.into_val(env);
    let arguments: std::vec::Vec<ScVal> = arguments
        .iter()
        .map(|argument| ScVal::try_from_val(env, &argument).unwrap())
        .collect();
    let invocation = InvokeContractArgs {
        contract_address: ScAddress::from(contract),
        function_name: function.try_into().unwrap(),
        args: arguments.try_into().unwrap(),
    };
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: ScAddress::from(wallet),
            nonce,
            signature_expiration_ledger: env.ledger().sequence() + 10,
            signature: ScVal::U32(signer),
        }),
        root_invocation: SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(invocation),
            sub_invocations: VecM::default(),
        },
    }
}
