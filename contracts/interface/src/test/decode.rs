//! Arguments taken apart by our own code against the SDK's conversions of the same types.

extern crate std;

use p256::{elliptic_curve::sec1::ToEncodedPoint, SecretKey};
use soroban_sdk::{
    xdr::{ContractId, Hash, Limits, ReadXdr, ScAddress, ScVal, ToXdr},
    Address, Bytes, BytesN, Env, IntoVal, String, TryFromVal, Val, Vec,
};
use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    vec::Vec as StdVec,
};

use crate::{
    decode_ids, decode_init, decode_key, decode_recovery, decode_role, decode_signer,
    testutils::Random, xdr::Reader, CoSignersView, KeyView, Passkey, PostQuantumKey, Role, Scheme,
    Session, Signer, SignerKey, SignerView, WalletError, WalletInit, MAX_CREDENTIAL_ID_BYTES,
    MAX_ORIGIN_BYTES, MIN_CREDENTIAL_ID_BYTES,
};

fn encoded(env: &Env, value: impl IntoVal<Env, Val>) -> StdVec<u8> {
    to_vec(&value.into_val(env).to_xdr(env))
}

fn to_vec(bytes: &Bytes) -> StdVec<u8> {
    bytes.iter().collect()
}

/// As `Reader::address` returns it.
fn address_bytes(env: &Env, address: &Address) -> StdVec<u8> {
    encoded(env, address.clone())[4..].to_vec()
}

fn passkey(env: &Env) -> Passkey {
    let public_key = SecretKey::from_slice(&[7; 32]).unwrap().public_key();
    let point = public_key.to_encoded_point(false);
    Passkey {
        public_key: BytesN::from_array(env, &point.as_bytes().try_into().unwrap()),
        credential_id: Bytes::from_array(env, &[1; 32]),
        rp_id_hash: BytesN::from_array(env, &[2; 32]),
        origin: String::from_str(env, "https://wallet.example.com"),
    }
}

fn contract(env: &Env, random: &mut Random) -> Address {
    let id = ScAddress::Contract(ContractId(Hash(random.array())));
    Address::try_from_val(env, &id).unwrap()
}

fn random_key(env: &Env, random: &mut Random) -> SignerKey {
    match random.below(5) {
        0 => {
            let mut passkey = passkey(env);
            let length = 16 + random.below(1008);
            passkey.credential_id = Bytes::from_slice(env, &random.bytes(length as usize));
            let letters = (0..1 + random.below(256)).map(|_| b'a' + random.below(26) as u8);
            passkey.origin = String::from_bytes(env, &letters.collect::<StdVec<_>>());
            passkey.rp_id_hash = BytesN::from_array(env, &random.array());
            SignerKey::Passkey(passkey)
        }
        1 => SignerKey::Ed25519(BytesN::from_array(env, &random.array())),
        2 => SignerKey::Account(contract(env, random)),
        3 => {
            let account = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
            SignerKey::Account(Address::from_str(env, account))
        }
        _ => SignerKey::PostQuantum(PostQuantumKey {
            public_key_hash: BytesN::from_array(env, &random.array()),
            scheme: *random.pick(&[Scheme::MlDsa44, Scheme::MlDsa65, Scheme::SlhDsaSha2128s]),
            verifier: contract(env, random),
        }),
    }
}

fn random_signer(env: &Env, random: &mut Random) -> Signer {
    let role = if random.once_in(2) {
        Role::Admin
    } else {
        let contracts = (0..1 + random.below(8)).map(|_| contract(env, random));
        let contracts: StdVec<_> = contracts.collect();
        Role::Session(Session {
            contracts: Vec::from_iter(env, contracts),
            expires_at_ledger: random.u32(),
        })
    };
    let co_signers: StdVec<u32> = (0..random.below(17)).map(|_| random.u32()).collect();
    let threshold = match co_signers.len() as u32 {
        0 => 0,
        count => 1 + random.below(count),
    };
    Signer {
        co_signers: Vec::from_slice(env, &co_signers),
        key: random_key(env, random),
        role,
        threshold,
    }
}

fn assert_same_key(env: &Env, view: &KeyView, key: &SignerKey) {
    match (view, key) {
        (KeyView::Passkey(view), SignerKey::Passkey(passkey)) => {
            assert_eq!(*view.public_key, passkey.public_key.to_array());
            assert_eq!(*view.rp_id_hash, passkey.rp_id_hash.to_array());
            assert_eq!(view.credential_id, to_vec(&passkey.credential_id));
            assert_eq!(view.origin, to_vec(&passkey.origin.to_bytes()));
        }
        (KeyView::Ed25519(view), SignerKey::Ed25519(key)) => assert_eq!(**view, key.to_array()),
        (KeyView::Account(view), SignerKey::Account(address)) => {
            assert_eq!(*view, address_bytes(env, address));
        }
        (
            KeyView::PostQuantum {
                public_key_hash,
                scheme,
                verifier,
            },
            SignerKey::PostQuantum(key),
        ) => {
            assert_eq!(**public_key_hash, key.public_key_hash.to_array());
            assert_eq!(*scheme, key.scheme);
            assert_eq!(&verifier[..], &address_bytes(env, &key.verifier)[4..]);
        }
        _ => panic!("another kind"),
    }
}

