//! Records and settings in the shapes of the specification, for views and events.

use latchkey_interface::{xdr::Writer, KeyView, RegisteredSigner};
use soroban_sdk::{unwrap::UnwrapOptimized, Env, SpecShakingMarker, Val};

use crate::{
    index::{Entry, STATE_VERSION},
    record::{Record, MAX_RECORD_BYTES},
    storage::{self, NO_RECORD},
    values::{decode, encode},
};

/// A record's bytes, each part with names and lengths around it.
pub const MAX_SIGNER_BYTES: usize = MAX_RECORD_BYTES + 600;
pub const PAGE_SIGNERS: usize = 3;

pub fn registered_signer(env: &Env, entry: &Entry, writer: &mut Writer) {
    RegisteredSigner::spec_shaking_marker();
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
    writer.map(3);
    writer.symbol("id");
    writer.u32(entry.id);
    writer.symbol("policies");
    contracts(record.policies, writer);
    writer.symbol("signer");
    signer(&record, writer);
}

fn contracts(ids: &[u8], writer: &mut Writer) {
    writer.vec(ids.len() / 32);
    for id in ids.chunks_exact(32) {
        writer.contract(id.try_into().unwrap_optimized());
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
    let index = storage::index(env);
    let mut guardian = [0u8; 64];
    let guardian = encode(env, storage::guardian(env), &mut guardian).unwrap_optimized();
    let mut buffer = [0u8; 256];
    let mut writer = Writer::new(&mut buffer);
    writer.map(3);
    writer.symbol("admin_threshold");
    writer.u32(index.admin_threshold);
    writer.symbol("recovery");
    writer.raw(guardian.rest());
    writer.symbol("state_version");
    writer.u32(u32::from(STATE_VERSION));
    decode(env, &writer)
}
