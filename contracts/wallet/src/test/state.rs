//! What is stored, written and read again: records, and the state that holds those of admins.

extern crate std;

use latchkey_interface::{memory::room, testutils::Random, KeyView, PasskeyView, Scheme};
use soroban_sdk::Env;
use std::vec::Vec;

use super::world::World;
use crate::{
    record::{is_same_key, Record, SessionRecord, MAX_RECORD_BYTES},
    state::{sole_admin_record, stored, Change, Entry, State, MAX_STATE_BYTES},
};

/// What a random record borrows from.
struct Parts {
    public_key: [u8; 65],
    hash: [u8; 32],
    origin: Vec<u8>,
    credential_id: Vec<u8>,
    address: Vec<u8>,
    verifier: [u8; 32],
    co_signers: Vec<u8>,
    policies: Vec<u8>,
    contracts: Vec<u8>,
    kind: u32,
    threshold: u32,
    expiry: Option<u32>,
}

impl Parts {
    fn random(random: &mut Random) -> Self {
        let mut bytes = |unit: u32, most: u32| {
            let count = random.below(most + 1);
            random.bytes((unit * count) as usize)
        };
        Self {
            origin: bytes(1, 256),
            credential_id: bytes(1, 300),
            address: bytes(4, 11),
            co_signers: bytes(4, 16),
            policies: bytes(32, 4),
            contracts: bytes(32, 8),
            public_key: random.array(),
            hash: random.array(),
            verifier: random.array(),
            kind: random.below(4),
            threshold: random.below(17),
            expiry: (!random.once_in(2)).then(|| 1 + random.below(2_000)),
        }
    }

    fn key(&self) -> KeyView<'_> {
        match self.kind {
            0 => KeyView::Passkey(PasskeyView {
                public_key: &self.public_key,
                credential_id: &self.credential_id,
                rp_id_hash: &self.hash,
                origin: &self.origin,
            }),
            1 => KeyView::Ed25519(&self.hash),
            2 => KeyView::Account(&self.address),
            _ => KeyView::PostQuantum {
                public_key_hash: &self.hash,
                scheme: Scheme::MlDsa65,
                verifier: &self.verifier,
            },
        }
    }

    fn record(&self) -> Record<'_> {
        Record {
            key: self.key(),
            threshold: self.threshold,
            co_signers: &self.co_signers,
            policies: &self.policies,
            session: self.expiry.map(|expires_at_ledger| SessionRecord {
                expires_at_ledger,
                contracts: &self.contracts,
            }),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut memory = room::<MAX_RECORD_BYTES>();
        self.record().write(&mut memory).written().to_vec()
    }
}

fn assert_same_record(read: &Record, written: &Record) {
    assert!(is_same_key(&read.key, &written.key));
    match (&read.key, &written.key) {
        (KeyView::Passkey(read), KeyView::Passkey(written)) => {
            assert_eq!(read.origin, written.origin);
            assert_eq!(read.credential_id, written.credential_id);
            assert_eq!(read.rp_id_hash, written.rp_id_hash);
        }
        (
            KeyView::PostQuantum {
                scheme, verifier, ..
            },
            KeyView::PostQuantum {
                scheme: written_scheme,
                verifier: written_verifier,
                ..
            },
        ) => assert_eq!((scheme, verifier), (written_scheme, written_verifier)),
        _ => {}
    }
    assert_eq!(read.threshold, written.threshold);
    assert_eq!(read.co_signers, written.co_signers);
    assert_eq!(read.policies, written.policies);
    let session = |record: &Record| {
        let session = record.session?;
        Some((session.expires_at_ledger, session.contracts.to_vec()))
    };
    assert_eq!(session(read), session(written));
    let ids = read.co_signer_ids().flat_map(u32::to_be_bytes);
    assert_eq!(ids.collect::<Vec<_>>(), written.co_signers);
    let policies = read.policy_ids().flatten().copied();
    assert_eq!(policies.collect::<Vec<_>>(), written.policies);
    if let Some(session) = read.session {
        let contracts = session.contract_ids().flatten().copied();
        assert_eq!(contracts.collect::<Vec<_>>(), session.contracts);
    }
}

#[test]
fn records_read_back_as_they_were_written() {
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let parts = Parts::random(&mut random);
        let written = parts.write();
        let read = Record::parse(&written, parts.expiry.is_some());
        assert_same_record(&read, &parts.record());
    }
}

