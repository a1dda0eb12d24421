//! The built contract with the published vectors, in the real host with metering on.

extern crate std;

use latchkey_verifier_vectors as vectors;
use soroban_sdk::{testutils::EnvTestConfig, Address, Bytes, Env};

use crate::MlDsaVerifierClient;

const WASM: &[u8] = include_bytes!("../../../../wasm/ml_dsa_verifier.wasm");

pub struct Deployed {
    pub env: Env,
    contract: Address,
}

impl Deployed {
    pub fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        let contract = env.register(WASM, ());
        Self { env, contract }
    }

    pub fn client(&self) -> MlDsaVerifierClient<'_> {
        MlDsaVerifierClient::new(&self.env, &self.contract)
    }

    pub fn bytes(&self, bytes: &[u8]) -> Bytes {
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

fn accepted(file: &str) -> usize {
    let deployed = Deployed::new();
    let all = vectors::parse(file);
    for v in &all {
        let verdict =
            deployed.verify_with_context(&v.public_key, &v.message, &v.context, &v.signature);
        assert_eq!(verdict, v.is_valid, "{} {}", v.id, v.comment);
    }
    all.iter().filter(|v| v.is_valid).count()
}

#[test]
fn gives_the_verdicts_of_acvp_for_ml_dsa_44() {
    assert_eq!(accepted(vectors::ACVP_ML_DSA_44), 3);
}

#[test]
fn gives_the_verdicts_of_acvp_for_ml_dsa_65() {
    assert_eq!(accepted(vectors::ACVP_ML_DSA_65), 3);
}

#[test]
fn gives_the_verdicts_of_wycheproof_for_ml_dsa_44() {
    assert_eq!(accepted(vectors::WYCHEPROOF_ML_DSA_44), 77);
}

#[test]
fn gives_the_verdicts_of_wycheproof_for_ml_dsa_65() {
    assert_eq!(accepted(vectors::WYCHEPROOF_ML_DSA_65), 79);
}
