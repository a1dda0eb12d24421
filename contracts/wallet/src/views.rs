//! Records and settings in the shapes of the specification, for views and events.

use latchkey_interface::{memory::room, xdr::Writer, KeyView, WalletError};
use soroban_sdk::{Env, Val};

use crate::{
    record::{ids, Record, MAX_RECORD_BYTES},
    state::{Entry, State, MAX_STATE_BYTES, STATE_VERSION},
    values::decode,
};

/// A record's bytes, each part with names and lengths around it.
pub const MAX_SIGNER_BYTES: usize = MAX_RECORD_BYTES + 700;
const PAGE_SIGNERS: usize = 4;

/// Errors: `UnknownSigner`.
pub fn signer_by_id(env: &Env, id: u32) -> Result<Val, WalletError> {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let entry = state.find(id)?;
    let mut memory = room::<MAX_SIGNER_BYTES>();
    let mut writer = Writer::new(&mut memory);
    registered_signer(env, &state, &entry, &mut writer);
    Ok(decode(env, writer.written()))
}

/// Signers `page * 4` to `page * 4 + 3`.
pub fn page(env: &Env, page: u32) -> Val {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let skipped = (page as usize).saturating_mul(PAGE_SIGNERS);
    let entries = || state.entries().skip(skipped).take(PAGE_SIGNERS);
    let mut memory = room::<{ 12 + PAGE_SIGNERS * MAX_SIGNER_BYTES }>();
    let mut writer = Writer::new(&mut memory);
    writer.vec(entries().count());
    for entry in entries() {
        registered_signer(env, &state, &entry, &mut writer);
    }
    decode(env, writer.written())
}

fn registered_signer(env: &Env, state: &State, entry: &Entry, writer: &mut Writer) {
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = state.record(env, entry, &mut memory);
    writer.map(3);
    writer.symbol("id");
    writer.u32(entry.id);
    writer.symbol("policies");
    contracts(record.policies, writer);
    writer.symbol("signer");
    signer(&record, writer);
}

fn contracts(stored: &[u8], writer: &mut Writer) {
    writer.vec(stored.len() / 32);
    for id in ids(stored) {
        writer.contract(id);
    }
}

pub fn signer(record: &Record, writer: &mut Writer) {
    writer.map(4);
    writer.symbol("co_signers");
    writer.vec(record.co_signers.len() / 4);
    for id in record.co_signer_ids() {
        writer.u32(id);
    }
    writer.symbol("key");
    key(&record.key, writer);
    writer.symbol("role");
    match &record.session {
        None => {
            writer.vec(1);
            writer.symbol("Admin");
        }
        Some(session) => {
            writer.vec(2);
            writer.symbol("Session");
            writer.map(2);
            writer.symbol("contracts");
            contracts(session.contracts, writer);
            writer.symbol("expires_at_ledger");
            writer.u32(session.expires_at_ledger);
        }
    }
    writer.symbol("threshold");
    writer.u32(record.threshold);
}

fn key(key: &KeyView, writer: &mut Writer) {
    writer.vec(2);
    match key {
        KeyView::Passkey(passkey) => {
            writer.symbol("Passkey");
            writer.map(4);
            writer.symbol("credential_id");
            writer.bytes(passkey.credential_id);
            writer.symbol("origin");
            writer.string(passkey.origin);
            writer.symbol("public_key");
            writer.bytes(passkey.public_key);
            writer.symbol("rp_id_hash");
            writer.bytes(passkey.rp_id_hash);
        }
        KeyView::Ed25519(public_key) => {
            writer.symbol("Ed25519");
            writer.bytes(*public_key);
        }
        KeyView::Account(address) => {
            writer.symbol("Account");
            writer.address(address);
        }
        KeyView::PostQuantum {
            public_key_hash,
            scheme,
            verifier,
        } => {
            writer.symbol("PostQuantum");
            writer.map(3);
            writer.symbol("public_key_hash");
            writer.bytes(*public_key_hash);
            writer.symbol("scheme");
            writer.u32(*scheme as u32);
            writer.symbol("verifier");
            writer.contract(verifier);
        }
    }
}

pub fn settings(env: &Env) -> Val {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let mut memory = room::<256>();
    let mut writer = Writer::new(&mut memory);
    writer.map(3);
    writer.symbol("admin_threshold");
    writer.u32(state.admin_threshold);
    writer.symbol("recovery");
    guardian(state.guardian, &mut writer);
    writer.symbol("state_version");
    writer.u32(u32::from(STATE_VERSION));
    decode(env, writer.written())
}

/// An `Option<Address>`.
pub fn guardian(guardian: &[u8], writer: &mut Writer) {
    if guardian.is_empty() {
        writer.void();
    } else {
        writer.address(guardian);
    }
}
