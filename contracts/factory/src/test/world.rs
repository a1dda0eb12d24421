//! The built wallet, the native factory, and what wallets are made of.

extern crate std;

use latchkey_interface::{
    testutils::SoftwareAuthenticator, Passkey, Role, Session, Signer, SignerKey, WalletInit,
};
use soroban_sdk::{
    testutils::{Address as _, EnvTestConfig, Ledger as _},
    vec,
    xdr::ToXdr,
    Address, BytesN, Env, String,
};
use std::vec::Vec;

use crate::{Factory, FactoryClient};

pub const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");

pub struct World {
    pub env: Env,
    pub factory: Address,
    pub wallet_wasm_hash: BytesN<32>,
}

impl World {
    pub fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.cost_estimate().disable_resource_limits();
        env.ledger().set_sequence_number(1_000);
        let wallet_wasm_hash = env.deployer().upload_contract_wasm(WALLET_WASM);
        let factory = env.register(Factory, (wallet_wasm_hash.clone(),));
        Self {
            env,
            factory,
            wallet_wasm_hash,
        }
    }

    pub fn client(&self) -> FactoryClient<'_> {
        FactoryClient::new(&self.env, &self.factory)
    }

    pub fn salt(&self, byte: u8) -> BytesN<32> {
        BytesN::from_array(&self.env, &[byte; 32])
    }

    /// A passkey as admin and an ed25519 key as session, with a classic account as guardian.
    pub fn init(&self) -> WalletInit {
        let guardian = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
        WalletInit {
            admin_threshold: 1,
            recovery: Some(Address::from_str(&self.env, guardian)),
            signers: vec![&self.env, self.passkey(9), self.session(100_000)],
        }
    }

    pub fn passkey(&self, seed: u8) -> Signer {
        let passkey = SoftwareAuthenticator::new(seed).passkey(&self.env);
        self.admin(SignerKey::Passkey(passkey))
    }

    pub fn admin(&self, key: SignerKey) -> Signer {
        Signer {
            co_signers: vec![&self.env],
            key,
            role: Role::Admin,
            threshold: 0,
        }
    }

    pub fn session(&self, expires_at_ledger: u32) -> Signer {
        let session = Session {
            contracts: vec![&self.env, self.factory.clone()],
            expires_at_ledger,
        };
        Signer {
            role: Role::Session(session),
            ..self.admin(SignerKey::Ed25519(self.salt(5)))
        }
    }

    pub fn with(&self, change: impl FnOnce(&mut WalletInit)) -> WalletInit {
        let mut init = self.init();
        change(&mut init);
        init
    }

    /// `init` with its passkey changed.
    pub fn with_passkey(&self, change: impl FnOnce(&mut Passkey)) -> WalletInit {
        let mut passkey = SoftwareAuthenticator::new(9).passkey(&self.env);
        change(&mut passkey);
        let signer = self.admin(SignerKey::Passkey(passkey));
        self.with(|init| init.signers.set(0, signer))
    }

    /// `init` with each of its fields changed in turn, to values that are as good.
    pub fn variants(&self) -> Vec<(&'static str, WalletInit)> {
        let other = SoftwareAuthenticator::new(10).passkey(&self.env);
        let second_admin = |init: &mut WalletInit| init.signers.push_back(self.passkey(11));
        std::vec![
            (
                "public_key",
                self.with_passkey(|passkey| passkey.public_key = other.public_key)
            ),
            (
                "credential_id",
                self.with_passkey(|passkey| passkey.credential_id = other.credential_id)
            ),
            (
                "rp_id_hash",
                self.with_passkey(|passkey| passkey.rp_id_hash = self.salt(1))
            ),
            (
                "origin",
                self.with_passkey(|passkey| {
                    passkey.origin = String::from_str(&self.env, "https://evil.example.com");
                })
            ),
            (
                "guardian",
                self.with(|init| init.recovery = Some(Address::generate(&self.env)))
            ),
            ("no guardian", self.with(|init| init.recovery = None)),
            ("another signer", self.with(second_admin)),
            (
                "role",
                self.with(|init| init.signers.set(1, self.session(100_001)))
            ),
            (
                "admin_threshold",
                self.with(|init| {
                    second_admin(init);
                    init.admin_threshold = 2;
                })
            ),
            (
                "co_signers",
                self.with(|init| {
                    let mut signer = self.passkey(11);
                    signer.co_signers = vec![&self.env, 0];
                    signer.threshold = 1;
                    init.signers.push_back(signer);
                })
            ),
        ]
    }

    /// As the factory documents it.
    pub fn deployment_salt(&self, salt: &BytesN<32>, init: &WalletInit) -> BytesN<32> {
        let bound = (self.wallet_wasm_hash.clone(), salt.clone(), init.clone());
        self.env
            .crypto()
            .sha256(&bound.to_xdr(&self.env))
            .to_bytes()
    }
}
