//! Published vectors, run by the native code.

extern crate std;

use latchkey_verifier_vectors as vectors;
use soroban_sdk::{Bytes, Env};

use crate::MlDsaVerifier;

fn run(file: &str) -> (usize, usize) {
    let env = Env::default();
    let all = vectors::parse(file);
    let mut accepted = 0;
    for vector in &all {
        let bytes = |bytes: &[u8]| Bytes::from_slice(&env, bytes);
        let verdict = MlDsaVerifier::verify_with_context(
            env.clone(),
            bytes(&vector.public_key),
            bytes(&vector.message),
            bytes(&vector.context),
            bytes(&vector.signature),
        );
        assert_eq!(verdict, vector.is_valid, "{} {}", vector.id, vector.comment);
        accepted += usize::from(verdict);
    }
    (all.len(), accepted)
}

#[test]
fn gives_the_verdicts_of_acvp() {
    assert_eq!(run(vectors::ACVP_ML_DSA_44), (18, 3));
    assert_eq!(run(vectors::ACVP_ML_DSA_65), (18, 3));
}

#[test]
fn gives_the_verdicts_of_wycheproof() {
    assert_eq!(run(vectors::WYCHEPROOF_ML_DSA_44), (180, 77));
    assert_eq!(run(vectors::WYCHEPROOF_ML_DSA_65), (210, 79));
}
