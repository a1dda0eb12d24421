//! Every branch of `__check_auth`. The authenticator's ceremonies are built as browsers build them,
//! so each acceptance also shows that the contract rebuilds the same bytes.

extern crate std;

use latchkey_interface::testutils::{flags, Ceremony, SoftwareAuthenticator};
use soroban_sdk::{testutils::Address as _, Address};
use std::{string::String, vec, vec::Vec};

use super::world::{env, init, World, OWNER, PAYLOAD, STRANGER};
use crate::WalletError;

/// What the host does with a signature that does not verify.
const WRONG_SIGNATURE: Result<(), Option<WalletError>> = Err(None);

fn owner() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(OWNER)
}

fn check_compact(ceremony: Ceremony) -> Result<(), Option<WalletError>> {
    World::with_delay(0).check(&PAYLOAD, &owner().compact(&PAYLOAD, &ceremony))
}

fn check_explicit(ceremony: Ceremony) -> Result<(), Option<WalletError>> {
    World::with_delay(0).check(&PAYLOAD, &owner().explicit(&PAYLOAD, &ceremony))
}

#[test]
fn accepts_the_compact_form() {
    let blob = owner().sign(&PAYLOAD);
    assert_eq!(blob.len(), 69);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), Ok(()));
}

#[test]
fn accepts_payloads_of_any_bytes() {
    let world = World::with_delay(0);
    for seed in 0..32u8 {
        let payload = core::array::from_fn(|i| seed.wrapping_mul(59) ^ (i as u8).wrapping_mul(83));
        assert_eq!(world.check(&payload, &owner().sign(&payload)), Ok(()));
    }
}

#[test]
fn accepts_any_signature_counter_and_backup_flags() {
    for sign_count in [1, 0x0102_0304, u32::MAX] {
        assert_eq!(
            check_compact(Ceremony {
                sign_count,
                ..Ceremony::default()
            }),
            Ok(())
        );
    }
    let backed_up = Ceremony {
        flags: 0x1d,
        ..Ceremony::default()
    };
    assert_eq!(check_compact(backed_up), Ok(()));
}

#[test]
fn accepts_the_explicit_form_with_nothing_in_it_as_the_default() {
    let mut blob = owner().sign(&PAYLOAD);
    blob.extend([0, 0]);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), Ok(()));
}

#[test]
fn accepts_explicit_extension_data_with_the_default_tail() {
    let ceremony = Ceremony {
        flags: 0x05 | flags::EXTENSION_DATA,
        extensions: b"\xa1\x6bcredProtect\x02".to_vec(),
        ..Ceremony::default()
    };
    assert_eq!(check_explicit(ceremony.clone()), Ok(()));
    let mut blob = owner().compact(&PAYLOAD, &ceremony);
    blob.extend((ceremony.extensions.len() as u16).to_be_bytes());
    blob.extend(&ceremony.extensions);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), Ok(()));
}

#[test]
fn accepts_the_tails_that_browsers_write() {
    for tail in [
        "}",
        r#","crossOrigin":false}"#,
        r#","crossOrigin":true,"topOrigin":"https://shop.example"}"#,
        r#","crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON against a template. See https://goo.gl/yabPex"}"#,
    ] {
        let ceremony = Ceremony {
            tail: tail.into(),
            ..Ceremony::default()
        };
        assert_eq!(check_explicit(ceremony), Ok(()), "{tail}");
    }
}

#[test]
fn accepts_a_signature_of_the_greatest_length_and_refuses_one_byte_more() {
    let ceremony = |tail_length: usize| Ceremony {
        tail: String::from(",") + &"x".repeat(tail_length - 1),
        ..Ceremony::default()
    };
    assert_eq!(owner().explicit(&PAYLOAD, &ceremony(953)).len(), 1024);
    assert_eq!(check_explicit(ceremony(953)), Ok(()));
    assert_eq!(
        check_explicit(ceremony(954)),
        Err(Some(WalletError::InvalidSignatureLength))
    );

    let extensions = Ceremony {
        extensions: vec![0; 953],
        ..Ceremony::default()
    };
    let mut blob = owner().explicit(&PAYLOAD, &extensions);
    blob.truncate(1024);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), Ok(()));
}

#[test]
fn refuses_every_other_length() {
    let world = World::with_delay(0);
    let signed = owner().explicit(&PAYLOAD, &Ceremony::default());
    for length in (0..69).chain([70]) {
        let expected = Err(Some(WalletError::InvalidSignatureLength));
        assert_eq!(
            world.check(&PAYLOAD, &signed[..length]),
            expected,
            "{length}"
        );
    }
    for length in [1025, 4096] {
        let mut blob = signed.clone();
        blob.resize(length, b' ');
        let expected = Err(Some(WalletError::InvalidSignatureLength));
        assert_eq!(world.check(&PAYLOAD, &blob), expected, "{length}");
    }
}

#[test]
fn refuses_a_signature_with_its_tail_cut_short() {
    let world = World::with_delay(0);
    let signed = owner().explicit(&PAYLOAD, &Ceremony::default());
    for length in 72..signed.len() {
        assert_eq!(
            world.check(&PAYLOAD, &signed[..length]),
            WRONG_SIGNATURE,
            "{length}"
        );
    }
}

#[test]
fn refuses_an_extension_length_past_the_end() {
    let mut blob = owner().sign(&PAYLOAD);
    blob.extend([0, 3, 0xa0, 0xa0]);
    let expected = Err(Some(WalletError::InvalidExtensionLength));
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), expected);
    blob[69] = 0xff;
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), expected);
}

