//! The built policy asked by the built wallet, about calls that a session signs.

extern crate std;

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{
    testutils::authorize, Role, Session, Signer, SignerKey, WalletClient, WalletInit,
};
use soroban_sdk::{
    contract, contractimpl, map,
    testutils::{Address as _, EnvTestConfig, Ledger as _},
    token::{StellarAssetClient, TokenClient},
    vec,
    xdr::{InvokeContractArgs, ScAddress, ScVal},
    Address, BytesN, Env, IntoVal, InvokeError, Map, Symbol, TryFromVal, Val, Vec,
};

use crate::{ArgumentLimit, CallLimitsClient, Constraint, FunctionLimit, Limit, SpendingCap};

const WALLET_WASM: &[u8] = include_bytes!("../../../../wasm/wallet.wasm");
const POLICY_WASM: &[u8] = include_bytes!("../../../../wasm/call_limits.wasm");

const SESSION_SEED: u8 = 2;
const SESSION: u32 = 1;

/// Takes payments: what it does needs the wallet's authorization for a transfer as well.
#[contract]
pub struct Shop;

#[contractimpl]
impl Shop {
    pub fn buy(env: Env, buyer: Address, token: Address, price: i128) {
        buyer.require_auth();
        TokenClient::new(&env, &token).transfer(&buyer, &env.current_contract_address(), &price);
    }
}

struct World {
    env: Env,
    wallet: Address,
    token: Address,
    payee: Address,
    policy: Address,
    next_nonce: i64,
}

impl World {
    /// A wallet with 1000 of a token. A session may transfer 100 in a day, to one payee.
    fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.cost_estimate().disable_resource_limits();
        env.ledger().set_sequence_number(1_000);
        env.mock_all_auths();
        let issuer = Address::generate(&env);
        let token = env.register_stellar_asset_contract_v2(issuer).address();
        let init = WalletInit {
            admin_threshold: 1,
            recovery: None,
            signers: vec![&env, signer(&env, 1, Role::Admin)],
        };
        let world = Self {
            wallet: env.register(WALLET_WASM, (init,)),
            policy: env.register(POLICY_WASM, ()),
            payee: Address::generate(&env),
            token,
            next_nonce: 1,
            env,
        };
        StellarAssetClient::new(&world.env, &world.token).mint(&world.wallet, &1_000);
        let session = signer(&world.env, SESSION_SEED, world.role());
        let policies = world.policies(world.limits());
        assert_eq!(world.wallet().add(&session, &policies), SESSION);
        world.env.set_auths(&[]);
        world
    }

    fn wallet(&self) -> WalletClient<'_> {
        WalletClient::new(&self.env, &self.wallet)
    }

    fn role(&self) -> Role {
        Role::Session(Session {
            contracts: vec![&self.env, self.token.clone()],
            expires_at_ledger: 100_000,
        })
    }

    fn policies(&self, limits: Vec<Limit>) -> Map<Address, Val> {
        map![&self.env, (self.policy.clone(), limits.into_val(&self.env))]
    }

    fn limits(&self) -> Vec<Limit> {
        let to_payee = ArgumentLimit {
            constraint: Constraint::OneOf(vec![&self.env, self.payee.to_val()]),
            index: 1,
        };
        let transfer = FunctionLimit {
            arguments: vec![&self.env, to_payee],
            name: Symbol::new(&self.env, "transfer"),
        };
        let cap = SpendingCap {
            amount: 100,
            window_ledgers: 17_280,
        };
        let limit = Limit {
            contract: self.token.clone(),
            functions: vec![&self.env, transfer],
            spending: vec![&self.env, cap],
        };
        vec![&self.env, limit]
    }

    /// Whether the session's signature is enough for the call.
    fn call(&mut self, contract: &Address, function: &str, arguments: Vec<Val>) -> bool {
        let encoded: std::vec::Vec<ScVal> = arguments
            .iter()
            .map(|argument| ScVal::try_from_val(&self.env, &argument).unwrap())
            .collect();
        let call = InvokeContractArgs {
            contract_address: ScAddress::from(contract),
            function_name: function.try_into().unwrap(),
            args: encoded.try_into().unwrap(),
        };
        let ledger = self.env.ledger().get();
        let entry = authorize(
            &self.wallet,
            call,
            ledger.network_id,
            self.next_nonce,
            ledger.sequence_number + 10,
            |payload| {
                let mut signature = std::vec![0, 0, SESSION as u8];
                let key = SigningKey::from_bytes(&[SESSION_SEED; 32]);
                signature.extend(key.sign(payload).to_bytes());
                signature
            },
        );
        self.next_nonce += 1;
        self.env.set_auths(&[entry]);
        let function = Symbol::new(&self.env, function);
        let outcome = self
            .env
            .try_invoke_contract::<Val, InvokeError>(contract, &function, arguments);
        self.env.set_auths(&[]);
        outcome.is_ok()
    }

    fn transfer(&mut self, to: &Address, amount: i128) -> bool {
        let arguments = (&self.wallet, to, amount).into_val(&self.env);
        self.call(&self.token.clone(), "transfer", arguments)
    }

    fn spent(&self) -> Option<i128> {
        let client = CallLimitsClient::new(&self.env, &self.policy);
        let installed = client.installed(&self.wallet, &SESSION)?;
        installed.spent.first()
    }
}

