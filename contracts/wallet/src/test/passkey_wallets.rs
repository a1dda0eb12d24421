//! Wallets whose verdicts on a passkey's proof are compared: the passkey as the only part of a
//! signature, and as one of two. The authenticator's ceremonies are built as browsers build them, so
//! each acceptance also shows that the contract rebuilds the same bytes.

extern crate std;

use latchkey_interface::{
    testutils::{flagged_part, part, Ceremony, SoftwareAuthenticator},
    SignerKey,
};
use std::{string::String, vec};

use super::world::{Key, Verdict, World, OWNER, PAYLOAD};

/// What the host does with a signature that does not verify.
pub const WRONG_SIGNATURE: Verdict = Err(None);
/// Neither a part with its header nor one without the flag goes past them.
pub const MAX_EXPLICIT_BYTES: usize = 1024 - 69 - 4;

pub fn owner() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(9)
}

/// Two wallets of one passkey: it is enough, or it needs a second admin to sign with it.
pub struct Wallets {
    pub sole: World,
    pub pair: World,
}

impl Wallets {
    pub fn new() -> Self {
        Self::of_origin("https://wallet.example.com")
    }

    pub fn of_origin(origin: &str) -> Self {
        let world = |other: &[Key]| {
            World::of(|env, init| {
                let mut signer = OWNER.admin(env);
                let SignerKey::Passkey(passkey) = &mut signer.key else {
                    panic!("a passkey")
                };
                passkey.origin = soroban_sdk::String::from_str(env, origin);
                let mut signers = vec![signer];
                signers.extend(other.iter().map(|key| key.admin(env)));
                init.admin_threshold = signers.len() as u32;
                init.signers = soroban_sdk::Vec::from_iter(env, signers);
            })
        };
        Self {
            sole: world(&[]),
            pair: world(&[Key::Ed25519(1)]),
        }
    }

    /// The verdict on a part, which must not depend on who else signs.
    #[track_caller]
    pub fn check_payload(&self, payload: &[u8; 32], part: &[u8]) -> Verdict {
        let sole = self.sole.check(payload, part, &[self.sole.own_call()]);
        let blob = [part, &Key::Ed25519(1).part(1, payload)].concat();
        let one_of_two = self.pair.check(payload, &blob, &[self.pair.own_call()]);
        assert_eq!(sole, one_of_two);
        sole
    }

    #[track_caller]
    pub fn check(&self, part: &[u8]) -> Verdict {
        self.check_payload(&PAYLOAD, part)
    }

    #[track_caller]
    pub fn compact(&self, ceremony: &Ceremony) -> Verdict {
        self.check(&part(0, &owner().compact(&PAYLOAD, ceremony)))
    }

    #[track_caller]
    pub fn explicit(&self, ceremony: &Ceremony) -> Verdict {
        self.check(&flagged_part(0, &owner().explicit(&PAYLOAD, ceremony)))
    }

    #[track_caller]
    pub fn both(&self, ceremony: &Ceremony) -> [Verdict; 2] {
        [self.compact(ceremony), self.explicit(ceremony)]
    }
}

pub fn with_tail(tail: &str) -> Ceremony {
    Ceremony {
        tail: tail.into(),
        ..Ceremony::default()
    }
}

pub fn with_flags(flags: u8) -> Ceremony {
    Ceremony {
        flags,
        ..Ceremony::default()
    }
}

/// A tail of this length that starts as it should.
pub fn long_tail(length: usize) -> Ceremony {
    with_tail(&(String::from(",") + &"x".repeat(length - 1)))
}
