//! The built wallet, deployed by the native factory.

extern crate std;

use latchkey_interface::{testutils::SoftwareAuthenticator, Passkey, WalletError, WalletInit};
use soroban_sdk::{
    contractclient,
    testutils::{Address as _, EnvTestConfig, Events as _},
    xdr::{ContractEventBody, ScMap, ScMapEntry, ScVal, ToXdr},
    Address, Bytes, BytesN, Env, String, TryFromVal,
};
use std::vec::Vec;

use crate::{Factory, FactoryClient};

const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");

#[contractclient(name = "WalletClient")]
#[allow(dead_code)]
pub trait Wallet {
    fn signer(env: Env) -> Passkey;
}

struct World {
    env: Env,
    factory: Address,
    wallet_wasm_hash: BytesN<32>,
}

impl World {
    fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.cost_estimate().disable_resource_limits();
        let wallet_wasm_hash = env.deployer().upload_contract_wasm(WALLET_WASM);
        let factory = env.register(Factory, (wallet_wasm_hash.clone(),));
        Self {
            env,
            factory,
            wallet_wasm_hash,
        }
    }

    fn client(&self) -> FactoryClient<'_> {
        FactoryClient::new(&self.env, &self.factory)
    }

    fn salt(&self, byte: u8) -> BytesN<32> {
        BytesN::from_array(&self.env, &[byte; 32])
    }

    fn init(&self) -> WalletInit {
        WalletInit {
            signer: SoftwareAuthenticator::new(9).passkey(&self.env),
            guardian: Some(Address::from_string(&String::from_str(
                &self.env,
                "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH",
            ))),
            rotation_delay_seconds: 60,
        }
    }

    /// `init` with each of its fields changed in turn, to values that are as good.
    fn variants(&self) -> Vec<(&'static str, WalletInit)> {
        let mut variants = Vec::new();
        let mut variant = |field, change: &dyn Fn(&mut WalletInit)| {
            let mut init = self.init();
            change(&mut init);
            variants.push((field, init));
        };
        let other = SoftwareAuthenticator::new(10).passkey(&self.env);
        variant("public_key", &|init| {
            init.signer.public_key = other.public_key.clone()
        });
        variant("credential_id", &|init| {
            init.signer.credential_id = other.credential_id.clone()
        });
        variant("rp_id_hash", &|init| init.signer.rp_id_hash = self.salt(1));
        variant("origin", &|init| {
            init.signer.origin = String::from_str(&self.env, "https://evil.example.com");
        });
        variant("guardian", &|init| {
            init.guardian = Some(Address::generate(&self.env))
        });
        variant("no guardian", &|init| {
            init.guardian = None;
            init.rotation_delay_seconds = 0;
        });
        variant("rotation_delay_seconds", &|init| {
            init.rotation_delay_seconds = 61
        });
        variants
    }
}

#[test]
fn deploys_and_constructs_at_the_address_it_announces() {
    let world = World::new();
    let announced = world.client().address_of(&world.salt(7), &world.init());
    assert!(!announced.exists());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(wallet, announced);
    assert_eq!(
        WalletClient::new(&world.env, &wallet).signer(),
        world.init().signer
    );
}

#[test]
fn needs_no_authorization() {
    let world = World::new();
    world.env.set_auths(&[]);
    world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(world.env.auths(), std::vec![]);
}

#[test]
fn a_second_deployment_returns_the_address_and_changes_nothing() {
    let world = World::new();
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(world.env.events().all().events().len(), 2);
    assert_eq!(world.client().deploy(&world.salt(7), &world.init()), wallet);
    assert_eq!(world.env.events().all().events().len(), 0);
    assert_eq!(
        world.client().address_of(&world.salt(7), &world.init()),
        wallet
    );
}

#[test]
fn the_address_binds_the_salt_and_every_field() {
    let world = World::new();
    let wallet = world.client().address_of(&world.salt(7), &world.init());
    let other_salt = world.client().address_of(&world.salt(8), &world.init());
    assert_ne!(other_salt, wallet);
    let mut addresses = std::vec![wallet, other_salt];
    for (field, init) in world.variants() {
        let address = world.client().address_of(&world.salt(7), &init);
        assert!(!addresses.contains(&address), "{field}");
        addresses.push(address);
    }
}

#[test]
fn the_address_binds_the_code() {
    let world = World::new();
    let factory_address = world.factory.clone();
    let before = world.client().address_of(&world.salt(7), &world.init());
    // The same factory address with another code for its wallets, as only a test can make it.
    world
        .env
        .register_at(&factory_address, Factory, (world.salt(1),));
    assert_ne!(
        world.client().address_of(&world.salt(7), &world.init()),
        before
    );
}

