//! What the built contracts cost in a whole transaction: `contracts/wasm`, not the native code.

extern crate std;

use std::{println, vec, vec::Vec};

use latchkey_interface::{
    testutils::{authorize, SoftwareAuthenticator},
    Role, Signer, SignerKey, WalletInit,
};
use soroban_sdk::{
    testutils::{EnvTestConfig, Ledger as _},
    vec as sdk_vec,
    xdr::{
        self, AccountEntry, AccountId, Asset, ContractDataDurability, ContractDataEntry,
        ContractId, ContractIdPreimage, CreateContractArgs, ExtensionPoint, Hash, HostFunction,
        Int128Parts, InvokeContractArgs, LedgerEntry, LedgerEntryData, LedgerEntryExt, LedgerKey,
        LedgerKeyAccount, LedgerKeyContractCode, LedgerKeyContractData, Limits, PublicKey,
        ScAddress, ScMap, ScMapEntry, ScNonceKey, ScVal, SequenceNumber, SorobanAuthorizationEntry,
        SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials, Thresholds,
        Uint256, VecM, WriteXdr,
    },
    Address, BytesN, Env, IntoVal, TryFromVal, Val,
};

use super::enforced_invocation::{EnforcedInvocation, Entries};
use crate::FactoryClient;

const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");
const FACTORY_WASM: &[u8] = include_bytes!("../../../wasm/factory.wasm");

/// Above today's figures by what another compiler may add, and no more: a change that costs every
/// transfer is to be noticed.
const MAX_TRANSFER_INSTRUCTIONS: u64 = 3_800_000;
const MAX_TRANSFER_AUTHORIZATION_BYTES: usize = 300;
const MAX_SECOND_DEPLOY_INSTRUCTIONS: u64 = 550_000;
const MAX_DEPLOY_INSTRUCTIONS: u64 = 1_300_000;
const MAX_ROTATE_INSTRUCTIONS: u64 = 650_000;

const EXPIRES_AT_LEDGER: u32 = 1_100;
const NONCE: i64 = 0x0123_4567_89ab_cdef;

struct World {
    env: Env,
    factory: Address,
    wallet_wasm_hash: BytesN<32>,
}

impl World {
    fn new() -> Self {
        let mut env = Env::default();
        env.set_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.ledger().set_sequence_number(1_000);
        env.ledger().set_max_entry_ttl(3_110_400);
        env.ledger().set_min_persistent_entry_ttl(2_073_600);
        env.cost_estimate().disable_resource_limits();
        env.cost_estimate().budget().reset_unlimited();
        let wallet_wasm_hash = env.deployer().upload_contract_wasm(WALLET_WASM);
        let factory = env.register(FACTORY_WASM, (wallet_wasm_hash.clone(),));
        Self {
            env,
            factory,
            wallet_wasm_hash,
        }
    }

    fn init(&self, passkey: &SoftwareAuthenticator) -> WalletInit {
        let guardian = Address::try_from_val(&self.env, &ScAddress::Account(source())).unwrap();
        WalletInit {
            admin_threshold: 1,
            recovery: Some(guardian),
            signers: sdk_vec![
                &self.env,
                Signer {
                    co_signers: sdk_vec![&self.env],
                    key: SignerKey::Passkey(passkey.passkey(&self.env)),
                    role: Role::Admin,
                    threshold: 0,
                }
            ],
        }
    }

    fn salt(&self) -> BytesN<32> {
        BytesN::from_array(&self.env, &[7; 32])
    }

    fn deploy_wallet(&self, signer: &SoftwareAuthenticator) -> Address {
        FactoryClient::new(&self.env, &self.factory).deploy(&self.salt(), &self.init(signer))
    }

    fn entries(&self) -> Entries {
        let snapshot = self.env.to_ledger_snapshot().ledger_entries;
        let mut entries: Entries = snapshot
            .into_iter()
            .map(|(key, (entry, ttl))| (*key, *entry, ttl))
            .collect();
        entries.push(source_account());
        entries
    }

