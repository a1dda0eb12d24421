//! A passkey's proof in both of its forms, checked as the only part of a signature and as one of
//! two. The authenticator's ceremonies are built as browsers build them, so each acceptance also
//! shows that the contract rebuilds the same bytes.

extern crate std;

use latchkey_interface::{
    testutils::{flagged_part, flags, part, Ceremony, SoftwareAuthenticator},
    SignerKey, WalletError,
};
use std::{string::String, vec, vec::Vec};

use super::world::{Key, Verdict, World, OWNER, PAYLOAD};

/// What the host does with a signature that does not verify.
const WRONG_SIGNATURE: Verdict = Err(None);
/// Neither a part with its header nor one without the flag goes past them.
const MAX_EXPLICIT_BYTES: usize = 1024 - 69 - 4;

fn owner() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(9)
}

/// Two wallets of one passkey: it is enough, or it needs a second admin to sign with it.
struct Wallets {
    sole: World,
    pair: World,
}

impl Wallets {
    fn new() -> Self {
        Self::of_origin("https://wallet.example.com")
    }

    fn of_origin(origin: &str) -> Self {
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
    fn check_payload(&self, payload: &[u8; 32], part: &[u8]) -> Verdict {
        let sole = self.sole.check(payload, part, &[self.sole.own_call()]);
        let blob = [part, &Key::Ed25519(1).part(1, payload)].concat();
        let one_of_two = self.pair.check(payload, &blob, &[self.pair.own_call()]);
        assert_eq!(sole, one_of_two);
        sole
    }

    #[track_caller]
    fn check(&self, part: &[u8]) -> Verdict {
        self.check_payload(&PAYLOAD, part)
    }

    #[track_caller]
    fn compact(&self, ceremony: &Ceremony) -> Verdict {
        self.check(&part(0, &owner().compact(&PAYLOAD, ceremony)))
    }

    #[track_caller]
    fn explicit(&self, ceremony: &Ceremony) -> Verdict {
        self.check(&flagged_part(0, &owner().explicit(&PAYLOAD, ceremony)))
    }

    #[track_caller]
    fn both(&self, ceremony: &Ceremony) -> [Verdict; 2] {
        [self.compact(ceremony), self.explicit(ceremony)]
    }
}

fn with_tail(tail: &str) -> Ceremony {
    Ceremony {
        tail: tail.into(),
        ..Ceremony::default()
    }
}

fn with_flags(flags: u8) -> Ceremony {
    Ceremony {
        flags,
        ..Ceremony::default()
    }
}

/// A tail of this length that starts as it should.
fn long_tail(length: usize) -> Ceremony {
    with_tail(&(String::from(",") + &"x".repeat(length - 1)))
}

#[test]
fn accepts_the_compact_form() {
    let part = part(0, &owner().sign(&PAYLOAD));
    assert_eq!(part.len(), 72);
    assert_eq!(Wallets::new().check(&part), Ok(()));
}

#[test]
fn accepts_payloads_of_any_bytes() {
    let wallets = Wallets::new();
    for seed in 0..16u8 {
        let payload = core::array::from_fn(|i| seed.wrapping_mul(59) ^ (i as u8).wrapping_mul(83));
        let part = part(0, &owner().sign(&payload));
        assert_eq!(wallets.check_payload(&payload, &part), Ok(()));
    }
}

#[test]
fn accepts_any_signature_counter_and_backup_flags() {
    let wallets = Wallets::new();
    for sign_count in [1, 0x0102_0304, u32::MAX] {
        let ceremony = Ceremony {
            sign_count,
            ..Ceremony::default()
        };
        assert_eq!(wallets.both(&ceremony), [Ok(()); 2]);
    }
    assert_eq!(wallets.both(&with_flags(0x1d)), [Ok(()); 2]);
}

#[test]
fn accepts_the_explicit_form_with_nothing_in_it_as_the_default() {
    let blob = [&owner().sign(&PAYLOAD)[..], &[0; 4]].concat();
    assert_eq!(Wallets::new().check(&flagged_part(0, &blob)), Ok(()));
}

#[test]
fn accepts_explicit_extension_data_with_the_default_tail() {
    let wallets = Wallets::new();
    let ceremony = Ceremony {
        flags: 0x05 | flags::EXTENSION_DATA,
        extensions: b"\xa1\x6bcredProtect\x02".to_vec(),
        ..Ceremony::default()
    };
    assert_eq!(wallets.explicit(&ceremony), Ok(()));
    let mut blob = owner().compact(&PAYLOAD, &ceremony);
    blob.extend([0, ceremony.extensions.len() as u8, 0, 0]);
    blob.extend(&ceremony.extensions);
    assert_eq!(wallets.check(&flagged_part(0, &blob)), Ok(()));
}

#[test]
fn accepts_the_tails_that_browsers_write() {
    let wallets = Wallets::new();
    for tail in [
        "}",
        r#","crossOrigin":false}"#,
        r#","crossOrigin":true,"topOrigin":"https://shop.example"}"#,
        r#","crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON against a template. See https://goo.gl/yabPex"}"#,
        r#","crossOrigin":false,"androidPackageName":"com.example.wallet"}"#,
        r#","crossOrigin":false,"note":"\u00e9\u2028 \\ \" é"}"#,
    ] {
        assert_eq!(wallets.explicit(&with_tail(tail)), Ok(()), "{tail}");
    }
}

#[test]
fn accepts_the_greatest_length_and_refuses_one_byte_more() {
    let wallets = Wallets::new();
    let too_long = Err(Some(WalletError::InvalidExtensionLength));
    let most = long_tail(MAX_EXPLICIT_BYTES);
    assert_eq!(owner().explicit(&PAYLOAD, &most).len(), 1024);
    assert_eq!(wallets.explicit(&most), Ok(()));
    assert_eq!(
        wallets.explicit(&long_tail(MAX_EXPLICIT_BYTES + 1)),
        too_long
    );

    let extensions = |length: usize| Ceremony {
        extensions: vec![0; length],
        ..with_tail("}")
    };
    assert_eq!(
        wallets.explicit(&extensions(MAX_EXPLICIT_BYTES - 1)),
        Ok(())
    );
    assert_eq!(wallets.explicit(&extensions(MAX_EXPLICIT_BYTES)), too_long);
    let mut blob = owner().sign(&PAYLOAD);
    blob.extend([0xff; 4]);
    blob.resize(200_000, 0);
    assert_eq!(wallets.check(&flagged_part(0, &blob)), too_long);
}

#[test]
fn refuses_every_shorter_part() {
    let world = World::new();
    let expected = Err(Some(WalletError::InvalidSignatureLength));
    let compact = part(0, &owner().sign(&PAYLOAD));
    for length in 0..compact.len() {
        let cut = &compact[..length];
        assert_eq!(world.check(&PAYLOAD, cut, &[]), expected, "{length}");
    }
    let ceremony = Ceremony {
        extensions: vec![0xa0],
        ..with_tail("}")
    };
    let explicit = flagged_part(0, &owner().explicit(&PAYLOAD, &ceremony));
    assert_eq!(world.check(&PAYLOAD, &explicit, &[]), Ok(()));
    for length in 0..explicit.len() {
        let cut = &explicit[..length];
        assert_eq!(world.check(&PAYLOAD, cut, &[]), expected, "{length}");
    }
}

#[test]
fn refuses_a_tail_or_extensions_that_were_cut_short() {
    let wallets = Wallets::new();
    let ceremony = Ceremony {
        extensions: b"\xa1\x61a\x01".to_vec(),
        ..Ceremony::default()
    };
    for tail in 1..ceremony.tail.len() {
        let cut = Ceremony {
            tail: ceremony.tail[..tail].into(),
            ..ceremony.clone()
        };
        let mut blob = owner().explicit(&PAYLOAD, &cut);
        blob[..64].copy_from_slice(&owner().compact(&PAYLOAD, &ceremony)[..64]);
        assert_eq!(
            wallets.check(&flagged_part(0, &blob)),
            WRONG_SIGNATURE,
            "{tail}"
        );
    }
    for extensions in 0..ceremony.extensions.len() {
        let cut = Ceremony {
            extensions: ceremony.extensions[..extensions].into(),
            ..ceremony.clone()
        };
        let mut blob = owner().explicit(&PAYLOAD, &cut);
        blob[..64].copy_from_slice(&owner().compact(&PAYLOAD, &ceremony)[..64]);
        assert_eq!(
            wallets.check(&flagged_part(0, &blob)),
            WRONG_SIGNATURE,
            "{extensions}"
        );
    }
}

#[test]
fn refuses_to_take_the_tail_for_extensions() {
    let mut blob = owner().explicit(&PAYLOAD, &with_tail("}"));
    blob[69..73].copy_from_slice(&[0, 1, 0, 0]);
    assert_eq!(
        Wallets::new().check(&flagged_part(0, &blob)),
        WRONG_SIGNATURE
    );
}

#[test]
fn refuses_a_tail_that_could_go_on_with_the_origin() {
    let wallets = Wallets::new();
    for first in (0..=127u8).filter(|byte| !matches!(byte, b',' | b'}')) {
        let tail = [&[first][..], br#"evil.example","crossOrigin":false}"#].concat();
        let ceremony = with_tail(&String::from_utf8(tail).unwrap());
        let expected = Err(Some(WalletError::InvalidClientDataTail));
        assert_eq!(wallets.explicit(&ceremony), expected, "{first}");
    }
}

#[test]
fn refuses_extensions_that_were_not_signed() {
    let blob = [&owner().sign(&PAYLOAD)[..], &[0, 1, 0, 0, 0xa0]].concat();
    assert_eq!(
        Wallets::new().check(&flagged_part(0, &blob)),
        WRONG_SIGNATURE
    );
}

#[test]
fn refuses_an_assertion_of_another_payload() {
    let world = World::new();
    let blob = part(0, &owner().sign(&PAYLOAD));
    for byte in 0..32 {
        let mut other = PAYLOAD;
        other[byte] ^= 1;
        assert_eq!(
            world.check(&other, &blob, &[]),
            WRONG_SIGNATURE,
            "byte {byte}"
        );
    }
}

#[test]
fn refuses_another_relying_party() {
    let ceremony = Ceremony {
        rp_id: "evil.example.com",
        ..Ceremony::default()
    };
    assert_eq!(Wallets::new().both(&ceremony), [WRONG_SIGNATURE; 2]);
}

#[test]
fn refuses_another_origin() {
    let wallets = Wallets::new();
    for origin in [
        "https://evil.example.com",
        "http://wallet.example.com",
        "https://wallet.example.com:8443",
        "https://wallet.example.com.evil.example",
        r"https:\/\/wallet.example.com",
        "",
    ] {
        let ceremony = Ceremony {
            origin: origin.into(),
            ..Ceremony::default()
        };
        assert_eq!(wallets.both(&ceremony), [WRONG_SIGNATURE; 2], "{origin}");
    }
}

#[test]
fn refuses_a_registration_in_place_of_an_assertion() {
    let ceremony = Ceremony {
        ceremony_type: "webauthn.create",
        ..Ceremony::default()
    };
    assert_eq!(Wallets::new().both(&ceremony), [WRONG_SIGNATURE; 2]);
}

/// clientDataJSON in another order, or with other white space, is another string than the one that
/// the contract rebuilds. No authenticator or browser in use writes it so.
#[test]
fn refuses_client_data_with_its_keys_in_another_order() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let challenge = Base64UrlUnpadded::encode_string(&PAYLOAD);
    let (open, origin) = (
        r#"{"type":"webauthn.get","#,
        r#""origin":"https://wallet.example.com""#,
    );
    let wallets = Wallets::new();
    let expected = std::format!(r#"{open}"challenge":"{challenge}",{origin}}}"#);
    for client_data in [
        expected.clone(),
        std::format!(r#"{{"challenge":"{challenge}","type":"webauthn.get",{origin}}}"#),
        std::format!(r#"{open}{origin},"challenge":"{challenge}"}}"#),
        std::format!(r#"{open} "challenge":"{challenge}",{origin}}}"#),
        std::format!(r#"{open}"challenge":"{challenge}=",{origin}}}"#),
    ] {
        let mut blob = owner().compact_of(&client_data, &Ceremony::default());
        blob.extend([0, 0, 0, 1, b'}']);
        let verdict = wallets.check(&flagged_part(0, &blob));
        assert_eq!(verdict.is_ok(), client_data == expected, "{client_data}");
    }
}

#[test]
fn refuses_a_cross_origin_assertion_in_the_compact_form() {
    let wallets = Wallets::new();
    for tail in [r#","crossOrigin":true}"#, "}", r#","crossOrigin": false}"#] {
        assert_eq!(wallets.compact(&with_tail(tail)), WRONG_SIGNATURE, "{tail}");
    }
}

#[test]
fn refuses_an_assertion_without_user_presence() {
    let wallets = Wallets::new();
    for without in (0..=255u8).filter(|flags| flags & flags::USER_PRESENT == 0) {
        let expected = [Err(Some(WalletError::UserPresenceMissing)); 2];
        assert_eq!(
            wallets.both(&with_flags(without)),
            expected,
            "{without:#04x}"
        );
    }
}

#[test]
fn refuses_an_assertion_without_user_verification() {
    let wallets = Wallets::new();
    for without in [0x01, 0x09, 0x19, 0x81, 0xfb] {
        let expected = [Err(Some(WalletError::UserVerificationMissing)); 2];
        assert_eq!(
            wallets.both(&with_flags(without)),
            expected,
            "{without:#04x}"
        );
    }
}

#[test]
fn refuses_flags_and_counter_that_were_not_signed() {
    let wallets = Wallets::new();
    let mut blob = owner().compact(&PAYLOAD, &with_flags(flags::USER_PRESENT));
    blob[64] |= flags::USER_VERIFIED;
    assert_eq!(wallets.check(&part(0, &blob)), WRONG_SIGNATURE);

    let mut blob = owner().sign(&PAYLOAD);
    blob[68] = 1;
    assert_eq!(wallets.check(&part(0, &blob)), WRONG_SIGNATURE);
}

#[test]
fn refuses_another_passkey() {
    let blob = part(0, &SoftwareAuthenticator::new(11).sign(&PAYLOAD));
    assert_eq!(Wallets::new().check(&blob), WRONG_SIGNATURE);
}

#[test]
fn refuses_a_high_s() {
    let ceremony = Ceremony {
        high_s: true,
        ..Ceremony::default()
    };
    assert_eq!(Wallets::new().both(&ceremony), [WRONG_SIGNATURE; 2]);
}

#[test]
fn refuses_a_signature_with_any_one_byte_changed() {
    let world = World::new();
    let signed = part(0, &owner().sign(&PAYLOAD));
    for byte in 3..67 {
        let mut blob = signed.clone();
        blob[byte] ^= 1;
        assert_eq!(
            world.check(&PAYLOAD, &blob, &[]),
            WRONG_SIGNATURE,
            "byte {byte}"
        );
    }
}

#[test]
fn accepts_an_origin_of_the_greatest_length() {
    let origin = String::from("https://") + &"o".repeat(248);
    let wallets = Wallets::of_origin(&origin);
    let ceremony = |tail: Ceremony| Ceremony {
        origin: origin.clone(),
        ..tail
    };
    let default = ceremony(Ceremony::default());
    assert_eq!(wallets.both(&default), [Ok(()); 2]);
    let longest = ceremony(long_tail(MAX_EXPLICIT_BYTES));
    assert_eq!(wallets.explicit(&longest), Ok(()));
    let other: Vec<u8> = owner().sign(&PAYLOAD);
    assert_eq!(wallets.check(&part(0, &other)), WRONG_SIGNATURE);
}