#[test]
fn the_address_is_the_documented_hash() {
    let world = World::new();
    let bound = (world.wallet_wasm_hash.clone(), world.salt(7), world.init()).to_xdr(&world.env);
    let salt = world.env.crypto().sha256(&bound);
    let expected = world
        .env
        .deployer()
        .with_address(world.factory.clone(), salt)
        .deployed_address();
    assert_eq!(
        world.client().address_of(&world.salt(7), &world.init()),
        expected
    );
}

#[test]
fn front_running_with_another_key_takes_nothing() {
    let world = World::new();
    let announced = world.client().address_of(&world.salt(7), &world.init());
    for (field, init) in world.variants() {
        let theirs = world.client().deploy(&world.salt(7), &init);
        assert_ne!(theirs, announced, "{field}");
    }
    assert!(!announced.exists());
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(wallet, announced);
    assert_eq!(
        WalletClient::new(&world.env, &wallet).signer(),
        world.init().signer
    );
}

#[test]
fn front_running_with_the_same_arguments_only_pays_for_it() {
    let world = World::new();
    let theirs = world.client().deploy(&world.salt(7), &world.init());
    assert_eq!(world.client().deploy(&world.salt(7), &world.init()), theirs);
    assert_eq!(
        WalletClient::new(&world.env, &theirs).signer(),
        world.init().signer
    );
}

#[test]
fn bad_arguments_leave_nothing_behind() {
    let world = World::new();
    let with = |change: &dyn Fn(&mut WalletInit)| {
        let mut init = world.init();
        change(&mut init);
        let announced = world.client().address_of(&world.salt(7), &init);
        let error = world
            .client()
            .try_deploy(&world.salt(7), &init)
            .unwrap_err()
            .unwrap();
        assert!(!announced.exists());
        error
    };
    let bad_key = with(&|init| init.signer.public_key = BytesN::from_array(&world.env, &[4; 65]));
    assert_eq!(bad_key, WalletError::InvalidPublicKey);
    let bad_id = with(&|init| init.signer.credential_id = Bytes::from_array(&world.env, &[1; 15]));
    assert_eq!(bad_id, WalletError::InvalidCredentialId);
    let bad_origin = with(&|init| init.signer.origin = String::from_str(&world.env, "\""));
    assert_eq!(bad_origin, WalletError::InvalidOrigin);
    let bad_delay = with(&|init| init.rotation_delay_seconds = u64::MAX);
    assert_eq!(bad_delay, WalletError::InvalidRotationDelay);
    let no_guardian = with(&|init| init.guardian = None);
    assert_eq!(no_guardian, WalletError::RotationDelayWithoutGuardian);
}

#[test]
fn a_factory_of_missing_code_deploys_nothing() {
    let world = World::new();
    let factory = world.env.register(Factory, (world.salt(1),));
    let client = FactoryClient::new(&world.env, &factory);
    let announced = client.address_of(&world.salt(7), &world.init());
    assert!(client.try_deploy(&world.salt(7), &world.init()).is_err());
    assert!(!announced.exists());
}

#[test]
fn says_which_code_it_deploys() {
    let world = World::new();
    assert_eq!(world.client().wallet_wasm_hash(), world.wallet_wasm_hash);
}

#[test]
fn a_deployment_is_an_event() {
    let world = World::new();
    let wallet = world.client().deploy(&world.salt(7), &world.init());
    let events = world.env.events().all().filter_by_contract(&world.factory);
    let [event] = events.events() else {
        panic!("{} events", events.events().len())
    };
    let ContractEventBody::V0(body) = &event.body;
    let topics = [
        ScVal::Symbol("wallet_deployed".try_into().unwrap()),
        ScVal::Address((&wallet).into()),
    ];
    assert_eq!(body.topics.as_slice(), topics);
    let field = |name: &str, value: BytesN<32>| ScMapEntry {
        key: ScVal::Symbol(name.try_into().unwrap()),
        val: ScVal::try_from_val(&world.env, &value.to_val()).unwrap(),
    };
    let fields = std::vec![
        field("salt", world.salt(7)),
        field("wallet_wasm_hash", world.wallet_wasm_hash.clone()),
    ];
    assert_eq!(
        body.data,
        ScVal::Map(Some(ScMap(fields.try_into().unwrap())))
    );
}