    fn invocation<'a>(
        &self,
        call: &InvokeContractArgs,
        entries: &'a Entries,
    ) -> EnforcedInvocation<'a> {
        EnforcedInvocation {
            ledger: self.env.ledger().get(),
            source: source(),
            function: HostFunction::InvokeContract(call.clone()),
            authorizations: vec![],
            read_only: vec![],
            read_write: vec![],
            entries,
        }
    }

    fn value(&self, value: impl IntoVal<Env, Val>) -> ScVal {
        ScVal::try_from_val(&self.env, &value.into_val(&self.env)).unwrap()
    }

    fn deployment(&self, passkey: &SoftwareAuthenticator) -> InvokeContractArgs {
        let arguments = vec![self.value(self.salt()), self.value(self.init(passkey))];
        InvokeContractArgs {
            contract_address: ScAddress::from(&self.factory),
            function_name: "deploy".try_into().unwrap(),
            args: arguments.try_into().unwrap(),
        }
    }

    fn factory_code(&self, entries: &Entries) -> LedgerKey {
        let key = instance(&ScAddress::from(&self.factory));
        let (_, entry, _) = entries.iter().find(|(other, _, _)| *other == key).unwrap();
        let LedgerEntryData::ContractData(data) = &entry.data else {
            panic!("the factory's instance is not contract data");
        };
        let ScVal::ContractInstance(instance) = &data.val else {
            panic!("the factory has no instance");
        };
        let xdr::ContractExecutable::Wasm(hash) = &instance.executable else {
            panic!("the factory is not wasm");
        };
        code(hash.0)
    }

    fn wallet_code(&self) -> LedgerKey {
        code(self.wallet_wasm_hash.to_array())
    }
}

#[test]
fn a_transfer_stays_within_its_cost() {
    let world = World::new();
    let signer = SoftwareAuthenticator::new(9);
    let wallet = ScAddress::from(&world.deploy_wallet(&signer));
    let token = native_token(&world.env);
    let recipient = ScAddress::Contract(ContractId(Hash([0x77; 32])));
    let mut entries = world.entries();
    entries.push(balance(&token, &wallet));
    entries.push(balance(&token, &recipient));

    let call = InvokeContractArgs {
        contract_address: token.clone(),
        function_name: "transfer".try_into().unwrap(),
        args: vec![
            ScVal::Address(wallet.clone()),
            ScVal::Address(recipient.clone()),
            ScVal::I128(Int128Parts { hi: 0, lo: 5 }),
        ]
        .try_into()
        .unwrap(),
    };
    let authorization = authorize(
        &Address::try_from_val(&world.env, &wallet).unwrap(),
        call.clone(),
        world.env.ledger().get().network_id,
        NONCE,
        EXPIRES_AT_LEDGER,
        |payload| signed(&signer, payload),
    );
    let authorization_bytes = authorization.to_xdr(Limits::none()).unwrap().len();
    let mut invocation = world.invocation(&call, &entries);
    invocation.authorizations = vec![authorization];
    invocation.read_only = vec![instance(&token), instance(&wallet), world.wallet_code()];
    invocation.read_write = vec![
        balance_key(&token, &wallet),
        balance_key(&token, &recipient),
        nonce(&wallet),
    ];
    let outcome = invocation.run();

    outcome.result.unwrap();
    println!(
        "transfer: {} instructions, {authorization_bytes} B authorization entry",
        outcome.instructions
    );
    assert!(outcome.instructions <= MAX_TRANSFER_INSTRUCTIONS);
    assert!(authorization_bytes <= MAX_TRANSFER_AUTHORIZATION_BYTES);
}

#[test]
fn a_deployment_stays_within_its_cost() {
    let world = World::new();
    let passkey = SoftwareAuthenticator::new(9);
    let client = FactoryClient::new(&world.env, &world.factory);
    let wallet = client.address_of(&world.salt(), &world.init(&passkey));
    let wallet = ScAddress::from(&wallet);
    let call = world.deployment(&passkey);
    let entries = world.entries();
    let mut invocation = world.invocation(&call, &entries);
    invocation.read_only = vec![
        instance(&call.contract_address),
        world.factory_code(&entries),
        world.wallet_code(),
    ];
    invocation.read_write = vec![instance(&wallet)];
    let outcome = invocation.run();

    assert_eq!(outcome.result.unwrap(), ScVal::Address(wallet));
    println!("deploy: {} instructions", outcome.instructions);
    assert!(outcome.instructions <= MAX_DEPLOY_INSTRUCTIONS);
}

/// What the factory takes for itself.
#[test]
fn a_deployment_of_what_exists_stays_within_its_cost() {
    let world = World::new();
    let passkey = SoftwareAuthenticator::new(9);
    let wallet = ScAddress::from(&world.deploy_wallet(&passkey));
    let call = world.deployment(&passkey);
    let entries = world.entries();
    let mut invocation = world.invocation(&call, &entries);
    invocation.read_only = vec![
        instance(&call.contract_address),
        world.factory_code(&entries),
        world.wallet_code(),
        instance(&wallet),
    ];
    let outcome = invocation.run();

    assert_eq!(outcome.result.unwrap(), ScVal::Address(wallet));
    println!("second deploy: {} instructions", outcome.instructions);
    assert!(outcome.instructions <= MAX_SECOND_DEPLOY_INSTRUCTIONS);
}