fn signer(env: &Env, seed: u8, role: Role) -> Signer {
    let public_key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    Signer {
        co_signers: vec![env],
        key: SignerKey::Ed25519(BytesN::from_array(env, &public_key.to_bytes())),
        role,
        threshold: 0,
    }
}

#[test]
fn a_session_stays_within_function_argument_and_cap() {
    let mut world = World::new();
    let (payee, stranger) = (world.payee.clone(), world.policy.clone());
    assert!(world.transfer(&payee, 60));
    assert!(!world.transfer(&payee, 41));
    assert!(!world.transfer(&stranger, 1));
    assert!(!world.transfer(&payee, -1));
    let burn = (&world.wallet, 1i128).into_val(&world.env);
    assert!(!world.call(&world.token.clone(), "burn", burn));
    assert!(world.transfer(&payee, 40));
    assert_eq!(world.spent(), Some(100));
    assert!(!world.transfer(&payee, 1));
    world.env.ledger().set_sequence_number(1_000 + 17_280);
    assert_eq!(world.spent(), Some(0));
    assert!(world.transfer(&payee, 100));
    let balance = TokenClient::new(&world.env, &world.token).balance(&payee);
    assert_eq!(balance, 200);
}

#[test]
fn a_session_cannot_sign_its_limits_away() {
    let mut world = World::new();
    world.env.mock_all_auths();
    let role = Role::Session(Session {
        contracts: vec![&world.env, world.token.clone(), world.policy.clone()],
        expires_at_ledger: 100_000,
    });
    let mut limits = world.limits();
    limits.push_back(Limit {
        contract: world.policy.clone(),
        functions: vec![&world.env],
        spending: vec![&world.env],
    });
    let policies = world.policies(limits);
    let no_co_signers = vec![&world.env];
    let wallet = world.wallet();
    wallet.update_signer(&SESSION, &role, &no_co_signers, &0, &policies);
    world.env.set_auths(&[]);
    let policy = world.policy.clone();
    let own = (&world.wallet, SESSION).into_val(&world.env);
    assert!(!world.call(&policy, "uninstall", own));
    let wider = (&world.wallet, SESSION, world.limits()).into_val(&world.env);
    assert!(!world.call(&policy, "install", wider));
    assert_eq!(world.spent(), Some(0));
}

#[test]
fn what_a_permitted_contract_takes_has_to_be_within_the_limits_too() {
    let mut world = World::new();
    let shop = world.env.register(Shop, ());
    world.env.mock_all_auths();
    let role = Role::Session(Session {
        contracts: vec![&world.env, world.token.clone(), shop.clone()],
        expires_at_ledger: 100_000,
    });
    let mut limits = world.limits();
    limits.push_back(Limit {
        contract: shop.clone(),
        functions: vec![&world.env],
        spending: vec![&world.env],
    });
    let policies = world.policies(limits);
    let no_co_signers = vec![&world.env];
    let wallet = world.wallet();
    wallet.update_signer(&SESSION, &role, &no_co_signers, &0, &policies);
    world.env.set_auths(&[]);
    let purchase = (&world.wallet, &world.token, 1i128).into_val(&world.env);
    assert!(!world.call(&shop, "buy", purchase));
    assert_eq!(world.spent(), Some(0));
}

#[test]
fn an_update_with_the_same_limits_keeps_what_was_spent() {
    let mut world = World::new();
    let payee = world.payee.clone();
    assert!(world.transfer(&payee, 60));
    world.env.mock_all_auths();
    let policies = world.policies(world.limits());
    let no_co_signers = vec![&world.env];
    let wallet = world.wallet();
    wallet.update_signer(&SESSION, &world.role(), &no_co_signers, &0, &policies);
    world.env.set_auths(&[]);
    assert_eq!(world.spent(), Some(60));
    assert!(!world.transfer(&payee, 41));
}

#[test]
fn removing_the_policy_or_the_signer_leaves_nothing() {
    for is_signer_removed in [false, true] {
        let mut world = World::new();
        let payee = world.payee.clone();
        assert!(world.transfer(&payee, 60));
        world.env.mock_all_auths();
        let wallet = world.wallet();
        if is_signer_removed {
            wallet.remove(&SESSION);
        } else {
            let no_co_signers = vec![&world.env];
            let no_policies = Map::new(&world.env);
            wallet.update_signer(&SESSION, &world.role(), &no_co_signers, &0, &no_policies);
        }
        world.env.set_auths(&[]);
        assert_eq!(world.spent(), None);
        assert_eq!(world.transfer(&payee, 500), !is_signer_removed);
    }
}

#[test]
fn limits_that_are_none_keep_a_session_from_being_added() {
    let world = World::new();
    world.env.mock_all_auths();
    let session = signer(&world.env, 3, world.role());
    let policies = world.policies(vec![&world.env]);
    assert!(world.wallet().try_add(&session, &policies).is_err());
    let policies = world.policies(world.limits());
    assert_eq!(world.wallet().add(&session, &policies), SESSION + 1);
}
