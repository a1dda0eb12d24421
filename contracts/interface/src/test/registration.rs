extern crate std;

use p256::{elliptic_curve::sec1::ToEncodedPoint, SecretKey};
use soroban_sdk::{testutils::Address as _, Address, Bytes, BytesN, Env, String};

use crate::{
    Passkey, WalletError, WalletInit, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES,
    MAX_ROTATION_DELAY_SECONDS, MIN_CREDENTIAL_ID_BYTES,
};

fn init(env: &Env) -> WalletInit {
    let public_key = SecretKey::from_slice(&[7; 32]).unwrap().public_key();
    let point = public_key.to_encoded_point(false);
    WalletInit {
        signer: Passkey {
            public_key: BytesN::from_array(env, &point.as_bytes().try_into().unwrap()),
            credential_id: Bytes::from_array(env, &[1; 32]),
            rp_id_hash: BytesN::from_array(env, &[2; 32]),
            origin: String::from_str(env, "https://wallet.example.com"),
        },
        guardian: Some(Address::generate(env)),
        rotation_delay_seconds: 0,
    }
}

fn after(change: impl FnOnce(&Env, &mut WalletInit)) -> Result<(), WalletError> {
    let env = Env::default();
    let mut init = init(&env);
    change(&env, &mut init);
    init.check()
}

fn with_origin(origin: &[u8]) -> Result<(), WalletError> {
    after(|env, init| init.signer.origin = String::from_bytes(env, origin))
}

fn with_credential_id_of(length: u32) -> Result<(), WalletError> {
    after(|env, init| {
        init.signer.credential_id = Bytes::from_slice(env, &std::vec![0; length as usize]);
    })
}

#[test]
fn accepts_a_passkey_with_or_without_guardian_and_delay() {
    assert_eq!(after(|_, _| {}), Ok(()));
    assert_eq!(after(|_, init| init.guardian = None), Ok(()));
    assert_eq!(
        after(|_, init| init.rotation_delay_seconds = 259_200),
        Ok(())
    );
}

#[test]
fn refuses_a_public_key_off_the_curve() {
    let changed = |position: usize| {
        after(|env, init| {
            let mut key = init.signer.public_key.to_array();
            key[position] ^= 1;
            init.signer.public_key = BytesN::from_array(env, &key);
        })
    };
    for position in [0, 1, 32, 33, 64] {
        assert_eq!(
            changed(position),
            Err(WalletError::InvalidPublicKey),
            "{position}"
        );
    }
}

#[test]
fn refuses_a_credential_id_that_webauthn_forbids() {
    assert_eq!(with_credential_id_of(MIN_CREDENTIAL_ID_BYTES), Ok(()));
    assert_eq!(with_credential_id_of(MAX_CREDENTIAL_ID_BYTES), Ok(()));
    for length in [0, MIN_CREDENTIAL_ID_BYTES - 1, MAX_CREDENTIAL_ID_BYTES + 1] {
        let expected = Err(WalletError::InvalidCredentialId);
        assert_eq!(with_credential_id_of(length), expected, "{length}");
    }
}

#[test]
fn refuses_an_origin_that_is_empty_or_too_long() {
    assert_eq!(with_origin(&[b'o'; MAX_ORIGIN_BYTES as usize]), Ok(()));
    for length in [0, MAX_ORIGIN_BYTES as usize + 1] {
        let expected = Err(WalletError::InvalidOrigin);
        assert_eq!(with_origin(&std::vec![b'o'; length]), expected, "{length}");
    }
}

#[test]
fn refuses_an_origin_that_json_would_escape() {
    for byte in 0..=255u8 {
        let escaped = byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f;
        let expected = if escaped {
            Err(WalletError::InvalidOrigin)
        } else {
            Ok(())
        };
        assert_eq!(with_origin(&[b'h', byte]), expected, "{byte:#04x}");
        assert_eq!(with_origin(&[byte, b'h']), expected, "{byte:#04x}");
    }
}

#[test]
fn refuses_a_delay_beyond_its_limit_or_without_a_guardian() {
    let with_delay = |seconds| after(|_, init| init.rotation_delay_seconds = seconds);
    assert_eq!(with_delay(MAX_ROTATION_DELAY_SECONDS), Ok(()));
    for seconds in [MAX_ROTATION_DELAY_SECONDS + 1, u64::MAX] {
        assert_eq!(with_delay(seconds), Err(WalletError::InvalidRotationDelay));
    }
    let without_guardian = after(|_, init| {
        init.guardian = None;
        init.rotation_delay_seconds = 1;
    });
    assert_eq!(
        without_guardian,
        Err(WalletError::RotationDelayWithoutGuardian)
    );
}
