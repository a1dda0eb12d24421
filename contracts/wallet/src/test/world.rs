//! A wallet on a fresh ledger, its signers' keys, and what tests do with them. Authorizations of the
//! wallet are signed and checked by the real `__check_auth`; only the guardian's are mocked.

extern crate std;

use core::cell::Cell;

use latchkey_interface::{
    testutils::authorize, RegisteredSigner, Role, Session, Settings, Signer, WalletError,
    WalletInit,
};
use soroban_sdk::{
    auth::{Context, ContractContext},
    testutils::{EnvTestConfig, Ledger as _, MockAuth, MockAuthInvoke},
    xdr::{InvokeContractArgs, ScAddress, ScVal, SorobanAuthorizationEntry, VecM},
    Address, Bytes, BytesN, Env, IntoVal, Map, Symbol, TryFromVal, Val, Vec,
};
use std::vec::Vec as StdVec;

use super::contracts::{Behaviour, OtherAccount, Shop, TestPolicy, TestVerifier};
pub use super::key::{signature, Key, OWNER};
use crate::Wallet;

pub const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");
pub const NOW_LEDGER: u32 = 1_000;
/// Mainnet's maximum, 180 days: an entry's last ledger is at most `MAX_TTL - 1` ahead.
pub const MAX_TTL: u32 = 3_110_400;
pub const PAYLOAD: [u8; 32] = [0xfb; 32];

/// An error code, or `None` if the host ended the call.
pub type Verdict<T = ()> = Result<T, Option<WalletError>>;

pub struct World {
    pub env: Env,
    pub wallet: Address,
    /// A contract that calls nothing and is called for something.
    pub shop: Address,
    next_nonce: Cell<i64>,
}

pub fn env() -> Env {
    let env = Env::new_with_config(EnvTestConfig {
        capture_snapshot_at_drop: false,
    });
    env.cost_estimate().disable_resource_limits();
    env.cost_estimate().budget().reset_unlimited();
    env.ledger().set_sequence_number(NOW_LEDGER);
    env.ledger().set_max_entry_ttl(MAX_TTL - 1);
    env.ledger().set_min_temp_entry_ttl(15);
    env
}

/// The owner's passkey alone.
pub fn init(env: &Env) -> WalletInit {
    WalletInit {
        admin_threshold: 1,
        recovery: None,
        signers: Vec::from_array(env, [OWNER.admin(env)]),
    }
}

impl World {
    pub fn new() -> Self {
        Self::of(|_, _| {})
    }

    /// `init` after a change.
    pub fn of(change: impl FnOnce(&Env, &mut WalletInit)) -> Self {
        let env = env();
        let mut init = init(&env);
        change(&env, &mut init);
        let wallet = env.register(Wallet, (init,));
        Self::around(env, wallet)
    }

    /// Admins of these keys, with ids in their order.
    pub fn of_admins(keys: &[&Key], admin_threshold: u32) -> Self {
        Self::of(|env, init| {
            init.admin_threshold = admin_threshold;
            init.signers = Vec::from_iter(env, keys.iter().map(|key| key.admin(env)));
        })
    }

    /// A wallet that runs the built wasm instead of the native code.
    pub fn built(change: impl FnOnce(&Env, &mut WalletInit)) -> Self {
        let env = env();
        let mut init = init(&env);
        change(&env, &mut init);
        let wallet = env.register(WALLET_WASM, (init,));
        Self::around(env, wallet)
    }

    pub fn around(env: Env, wallet: Address) -> Self {
        let shop = env.register(Shop, ());
        Self {
            env,
            wallet,
            shop,
            next_nonce: Cell::new(1),
        }
    }

    /// The same world around another wallet.
    pub fn with_wallet(self, init: WalletInit) -> Self {
        let wallet = self.env.register(Wallet, (init,));
        Self { wallet, ..self }
    }

    pub fn pass_ledgers(&self, ledgers: u32) {
        let sequence = self.env.ledger().sequence();
        self.env.ledger().set_sequence_number(sequence + ledgers);
    }

    pub fn other_account(&self) -> Address {
        self.env.register(OtherAccount, ())
    }

    pub fn verifier(&self) -> Address {
        self.env.register(TestVerifier, ())
    }

    pub fn policy(&self, behaviour: Behaviour) -> Address {
        self.env.register(TestPolicy, (behaviour,))
    }

    /// As a session for the shop, with this life.
    pub fn session(&self, key: &Key, ledgers: u32) -> Signer {
        self.session_for(key, &[&self.shop], ledgers)
    }

