//! Arguments of wrong lengths are refused, and nothing traps.

extern crate std;

use latchkey_verifier_vectors as vectors;

use super::deployed::Deployed;
use crate::verification::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES};

#[test]
fn refuses_wrong_lengths() {
    let deployed = Deployed::built();
    let all = vectors::parse(vectors::ACVP_SLH_DSA_SHA2_128S);
    let v = all.iter().find(|v| v.is_valid).unwrap();
    let (key, message, signature) = (&v.public_key, &v.message, &v.signature);
    let is_accepted = |key: &[u8], context: &[u8], signature: &[u8]| {
        deployed.verify_with_context(key, message, context, signature)
    };
    assert!(is_accepted(key, &v.context, signature));
    for length in [0, 1, SIGNATURE_BYTES - 1, SIGNATURE_BYTES + 1, 17_088] {
        let mut wrong = signature.clone();
        wrong.resize(length, 0);
        assert!(!is_accepted(key, &v.context, &wrong), "signature {length}");
    }
    for length in [0, 1, PUBLIC_KEY_BYTES - 1, PUBLIC_KEY_BYTES + 1, 64, 1_312] {
        let mut wrong = key.clone();
        wrong.resize(length, 0);
        assert!(!is_accepted(&wrong, &v.context, signature), "key {length}");
    }
    for length in [256, 257, 70_000] {
        assert!(
            !is_accepted(key, &std::vec![0; length], signature),
            "context {length}"
        );
    }
}

#[test]
fn refuses_signatures_with_another_context_than_that_of_soroban_accounts() {
    let deployed = Deployed::built();
    for v in vectors::parse(vectors::ACVP_SLH_DSA_SHA2_128S) {
        assert!(!deployed.verify(&v.public_key, &v.message, &v.signature));
    }
}
