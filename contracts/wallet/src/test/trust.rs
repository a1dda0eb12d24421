//! Attacks on wallets that trust one another, sign for one another, or keep policies that do not
//! want to go. Nothing of `__check_auth` is mocked: each call goes through signed entries.

extern crate std;

use std::{vec, vec::Vec as StdVec};

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{Role, Session, Signer, SignerKey, WalletClient, WalletInit};
use sha2::{Digest, Sha256};
use soroban_sdk::{
    contract, contractimpl,
    testutils::{EnvTestConfig, Ledger as _},
    xdr::{
        Hash, HashIdPreimage, HashIdPreimageSorobanAuthorization,
        HashIdPreimageSorobanAuthorizationWithAddress, InvokeContractArgs, Limits, ScMap,
        ScMapEntry, ScVal, SorobanAddressCredentials, SorobanAddressCredentialsWithDelegates,
        SorobanAuthorizationEntry, SorobanAuthorizedFunction, SorobanAuthorizedInvocation,
        SorobanCredentials, SorobanDelegateSignature, VecM, WriteXdr,
    },
    Address, Bytes, BytesN, Env, IntoVal, Map, Symbol, TryFromVal, Val, Vec,
};

use crate::Wallet;

/// Spends in an account's name.
#[contract]
pub struct Shop;

#[contractimpl]
impl Shop {
    pub fn spend(account: Address) {
        account.require_auth();
    }
}

/// Consents to everything, and never comes to an end when it is taken away.
#[contract]
pub struct Clinging;

#[contractimpl]
impl Clinging {
    pub fn install(_env: Env, _wallet: Address, _signer: u32, _parameters: Val) {}

    pub fn uninstall(env: Env, _wallet: Address, _signer: u32) {
        loop {
            env.crypto().sha256(&Bytes::from_array(&env, &[0; 1024]));
        }
    }
}

fn env() -> Env {
    let env = Env::new_with_config(EnvTestConfig {
        capture_snapshot_at_drop: false,
    });
    env.ledger().set_sequence_number(1_000);
    env.ledger().set_max_entry_ttl(3_110_399);
    env.ledger().set_min_temp_entry_ttl(16);
    env
}

fn ed25519(env: &Env, seed: u8) -> SignerKey {
    let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    SignerKey::Ed25519(BytesN::from_array(env, key.as_bytes()))
}

fn admin(env: &Env, key: SignerKey) -> Signer {
    Signer {
        co_signers: Vec::new(env),
        key,
        role: Role::Admin,
        threshold: 0,
    }
}

fn wallet(env: &Env, seed: u8, recovery: Option<&Address>) -> Address {
    let init = WalletInit {
        admin_threshold: 1,
        recovery: recovery.cloned(),
        signers: Vec::from_array(env, [admin(env, ed25519(env, seed))]),
    };
    env.register(Wallet, (init,))
}

/// Signer 1 of `wallet` is `account`.
fn trust(env: &Env, wallet: &Address, account: &Address) {
    env.mock_all_auths();
    let signer = admin(env, SignerKey::Account(account.clone()));
    let id = WalletClient::new(env, wallet).add(&signer, &Map::new(env));
    assert_eq!(id, 1);
    env.set_auths(&[]);
}

fn call(contract: &Address, function: &str, arguments: StdVec<ScVal>) -> InvokeContractArgs {
    InvokeContractArgs {
        contract_address: contract.into(),
        function_name: function.try_into().unwrap(),
        args: arguments.try_into().unwrap(),
    }
}

fn spend(shop: &Address, account: &Address) -> InvokeContractArgs {
    call(shop, "spend", vec![ScVal::Address(account.into())])
}

fn entry(
    account: &Address,
    call: &InvokeContractArgs,
    signature: &[u8],
) -> SorobanAuthorizationEntry {
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: account.into(),
            nonce: 1,
            signature_expiration_ledger: 1_100,
            signature: bytes(signature),
        }),
        root_invocation: SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(call.clone()),
            sub_invocations: VecM::default(),
        },
    }
}

