//! Two wallets of the same signers, native and built, and the keys of those signers.

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{
    testutils::{Ceremony, SoftwareAuthenticator},
    PostQuantumKey, Role, Scheme, Session, Signer, SignerKey, WalletInit,
};
use latchkey_wallet::Wallet;
use sha2::{Digest, Sha256};
use soroban_sdk::{
    auth::{
        Context, ContractContext, ContractExecutable, CreateContractHostFnContext,
        CustomAccountInterface,
    },
    contract, contractimpl,
    crypto::Hash,
    testutils::{Address as _, EnvTestConfig, Ledger as _},
    Address, Bytes, BytesN, Env, Error, IntoVal, InvokeError, Symbol, Val, Vec,
};

const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");

/// Ids of the signers: admins, and sessions.
pub const PASSKEY: u32 = 0;
pub const ED25519: u32 = 1;
pub const POST_QUANTUM: u32 = 2;
/// Another account, which never authorizes anything.
pub const ACCOUNT: u32 = 3;
pub const SESSION_PASSKEY: u32 = 4;
pub const SESSION_ED25519: u32 = 5;
/// Expired.
pub const EXPIRED: u32 = 6;
pub const IDS: u32 = 7;

pub const PAYLOAD: [u8; 32] = [0x5a; 32];
const SCHEME: Scheme = Scheme::MlDsa44;

/// Calls that an authorization can be for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Calls {
    None,
    Shop,
    Elsewhere,
    Change,
    ChangeAndShop,
    RemoveSession(u32),
    CreateContract,
    TooLong,
}

/// Accepts `SHA-256(public key | message)` followed by zeros.
#[contract]
struct Verifier;

#[contractimpl]
impl Verifier {
    pub fn verify(env: Env, public_key: Bytes, message: Bytes, signature: Bytes) -> bool {
        let mut signed = public_key;
        signed.append(&message);
        let digest = Bytes::from(env.crypto().sha256(&signed).to_bytes());
        signature.slice(..32) == digest && signature.slice(32..).iter().all(|byte| byte == 0)
    }
}

#[contract]
struct Nothing;

#[contractimpl]
impl CustomAccountInterface for Nothing {
    type Signature = Val;
    type Error = Error;

    #[allow(non_snake_case)]
    fn __check_auth(
        _env: Env,
        _payload: Hash<32>,
        _signature: Val,
        _contexts: Vec<Context>,
    ) -> Result<(), Error> {
        Err(Error::from_contract_error(1))
    }
}

pub struct Wallets {
    env: Env,
    native: Address,
    built: Address,
    shop: Address,
}

fn authenticator(id: u32) -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(10 + id as u8)
}

fn ed25519(id: u32) -> SigningKey {
    SigningKey::from_bytes(&[10 + id as u8; 32])
}

fn post_quantum_key() -> std::vec::Vec<u8> {
    vec![7; SCHEME.lengths().public_key]
}

/// What a signer's part holds after its header: genuine for `payload`, by the default ceremony.
pub fn proof(id: u32, payload: &[u8; 32]) -> std::vec::Vec<u8> {
    match id {
        PASSKEY | SESSION_PASSKEY => authenticator(id).sign(payload),
        POST_QUANTUM => {
            let mut signature = vec![0; SCHEME.lengths().signature];
            let signed = [&post_quantum_key()[..], payload].concat();
            signature[..32].copy_from_slice(&Sha256::digest(signed));
            [post_quantum_key(), signature].concat()
        }
        ACCOUNT => std::vec::Vec::new(),
        _ => ed25519(id).sign(payload).to_bytes().to_vec(),
    }
}

/// The explicit form, for a signer with a passkey.
pub fn explicit_proof(id: u32, payload: &[u8; 32], ceremony: &Ceremony) -> std::vec::Vec<u8> {
    authenticator(id).explicit(payload, ceremony)
}

pub fn compact_proof(id: u32, payload: &[u8; 32], ceremony: &Ceremony) -> std::vec::Vec<u8> {
    authenticator(id).compact(payload, ceremony)
}

fn admin(env: &Env, key: SignerKey) -> Signer {
    Signer {
        co_signers: Vec::new(env),
        key,
        role: Role::Admin,
        threshold: 0,
    }
}