    pub fn session_for(&self, key: &Key, contracts: &[&Address], ledgers: u32) -> Signer {
        let contracts = contracts.iter().map(|contract| (*contract).clone());
        Signer {
            role: Role::Session(Session {
                contracts: Vec::from_iter(&self.env, contracts),
                expires_at_ledger: self.env.ledger().sequence() + ledgers,
            }),
            ..key.admin(&self.env)
        }
    }

    pub fn ids(&self, ids: &[u32]) -> Vec<u32> {
        Vec::from_slice(&self.env, ids)
    }

    /// `signer` with co-signers.
    pub fn with(&self, signer: Signer, ids: &[u32], threshold: u32) -> Signer {
        Signer {
            co_signers: self.ids(ids),
            threshold,
            ..signer
        }
    }

    /// A call of `contract` as `__check_auth` sees it.
    pub fn context<A: IntoVal<Env, Vec<Val>>>(
        &self,
        contract: &Address,
        function: &str,
        arguments: A,
    ) -> Context {
        Context::Contract(ContractContext {
            contract: contract.clone(),
            fn_name: Symbol::new(&self.env, function),
            args: arguments.into_val(&self.env),
        })
    }

    pub fn purchase(&self) -> Context {
        self.context(&self.shop, "buy", (self.wallet.clone(), 1u32))
    }

    pub fn own_call(&self) -> Context {
        self.context(&self.wallet, "configure", (1u32, None::<Address>))
    }

    /// What `__check_auth` says to `blob`, for these calls.
    pub fn check(&self, payload: &[u8; 32], blob: &[u8], calls: &[Context]) -> Verdict {
        self.env
            .try_invoke_contract_check_auth::<WalletError>(
                &self.wallet,
                &BytesN::from_array(&self.env, payload),
                Bytes::from_slice(&self.env, blob).into_val(&self.env),
                &Vec::from_slice(&self.env, calls),
            )
            .map_err(Result::ok)
    }

    /// What it says to well-made signatures of these signers.
    pub fn verdict(&self, signers: &[(u32, &Key)], calls: &[Context]) -> Verdict {
        self.check(&PAYLOAD, &signature(&PAYLOAD, signers), calls)
    }

    pub fn accepts(&self, signers: &[(u32, &Key)]) -> bool {
        self.verdict(signers, &[self.purchase()]).is_ok()
    }

    /// A call of `contract`, authorized for the wallet by the signatures of `signers`.
    pub fn call_on<T, A>(
        &self,
        contract: &Address,
        signers: &[(u32, &Key)],
        function: &str,
        arguments: A,
    ) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
        A: IntoVal<Env, Vec<Val>>,
    {
        let arguments: Vec<Val> = arguments.into_val(&self.env);
        self.env
            .set_auths(&[self.entry(contract, function, &arguments, |payload| {
                signature(payload, signers)
            })]);
        self.invoke(contract, function, arguments)
    }

    /// A call of the wallet itself by `signers`.
    pub fn call<T, A>(&self, signers: &[(u32, &Key)], function: &str, arguments: A) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
        A: IntoVal<Env, Vec<Val>>,
    {
        self.call_on(&self.wallet, signers, function, arguments)
    }

    /// A call of the wallet by its owner, admin 0.
    pub fn owner<T, A>(&self, function: &str, arguments: A) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
        A: IntoVal<Env, Vec<Val>>,
    {
        self.call(&[(0, &OWNER)], function, arguments)
    }

    /// A call of the wallet that `address` authorizes, by a mock.
    pub fn mocked<T, A>(&self, address: &Address, function: &str, arguments: A) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
        A: IntoVal<Env, Vec<Val>>,
    {
        let arguments: Vec<Val> = arguments.into_val(&self.env);
        self.env.mock_auths(&[MockAuth {
            address,
            invoke: &MockAuthInvoke {
                contract: &self.wallet,
                fn_name: function,
                args: arguments.clone(),
                sub_invokes: &[],
            },
        }]);
        self.invoke(&self.wallet, function, arguments)
    }

    /// A call that nobody authorizes.
    pub fn anyone<T, A>(&self, function: &str, arguments: A) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
        A: IntoVal<Env, Vec<Val>>,
    {
        self.env.set_auths(&[]);
        self.invoke(&self.wallet, function, arguments.into_val(&self.env))
    }

