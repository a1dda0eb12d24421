//! The contract in a host of its own with metering on: as native code, or as it was built.

use soroban_sdk::{testutils::EnvTestConfig, Address, Bytes, Env};

use crate::{SlhDsaVerifier, SlhDsaVerifierClient};

const WASM: &[u8] = include_bytes!("../../../../wasm/slh_dsa_verifier.wasm");

pub struct Deployed {
    env: Env,
    contract: Address,
}

impl Deployed {
    pub fn native() -> Self {
        let env = env();
        let contract = env.register(SlhDsaVerifier, ());
        Self { env, contract }
    }

    pub fn built() -> Self {
        let env = env();
        let contract = env.register(WASM, ());
        Self { env, contract }
    }

    fn client(&self) -> SlhDsaVerifierClient<'_> {
        SlhDsaVerifierClient::new(&self.env, &self.contract)
    }

    fn bytes(&self, bytes: &[u8]) -> Bytes {
        Bytes::from_slice(&self.env, bytes)
    }

    pub fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        self.client().verify(
            &self.bytes(public_key),
            &self.bytes(message),
            &self.bytes(signature),
        )
    }

    pub fn verify_with_context(
        &self,
        public_key: &[u8],
        message: &[u8],
        context: &[u8],
        signature: &[u8],
    ) -> bool {
        self.client().verify_with_context(
            &self.bytes(public_key),
            &self.bytes(message),
            &self.bytes(context),
            &self.bytes(signature),
        )
    }
}

fn env() -> Env {
    Env::new_with_config(EnvTestConfig {
        capture_snapshot_at_drop: false,
    })
}