impl Wallets {
    pub fn new(admin_threshold: u32) -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.cost_estimate().disable_resource_limits();
        env.cost_estimate().budget().reset_unlimited();
        env.ledger().set_sequence_number(1_000);
        let shop = Address::generate(&env);
        let hash = Sha256::digest(post_quantum_key()).into();
        let post_quantum = SignerKey::PostQuantum(PostQuantumKey {
            public_key_hash: BytesN::from_array(&env, &hash),
            scheme: SCHEME,
            verifier: env.register(Verifier, ()),
        });
        let passkey = |id| SignerKey::Passkey(authenticator(id).passkey(&env));
        let ed25519 = |id| {
            let key = ed25519(id).verifying_key();
            SignerKey::Ed25519(BytesN::from_array(&env, key.as_bytes()))
        };
        let session = |key, expires_at_ledger| Signer {
            role: Role::Session(Session {
                contracts: Vec::from_array(&env, [shop.clone()]),
                expires_at_ledger,
            }),
            ..admin(&env, key)
        };
        let signers = [
            admin(&env, passkey(PASSKEY)),
            admin(&env, ed25519(ED25519)),
            admin(&env, post_quantum),
            admin(&env, SignerKey::Account(env.register(Nothing, ()))),
            session(passkey(SESSION_PASSKEY), 3_000_000),
            session(ed25519(SESSION_ED25519), 3_000_000),
            session(ed25519(EXPIRED), 1_001),
        ];
        let init = WalletInit {
            admin_threshold,
            recovery: None,
            signers: Vec::from_array(&env, signers),
        };
        let native = env.register(Wallet, (init.clone(),));
        let built = env.register(WALLET_WASM, (init,));
        env.ledger().set_sequence_number(1_002);
        Self {
            env,
            native,
            built,
            shop,
        }
    }

    fn contexts(&self, wallet: &Address, calls: Calls) -> Vec<Context> {
        let env = &self.env;
        let call = |contract: &Address, function: &str, arguments: Vec<Val>| {
            Context::Contract(ContractContext {
                contract: contract.clone(),
                fn_name: Symbol::new(env, function),
                args: arguments,
            })
        };
        let nothing = || Vec::new(env);
        let change = || {
            call(
                wallet,
                "update",
                (BytesN::from_array(env, &[1; 32]),).into_val(env),
            )
        };
        let contexts = match calls {
            Calls::None => vec![],
            Calls::Shop => vec![call(&self.shop, "buy", nothing())],
            Calls::Elsewhere => vec![
                call(&self.native, "x", nothing()),
                call(&self.built, "x", nothing()),
            ],
            Calls::Change => vec![change()],
            Calls::ChangeAndShop => vec![change(), call(&self.shop, "buy", nothing())],
            Calls::RemoveSession(id) => vec![call(wallet, "remove", (id,).into_val(env))],
            Calls::CreateContract => {
                let salt = BytesN::from_array(env, &[1; 32]);
                vec![Context::CreateContractHostFn(CreateContractHostFnContext {
                    executable: ContractExecutable::Wasm(salt.clone()),
                    salt,
                })]
            }
            Calls::TooLong => {
                let long = Bytes::from_slice(env, &[0; 8192]);
                vec![call(&self.shop, "buy", (long,).into_val(env))]
            }
        };
        Vec::from_slice(env, &contexts)
    }

    fn check(&self, wallet: &Address, blob: &[u8], calls: Calls) -> Result<(), Error> {
        let verdict = self.env.try_invoke_contract_check_auth::<Error>(
            wallet,
            &BytesN::from_array(&self.env, &PAYLOAD),
            Bytes::from_slice(&self.env, blob).into_val(&self.env),
            &self.contexts(wallet, calls),
        );
        verdict.map_err(|error: Result<Error, InvokeError>| error.unwrap())
    }

    /// What both say, native and built.
    pub fn verdicts(&self, blob: &[u8], calls: Calls) -> [Result<(), Error>; 2] {
        [&self.native, &self.built].map(|wallet| self.check(wallet, blob, calls))
    }
}
