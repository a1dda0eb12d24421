//! What a wallet keeps, and for how long. One string of bytes in the instance holds everything that
//! must outlive every session, so that a transfer reads one thing: who the signers are, how many
//! admins a change takes, the guardian, and the admins' records. A session's record is a temporary
//! entry under the signer's id that ends with the session. An expired session counts as gone at
//! once; the next change forgets it.
//!
//! ```text
//! version (1) | admin threshold (1) | signers (1) | guardian bytes (1) | next id (4) |
//! signers: id and flags (4), expiry or 0 (4), record bytes (2) | guardian | admins' records
//! ```
//! Version 1, of release 0.1.0, was `public key (65) | rp id hash (32) | origin` under the same key,
//! which begins with 4. It becomes admin 0 in the first call after an upgrade. A guardian of 0.1.0 is
//! left behind: the owner, who has just authorized the upgrade, sets it again.

use core::mem::MaybeUninit;

use latchkey_interface::{
    memory::{copy, copy_all, room, Room},
    xdr::{Reader, Writer},
    KeyView, PasskeyView, WalletError,
};
use soroban_sdk::{symbol_short, unwrap::UnwrapOptimized, Bytes, Env, Symbol, Val};

use crate::{
    events,
    record::{Record, MAX_RECORD_BYTES},
    views,
};

const STATE: Symbol = symbol_short!("signer");
const OLD_CREDENTIAL_ID: Symbol = symbol_short!("cred_id");
pub const STATE_VERSION: u8 = 2;
/// The first byte of a public key.
const OLD_STATE_START: u8 = 4;

pub const MAX_ADMINS: usize = 16;
pub const MAX_SESSIONS: usize = 32;
pub const MAX_STATE_BYTES: usize = 6144;
const HEADER_BYTES: usize = 8;
const ENTRY_BYTES: usize = 10;
/// Ids share their 24 bits in a signature with one flag.
const MAX_ID: u32 = 0x7f_ffff;
const HAS_CO_SIGNERS: u32 = 1 << 31;
const HAS_POLICIES: u32 = 1 << 30;

/// Instance and code are extended when they have less than 7 days left, at 5 seconds a ledger.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
/// More than any network allows; the host clamps it to the network's own maximum.
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[derive(Clone, Copy, Default)]
pub struct Entry {
    pub id: u32,
    /// 0 for an admin.
    pub expires_at_ledger: u32,
    pub has_co_signers: bool,
    pub has_policies: bool,
    /// Where an admin's record starts among the records, and its length.
    record: (usize, usize),
}

impl Entry {
    pub fn new(id: u32, record: &Record) -> Self {
        Self {
            id,
            expires_at_ledger: record
                .session
                .map_or(0, |session| session.expires_at_ledger),
            has_co_signers: !record.co_signers.is_empty(),
            has_policies: !record.policies.is_empty(),
            record: (0, 0),
        }
    }

    pub fn is_admin(&self) -> bool {
        self.expires_at_ledger == 0
    }

    fn decode(encoded: &[u8; ENTRY_BYTES], record_start: usize) -> Self {
        let mut encoded = Reader::new(encoded);
        let id = encoded.word();
        Self {
            id: id & !(HAS_CO_SIGNERS | HAS_POLICIES),
            has_co_signers: id & HAS_CO_SIGNERS != 0,
            has_policies: id & HAS_POLICIES != 0,
            expires_at_ledger: encoded.word(),
            record: (
                record_start,
                usize::from(u16::from_be_bytes(*encoded.array())),
            ),
        }
    }

    fn encode(&self, record_length: usize, to: &mut Writer) {
        let co_signers = if self.has_co_signers {
            HAS_CO_SIGNERS
        } else {
            0
        };
        let policies = if self.has_policies { HAS_POLICIES } else { 0 };
        to.word(self.id | co_signers | policies);
        to.word(self.expires_at_ledger);
        to.raw(&(record_length as u16).to_be_bytes());
    }
}

#[derive(Clone, Copy)]
pub struct State<'a> {
    pub admin_threshold: u32,
    /// As `xdr::Reader::address` returns it; empty without a guardian.
    pub guardian: &'a [u8],
    next_id: u32,
    entries: &'a [u8],
    records: &'a [u8],
    /// The present ledger, before which sessions have expired.
    ledger: u32,
}

/// What happens to one signer when the state is stored.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    None,
    /// It is added, or replaced, with this record.
    Put(Entry, &'a [u8]),
    /// The one of this id is removed.
    Remove(u32),
}

pub type StateRoom = Room<MAX_STATE_BYTES>;

/// The state as it is stored, of whatever version.
pub fn stored(env: &Env) -> Bytes {
    stored_bytes(env, STATE.to_val(), INSTANCE)
}

