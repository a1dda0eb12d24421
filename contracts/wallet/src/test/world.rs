//! A wallet of passkey `OWNER` on a fresh ledger, and what tests do with it. Authorizations of the
//! wallet are signed and checked by the real `__check_auth`; only the guardian's are mocked.

extern crate std;

use core::cell::Cell;

use latchkey_interface::testutils::{authorize, SoftwareAuthenticator};
use soroban_sdk::{
    testutils::{Address as _, EnvTestConfig, Ledger as _, MockAuth, MockAuthInvoke},
    xdr::{InvokeContractArgs, ScAddress, ScVal, SorobanAuthorizationEntry, VecM},
    Address, Bytes, BytesN, Env, IntoVal, InvokeError, TryFromVal, Val, Vec,
};

use crate::{Passkey, Wallet, WalletClient, WalletError, WalletInit};

pub const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");
pub const OWNER: u8 = 9;
pub const SUCCESSOR: u8 = 10;
pub const STRANGER: u8 = 11;
pub const DELAY_SECONDS: u64 = 72 * 3600;
pub const NOW: u64 = 1_800_000_000;
pub const PAYLOAD: [u8; 32] = [0xfb; 32];

pub struct World {
    pub env: Env,
    pub wallet: Address,
    pub guardian: Address,
    next_nonce: Cell<i64>,
}

pub fn env() -> Env {
    let env = Env::new_with_config(EnvTestConfig {
        capture_snapshot_at_drop: false,
    });
    env.ledger().set_timestamp(NOW);
    env.ledger().set_sequence_number(1_000);
    env
}

pub fn init(env: &Env, guardian: Option<Address>, rotation_delay_seconds: u64) -> WalletInit {
    let signer = SoftwareAuthenticator::new(OWNER).passkey(env);
    WalletInit {
        signer,
        guardian,
        rotation_delay_seconds,
    }
}

impl World {
    pub fn with_delay(rotation_delay_seconds: u64) -> Self {
        let env = env();
        let guardian = Address::generate(&env);
        let init = init(&env, Some(guardian.clone()), rotation_delay_seconds);
        Self::of(env, guardian, init)
    }

    pub fn without_guardian() -> Self {
        let env = env();
        let guardian = Address::generate(&env);
        let init = init(&env, None, 0);
        Self::of(env, guardian, init)
    }

    pub fn of(env: Env, guardian: Address, init: WalletInit) -> Self {
        let wallet = env.register(Wallet, (init,));
        Self {
            env,
            wallet,
            guardian,
            next_nonce: Cell::new(1),
        }
    }

    /// A wallet that runs the built wasm instead of the native code.
    pub fn built(rotation_delay_seconds: u64) -> Self {
        let env = env();
        env.cost_estimate().disable_resource_limits();
        let guardian = Address::generate(&env);
        let init = init(&env, Some(guardian.clone()), rotation_delay_seconds);
        let wallet = env.register(WALLET_WASM, (init,));
        Self {
            env,
            wallet,
            guardian,
            next_nonce: Cell::new(1),
        }
    }

    pub fn client(&self) -> WalletClient<'_> {
        WalletClient::new(&self.env, &self.wallet)
    }

    pub fn passkey(&self, seed: u8) -> Passkey {
        SoftwareAuthenticator::new(seed).passkey(&self.env)
    }

    /// What `__check_auth` says to `blob`. A trap of the host, as for a wrong signature, is `Err(None)`.
    pub fn check(&self, payload: &[u8; 32], blob: &[u8]) -> Result<(), Option<WalletError>> {
        self.env
            .try_invoke_contract_check_auth::<WalletError>(
                &self.wallet,
                &BytesN::from_array(&self.env, payload),
                Bytes::from_slice(&self.env, blob).into_val(&self.env),
                &Vec::new(&self.env),
            )
            .map_err(Result::ok)
    }

    /// True if the wallet accepts a fresh, well-made assertion of the passkey with this seed.
    pub fn accepts(&self, seed: u8) -> bool {
        let blob = SoftwareAuthenticator::new(seed).sign(&PAYLOAD);
        self.check(&PAYLOAD, &blob).is_ok()
    }

    /// A client whose one call `function(arguments)` is authorized by `address`, by a mock.
    pub fn mocked<A: IntoVal<Env, Vec<Val>>>(
        &self,
        address: &Address,
        function: &'static str,
        arguments: A,
    ) -> WalletClient<'_> {
        self.env.mock_auths(&[MockAuth {
            address,
            invoke: &MockAuthInvoke {
                contract: &self.wallet,
                fn_name: function,
                args: arguments.into_val(&self.env),
                sub_invokes: &[],
            },
        }]);
        self.client()
    }

    /// A client whose one call `function(arguments)` is authorized by the passkey with this seed.
    pub fn signed_by<A: IntoVal<Env, Vec<Val>>>(
        &self,
        seed: u8,
        function: &str,
        arguments: A,
    ) -> WalletClient<'_> {
        self.env
            .set_auths(&[self.authorization(seed, function, arguments)]);
        self.client()
    }

    fn authorization<A: IntoVal<Env, Vec<Val>>>(
        &self,
        seed: u8,
        function: &str,
        arguments: A,
    ) -> SorobanAuthorizationEntry {
        let arguments: Vec<Val> = arguments.into_val(&self.env);
        let arguments = arguments
            .iter()
            .map(|v| ScVal::try_from_val(&self.env, &v).unwrap());
        let call = InvokeContractArgs {
            contract_address: ScAddress::from(&self.wallet),
            function_name: function.try_into().unwrap(),
            args: VecM::try_from(arguments.collect::<std::vec::Vec<_>>()).unwrap(),
        };
        let ledger = self.env.ledger().get();
        let signer = SoftwareAuthenticator::new(seed);
        let nonce = self.next_nonce.replace(self.next_nonce.get() + 1);
        authorize(
            &self.wallet,
            call,
            ledger.network_id,
            nonce,
            ledger.sequence_number + 100,
            |p| signer.sign(p),
        )
    }

    pub fn pass_seconds(&self, seconds: u64) {
        self.env
            .ledger()
            .set_timestamp(self.env.ledger().timestamp() + seconds);
    }
}

/// A call that failed with the contract's own code, as generated clients report it.
pub fn failed_with<T, C: core::fmt::Debug>(
    result: Result<Result<T, C>, Result<WalletError, InvokeError>>,
) -> Option<WalletError> {
    result.err().and_then(Result::ok)
}

/// A call that the host ended, for want of an authorization or for a wrong one.
pub fn refused_by_host<T, C>(
    result: Result<Result<T, C>, Result<WalletError, InvokeError>>,
) -> bool {
    matches!(result, Err(Err(InvokeError::Abort)))
}