fn with_delegate(
    mut entry: SorobanAuthorizationEntry,
    delegate: &Address,
    signature: &[u8],
) -> SorobanAuthorizationEntry {
    let SorobanCredentials::Address(address_credentials) = entry.credentials else {
        unreachable!()
    };
    let delegate = SorobanDelegateSignature {
        address: delegate.into(),
        signature: bytes(signature),
        nested_delegates: VecM::default(),
    };
    entry.credentials =
        SorobanCredentials::AddressWithDelegates(SorobanAddressCredentialsWithDelegates {
            address_credentials,
            delegates: vec![delegate].try_into().unwrap(),
        });
    entry
}

/// What the account of `entry`, or its delegates if `is_delegated`, sign.
fn payload(env: &Env, entry: &SorobanAuthorizationEntry, is_delegated: bool) -> [u8; 32] {
    let SorobanCredentials::Address(credentials) = &entry.credentials else {
        unreachable!()
    };
    let network_id = Hash(env.ledger().get().network_id);
    let (nonce, signature_expiration_ledger) =
        (credentials.nonce, credentials.signature_expiration_ledger);
    let invocation = entry.root_invocation.clone();
    let preimage = if is_delegated {
        HashIdPreimage::SorobanAuthorizationWithAddress(
            HashIdPreimageSorobanAuthorizationWithAddress {
                network_id,
                nonce,
                signature_expiration_ledger,
                address: credentials.address.clone(),
                invocation,
            },
        )
    } else {
        HashIdPreimage::SorobanAuthorization(HashIdPreimageSorobanAuthorization {
            network_id,
            nonce,
            signature_expiration_ledger,
            invocation,
        })
    };
    Sha256::digest(preimage.to_xdr(Limits::none()).unwrap()).into()
}

fn bytes(bytes: &[u8]) -> ScVal {
    ScVal::Bytes(bytes.to_vec().try_into().unwrap())
}

fn symbol(name: &str) -> ScVal {
    ScVal::Symbol(name.try_into().unwrap())
}

fn vector(values: StdVec<ScVal>) -> ScVal {
    ScVal::Vec(Some(values.try_into().unwrap()))
}

/// The contexts of an entry for this call alone.
fn contexts(call: &InvokeContractArgs) -> ScVal {
    let field = |name, val| ScMapEntry {
        key: symbol(name),
        val,
    };
    let fields = vec![
        field("args", vector(call.args.to_vec())),
        field("contract", ScVal::Address(call.contract_address.clone())),
        field("fn_name", ScVal::Symbol(call.function_name.clone())),
    ];
    let context = ScVal::Map(Some(ScMap(fields.try_into().unwrap())));
    vector(vec![vector(vec![symbol("Contract"), context])])
}

fn passes(env: &Env, call: &InvokeContractArgs, entries: &[SorobanAuthorizationEntry]) -> bool {
    env.set_auths(entries);
    let contract = Address::try_from_val(env, &call.contract_address).unwrap();
    let function = Symbol::try_from_val(env, &call.function_name).unwrap();
    let arguments = call.args.iter().map(|argument| argument.into_val(env));
    let arguments = Vec::<Val>::from_iter(env, arguments.collect::<StdVec<Val>>());
    let outcome =
        env.try_invoke_contract::<Val, soroban_sdk::Error>(&contract, &function, arguments);
    env.set_auths(&[]);
    outcome.is_ok()
}

/// The part of signer 1 when that is an account, without and with the flag.
const ACCOUNT_1: [u8; 3] = [0, 0, 1];
const DELEGATE_1: [u8; 3] = [0x80, 0, 1];

#[test]
fn two_wallets_that_trust_each_other_do_not_sign_for_nobody() {
    let env = env();
    let (a, b) = (wallet(&env, 1, None), wallet(&env, 2, None));
    trust(&env, &a, &b);
    trust(&env, &b, &a);
    let shop = env.register(Shop, ());
    let spend = spend(&shop, &a);
    let of_a = entry(&a, &spend, &ACCOUNT_1);
    // What `b` is asked for: the call of `__check_auth` of `a`. Whoever asks there is `a` itself.
    let arguments = vec![
        bytes(&payload(&env, &of_a, false)),
        bytes(&ACCOUNT_1),
        contexts(&spend),
    ];
    let of_b = entry(&b, &call(&a, "__check_auth", arguments), &ACCOUNT_1);
    assert!(!passes(&env, &spend, &[of_a.clone()]));
    assert!(!passes(&env, &spend, &[of_a, of_b]));
}

