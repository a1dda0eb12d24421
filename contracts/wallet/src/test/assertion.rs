//! What a passkey has to have signed: payload, relying party, origin, type and flags.

extern crate std;

use latchkey_interface::{
    testutils::{flagged_part, flags, part, Ceremony, SoftwareAuthenticator},
    WalletError,
};
use std::{string::String, vec::Vec};

use super::{
    passkey_wallets::{
        long_tail, owner, with_flags, with_tail, Wallets, MAX_EXPLICIT_BYTES, WRONG_SIGNATURE,
    },
    world::{World, PAYLOAD},
};

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