fn assert_same_signer(env: &Env, view: &SignerView, signer: &Signer) {
    assert_same_key(env, &view.key, &signer.key);
    assert_eq!(view.co_signers.threshold, signer.threshold);
    assert_eq!(view.co_signers.count, signer.co_signers.len());
    let mut ids = view.co_signers.ids;
    assert!(signer.co_signers.iter().all(|id| id == ids.u32()));
    match (&view.session, &signer.role) {
        (None, Role::Admin) => {}
        (Some(view), Role::Session(session)) => {
            assert_eq!(view.expires_at_ledger, session.expires_at_ledger);
            assert_eq!(view.contract_count, session.contracts.len());
            let mut contracts = view.contracts;
            for contract in &session.contracts {
                assert_eq!(
                    &contracts.contract()[..],
                    &address_bytes(env, &contract)[4..]
                );
            }
        }
        _ => panic!("another role"),
    }
}

#[test]
fn signers_are_read_as_the_sdk_writes_them() {
    let env = Env::default();
    let mut random = Random::new(1);
    for _ in 0..300 {
        let signer = random_signer(&env, &mut random);
        let bytes = encoded(&env, signer.clone());
        let mut reader = Reader::new(&bytes);
        let view = decode_signer(&mut reader).unwrap();
        assert_eq!(reader.finish(), Ok(()));
        assert_same_signer(&env, &view, &signer);
    }
}

#[test]
fn a_wallets_parts_are_read_as_the_sdk_writes_them() {
    let env = Env::default();
    let mut random = Random::new(2);
    for count in 0..4 {
        let signers = (0..count).map(|_| random_signer(&env, &mut random));
        let signers: StdVec<_> = signers.collect();
        let init = WalletInit {
            admin_threshold: random.u32(),
            recovery: (count % 2 == 1).then(|| contract(&env, &mut random)),
            signers: Vec::from_iter(&env, signers.clone()),
        };
        let bytes = encoded(&env, init.clone());
        let view = decode_init(Reader::new(&bytes)).unwrap();
        assert_eq!(view.admin_threshold, init.admin_threshold);
        let guardian = init.recovery.map(|guardian| address_bytes(&env, &guardian));
        assert_eq!(view.recovery, guardian.as_deref());
        assert_eq!(view.signer_count, count);
        let mut left = view.signers;
        for signer in &signers {
            let view = decode_signer(&mut left).unwrap();
            assert_same_signer(&env, &view, signer);
        }
        assert_eq!(left.finish(), Ok(()));
    }
}

/// What the SDK's conversion refuses, ours refuses as well, and it never panics. It may refuse more:
/// keys and lengths of no use.
#[test]
fn signers_with_changed_bytes_are_refused_or_read_the_same() {
    let env = Env::default();
    env.cost_estimate().budget().reset_unlimited();
    let mut random = Random::new(3);
    let mut seen = [0; 3];
    for _ in 0..1_200 {
        let mut bytes = encoded(&env, random_signer(&env, &mut random));
        for _ in 0..1 + random.below(2) {
            let position = random.below(bytes.len() as u32) as usize;
            bytes[position] = random.u8();
        }
        if random.once_in(4) {
            bytes.truncate(random.below(bytes.len() as u32) as usize);
        }
        let mut reader = Reader::new(&bytes);
        let view = decode_signer(&mut reader);
        let view = reader.finish().and(view);
        // The host refuses such bytes before a contract sees them.
        let Ok(value) = ScVal::from_xdr(&bytes, Limits::none()) else {
            seen[0] += 1;
            continue;
        };
        // Its conversion traps on some values, such as symbols with other characters.
        let convert = AssertUnwindSafe(|| Signer::try_from_val(&env, &value).ok());
        match (view, catch_unwind(convert).ok().flatten()) {
            (Ok(view), Some(signer)) => {
                assert_same_signer(&env, &view, &signer);
                seen[1] += 1;
            }
            (Ok(_), None) => panic!("read what is no signer"),
            (Err(_), _) => seen[2] += 1,
        }
    }
    assert!(seen.iter().all(|&count| count > 60), "{seen:?}");
}

fn key_error(change: impl FnOnce(&Env, &mut Passkey)) -> Result<(), WalletError> {
    let env = Env::default();
    let mut passkey = passkey(&env);
    change(&env, &mut passkey);
    let bytes = encoded(&env, SignerKey::Passkey(passkey));
    decode_key(&mut Reader::new(&bytes)).map(|_| ())
}

#[test]
fn refuses_a_public_key_off_the_curve() {
    assert_eq!(key_error(|_, _| {}), Ok(()));
    for position in [0, 1, 32, 33, 64] {
        let verdict = key_error(|env, passkey| {
            let mut key = passkey.public_key.to_array();
            key[position] ^= 1;
            passkey.public_key = BytesN::from_array(env, &key);
        });
        assert_eq!(verdict, Err(WalletError::InvalidPublicKey), "{position}");
    }
}

