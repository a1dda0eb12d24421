//! The built policy asked by the built wallet, about transfers that a session signs.

extern crate std;

use std::{println, vec::Vec as StdVec};

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{
    testutils::authorize, Role, Session, Signer, SignerKey, WalletClient, WalletInit,
};
use soroban_sdk::{
    map,
    testutils::{Address as _, EnvTestConfig, Ledger as _},
    token::{StellarAssetClient, TokenClient},
    vec,
    xdr::{InvokeContractArgs, ScAddress, ScVal},
    Address, BytesN, Env, IntoVal, Map, TryFromVal, Val,
};

use crate::{SpendingLimitClient, SpendingLimits, TokenLimit};

const WALLET_WASM: &[u8] = include_bytes!("../../../../wasm/wallet.wasm");
const POLICY_WASM: &[u8] = include_bytes!("../../../../wasm/spending_limit.wasm");

/// By the SDK's estimate, which leaves out about 200,000 of what validators count.
const MAX_POLICY_INSTRUCTIONS: u64 = 750_000;

struct World {
    env: Env,
    wallet: Address,
    token: Address,
    policy: Address,
    session: SigningKey,
    next_nonce: i64,
}

impl World {
    /// A wallet with 1000 of a token, an admin with id 0 and sessions with the ids 1, under a limit
    /// of 100 in a day, and 2, under none.
    fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.cost_estimate().disable_resource_limits();
        env.ledger().set_sequence_number(1_000);
        env.mock_all_auths();
        let issuer = Address::generate(&env);
        let token = env.register_stellar_asset_contract_v2(issuer).address();
        let signer = |seed: u8, role| Signer {
            co_signers: vec![&env],
            key: SignerKey::Ed25519(BytesN::from_array(&env, &public_key(seed))),
            role,
            threshold: 0,
        };
        let session = || {
            Role::Session(Session {
                contracts: vec![&env, token.clone()],
                expires_at_ledger: 100_000,
            })
        };
        let init = WalletInit {
            admin_threshold: 1,
            recovery: None,
            signers: vec![&env, signer(1, Role::Admin)],
        };
        let wallet = env.register(WALLET_WASM, (init,));
        let policy = env.register(POLICY_WASM, ());
        StellarAssetClient::new(&env, &token).mint(&wallet, &1_000);
        let limits = SpendingLimits {
            limits: vec![
                &env,
                TokenLimit {
                    amount: 100,
                    token: token.clone(),
                    window_ledgers: 17_280,
                },
            ],
            others: false,
        };
        let limits: Val = limits.into_val(&env);
        let client = WalletClient::new(&env, &wallet);
        let policies = map![&env, (policy.clone(), limits)];
        assert_eq!(client.add(&signer(2, session()), &policies), 1);
        assert_eq!(client.add(&signer(3, session()), &Map::new(&env)), 2);
        env.set_auths(&[]);
        Self {
            env,
            wallet,
            token,
            policy,
            session: SigningKey::from_bytes(&[2; 32]),
            next_nonce: 1,
        }
    }

    fn transfer(&mut self, signer: u8, amount: i128) -> bool {
        let key = match signer {
            1 => self.session.clone(),
            other => SigningKey::from_bytes(&[other + 1; 32]),
        };
        let to = self.policy.clone();
        let value = |value: Val| ScVal::try_from_val(&self.env, &value).unwrap();
        let arguments: StdVec<ScVal> = std::vec![
            value(self.wallet.to_val()),
            value(to.to_val()),
            value(amount.into_val(&self.env)),
        ];
        let call = InvokeContractArgs {
            contract_address: ScAddress::from(&self.token),
            function_name: "transfer".try_into().unwrap(),
            args: arguments.try_into().unwrap(),
        };
        let ledger = self.env.ledger().get();
        let entry = authorize(
            &self.wallet,
            call,
            ledger.network_id,
            self.next_nonce,
            ledger.sequence_number + 10,
            |payload| {
                let mut signature = std::vec![0, 0, signer];
                signature.extend(key.sign(payload).to_bytes());
                signature
            },
        );
        self.next_nonce += 1;
        self.env.set_auths(&[entry]);
        let token = TokenClient::new(&self.env, &self.token);
        let is_done = token.try_transfer(&self.wallet, &to, &amount).is_ok();
        self.env.set_auths(&[]);
        is_done
    }
}

fn public_key(seed: u8) -> [u8; 32] {
    SigningKey::from_bytes(&[seed; 32])
        .verifying_key()
        .to_bytes()
}

#[test]
fn a_session_spends_up_to_its_limit_in_a_rolling_day() {
    let mut world = World::new();
    assert!(world.transfer(1, 60));
    assert!(!world.transfer(1, 41));
    assert!(world.transfer(1, 40));
    assert!(!world.transfer(1, 1));
    assert!(world.transfer(2, 500));
    world.env.ledger().set_sequence_number(1_000 + 17_280 + 720);
    assert!(world.transfer(1, 100));
    let client = SpendingLimitClient::new(&world.env, &world.policy);
    let spent = client.spent(&world.wallet, &1);
    assert_eq!(spent, Some(vec![&world.env, 100]));
}

#[test]
fn removing_the_policy_or_the_signer_leaves_nothing() {
    for is_signer_removed in [false, true] {
        let mut world = World::new();
        assert!(world.transfer(1, 60));
        world.env.mock_all_auths();
        let client = WalletClient::new(&world.env, &world.wallet);
        if is_signer_removed {
            client.remove(&1);
        } else {
            let role = client.signer(&1).signer.role;
            let no_policies = Map::new(&world.env);
            client.update_signer(&1, &role, &vec![&world.env], &0, &no_policies);
        }
        world.env.set_auths(&[]);
        let policy = SpendingLimitClient::new(&world.env, &world.policy);
        assert_eq!(policy.limits(&world.wallet, &1), None);
        assert_eq!(world.transfer(1, 500), !is_signer_removed);
    }
}

#[test]
fn asking_the_policy_stays_within_its_cost() {
    let mut world = World::new();
    let mut instructions = |signer| {
        assert!(world.transfer(signer, 1));
        world.env.cost_estimate().budget().cpu_instruction_cost()
    };
    let (limited, free) = (instructions(1), instructions(2));
    println!(
        "spending limit: {} instructions on top of {free}",
        limited - free
    );
    assert!(limited - free <= MAX_POLICY_INSTRUCTIONS);
}