/// The first bytes of the record of an admin who may do anything alone, if it lies within `bytes`,
/// the beginning of what is stored; what is not so simple takes `State::read`.
#[inline(always)]
pub fn sole_admin_record(bytes: &[u8], id: u32) -> Option<&[u8]> {
    let [STATE_VERSION, 1, count, guardian_bytes, ..] = *bytes else {
        return None;
    };
    let mut at = HEADER_BYTES;
    let mut record_at = at + usize::from(count) * ENTRY_BYTES + usize::from(guardian_bytes);
    for _ in 0..count {
        let (entry, _) = bytes.get(at..)?.split_first_chunk::<ENTRY_BYTES>()?;
        let [a, b, c, d, e, f, g, h, i, j] = *entry;
        if u32::from_be_bytes([a, b, c, d]) == id {
            // Without co-signers and policies the flags are 0, and without an expiry it is an admin.
            return if [e, f, g, h] == [0; 4] {
                bytes.get(record_at..)
            } else {
                None
            };
        }
        record_at += usize::from(u16::from_be_bytes([i, j]));
        at += ENTRY_BYTES;
    }
    None
}

impl<'a> State<'a> {
    /// Of a wallet without signers.
    pub fn new(env: &Env, admin_threshold: u32, guardian: &'a [u8]) -> Self {
        Self {
            admin_threshold,
            guardian,
            next_id: 0,
            entries: &[],
            records: &[],
            ledger: env.ledger().sequence(),
        }
    }

    /// Of a version 1 that is still stored, version 2 is made and stored first.
    #[inline(never)]
    pub fn read(env: &Env, memory: &'a mut StateRoom) -> Self {
        let mut bytes = stored(env);
        match *copy(env, &bytes, 0, &mut room::<1>()) {
            [STATE_VERSION] => {}
            [OLD_STATE_START] => {
                migrate(env);
                bytes = stored(env);
            }
            // Of a later version, which this code would destroy.
            _ => panic!(),
        }
        let mut reader = Reader::new(copy_all(env, &bytes, memory).unwrap_optimized());
        let [_version, admin_threshold, count, guardian_bytes] = *reader.array();
        Self {
            admin_threshold: u32::from(admin_threshold),
            next_id: reader.word(),
            entries: reader.take(usize::from(count) * ENTRY_BYTES),
            guardian: reader.take(usize::from(guardian_bytes)),
            records: reader.rest(),
            ledger: env.ledger().sequence(),
        }
    }

    /// Errors: `TooManySigners`.
    #[inline(never)]
    pub fn store(&self, env: &Env, change: Change) -> Result<(), WalletError> {
        let changed_id = match change {
            Change::None => None,
            Change::Put(entry, _) => Some(entry.id),
            Change::Remove(id) => Some(id),
        };
        let kept = || {
            self.entries()
                .filter(move |entry| Some(entry.id) != changed_id)
        };
        let mut count = kept().count();
        let mut length = HEADER_BYTES + count * ENTRY_BYTES + self.guardian.len();
        length += kept().map(|entry| entry.record.1).sum::<usize>();
        let mut own_record: &[u8] = &[];
        if let Change::Put(entry, record) = change {
            let same_role = kept().filter(|other| other.is_admin() == entry.is_admin());
            let limit = if entry.is_admin() {
                MAX_ADMINS
            } else {
                MAX_SESSIONS
            };
            if same_role.count() >= limit {
                return Err(WalletError::TooManySigners);
            }
            count += 1;
            if entry.is_admin() {
                own_record = record;
            } else {
                store_session(env, &entry, record);
            }
            length += ENTRY_BYTES + own_record.len();
        }
        if length > MAX_STATE_BYTES {
            return Err(WalletError::TooManySigners);
        }
        let mut memory = room::<MAX_STATE_BYTES>();
        let mut writer = Writer::new(&mut memory);
        writer.raw(&[
            STATE_VERSION,
            self.admin_threshold as u8,
            count as u8,
            self.guardian.len() as u8,
        ]);
        writer.word(self.next_id);
        for entry in kept() {
            entry.encode(entry.record.1, &mut writer);
        }
        if let Change::Put(entry, _) = change {
            entry.encode(own_record.len(), &mut writer);
        }
        writer.raw(self.guardian);
        for entry in kept() {
            writer.raw(self.record_bytes(&entry));
        }
        writer.raw(own_record);
        let bytes = Bytes::from_slice(env, writer.written());
        env.storage().instance().set(&STATE, &bytes);
        Ok(())
    }

