//! What a wallet keeps and for how long. The instance holds everything that must outlive every
//! session: the index, each admin's record, the guardian. A session's record is a temporary entry that
//! ends with the session. Every record stands under its signer's id.

use soroban_sdk::{symbol_short, unwrap::UnwrapOptimized, Bytes, Env, Symbol, Val};

use crate::{
    index::{Entry, Index, MAX_INDEX_BYTES},
    migration,
    record::MAX_RECORD_BYTES,
    values::copy,
};

const INDEX: Symbol = symbol_short!("index");
const GUARDIAN: Symbol = symbol_short!("guardian");

/// Instance and code are extended when they have less than 7 days left, at 5 seconds a ledger.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
/// More than any network allows; the host clamps it to the network's own maximum.
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

/// Memory for a record. It is the caller's, because returning it would copy it.
pub const NO_RECORD: [u8; MAX_RECORD_BYTES] = [0; MAX_RECORD_BYTES];

/// Brings what an older version stored up to date first.
pub fn index(env: &Env) -> Index {
    if !env.storage().instance().has(&INDEX) {
        migration::run(env);
    }
    let stored: Bytes = env.storage().instance().get(&INDEX).unwrap_optimized();
    let mut buffer = [0; MAX_INDEX_BYTES];
    let bytes = &mut buffer[..stored.len() as usize];
    copy(env, &stored, 0, bytes);
    Index::decode(bytes, env.ledger().sequence())
}

pub fn set_index(env: &Env, index: &Index) {
    let mut buffer = [0; MAX_INDEX_BYTES];
    let bytes = Bytes::from_slice(env, index.encode(&mut buffer));
    env.storage().instance().set(&INDEX, &bytes);
}

pub fn admin_record(env: &Env, id: u32) -> Option<Bytes> {
    env.storage().instance().get(&id)
}

/// The record of a signer that the index has, as stored.
pub fn record<'a>(
    env: &Env,
    entry: &Entry,
    buffer: &'a mut [u8; MAX_RECORD_BYTES],
) -> &'a mut [u8] {
    let stored: Option<Bytes> = if entry.is_admin() {
        admin_record(env, entry.id)
    } else {
        env.storage().temporary().get(&entry.id)
    };
    let stored = stored.unwrap_optimized();
    let bytes = &mut buffer[..stored.len() as usize];
    copy(env, &stored, 0, bytes);
    bytes
}

pub fn set_record(env: &Env, entry: &Entry, record: &[u8]) {
    let record = Bytes::from_slice(env, record);
    if entry.is_admin() {
        env.storage().instance().set(&entry.id, &record);
        return;
    }
    env.storage().temporary().set(&entry.id, &record);
    let ledgers = entry.expires_at_ledger - env.ledger().sequence();
    env.storage()
        .temporary()
        .extend_ttl(&entry.id, ledgers, ledgers);
}

pub fn remove_record(env: &Env, entry: &Entry) {
    if entry.is_admin() {
        env.storage().instance().remove(&entry.id);
    } else {
        env.storage().temporary().remove(&entry.id);
    }
}

/// The guardian's address, or a void.
pub fn guardian(env: &Env) -> Val {
    let stored: Option<Val> = env.storage().instance().get(&GUARDIAN);
    stored.unwrap_or(Val::VOID.to_val())
}

pub fn set_guardian(env: &Env, guardian: Val) {
    if guardian.is_void() {
        env.storage().instance().remove(&GUARDIAN);
    } else {
        env.storage().instance().set(&GUARDIAN, &guardian);
    }
}

pub fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
