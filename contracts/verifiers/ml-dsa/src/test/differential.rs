//! The built contract against an independent implementation: what that one signs is accepted, and
//! nothing that was changed anywhere is.

extern crate std;

use fips204::{
    ml_dsa_44, ml_dsa_65,
    traits::{KeyGen, SerDes, Signer, Verifier},
};
use std::{ops::Range, vec::Vec};

use super::built_wasm::Deployed;
use crate::{
    contract::SOROBAN_AUTH_CONTEXT,
    parameters::{MlDsa44, MlDsa65, ParameterSet},
};

const ROUNDS: u64 = 4;

/// splitmix64: the same choices on every run.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    fn seed(&mut self) -> [u8; 32] {
        self.bytes(32).try_into().unwrap()
    }

    fn flip_bit_in(&mut self, bytes: &mut [u8], range: Range<usize>) {
        let position = range.start + self.next() as usize % range.len();
        bytes[position] ^= 1 << (self.next() % 8);
    }
}

struct Signed {
    public_key: Vec<u8>,
    message: Vec<u8>,
    context: Vec<u8>,
    signature: Vec<u8>,
}

macro_rules! signer {
    ($name:ident, $scheme:ident) => {
        fn $name(choices: &mut Choices, message_bytes: usize, context: &[u8]) -> Signed {
            let (public_key, private_key) = $scheme::KG::keygen_from_seed(&choices.seed());
            let message = choices.bytes(message_bytes);
            let signature = private_key
                .try_sign_with_seed(&choices.seed(), &message, context)
                .unwrap();
            assert!(public_key.verify(&message, &signature, context));
            Signed {
                public_key: public_key.into_bytes().to_vec(),
                message,
                context: context.to_vec(),
                signature: signature.to_vec(),
            }
        }
    };
}
signer!(sign_44, ml_dsa_44);
signer!(sign_65, ml_dsa_65);

impl Signed {
    fn is_accepted(&self, by: &Deployed) -> bool {
        by.verify_with_context(
            &self.public_key,
            &self.message,
            &self.context,
            &self.signature,
        )
    }
}

