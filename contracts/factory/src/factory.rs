//! The factory contract. It has no owner, no upgrade and no say in the wallets it deployed.
//!
//! Guaranteed: an address of this factory can only ever hold the wallet it was computed for, since
//! the deployment salt is `SHA-256(XDR of the ScVal vector (wallet wasm hash, salt, init))`. Whoever
//! front-runs a deployment with another key, origin, guardian or delay makes another address, and
//! whoever front-runs it with the same ones has paid for it. So `deploy` needs no authorization.
//!
//! Not guaranteed: that a wallet still has this code and signer; its owner and guardian may have
//! changed them since.

use latchkey_interface::{
    decode_init, decode_signer,
    memory::{copy_all, room},
    xdr::Reader,
    WalletError, WalletInit,
};
use soroban_sdk::{
    contract, contractimpl, deploy::DeployerWithAddress, symbol_short, unwrap::UnwrapOptimized,
    xdr::ToXdr, Address, BytesN, ContractExecutable, Env, Symbol,
};

use crate::events::WalletDeployed;

const WALLET_WASM_HASH: Symbol = symbol_short!("wasm_hash");

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[contract]
pub struct Factory;

#[contractimpl]
impl Factory {
    /// `wallet_wasm_hash` is the SHA-256 of the uploaded wallet code, fixed for good.
    pub fn __constructor(env: Env, wallet_wasm_hash: BytesN<32>) {
        env.storage()
            .instance()
            .set(&WALLET_WASM_HASH, &wallet_wasm_hash);
        extend_ttl(&env);
    }

    /// Deploys and constructs a wallet in one step, and returns its address; returns the address
    /// alone if the wallet exists. Anyone may call it.
    ///
    /// Errors: those of `WalletInit::check`.
    pub fn deploy(env: Env, salt: BytesN<32>, init: WalletInit) -> Result<Address, WalletError> {
        check(&env, &init)?;
        extend_ttl(&env);
        let wallet_wasm_hash = Self::wallet_wasm_hash(env.clone());
        let deployment = deployment(&env, &wallet_wasm_hash, &salt, &init);
        let wallet = deployment.deployed_address();
        if !wallet.exists() {
            let executable = ContractExecutable::Wasm(wallet_wasm_hash.clone());
            deployment.deploy_contract(executable, (init,));
            WalletDeployed {
                wallet: wallet.clone(),
                salt,
                wallet_wasm_hash,
            }
            .publish(&env);
        }
        Ok(wallet)
    }

    /// The address that `deploy` returns for the same arguments, deployed or not. The arguments are
    /// not checked: an address for bad ones is one that never comes to be.
    pub fn address_of(env: Env, salt: BytesN<32>, init: WalletInit) -> Address {
        deployment(&env, &Self::wallet_wasm_hash(env.clone()), &salt, &init).deployed_address()
    }

    /// SHA-256 of the code that this factory's wallets start with.
    pub fn wallet_wasm_hash(env: Env) -> BytesN<32> {
        env.storage()
            .instance()
            .get(&WALLET_WASM_HASH)
            .unwrap_optimized()
    }
}

/// The longest `init` taken; the wallet takes no longer one.
const MAX_INIT_BYTES: usize = 6144;

/// Errors: `MalformedArgument`, those of the parts of a `Signer`.
fn check(env: &Env, init: &WalletInit) -> Result<(), WalletError> {
    let encoded = init.clone().to_xdr(env);
    let mut memory = room::<MAX_INIT_BYTES>();
    let bytes = copy_all(env, &encoded, &mut memory).ok_or(WalletError::MalformedArgument)?;
    let init = decode_init(Reader::new(bytes))?;
    let mut signers = init.signers;
    for _ in 0..init.signer_count {
        decode_signer(&mut signers)?;
    }
    signers.finish()
}

fn deployment(
    env: &Env,
    wallet_wasm_hash: &BytesN<32>,
    salt: &BytesN<32>,
    init: &WalletInit,
) -> DeployerWithAddress {
    let bound = (wallet_wasm_hash.clone(), salt.clone(), init.clone()).to_xdr(env);
    env.deployer()
        .with_current_contract(env.crypto().sha256(&bound))
}

fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
