//! What all policies have in common: one persistent entry per wallet and signer, changed by the
//! wallet alone, and the rule that no policy consents to a call by which it would be changed.
//!
//! Not guaranteed: that a wallet's other signers cannot change a policy. A signer that may call
//! this contract in the wallet's name, because nothing limits it, may change what the contract
//! keeps for any signer of that wallet.
#![no_std]

use soroban_sdk::{
    auth::{Context, ContractContext},
    contractevent, symbol_short,
    unwrap::UnwrapOptimized,
    Address, Env, IntoVal, Symbol, TryFromVal, Val, Vec,
};

#[cfg(feature = "testutils")]
pub mod testutils;

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

/// The wallet took the policy away, and nothing of it is kept.
#[contractevent(sparse = false)]
pub struct PolicyUninstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
}

/// What a policy keeps for one signer of one wallet.
pub struct Installation<'a> {
    env: &'a Env,
    pub wallet: Address,
    pub signer: u32,
}

impl<'a> Installation<'a> {
    /// For whoever only reads.
    pub fn new(env: &'a Env, wallet: Address, signer: u32) -> Self {
        Self {
            env,
            wallet,
            signer,
        }
    }

    /// Traps unless the wallet calls or authorized the call.
    pub fn authorized(env: &'a Env, wallet: Address, signer: u32) -> Self {
        wallet.require_auth();
        Self::new(env, wallet, signer)
    }

    pub fn load<T: TryFromVal<Env, Val>>(&self) -> Option<T> {
        self.env.storage().persistent().get(&self.key())
    }

    pub fn save(&self, state: &impl IntoVal<Env, Val>) {
        self.env.storage().persistent().set(&self.key(), state);
    }

    pub fn extend_ttl(&self) {
        let storage = self.env.storage();
        storage
            .persistent()
            .extend_ttl(&self.key(), EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
        storage
            .instance()
            .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
    }

    /// Succeeds if nothing was installed, so that a wallet can always tidy up.
    pub fn remove(self) {
        let key = self.key();
        let storage = self.env.storage().persistent();
        if storage.has(&key) {
            storage.remove(&key);
            PolicyUninstalled {
                wallet: self.wallet,
                signer: self.signer,
            }
            .publish(self.env);
        }
    }

    fn key(&self) -> (Address, u32) {
        (self.wallet.clone(), self.signer)
    }
}

/// The calls in `contexts`, in their order; `None` stands for the creation of a contract. Reads no
/// more of them than that, where the SDK's `Context` would decode executables and constructors.
pub fn calls<'a>(
    env: &'a Env,
    contexts: &Vec<Context>,
) -> impl Iterator<Item = Option<ContractContext>> + 'a {
    contexts.to_vals().into_iter().map(|context| {
        let variant = Vec::<Val>::try_from_val(env, &context).unwrap_optimized();
        let name = Symbol::try_from_val(env, &variant.get_unchecked(0)).unwrap_optimized();
        (name == symbol_short!("Contract")).then(|| {
            ContractContext::try_from_val(env, &variant.get_unchecked(1)).unwrap_optimized()
        })
    })
}

/// Whether the call would change what this contract keeps. The host takes a signature for such a
/// call as the wallet's authorization, so a policy that let it pass would let the signer widen
/// itself.
pub fn changes_this_policy(env: &Env, call: &ContractContext) -> bool {
    let changes = [
        symbol_short!("install"),
        symbol_short!("enforce"),
        symbol_short!("uninstall"),
    ];
    call.contract == env.current_contract_address() && changes.contains(&call.fn_name)
}