#[test]
fn two_wallets_that_trust_each_other_do_not_sign_for_nobody_as_delegates() {
    let env = env();
    let (a, b) = (wallet(&env, 1, None), wallet(&env, 2, None));
    trust(&env, &a, &b);
    trust(&env, &b, &a);
    let shop = env.register(Shop, ());
    let spend = spend(&shop, &a);
    let unsigned = entry(&a, &spend, &DELEGATE_1);
    assert!(!passes(&env, &spend, &[unsigned.clone()]));
    let entry = with_delegate(unsigned, &b, &ACCOUNT_1);
    assert!(!passes(&env, &spend, &[entry]));
}

#[test]
fn a_wallet_does_not_consent_to_the_rotation_of_its_own_signer() {
    let env = env();
    // `old` is one of the signers of `new`, which is the guardian of `old`.
    let new = wallet(&env, 1, None);
    let old = wallet(&env, 2, Some(&new));
    trust(&env, &new, &old);
    let thief = ScVal::try_from_val(&env, &ed25519(&env, 66).into_val(&env) as &Val).unwrap();
    let rotate = call(&old, "rotate_signer", vec![ScVal::U32(0), thief]);
    assert!(!passes(&env, &rotate, &[]));
    assert!(!passes(&env, &rotate, &[entry(&new, &rotate, &ACCOUNT_1)]));
}

#[test]
fn a_session_signs_within_its_contracts_for_a_wallet_that_trusts_its_wallet() {
    let env = env();
    let (treasury, owner) = (wallet(&env, 1, None), wallet(&env, 2, None));
    trust(&env, &treasury, &owner);
    let shop = env.register(Shop, ());
    env.mock_all_auths();
    let session = Signer {
        role: Role::Session(Session {
            contracts: Vec::from_array(&env, [shop.clone()]),
            expires_at_ledger: 2_000,
        }),
        ..admin(&env, ed25519(&env, 3))
    };
    assert_eq!(
        WalletClient::new(&env, &owner).add(&session, &Map::new(&env)),
        1
    );
    env.set_auths(&[]);

    let own_call = spend(&shop, &owner);
    let own = entry(&owner, &own_call, &[]);
    let proof = SigningKey::from_bytes(&[3; 32])
        .sign(&payload(&env, &own, false))
        .to_bytes();
    let own = entry(&owner, &own_call, &[&[0, 0, 1], &proof[..]].concat());
    assert!(passes(&env, &own_call, &[own]));

    let spend = spend(&shop, &treasury);
    let unsigned = entry(&treasury, &spend, &DELEGATE_1);
    let payload = payload(&env, &unsigned, true);
    let proof = SigningKey::from_bytes(&[3; 32]).sign(&payload).to_bytes();
    let signature = [&[0, 0, 1], &proof[..]].concat();
    let forged = with_delegate(unsigned.clone(), &owner, &[0; 67]);
    assert!(!passes(&env, &spend, &[forged]));
    // SECURITY.md says so: what signs for a wallet signs for those that it is a signer of.
    let trusted = with_delegate(unsigned, &owner, &signature);
    assert!(passes(&env, &spend, &[trusted]));
}

/// SECURITY.md says so: only new code rids the wallet of a policy that burns the whole budget.
#[test]
fn a_policy_that_never_returns_keeps_its_signer() {
    let env = env();
    let wallet = wallet(&env, 1, None);
    let policy = env.register(Clinging, ());
    env.mock_all_auths();
    let client = WalletClient::new(&env, &wallet);
    let policies = Map::from_array(&env, [(policy, Val::VOID.to_val())]);
    let id = client.add(&admin(&env, ed25519(&env, 3)), &policies);
    env.cost_estimate().budget().reset_default();
    let remove = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.try_remove(&id)));
    assert!(!matches!(remove, Ok(Ok(_))));
    env.cost_estimate().budget().reset_unlimited();
    assert!(client.try_signer(&id).is_ok());
}