#[test]
fn a_rotation_stays_within_its_cost() {
    let world = World::new();
    let wallet = ScAddress::from(&world.deploy_wallet(&SoftwareAuthenticator::new(9)));
    let successor = SignerKey::Passkey(SoftwareAuthenticator::new(10).passkey(&world.env));
    let call = InvokeContractArgs {
        contract_address: wallet.clone(),
        function_name: "rotate_signer".try_into().unwrap(),
        args: vec![world.value(0u32), world.value(successor)]
            .try_into()
            .unwrap(),
    };
    let entries = world.entries();
    let mut invocation = world.invocation(&call, &entries);
    invocation.authorizations = vec![SorobanAuthorizationEntry {
        credentials: SorobanCredentials::SourceAccount,
        root_invocation: SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(call),
            sub_invocations: VecM::default(),
        },
    }];
    invocation.read_only = vec![world.wallet_code()];
    invocation.read_write = vec![instance(&wallet)];
    let outcome = invocation.run();

    outcome.result.unwrap();
    println!("rotate: {} instructions", outcome.instructions);
    assert!(outcome.instructions <= MAX_ROTATE_INSTRUCTIONS);
}

/// By the signer with id 0.
fn signed(passkey: &SoftwareAuthenticator, payload: &[u8; 32]) -> Vec<u8> {
    let mut signature = vec![0, 0, 0];
    signature.extend(passkey.sign(payload));
    signature
}

fn source() -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256([5; 32])))
}

fn source_account() -> (LedgerKey, LedgerEntry, Option<u32>) {
    let account = AccountEntry {
        account_id: source(),
        balance: 100_000_000_000,
        seq_num: SequenceNumber(1),
        num_sub_entries: 0,
        inflation_dest: None,
        flags: 0,
        home_domain: Default::default(),
        thresholds: Thresholds([1, 0, 0, 0]),
        signers: VecM::default(),
        ext: Default::default(),
    };
    let key = LedgerKey::Account(LedgerKeyAccount {
        account_id: source(),
    });
    (key, entry(LedgerEntryData::Account(account)), None)
}

fn native_token(env: &Env) -> ScAddress {
    let created = env
        .host()
        .invoke_function(HostFunction::CreateContract(CreateContractArgs {
            contract_id_preimage: ContractIdPreimage::Asset(Asset::Native),
            executable: xdr::ContractExecutable::StellarAsset,
        }));
    match created.unwrap() {
        ScVal::Address(address) => address,
        other => panic!("not an address: {other:?}"),
    }
}

fn balance(token: &ScAddress, holder: &ScAddress) -> (LedgerKey, LedgerEntry, Option<u32>) {
    let field = |name: &str, val: ScVal| ScMapEntry {
        key: ScVal::Symbol(name.try_into().unwrap()),
        val,
    };
    let fields: Vec<ScMapEntry> = vec![
        field(
            "amount",
            ScVal::I128(Int128Parts {
                hi: 0,
                lo: 10_000_000_000,
            }),
        ),
        field("authorized", ScVal::Bool(true)),
        field("clawback", ScVal::Bool(false)),
    ];
    let data = ContractDataEntry {
        ext: ExtensionPoint::V0,
        contract: token.clone(),
        key: balance_name(holder),
        durability: ContractDataDurability::Persistent,
        val: ScVal::Map(Some(ScMap(fields.try_into().unwrap()))),
    };
    let entry = entry(LedgerEntryData::ContractData(data));
    (balance_key(token, holder), entry, Some(1_000_000))
}

fn balance_name(holder: &ScAddress) -> ScVal {
    let name = vec![
        ScVal::Symbol("Balance".try_into().unwrap()),
        ScVal::Address(holder.clone()),
    ];
    ScVal::Vec(Some(name.try_into().unwrap()))
}

fn entry(data: LedgerEntryData) -> LedgerEntry {
    LedgerEntry {
        last_modified_ledger_seq: 1,
        ext: LedgerEntryExt::V0,
        data,
    }
}

fn balance_key(token: &ScAddress, holder: &ScAddress) -> LedgerKey {
    data_key(
        token,
        balance_name(holder),
        ContractDataDurability::Persistent,
    )
}

fn instance(contract: &ScAddress) -> LedgerKey {
    data_key(
        contract,
        ScVal::LedgerKeyContractInstance,
        ContractDataDurability::Persistent,
    )
}

fn nonce(account: &ScAddress) -> LedgerKey {
    let key = ScVal::LedgerKeyNonce(ScNonceKey { nonce: NONCE });
    data_key(account, key, ContractDataDurability::Temporary)
}

fn data_key(contract: &ScAddress, key: ScVal, durability: ContractDataDurability) -> LedgerKey {
    LedgerKey::ContractData(LedgerKeyContractData {
        contract: contract.clone(),
        key,
        durability,
    })
}

fn code(hash: [u8; 32]) -> LedgerKey {
    LedgerKey::ContractCode(LedgerKeyContractCode { hash: Hash(hash) })
}
