//! The wallet's events. Together they carry everything that is in its storage, so that an indexer
//! can list a wallet's signers, and add an expired one again, from events alone. The structs are
//! the specification (SEP-48); the functions publish the same from encodings.

use latchkey_interface::{xdr::Writer, Signer, SignerKey};
use soroban_sdk::{
    contractevent, unwrap::UnwrapOptimized, Address, BytesN, Env, SpecShakingMarker, TryFromVal,
    Val, Vec,
};

use crate::{
    index::Entry,
    record::Record,
    storage::{self, NO_RECORD},
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
pub struct AdminThresholdSet {
    pub threshold: u32,
}

#[contractevent(sparse = false)]
pub struct RecoverySet {
    pub guardian: Option<Address>,
}

#[contractevent(sparse = false)]
pub struct Updated {
    pub wasm_hash: BytesN<32>,
}

pub fn signer_added(env: &Env, id: u32, signer: &[u8]) {
    publish::<SignerAdded>(env, "signer_added", Some(id), &[("signer", signer)]);
}

pub fn signer_updated(env: &Env, entry: &Entry) {
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
    let mut buffer = [0u8; views::MAX_SIGNER_BYTES];
    let mut signer = Writer::new(&mut buffer);
    views::signer(&record, &mut signer);
    let fields = [("signer", signer.written())];
    publish::<SignerUpdated>(env, "signer_updated", Some(entry.id), &fields);
}

pub fn signer_removed(env: &Env, id: u32) {
    publish::<SignerRemoved>(env, "signer_removed", Some(id), &[]);
}

pub fn signer_rotated(env: &Env, id: u32, key: &[u8]) {
    publish::<SignerRotated>(env, "signer_rotated", Some(id), &[("key", key)]);
}

pub fn policy_added(env: &Env, id: u32, policy: &[u8; 32]) {
    let mut buffer = [0u8; 40];
    let fields = [("policy", contract(policy, &mut buffer))];
    publish::<PolicyAdded>(env, "policy_added", Some(id), &fields);
}

pub fn policy_removed(env: &Env, id: u32, policy: &[u8; 32]) {
    let mut buffer = [0u8; 40];
    let fields = [("policy", contract(policy, &mut buffer))];
    publish::<PolicyRemoved>(env, "policy_removed", Some(id), &fields);
}

pub fn admin_threshold_set(env: &Env, threshold: u32) {
    let mut buffer = [0u8; 8];
    let mut number = Writer::new(&mut buffer);
    number.u32(threshold);
    let fields = [("threshold", number.written())];
    publish::<AdminThresholdSet>(env, "admin_threshold_set", None, &fields);
}

pub fn recovery_set(env: &Env, guardian: &[u8]) {
    publish::<RecoverySet>(env, "recovery_set", None, &[("guardian", guardian)]);
}

pub fn updated(env: &Env, wasm_hash: &[u8; 32]) {
    let mut buffer = [0u8; 40];
    let mut hash = Writer::new(&mut buffer);
    hash.bytes(wasm_hash);
    publish::<Updated>(env, "updated", None, &[("wasm_hash", hash.written())]);
}

fn contract<'a>(id: &[u8; 32], buffer: &'a mut [u8; 40]) -> &'a [u8] {
    Writer::new(buffer).contract(id);
    buffer
}

/// `fields` are encoded values, in the order of their names. The event `T` is what the specification
/// says about it.
#[inline(always)]
fn publish<T: SpecShakingMarker>(env: &Env, name: &str, id: Option<u32>, fields: &[(&str, &[u8])]) {
    T::spec_shaking_marker();
    publish_encoded(env, name, id, fields);
}

#[inline(never)]
#[allow(deprecated)]
fn publish_encoded(env: &Env, name: &str, id: Option<u32>, fields: &[(&str, &[u8])]) {
    let mut buffer = [0u8; 64];
    let mut topics = Writer::new(&mut buffer);
    topics.vec(1 + usize::from(id.is_some()));
    topics.symbol(name);
    if let Some(id) = id {
        topics.u32(id);
    }
    let topics: Vec<Val> = Vec::try_from_val(env, &decode(env, &topics)).unwrap_optimized();

    let mut buffer = [0u8; views::MAX_SIGNER_BYTES + 256];
    let mut data = Writer::new(&mut buffer);
    data.map(fields.len());
    for (name, value) in fields {
        data.symbol(name);
        data.raw(value);
    }
    env.events().publish(topics, decode(env, &data));
}
