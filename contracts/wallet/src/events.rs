//! The wallet's events. Together they carry everything that is in its storage, so that an indexer
//! can list a wallet's signers, and add an expired one again, from events alone. The structs are
//! the specification (SEP-48), and nothing else; the functions publish the same from encodings.

use latchkey_interface::{memory::room, xdr::Writer, Signer, SignerKey};
use soroban_sdk::{contractevent, unwrap::UnwrapOptimized, Address, BytesN, Env, Val, Vec};

use crate::{
    record::MAX_RECORD_BYTES,
    state::{State, MAX_STATE_BYTES},
    values::decode,
    views,
};

#[contractevent(sparse = false)]
pub struct SignerAdded {
    #[topic]
    pub id: u32,
    pub signer: Signer,
}

#[contractevent(sparse = false)]
pub struct SignerUpdated {
    #[topic]
    pub id: u32,
    pub signer: Signer,
}

#[contractevent(sparse = false)]
pub struct SignerRemoved {
    #[topic]
    pub id: u32,
}

#[contractevent(sparse = false)]
pub struct SignerRotated {
    #[topic]
    pub id: u32,
    /// The key that signs from now on.
    pub key: SignerKey,
}

#[contractevent(sparse = false)]
pub struct PolicyAdded {
    #[topic]
    pub id: u32,
    pub policy: Address,
}

#[contractevent(sparse = false)]
pub struct PolicyRemoved {
    #[topic]
    pub id: u32,
    pub policy: Address,
}

#[contractevent(sparse = false)]
pub struct Configured {
    pub admin_threshold: u32,
    /// The guardian.
    pub recovery: Option<Address>,
}

#[contractevent(sparse = false)]
pub struct Updated {
    pub wasm_hash: BytesN<32>,
}

pub fn signer_added(env: &Env, id: u32, signer: &[u8]) {
    publish(env, "signer_added", Some(id), &[("signer", signer)]);
}

#[inline(never)]
pub fn signer_updated(env: &Env, id: u32) {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let entry = state.find(id).unwrap_optimized();
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = state.record(env, &entry, &mut memory);
    let mut memory = room::<{ views::MAX_SIGNER_BYTES }>();
    let mut signer = Writer::new(&mut memory);
    views::signer(&record, &mut signer);
    let fields = [("signer", signer.written())];
    publish(env, "signer_updated", Some(id), &fields);
}

pub fn signer_removed(env: &Env, id: u32) {
    publish(env, "signer_removed", Some(id), &[]);
}

pub fn signer_rotated(env: &Env, id: u32, key: &[u8]) {
    publish(env, "signer_rotated", Some(id), &[("key", key)]);
}

pub fn policy_added(env: &Env, id: u32, policy: &[u8; 32]) {
    let mut memory = room::<40>();
    let mut contract = Writer::new(&mut memory);
    contract.contract(policy);
    let fields = [("policy", contract.written())];
    publish(env, "policy_added", Some(id), &fields);
}

pub fn policy_removed(env: &Env, id: u32, policy: &[u8; 32]) {
    let mut memory = room::<40>();
    let mut contract = Writer::new(&mut memory);
    contract.contract(policy);
    let fields = [("policy", contract.written())];
    publish(env, "policy_removed", Some(id), &fields);
}

pub fn configured(env: &Env, admin_threshold: u32, guardian: &[u8]) {
    let mut memory = room::<8>();
    let mut threshold = Writer::new(&mut memory);
    threshold.u32(admin_threshold);
    let mut memory = room::<44>();
    let mut recovery = Writer::new(&mut memory);
    views::guardian(guardian, &mut recovery);
    let fields = [
        ("admin_threshold", threshold.written()),
        ("recovery", recovery.written()),
    ];
    publish(env, "configured", None, &fields);
}

pub fn updated(env: &Env, wasm_hash: &[u8; 32]) {
    let mut memory = room::<40>();
    let mut hash = Writer::new(&mut memory);
    hash.bytes(wasm_hash);
    publish(env, "updated", None, &[("wasm_hash", hash.written())]);
}

/// `fields` are encoded values, in the order of their names.
#[inline(never)]
#[allow(deprecated)]
fn publish(env: &Env, name: &str, id: Option<u32>, fields: &[(&str, &[u8])]) {
    let mut memory = room::<64>();
    let mut topics = Writer::new(&mut memory);
    topics.vec(1 + usize::from(id.is_some()));
    topics.symbol(name);
    if let Some(id) = id {
        topics.u32(id);
    }
    let mut memory = room::<{ views::MAX_SIGNER_BYTES + 256 }>();
    let mut data = Writer::new(&mut memory);
    data.map(fields.len());
    for (name, value) in fields {
        data.symbol(name);
        data.raw(value);
    }
    let topics: Vec<Val> = decode(env, topics.written());
    let data: Val = decode(env, data.written());
    env.events().publish(topics, data);
}