#[test]
fn refuses_a_tail_that_could_go_on_with_the_origin() {
    for first in (0..=127u8).filter(|byte| !matches!(byte, b',' | b'}')) {
        let mut tail = Vec::from([first]);
        tail.extend(br#"evil.example","crossOrigin":false}"#);
        let ceremony = Ceremony {
            tail: String::from_utf8(tail).unwrap(),
            ..Ceremony::default()
        };
        let expected = Err(Some(WalletError::InvalidClientDataTail));
        assert_eq!(check_explicit(ceremony), expected, "{first}");
    }
}

#[test]
fn refuses_extensions_that_were_not_signed() {
    let mut blob = owner().sign(&PAYLOAD);
    blob.extend([0, 1, 0xa0]);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), WRONG_SIGNATURE);
}

#[test]
fn refuses_an_assertion_of_another_payload() {
    let world = World::with_delay(0);
    let blob = owner().sign(&PAYLOAD);
    for byte in 0..32 {
        let mut other = PAYLOAD;
        other[byte] ^= 1;
        assert_eq!(world.check(&other, &blob), WRONG_SIGNATURE, "byte {byte}");
    }
}

#[test]
fn refuses_another_relying_party() {
    let ceremony = Ceremony {
        rp_id: "evil.example.com",
        ..Ceremony::default()
    };
    assert_eq!(check_compact(ceremony.clone()), WRONG_SIGNATURE);
    assert_eq!(check_explicit(ceremony), WRONG_SIGNATURE);
}

#[test]
fn refuses_another_origin() {
    for origin in [
        "https://evil.example.com",
        "http://wallet.example.com",
        "https://wallet.example.com:8443",
        "https://wallet.example.com.evil.example",
        "",
    ] {
        let ceremony = Ceremony {
            origin: origin.into(),
            ..Ceremony::default()
        };
        assert_eq!(check_compact(ceremony.clone()), WRONG_SIGNATURE, "{origin}");
        assert_eq!(check_explicit(ceremony), WRONG_SIGNATURE, "{origin}");
    }
}

#[test]
fn refuses_a_registration_in_place_of_an_assertion() {
    let ceremony = Ceremony {
        ceremony_type: "webauthn.create",
        ..Ceremony::default()
    };
    assert_eq!(check_compact(ceremony), WRONG_SIGNATURE);
}

#[test]
fn refuses_a_cross_origin_assertion_in_the_compact_form() {
    let ceremony = Ceremony {
        tail: r#","crossOrigin":true}"#.into(),
        ..Ceremony::default()
    };
    assert_eq!(check_compact(ceremony), WRONG_SIGNATURE);
}

#[test]
fn refuses_an_assertion_without_user_presence() {
    for without in (0..=255u8).filter(|flags| flags & flags::USER_PRESENT == 0) {
        let ceremony = Ceremony {
            flags: without,
            ..Ceremony::default()
        };
        let expected = Err(Some(WalletError::UserPresenceMissing));
        assert_eq!(check_compact(ceremony), expected, "{without:#04x}");
    }
}

#[test]
fn refuses_an_assertion_without_user_verification() {
    for without in [0x01, 0x09, 0x19, 0x81, 0xfb] {
        let ceremony = Ceremony {
            flags: without,
            ..Ceremony::default()
        };
        let expected = Err(Some(WalletError::UserVerificationMissing));
        assert_eq!(check_compact(ceremony.clone()), expected, "{without:#04x}");
        assert_eq!(check_explicit(ceremony), expected, "{without:#04x}");
    }
}

#[test]
fn refuses_flags_and_counter_that_were_not_signed() {
    let world = World::with_delay(0);
    let without = Ceremony {
        flags: flags::USER_PRESENT,
        ..Ceremony::default()
    };
    let mut blob = owner().compact(&PAYLOAD, &without);
    blob[64] |= flags::USER_VERIFIED;
    assert_eq!(world.check(&PAYLOAD, &blob), WRONG_SIGNATURE);

    let mut blob = owner().sign(&PAYLOAD);
    blob[68] = 1;
    assert_eq!(world.check(&PAYLOAD, &blob), WRONG_SIGNATURE);
}

#[test]
fn refuses_another_passkey() {
    let blob = SoftwareAuthenticator::new(STRANGER).sign(&PAYLOAD);
    assert_eq!(World::with_delay(0).check(&PAYLOAD, &blob), WRONG_SIGNATURE);
}

#[test]
fn refuses_a_high_s() {
    let ceremony = Ceremony {
        high_s: true,
        ..Ceremony::default()
    };
    assert_eq!(check_compact(ceremony), WRONG_SIGNATURE);
}

#[test]
fn refuses_a_signature_with_any_one_byte_changed() {
    let world = World::with_delay(0);
    let signed = owner().sign(&PAYLOAD);
    for byte in 0..64 {
        let mut blob = signed.clone();
        blob[byte] ^= 1;
        assert_eq!(world.check(&PAYLOAD, &blob), WRONG_SIGNATURE, "byte {byte}");
    }
}

#[test]
fn accepts_an_origin_of_the_greatest_length() {
    let env = env();
    let origin = String::from("https://") + &"o".repeat(248);
    let mut init = init(&env, None, 0);
    init.signer.origin = soroban_sdk::String::from_str(&env, &origin);
    let guardian = Address::generate(&env);
    let world = World::of(env, guardian, init);
    let ceremony = Ceremony {
        origin,
        ..Ceremony::default()
    };
    assert_eq!(
        world.check(&PAYLOAD, &owner().compact(&PAYLOAD, &ceremony)),
        Ok(())
    );
    let longest_tail = Ceremony {
        tail: String::from(",") + &"x".repeat(952),
        ..ceremony
    };
    assert_eq!(
        world.check(&PAYLOAD, &owner().explicit(&PAYLOAD, &longest_tail)),
        Ok(())
    );
}