    /// All that have not expired.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + 'a {
        let ledger = self.ledger;
        let mut record_start = 0;
        self.entries
            .chunks_exact(ENTRY_BYTES)
            .map(move |encoded| {
                let entry = Entry::decode(encoded.try_into().unwrap_optimized(), record_start);
                record_start += entry.record.1;
                entry
            })
            .filter(move |entry| entry.is_admin() || entry.expires_at_ledger >= ledger)
    }

    /// Errors: `UnknownSigner`.
    pub fn find(&self, id: u32) -> Result<Entry, WalletError> {
        let found = self.entries().find(|entry| entry.id == id);
        found.ok_or(WalletError::UnknownSigner)
    }

    fn record_bytes(&self, admin: &Entry) -> &'a [u8] {
        let (start, length) = admin.record;
        &self.records[start..start + length]
    }

    /// The record of a signer that this state was read with.
    #[inline(never)]
    pub fn record<'b>(
        &self,
        env: &Env,
        entry: &Entry,
        memory: &'b mut [MaybeUninit<u8>],
    ) -> Record<'b>
    where
        'a: 'b,
    {
        if entry.is_admin() {
            return Record::parse(self.record_bytes(entry), false);
        }
        // A session that has not expired is there: nothing ends it sooner but its removal.
        let stored = stored_bytes(env, entry.id.into(), TEMPORARY);
        let bytes = copy_all(env, &stored, memory).unwrap_optimized();
        Record::parse(bytes, true)
    }

    /// An id that was never given to a signer.
    ///
    /// Errors: `TooManySigners`.
    pub fn take_id(&mut self) -> Result<u32, WalletError> {
        let id = self.next_id;
        if id > MAX_ID {
            return Err(WalletError::TooManySigners);
        }
        self.next_id += 1;
        Ok(id)
    }
}

fn store_session(env: &Env, entry: &Entry, record: &[u8]) {
    let storage = env.storage().temporary();
    storage.set(&entry.id, &Bytes::from_slice(env, record));
    let ledgers = entry.expires_at_ledger - env.ledger().sequence();
    storage.extend_ttl(&entry.id, ledgers, ledgers);
}

/// Empties the entry, which ends with the session. Deleting it would take another host function,
/// and every transfer pays for each import.
pub fn erase_session(env: &Env, id: u32) {
    env.storage().temporary().set(&id, &Val::VOID.to_val());
}

pub fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}

#[inline(never)]
fn migrate(env: &Env) {
    let mut memory = room::<{ 65 + 32 + 256 }>();
    let old = copy_all(env, &stored(env), &mut memory).unwrap_optimized();
    let mut memory = room::<1023>();
    let credential_id = stored_bytes(env, OLD_CREDENTIAL_ID.to_val(), INSTANCE);
    let credential_id = copy_all(env, &credential_id, &mut memory).unwrap_optimized();
    let mut old = Reader::new(old);
    let record = Record {
        key: KeyView::Passkey(PasskeyView {
            public_key: old.array(),
            rp_id_hash: old.array(),
            origin: old.rest(),
            credential_id,
        }),
        threshold: 0,
        co_signers: &[],
        policies: &[],
        session: None,
    };
    let mut state = State::new(env, 1, &[]);
    let entry = Entry::new(state.next_id, &record);
    state.next_id += 1;
    let mut memory = room::<MAX_RECORD_BYTES>();
    let written = record.write(&mut memory);
    let change = Change::Put(entry, written.written());
    state.store(env, change).unwrap_optimized();
    let storage = env.storage().instance();
    storage.set(&OLD_CREDENTIAL_ID, &Val::VOID.to_val());
    let mut memory = room::<{ views::MAX_SIGNER_BYTES }>();
    let mut signer = Writer::new(&mut memory);
    views::signer(&record, &mut signer);
    events::signer_added(env, entry.id, signer.written());
    events::configured(env, state.admin_threshold, state.guardian);
}

const TEMPORARY: u64 = 0;
const INSTANCE: u64 = 2;

/// What is known to be stored. The SDK asks first whether it is, by another host function, and every
/// transfer pays for each import.
#[cfg(target_family = "wasm")]
fn stored_bytes(env: &Env, key: Val, storage_type: u64) -> Bytes {
    #[link(wasm_import_module = "l")]
    extern "C" {
        /// `get_contract_data` of the host's interface.
        #[link_name = "1"]
        fn get_contract_data(key: Val, storage_type: u64) -> Val;
    }
    // SAFETY: the host function takes two values and returns one, or does not return.
    let value = unsafe { get_contract_data(key, storage_type) };
    soroban_sdk::TryFromVal::try_from_val(env, &value).unwrap_optimized()
}

#[cfg(not(target_family = "wasm"))]
fn stored_bytes(env: &Env, key: Val, storage_type: u64) -> Bytes {
    let stored: Option<Bytes> = match storage_type {
        TEMPORARY => env.storage().temporary().get(&key),
        _ => env.storage().instance().get(&key),
    };
    stored.unwrap_optimized()
}
