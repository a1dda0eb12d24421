//! The factory contract. It has no owner, no upgrade and no say in the wallets it deployed.
//!
//! Guaranteed: an address of this factory can only ever hold the wallet it was computed for, since
//! the deployment salt is `SHA-256(XDR of the ScVal vector (wallet wasm hash, salt, init))`. Whoever
//! front-runs a deployment with another key, origin, guardian or threshold makes another address,
//! and whoever front-runs it with the same ones has paid for it. So `deploy` needs no authorization.
//!
//! Not guaranteed: that a wallet still has these signers (its owner and guardian may have changed
//! them), and anything to whoever trusts the factory's address, since anybody with a wallet can
//! make it call anything.

use latchkey_calls::Call;
use latchkey_interface::{stored, Storage, WalletError};
use soroban_sdk::{
    contract, contractimpl, contracttype, deploy::DeployerWithAddress, symbol_short,
    unwrap::UnwrapOptimized, vec, Address, BytesN, ContractExecutable, Env, Error, Symbol,
    TryFromVal, Val, Vec,
};

use crate::{
    bound::{Bound, WalletInit},
    events::WalletDeployed,
    executable::executable,
};

const WALLET_WASM_HASH: Symbol = symbol_short!("wasm_hash");

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

/// A wallet that this factory deployed.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Provenance {
    /// The code it started with: the factory's.
    pub deployed_wasm_hash: BytesN<32>,
    /// The code it has now. Another one says that its admins replaced it, and nothing else.
    pub present_wasm_hash: BytesN<32>,
}

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
    /// Errors: `MalformedArgument`, those of `decode_signer`. What only the wallet can know, such as
    /// co-signers that do not exist, ends in the host's error for a constructor that failed.
    pub fn deploy(env: Env, salt: BytesN<32>, init: WalletInit) -> Result<Address, WalletError> {
        extend_ttl(&env);
        let wallet_wasm_hash = Self::wallet_wasm_hash(env.clone());
        let bound = Bound::new(&env, &wallet_wasm_hash, &salt, &init);
        let deployment_salt = bound.deployment_salt(&env);
        let deployment = deployment(&env, &deployment_salt);
        let wallet = deployment.deployed_address();
        if !wallet.exists() {
            bound.check()?;
            let executable = ContractExecutable::Wasm(wallet_wasm_hash.clone());
            deployment.deploy_contract(executable, (init,));
            WalletDeployed {
                wallet: wallet.clone(),
                deployment_salt,
                salt,
                wallet_wasm_hash,
            }
            .publish(&env);
        }
        Ok(wallet)
    }

    /// Deploys the wallet if it does not exist, makes 1 to 32 calls and returns what they return, all
    /// or nothing. The wallet authorizes the calls as a whole, by an entry for this function with
    /// `calls` as its only argument, since its address stands for the rest; what the calls require of
    /// the wallet are sub-invocations of that entry.
    ///
    /// Errors: those of `deploy`, 250-252 for bad calls.
    pub fn deploy_and_call(
        env: Env,
        salt: BytesN<32>,
        init: WalletInit,
        calls: Vec<Call>,
    ) -> Result<Vec<Val>, Error> {
        latchkey_calls::check(&env, &calls)?;
        let wallet = Self::deploy(env.clone(), salt, init)?;
        wallet.require_auth_for_args(vec![&env, calls.to_val()]);
        Ok(latchkey_calls::make(&env, &calls))
    }

    /// The address that `deploy` returns for the same arguments, deployed or not. The arguments are
    /// not checked: an address for bad ones is one that never comes to be.
    pub fn address_of(env: Env, salt: BytesN<32>, init: WalletInit) -> Address {
        let bound = Bound::new(&env, &Self::wallet_wasm_hash(env.clone()), &salt, &init);
        deployment(&env, &bound.deployment_salt(&env)).deployed_address()
    }

    /// Nothing unless this factory deployed `wallet` with this deployment salt, which is in the
    /// event and can be computed from what the wallet was made of.
    pub fn provenance(
        env: Env,
        wallet: Address,
        deployment_salt: BytesN<32>,
    ) -> Option<Provenance> {
        if deployment(&env, &deployment_salt).deployed_address() != wallet {
            return None;
        }
        let executable = Vec::<Val>::try_from_val(&env, &executable(&env, &wallet)).ok()?;
        Some(Provenance {
            deployed_wasm_hash: Self::wallet_wasm_hash(env.clone()),
            present_wasm_hash: BytesN::try_from_val(&env, &executable.get(1)?).ok()?,
        })
    }

    /// SHA-256 of the code that this factory's wallets start with.
    pub fn wallet_wasm_hash(env: Env) -> BytesN<32> {
        let hash = stored(&env, WALLET_WASM_HASH.to_val(), Storage::Instance);
        BytesN::try_from_val(&env, &hash).unwrap_optimized()
    }
}

fn deployment(env: &Env, deployment_salt: &BytesN<32>) -> DeployerWithAddress {
    env.deployer()
        .with_current_contract(deployment_salt.clone())
}

fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
