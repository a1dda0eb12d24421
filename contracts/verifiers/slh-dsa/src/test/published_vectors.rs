//! The published vectors, by the native code and by the built contract in the real host.

extern crate std;

use latchkey_verifier_vectors as vectors;

use super::deployed::Deployed;

fn gives_every_verdict(deployed: &Deployed) {
    let all = vectors::parse(vectors::ACVP_SLH_DSA_SHA2_128S);
    assert_eq!(all.len(), 30);
    for v in &all {
        let verdict =
            deployed.verify_with_context(&v.public_key, &v.message, &v.context, &v.signature);
        assert_eq!(verdict, v.is_valid, "{} {}", v.id, v.comment);
    }
    assert_eq!(all.iter().filter(|v| v.is_valid).count(), 16);
}

#[test]
fn the_native_code_gives_the_verdicts_of_acvp() {
    gives_every_verdict(&Deployed::native());
}

#[test]
fn the_built_contract_gives_the_verdicts_of_acvp() {
    gives_every_verdict(&Deployed::built());
}
