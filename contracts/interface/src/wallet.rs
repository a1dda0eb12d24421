//! The functions of a wallet with the types that callers use; the wallet itself takes the same values
//! without looking into them first. Its documentation of each function is the binding one.

use soroban_sdk::{contractclient, Address, BytesN, Env, Map, Val, Vec};

use crate::{RegisteredSigner, Role, Settings, Signer, SignerKey, WalletError};

#[contractclient(name = "WalletClient")]
pub trait WalletInterface {
    fn add(env: Env, signer: Signer, policies: Map<Address, Val>) -> Result<u32, WalletError>;
    fn update_signer(
        env: Env,
        id: u32,
        role: Role,
        co_signers: Vec<u32>,
        threshold: u32,
        policies: Map<Address, Val>,
    ) -> Result<(), WalletError>;
    fn remove(env: Env, id: u32) -> Result<(), WalletError>;
    fn signer(env: Env, id: u32) -> Result<RegisteredSigner, WalletError>;
    fn signers(env: Env, page: u32) -> Vec<RegisteredSigner>;
    fn configure(
        env: Env,
        admin_threshold: u32,
        recovery: Option<Address>,
    ) -> Result<(), WalletError>;
    fn settings(env: Env) -> Settings;
    fn rotate_signer(env: Env, id: u32, key: SignerKey) -> Result<(), WalletError>;
    fn update(env: Env, wasm_hash: BytesN<32>);
}