/// The parts of a signature and of a public key, each of which is changed on its own.
fn signature_parts<P: ParameterSet>() -> Vec<Range<usize>> {
    let mut ends = std::vec![0, P::CHALLENGE_BYTES];
    ends.extend((1..=P::L).map(|i| P::CHALLENGE_BYTES + i * P::Z_BYTES));
    ends.extend([P::SIGNATURE_BYTES - P::K, P::SIGNATURE_BYTES]);
    ends.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn public_key_parts<P: ParameterSet>() -> Vec<Range<usize>> {
    let mut ends = std::vec![0];
    ends.extend((0..=P::K).map(|i| 32 + i * 320));
    ends.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn refuses_every_change<P: ParameterSet>(
    sign: fn(&mut Choices, usize, &[u8]) -> Signed,
    choices: &mut Choices,
) {
    let deployed = Deployed::new();
    for _ in 0..ROUNDS {
        let context = choices.bytes(40);
        let mut signed = sign(choices, 32, &context);
        assert!(signed.is_accepted(&deployed));
        for part in signature_parts::<P>() {
            let original = signed.signature.clone();
            choices.flip_bit_in(&mut signed.signature, part.clone());
            assert!(!signed.is_accepted(&deployed), "signature {part:?}");
            signed.signature = original;
        }
        for part in public_key_parts::<P>() {
            let original = signed.public_key.clone();
            choices.flip_bit_in(&mut signed.public_key, part.clone());
            assert!(!signed.is_accepted(&deployed), "public key {part:?}");
            signed.public_key = original;
        }
        choices.flip_bit_in(&mut signed.message, 0..32);
        assert!(!signed.is_accepted(&deployed), "message");
        signed = sign(choices, 32, &context);
        choices.flip_bit_in(&mut signed.context, 0..40);
        assert!(!signed.is_accepted(&deployed), "context");
    }
}

#[test]
fn refuses_every_changed_bit_of_ml_dsa_44() {
    refuses_every_change::<MlDsa44>(sign_44, &mut Choices(44));
}

#[test]
fn refuses_every_changed_bit_of_ml_dsa_65() {
    refuses_every_change::<MlDsa65>(sign_65, &mut Choices(65));
}

#[test]
fn accepts_messages_and_contexts_of_every_length() {
    let deployed = Deployed::new();
    let mut choices = Choices(1);
    for length in [0, 1, 7, 8, 46, 47, 135, 136, 137, 255, 256, 257, 512, 5_000] {
        let context = choices.bytes(length % 256);
        assert!(sign_44(&mut choices, length, &context).is_accepted(&deployed));
        assert!(sign_65(&mut choices, length, &context).is_accepted(&deployed));
    }
    let longest = choices.bytes(255);
    assert!(sign_44(&mut choices, 32, &longest).is_accepted(&deployed));
}

#[test]
fn verifies_only_what_was_signed_with_its_own_context() {
    let deployed = Deployed::new();
    let mut choices = Choices(2);
    for sign in [sign_44, sign_65] {
        let verify = |s: Signed| deployed.verify(&s.public_key, &s.message, &s.signature);
        assert!(verify(sign(&mut choices, 32, SOROBAN_AUTH_CONTEXT)));
        assert!(!verify(sign(&mut choices, 32, b"")));
        assert!(!verify(sign(&mut choices, 32, b"latchkey/soroban-auth/2")));
    }
}

#[test]
fn refuses_wrong_lengths() {
    let deployed = Deployed::new();
    let mut choices = Choices(3);
    for sign in [sign_44, sign_65] {
        let signed = sign(&mut choices, 32, SOROBAN_AUTH_CONTEXT);
        let (key, message, signature) = (&signed.public_key, &signed.message, &signed.signature);
        let long_signature = [signature, &[0][..]].concat();
        let long_key = [key, &[0][..]].concat();
        assert!(deployed.verify(key, message, signature));
        for wrong in [
            &signature[..signature.len() - 1],
            &long_signature,
            &[],
            &[0],
        ] {
            assert!(!deployed.verify(key, message, wrong));
        }
        for wrong in [&key[..key.len() - 1], &long_key, &[], &[0; 2_592]] {
            assert!(!deployed.verify(wrong, message, signature));
        }
        assert!(!deployed.verify_with_context(key, message, &[0; 256], signature));
        assert!(!deployed.verify_with_context(key, message, &[0; 70_000], signature));
    }
}

#[test]
fn refuses_a_key_of_one_set_with_a_signature_of_the_other() {
    let deployed = Deployed::new();
    let mut choices = Choices(4);
    let a = sign_44(&mut choices, 32, b"");
    let b = sign_65(&mut choices, 32, b"");
    assert!(!deployed.verify_with_context(&a.public_key, &a.message, b"", &b.signature));
    assert!(!deployed.verify_with_context(&b.public_key, &b.message, b"", &a.signature));
}

#[test]
fn refuses_arbitrary_signatures() {
    let deployed = Deployed::new();
    let mut choices = Choices(5);
    let signed = sign_44(&mut choices, 32, b"");
    for _ in 0..20 {
        let mut signature = choices.bytes(MlDsa44::SIGNATURE_BYTES);
        assert!(!deployed.verify_with_context(
            &signed.public_key,
            &signed.message,
            b"",
            &signature
        ));
        // Well-formed but for the challenge: no hints and small coefficients.
        signature[MlDsa44::SIGNATURE_BYTES - MlDsa44::OMEGA - MlDsa44::K..].fill(0);
        let z = MlDsa44::CHALLENGE_BYTES..MlDsa44::SIGNATURE_BYTES - MlDsa44::OMEGA - MlDsa44::K;
        signature[z].copy_from_slice(&signed.signature[32..32 + 4 * 576]);
        assert!(!deployed.verify_with_context(
            &signed.public_key,
            &signed.message,
            b"",
            &signature
        ));
    }
}