#[test]
fn a_passkey_is_found_in_the_first_bytes_of_its_record_or_not_at_all() {
    let mut random = Random::new(2);
    for _ in 0..100 {
        let parts = Parts::random(&mut random);
        let written = parts.write();
        let needed = 4 + 65 + 32 + 4 + parts.origin.len();
        for length in 0..written.len() {
            let passkey = Record::parse_passkey(&written[..length]);
            let is_there = parts.kind == 0 && length >= needed;
            assert_eq!(passkey.is_some(), is_there, "{length}");
            if let Some(passkey) = passkey {
                assert_eq!(passkey.public_key, &parts.public_key);
                assert_eq!(passkey.rp_id_hash, &parts.hash);
                assert_eq!(passkey.origin, parts.origin);
            }
        }
    }
}

#[test]
fn keys_are_the_same_whoever_else_uses_what_is_around_them() {
    let mut random = Random::new(3);
    let parts = [0, 1, 2, 3].map(|kind| Parts {
        kind,
        address: random.bytes(36),
        ..Parts::random(&mut random)
    });
    for (position, a) in parts.iter().enumerate() {
        for (other, b) in parts.iter().enumerate() {
            assert_eq!(is_same_key(&a.key(), &b.key()), position == other);
        }
        let same = Parts {
            public_key: a.public_key,
            hash: a.hash,
            address: a.address.clone(),
            kind: a.kind,
            ..Parts::random(&mut random)
        };
        assert!(is_same_key(&a.key(), &same.key()));
        let other = Parts {
            kind: a.kind,
            address: random.bytes(36),
            ..Parts::random(&mut random)
        };
        assert!(!is_same_key(&a.key(), &other.key()));
    }
}

fn store(env: &Env, change: Change) {
    let mut memory = room::<MAX_STATE_BYTES>();
    State::read(env, &mut memory).store(env, change).unwrap();
}

/// Puts and removes signers at random, and compares the state with what was put.
#[test]
fn a_state_holds_what_was_put_and_finds_the_same_the_short_way() {
    let mut random = Random::new(4);
    let (mut found, mut not_found) = (0, 0);
    for _ in 0..40 {
        let world = World::new();
        let env = &world.env;
        let guardian = if random.once_in(2) {
            random.bytes(36)
        } else {
            Vec::new()
        };
        let threshold = 1 + random.below(2);
        world.env.as_contract(&world.wallet, || {
            let mut first = State::new(env, threshold, &guardian);
            assert_eq!(first.take_id(), Ok(0));
            first.store(env, Change::None).unwrap();
            let mut kept: Vec<(u32, Parts)> = Vec::new();
            for _ in 0..10 {
                let mut parts = Parts::random(&mut random);
                parts.credential_id.truncate(100);
                parts.expiry = parts.expiry.map(|expiry| 1_000 + expiry);
                if random.once_in(2) {
                    (parts.co_signers, parts.policies) = (Vec::new(), Vec::new());
                }
                let id = random.below(6);
                kept.retain(|(other, _)| *other != id);
                if random.once_in(4) {
                    store(env, Change::Remove(id));
                } else {
                    let record = parts.write();
                    store(env, Change::Put(Entry::new(id, &parts.record()), &record));
                    kept.push((id, parts));
                }
                let mut memory = room::<MAX_STATE_BYTES>();
                let state = State::read(env, &mut memory);
                assert_eq!(
                    (state.admin_threshold, state.guardian),
                    (threshold, &guardian[..])
                );
                let ids: Vec<u32> = state.entries().map(|entry| entry.id).collect();
                assert_eq!(ids, kept.iter().map(|(id, _)| *id).collect::<Vec<_>>());
                let bytes: Vec<u8> = stored(env).iter().collect();
                for id in 0..7 {
                    let short = sole_admin_record(&bytes, id);
                    let Some((_, parts)) = kept.iter().find(|(other, _)| *other == id) else {
                        assert!(short.is_none() && state.find(id).is_err());
                        continue;
                    };
                    let entry = state.find(id).unwrap();
                    assert_eq!(entry.expires_at_ledger, parts.expiry.unwrap_or(0));
                    assert_eq!(entry.has_co_signers, !parts.co_signers.is_empty());
                    assert_eq!(entry.has_policies, !parts.policies.is_empty());
                    let mut memory = room::<MAX_RECORD_BYTES>();
                    let record = state.record(env, &entry, &mut memory);
                    assert_same_record(&record, &parts.record());
                    let is_sole = threshold == 1
                        && entry.is_admin()
                        && !entry.has_co_signers
                        && !entry.has_policies;
                    assert_eq!(short.is_some(), is_sole);
                    if let Some(short) = short {
                        assert!(short.starts_with(&parts.write()));
                        found += 1;
                    } else {
                        not_found += 1;
                    }
                    // In fewer bytes it is the same, less of it, or not there.
                    let cut = random.below(bytes.len() as u32) as usize;
                    if let Some(cut) = sole_admin_record(&bytes[..cut], id) {
                        assert!(short.unwrap().starts_with(cut));
                    }
                }
            }
        });
    }
    assert!(found > 100 && not_found > 100, "{found} {not_found}");
}