#[test]
fn refuses_a_credential_id_that_webauthn_forbids() {
    let of_length = |length: u32| {
        key_error(|env, passkey| {
            passkey.credential_id = Bytes::from_slice(env, &std::vec![0; length as usize]);
        })
    };
    assert_eq!(of_length(MIN_CREDENTIAL_ID_BYTES), Ok(()));
    assert_eq!(of_length(MAX_CREDENTIAL_ID_BYTES), Ok(()));
    for length in [0, MIN_CREDENTIAL_ID_BYTES - 1, MAX_CREDENTIAL_ID_BYTES + 1] {
        let expected = Err(WalletError::InvalidCredentialId);
        assert_eq!(of_length(length), expected, "{length}");
    }
}

fn with_origin(origin: &[u8]) -> Result<(), WalletError> {
    key_error(|env, passkey| passkey.origin = String::from_bytes(env, origin))
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
fn schemes_have_the_lengths_of_their_standards() {
    let lengths = |number: u32| {
        let lengths = Scheme::from_number(number)?.lengths();
        Some((lengths.public_key, lengths.signature))
    };
    assert_eq!(lengths(44), Some((1312, 2420)));
    assert_eq!(lengths(65), Some((1952, 3309)));
    assert_eq!(lengths(128), Some((32, 7856)));
    for other in [0, 1, 43, 45, 64, 87, 127, 300, u32::MAX] {
        assert_eq!(lengths(other), None, "{other}");
    }
}

#[test]
fn a_threshold_fits_the_co_signers() {
    let env = Env::default();
    for count in 0..19u32 {
        let ids: StdVec<u32> = (0..count).collect();
        let bytes = encoded(&env, Vec::from_slice(&env, &ids));
        for threshold in [0, 1, 2, 15, 16, 17, u32::MAX] {
            let mut reader = Reader::new(&bytes);
            let ids = decode_ids(&mut reader);
            let verdict = CoSignersView::new(ids, threshold).map(|_| ());
            let fits = if count == 0 {
                threshold == 0
            } else {
                count <= 16 && (1..=count).contains(&threshold)
            };
            let expected = if fits {
                Ok(())
            } else {
                Err(WalletError::InvalidCoSigners)
            };
            assert_eq!(verdict, expected, "{threshold} of {count}");
        }
    }
}

#[test]
fn a_guardian_is_an_account_or_a_contract_or_nobody() {
    use soroban_sdk::xdr::{ClaimableBalanceId, MuxedEd25519Account, PoolId, Uint256, WriteXdr};
    let guardian = |value: ScVal| {
        let bytes = WriteXdr::to_xdr(&value, Limits::none()).unwrap();
        let mut reader = Reader::new(&bytes);
        let is_some = decode_recovery(&mut reader).is_some();
        reader.finish().map(|()| is_some)
    };
    assert_eq!(guardian(ScVal::Void), Ok(false));
    let env = Env::default();
    let mut random = Random::new(5);
    let contract = contract(&env, &mut random);
    let account = "GA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCSKYH";
    for address in [contract, Address::from_str(&env, account)] {
        assert_eq!(guardian(ScVal::Address((&address).into())), Ok(true));
    }
    let muxed = MuxedEd25519Account {
        id: 1,
        ed25519: Uint256([0; 32]),
    };
    let balance = ClaimableBalanceId::ClaimableBalanceIdTypeV0(Hash([0; 32]));
    for other in [
        ScVal::U32(1),
        ScVal::Address(ScAddress::MuxedAccount(muxed)),
        ScVal::Address(ScAddress::ClaimableBalance(balance)),
        ScVal::Address(ScAddress::LiquidityPool(PoolId(Hash([0; 32])))),
    ] {
        assert_eq!(guardian(other), Err(WalletError::MalformedArgument));
    }
}

#[test]
fn roles_of_another_shape_are_refused() {
    let env = Env::default();
    let mut random = Random::new(6);
    let read = |value: Val| {
        let bytes = to_vec(&value.to_xdr(&env));
        let mut reader = Reader::new(&bytes);
        let is_session = decode_role(&mut reader).is_some();
        reader.finish().map(|()| is_session)
    };
    let session = Role::Session(Session {
        contracts: Vec::from_array(&env, [contract(&env, &mut random)]),
        expires_at_ledger: 7,
    });
    assert_eq!(read(Role::Admin.into_val(&env)), Ok(false));
    let session: Val = session.into_val(&env);
    assert_eq!(read(session), Ok(true));
    let parts: Vec<Val> = session.into_val(&env);
    let symbol = |name| soroban_sdk::Symbol::new(&env, name).to_val();
    let admin_with = Vec::from_array(&env, [symbol("Admin"), parts.get_unchecked(1)]);
    let session_without = Vec::from_array(&env, [symbol("Session")]);
    let other = Vec::from_array(&env, [symbol("Guest")]);
    for value in [
        admin_with.to_val(),
        session_without.to_val(),
        other.to_val(),
        Vec::<Val>::new(&env).to_val(),
        symbol("Admin"),
    ] {
        assert_eq!(read(value), Err(WalletError::MalformedArgument));
    }
}
