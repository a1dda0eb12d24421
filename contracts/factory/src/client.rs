//! The functions of a factory with the types that callers use; the factory itself takes the same
//! `init` without looking into it first. Its documentation of each function is the binding one.

use latchkey_calls::Call;
use latchkey_interface::{WalletError, WalletInit};
use soroban_sdk::{contractclient, Address, BytesN, Env, Error, Val, Vec};

use crate::Provenance;

#[contractclient(name = "FactoryClient")]
pub trait FactoryInterface {
    fn deploy(env: Env, salt: BytesN<32>, init: WalletInit) -> Result<Address, WalletError>;
    fn deploy_and_call(
        env: Env,
        salt: BytesN<32>,
        init: WalletInit,
        calls: Vec<Call>,
    ) -> Result<Vec<Val>, Error>;
    fn address_of(env: Env, salt: BytesN<32>, init: WalletInit) -> Address;
    fn provenance(env: Env, wallet: Address, deployment_salt: BytesN<32>) -> Option<Provenance>;
    fn wallet_wasm_hash(env: Env) -> BytesN<32>;
}
