//! A policy, a wallet that asks it, and the ledger around them.

extern crate std;

use soroban_sdk::{
    auth::{
        Context, ContractExecutable, CreateContractHostFnContext,
        CreateContractWithConstructorHostFnContext,
    },
    testutils::{
        storage::{Instance as _, Persistent as _},
        Address as _, EnvTestConfig, Ledger as _,
    },
    Address, BytesN, Env, Error, IntoVal, Val, Vec,
};

use super::{call, PolicyWallet, PolicyWalletClient};

pub const SIGNER: u32 = 3;
pub const OTHER_SIGNER: u32 = 8;

pub struct World {
    pub env: Env,
    pub policy: Address,
    pub wallet: Address,
    pub stranger: Address,
}

impl World {
    pub fn new(register_policy: impl FnOnce(&Env) -> Address) -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.ledger().set_sequence_number(1_000_000);
        env.ledger().set_max_entry_ttl(3_110_400);
        env.ledger().set_min_persistent_entry_ttl(2_073_600);
        let policy = register_policy(&env);
        Self {
            wallet: env.register(PolicyWallet, (policy.clone(),)),
            stranger: Address::generate(&env),
            policy,
            env,
        }
    }

    pub fn wallet(&self) -> PolicyWalletClient<'_> {
        PolicyWalletClient::new(&self.env, &self.wallet)
    }

    /// What the wallet is told when it puts its signer under the policy.
    pub fn install(&self, parameters: impl IntoVal<Env, Val>) -> Result<(), Error> {
        let parameters = parameters.into_val(&self.env);
        match self.wallet().try_add_policy(&SIGNER, &parameters) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.unwrap()),
        }
    }

    pub fn uninstall(&self) {
        self.wallet().remove_policy(&SIGNER);
    }

    /// What the wallet is told when its signer wants to authorize `contexts`.
    pub fn ask(&self, contexts: &[Context]) -> Result<bool, Error> {
        self.ask_for(SIGNER, contexts)
    }

    pub fn ask_for(&self, signer: u32, contexts: &[Context]) -> Result<bool, Error> {
        let contexts = Vec::from_slice(&self.env, contexts);
        match self.wallet().try_ask_policy(&signer, &contexts) {
            Ok(answer) => Ok(answer.unwrap()),
            Err(error) => Err(error.unwrap()),
        }
    }

    pub fn call(
        &self,
        contract: &Address,
        function: &str,
        arguments: impl IntoVal<Env, Vec<Val>>,
    ) -> Context {
        call(&self.env, contract, function, arguments.into_val(&self.env))
    }

    /// Both forms of creating a contract.
    pub fn creations(&self) -> [Context; 2] {
        let executable = ContractExecutable::Wasm(BytesN::from_array(&self.env, &[1; 32]));
        let salt = BytesN::from_array(&self.env, &[2; 32]);
        [
            Context::CreateContractHostFn(CreateContractHostFnContext {
                executable: executable.clone(),
                salt: salt.clone(),
            }),
            Context::CreateContractWithCtorHostFn(CreateContractWithConstructorHostFnContext {
                executable,
                salt,
                constructor_args: Vec::new(&self.env),
            }),
        ]
    }

    pub fn advance(&self, ledgers: u32) {
        let now = self.env.ledger().sequence();
        self.env.ledger().set_sequence_number(now + ledgers);
    }

    /// How many persistent entries the policy keeps.
    pub fn entry_count(&self) -> u32 {
        self.env
            .as_contract(&self.policy, || self.env.storage().persistent().all().len())
    }

    /// Ledgers that the only installation and the policy have left.
    pub fn ttl(&self) -> (u32, u32) {
        self.env.as_contract(&self.policy, || {
            let storage = self.env.storage();
            let key = storage.persistent().all().keys().first_unchecked();
            (
                storage.persistent().get_ttl(&key),
                storage.instance().get_ttl(),
            )
        })
    }
}