    /// A call with whatever authorizations are set.
    pub fn invoke<T>(&self, contract: &Address, function: &str, arguments: Vec<Val>) -> Verdict<T>
    where
        T: TryFromVal<Env, Val>,
    {
        let function = Symbol::new(&self.env, function);
        let result = self
            .env
            .try_invoke_contract::<T, WalletError>(contract, &function, arguments);
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => panic!("returned another type"),
            Err(error) => Err(error.ok()),
        }
    }

    /// The wallet's authorization of one call, as `sign` signs its payload.
    pub fn entry(
        &self,
        contract: &Address,
        function: &str,
        arguments: &Vec<Val>,
        sign: impl FnOnce(&[u8; 32]) -> StdVec<u8>,
    ) -> SorobanAuthorizationEntry {
        let arguments = arguments
            .iter()
            .map(|value| ScVal::try_from_val(&self.env, &value).unwrap());
        let call = InvokeContractArgs {
            contract_address: ScAddress::from(contract),
            function_name: function.try_into().unwrap(),
            args: VecM::try_from(arguments.collect::<StdVec<_>>()).unwrap(),
        };
        let ledger = self.env.ledger().get();
        let nonce = self.next_nonce.replace(self.next_nonce.get() + 1);
        let expiry = ledger.sequence_number + 100;
        authorize(&self.wallet, call, ledger.network_id, nonce, expiry, sign)
    }

    pub fn add(&self, signer: Signer) -> u32 {
        self.owner("add", (signer, self.no_policies())).unwrap()
    }

    pub fn configure(
        &self,
        signers: &[(u32, &Key)],
        admin_threshold: u32,
        guardian: Option<Address>,
    ) -> Verdict {
        self.call(signers, "configure", (admin_threshold, guardian))
    }

    /// By the owner, as is everything that says nothing else; the guardian stays.
    pub fn set_threshold(&self, admin_threshold: u32) -> Verdict {
        let guardian = self.settings().recovery;
        self.configure(&[(0, &OWNER)], admin_threshold, guardian)
    }

    pub fn set_guardian(&self, guardian: Option<Address>) -> Verdict {
        let admin_threshold = self.settings().admin_threshold;
        self.configure(&[(0, &OWNER)], admin_threshold, guardian)
    }

    /// Gives a signer this role and these co-signers, and leaves it no policies.
    pub fn update(&self, id: u32, role: &Role, co_signers: &[u32], threshold: u32) -> Verdict {
        self.update_by(&[(0, &OWNER)], id, role, co_signers, threshold)
    }

    pub fn update_by(
        &self,
        signers: &[(u32, &Key)],
        id: u32,
        role: &Role,
        co_signers: &[u32],
        threshold: u32,
    ) -> Verdict {
        let co_signers = self.ids(co_signers);
        let arguments = (id, role.clone(), co_signers, threshold, self.no_policies());
        self.call(signers, "update_signer", arguments)
    }

    /// Gives a signer these policies and leaves all else as it is.
    pub fn set_policies(&self, id: u32, policies: &[(&Address, Val)]) -> Verdict {
        self.set_policies_by(&[(0, &OWNER)], id, policies)
    }

    pub fn set_policies_by(
        &self,
        signers: &[(u32, &Key)],
        id: u32,
        policies: &[(&Address, Val)],
    ) -> Verdict {
        let signer = self.signer(id)?.signer;
        let policies = self.policies(policies);
        let arguments = (
            id,
            signer.role,
            signer.co_signers,
            signer.threshold,
            policies,
        );
        self.call(signers, "update_signer", arguments)
    }

    pub fn policies(&self, policies: &[(&Address, Val)]) -> Map<Address, Val> {
        let mut map = self.no_policies();
        for (policy, parameters) in policies {
            map.set((*policy).clone(), *parameters);
        }
        map
    }

    pub fn no_policies(&self) -> Map<Address, Val> {
        Map::new(&self.env)
    }

    pub fn signer(&self, id: u32) -> Verdict<RegisteredSigner> {
        self.anyone("signer", (id,))
    }

    pub fn settings(&self) -> Settings {
        self.anyone("settings", ()).unwrap()
    }

    /// Every page, until an empty one.
    pub fn signers(&self) -> StdVec<RegisteredSigner> {
        let pages = (0u32..).map(|page| {
            let page: Vec<RegisteredSigner> = self.anyone("signers", (page,)).unwrap();
            page.iter().collect::<StdVec<_>>()
        });
        pages
            .take_while(|page| !page.is_empty())
            .flatten()
            .collect()
    }
}
