//! The compact and the explicit form of a passkey's proof, and what may be in the latter.

extern crate std;

use latchkey_interface::{
    testutils::{flagged_part, flags, part, Ceremony},
    WalletError,
};
use std::{string::String, vec};

use super::{
    passkey_wallets::{
        long_tail, owner, with_flags, with_tail, Wallets, MAX_EXPLICIT_BYTES, WRONG_SIGNATURE,
    },
    world::{World, PAYLOAD},
};

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
