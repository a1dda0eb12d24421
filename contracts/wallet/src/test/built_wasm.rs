//! The built wasm against the native code that the other tests run: the same verdict on everything.

extern crate std;

use latchkey_interface::testutils::{flags, Ceremony, SoftwareAuthenticator};
use std::vec::Vec;

use super::world::{failed_with, World, OWNER, PAYLOAD, STRANGER, SUCCESSOR};

fn blobs() -> Vec<Vec<u8>> {
    let owner = SoftwareAuthenticator::new(OWNER);
    let ceremonies = [
        Ceremony::default(),
        Ceremony {
            flags: 0x04,
            ..Ceremony::default()
        },
        Ceremony {
            flags: 0x01,
            ..Ceremony::default()
        },
        Ceremony {
            tail: "}".into(),
            ..Ceremony::default()
        },
        Ceremony {
            tail: "x".into(),
            ..Ceremony::default()
        },
        Ceremony {
            tail: std::format!(",{}", "x".repeat(952)),
            ..Ceremony::default()
        },
        Ceremony {
            tail: std::format!(",{}", "x".repeat(953)),
            ..Ceremony::default()
        },
        Ceremony {
            rp_id: "evil.example.com",
            ..Ceremony::default()
        },
        Ceremony {
            origin: "https://evil.example.com".into(),
            ..Ceremony::default()
        },
        Ceremony {
            high_s: true,
            ..Ceremony::default()
        },
        Ceremony {
            flags: 0x05 | flags::EXTENSION_DATA,
            extensions: b"\xa0".to_vec(),
            ..Ceremony::default()
        },
    ];
    let mut blobs: Vec<Vec<u8>> = ceremonies
        .iter()
        .flat_map(|c| [owner.compact(&PAYLOAD, c), owner.explicit(&PAYLOAD, c)])
        .collect();
    blobs.push(SoftwareAuthenticator::new(STRANGER).sign(&PAYLOAD));
    let signed = owner.sign(&PAYLOAD);
    blobs.push([&signed[..], &[0, 0]].concat());
    blobs.push([&signed[..], &[0, 1]].concat());
    blobs.extend([0, 68, 70].map(|length| [&signed[..], &[0]].concat()[..length].to_vec()));
    blobs
}

#[test]
fn gives_the_same_verdict_on_every_kind_of_signature() {
    let (built, native) = (World::built(0), World::with_delay(0));
    let verdicts: Vec<_> = blobs()
        .iter()
        .map(|blob| built.check(&PAYLOAD, blob))
        .collect();
    let expected: Vec<_> = blobs()
        .iter()
        .map(|blob| native.check(&PAYLOAD, blob))
        .collect();
    assert_eq!(verdicts, expected);
    assert!(verdicts.iter().filter(|verdict| verdict.is_ok()).count() >= 6);
}

#[test]
fn rotates_and_refuses_bad_keys() {
    let world = World::built(0);
    assert_eq!(world.client().signer(), world.passkey(OWNER));
    let mut off_curve = world.passkey(SUCCESSOR);
    let mut key = off_curve.public_key.to_array();
    key[64] ^= 1;
    off_curve.public_key = soroban_sdk::BytesN::from_array(&world.env, &key);
    let client = world.mocked(&world.guardian, "rotate_signer", (off_curve.clone(),));
    let result = failed_with(client.try_rotate_signer(&off_curve));
    assert_eq!(result, Some(crate::WalletError::InvalidPublicKey));

    for seed in SUCCESSOR..SUCCESSOR + 20 {
        let successor = world.passkey(seed);
        let client = world.mocked(&world.guardian, "rotate_signer", (successor.clone(),));
        client.rotate_signer(&successor);
        assert_eq!(world.client().signer(), successor);
        assert!(world.accepts(seed) && !world.accepts(OWNER));
    }
}
