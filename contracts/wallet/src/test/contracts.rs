//! Contracts that wallets deal with, each reduced to the one behaviour that a test is about.

use soroban_sdk::{
    auth::{Context, CustomAccountInterface},
    contract, contractimpl, contracttype,
    crypto::Hash,
    Address, Bytes, BytesN, Env, Error, Map, String, Symbol, Val, Vec,
};

/// Does something in an account's name.
#[contract]
pub struct Shop;

#[contractimpl]
impl Shop {
    pub fn buy(_env: Env, account: Address, _amount: u32) {
        account.require_auth();
    }

    pub fn buy_all(_env: Env, account: Address, _amounts: Vec<u32>) {
        account.require_auth();
    }

    /// Two calls under one authorization.
    pub fn buy_from(env: Env, account: Address, other: Address) {
        account.require_auth();
        ShopClient::new(&env, &other).buy(&account, &1);
    }
}

/// SEP-45, as its reference contract has it.
#[contract]
pub struct WebAuth;

#[contractimpl]
impl WebAuth {
    pub fn web_auth_verify(env: Env, args: Map<Symbol, String>) {
        let account = args.get(Symbol::new(&env, "account")).unwrap();
        Address::from_string(&account).require_auth();
        if let Some(domain) = args.get(Symbol::new(&env, "client_domain_account")) {
            Address::from_string(&domain).require_auth();
        }
    }
}

/// An account that authorizes everything, or nothing when it is closed.
#[contract]
pub struct OtherAccount;

#[contractimpl]
impl CustomAccountInterface for OtherAccount {
    type Signature = Val;
    type Error = Error;

    #[allow(non_snake_case)]
    fn __check_auth(
        _env: Env,
        _payload: Hash<32>,
        signature: Val,
        _contexts: Vec<Context>,
    ) -> Result<(), Error> {
        if signature.is_void() {
            Ok(())
        } else {
            Err(Error::from_contract_error(1))
        }
    }
}

/// What a test sets it to, a policy does.
#[contracttype]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Behaviour {
    Consent,
    Refuse,
    Trap,
    ReturnNumber,
    /// Consents, but cannot be installed.
    TrapOnInstall,
    /// Consents, but cannot be uninstalled.
    TrapOnUninstall,
    /// Consents, and returns a number from `install`.
    NumberFromInstall,
    /// Wants the wallet's authorization of the running call and consents.
    AskWallet,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Enforced {
    pub wallet: Address,
    pub signer: u32,
    pub contexts: Vec<Context>,
}

#[contracttype]
pub enum PolicyKey {
    Behaviour,
    Parameters(u32),
    Enforced,
}

/// Keeps its state where tests look at it.
#[contract]
pub struct TestPolicy;

#[contractimpl]
impl TestPolicy {
    pub fn __constructor(env: Env, behaviour: Behaviour) {
        Self::behave(env, behaviour);
    }

    pub fn behave(env: Env, behaviour: Behaviour) {
        env.storage()
            .instance()
            .set(&PolicyKey::Behaviour, &behaviour);
    }

    pub fn install(env: Env, wallet: Address, signer: u32, parameters: Val) -> Val {
        wallet.require_auth();
        if Self::behaviour(&env) == Behaviour::TrapOnInstall {
            panic!("refuses to be installed");
        }
        env.storage()
            .instance()
            .set(&PolicyKey::Parameters(signer), &parameters);
        if Self::behaviour(&env) == Behaviour::NumberFromInstall {
            return 1u32.into();
        }
        ().into()
    }

    pub fn enforce(env: Env, wallet: Address, signer: u32, contexts: Vec<Context>) -> Val {
        let enforced = Enforced {
            wallet: wallet.clone(),
            signer,
            contexts,
        };
        env.storage()
            .instance()
            .set(&PolicyKey::Enforced, &enforced);
        match Self::behaviour(&env) {
            Behaviour::Refuse => false.into(),
            Behaviour::Trap => panic!("traps"),
            Behaviour::ReturnNumber => 1u32.into(),
            Behaviour::AskWallet => {
                wallet.require_auth();
                true.into()
            }
            _ => true.into(),
        }
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        wallet.require_auth();
        env.storage()
            .instance()
            .remove(&PolicyKey::Parameters(signer));
        if Self::behaviour(&env) == Behaviour::TrapOnUninstall {
            panic!("refuses to be uninstalled");
        }
    }

    pub fn parameters(env: Env, signer: u32) -> Option<Val> {
        env.storage().instance().get(&PolicyKey::Parameters(signer))
    }

    pub fn enforced(env: Env) -> Option<Enforced> {
        env.storage().instance().get(&PolicyKey::Enforced)
    }

    fn behaviour(env: &Env) -> Behaviour {
        env.storage().instance().get(&PolicyKey::Behaviour).unwrap()
    }
}

/// Accepts what `world::Key` makes: `SHA-256(public key | message)` and zeros. A message of zeros
/// makes it return a number, one of 0xff bytes trap.
#[contract]
pub struct TestVerifier;

#[contractimpl]
impl TestVerifier {
    pub fn verify(env: Env, public_key: Bytes, message: Bytes, signature: Bytes) -> Val {
        if message == BytesN::from_array(&env, &[0; 32]).into() {
            return 1u32.into();
        }
        if message == BytesN::from_array(&env, &[0xff; 32]).into() {
            panic!("traps");
        }
        let mut signed = public_key;
        signed.append(&message);
        let digest = Bytes::from(env.crypto().sha256(&signed).to_bytes());
        (signature.slice(..32) == digest && signature.slice(32..).iter().all(|byte| byte == 0))
            .into()
    }
}
