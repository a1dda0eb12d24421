//! What a wallet keeps, all of it in instance storage, and how long it lives.
//!
//! `__check_auth` runs in every transaction, so what it reads is one `Bytes` record under a short
//! symbol: `public key (65) | rp id hash (32) | origin`. Everything else has its own key and is
//! only decoded by those who ask for it.

use latchkey_interface::{Passkey, MAX_ORIGIN_BYTES, PUBLIC_KEY_BYTES};
use soroban_sdk::{
    contracttype, symbol_short, unwrap::UnwrapOptimized, Address, Bytes, BytesN, Env, Symbol,
};

use crate::rotation::PendingRotation;

const SIGNER: Symbol = symbol_short!("signer");
const CREDENTIAL_ID: Symbol = symbol_short!("cred_id");
const RECOVERY: Symbol = symbol_short!("recovery");
const PENDING: Symbol = symbol_short!("pending");

/// Instance and code are extended when they have less than 7 days left, at 5 seconds a ledger.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
/// More than any network allows; the host clamps it to the network's own maximum.
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

const RP_ID_HASH_AT: usize = PUBLIC_KEY_BYTES;
const ORIGIN_AT: usize = RP_ID_HASH_AT + 32;
const MAX_RECORD_BYTES: usize = ORIGIN_AT + MAX_ORIGIN_BYTES as usize;

/// Who may replace the wallet's passkey, and how long that takes.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recovery {
    pub guardian: Address,
    pub rotation_delay_seconds: u64,
}

/// The part of the signer that a signature is checked against, as stored.
pub struct SignerRecord<'a>(&'a [u8]);

/// Memory for a record. It is the caller's, because returning it would copy it, in every transfer.
pub const NO_RECORD: [u8; MAX_RECORD_BYTES] = [0; MAX_RECORD_BYTES];

impl<'a> SignerRecord<'a> {
    pub fn load(env: &Env, buffer: &'a mut [u8; MAX_RECORD_BYTES]) -> Self {
        let stored: Bytes = env.storage().instance().get(&SIGNER).unwrap_optimized();
        let bytes = &mut buffer[..stored.len() as usize];
        stored.copy_into_slice(bytes);
        Self(bytes)
    }

    pub fn public_key(&self) -> &'a [u8; PUBLIC_KEY_BYTES] {
        self.0[..RP_ID_HASH_AT].try_into().unwrap_optimized()
    }

    pub fn rp_id_hash(&self) -> &'a [u8; 32] {
        self.0[RP_ID_HASH_AT..ORIGIN_AT]
            .try_into()
            .unwrap_optimized()
    }

    pub fn origin(&self) -> &'a [u8] {
        &self.0[ORIGIN_AT..]
    }
}

pub fn set_signer(env: &Env, signer: &Passkey) {
    let origin = signer.origin.to_bytes();
    let length = ORIGIN_AT + origin.len() as usize;
    let mut buffer = [0u8; MAX_RECORD_BYTES];
    buffer[..RP_ID_HASH_AT].copy_from_slice(&signer.public_key.to_array());
    buffer[RP_ID_HASH_AT..ORIGIN_AT].copy_from_slice(&signer.rp_id_hash.to_array());
    origin.copy_into_slice(&mut buffer[ORIGIN_AT..length]);
    env.storage()
        .instance()
        .set(&SIGNER, &Bytes::from_slice(env, &buffer[..length]));
    env.storage()
        .instance()
        .set(&CREDENTIAL_ID, &signer.credential_id);
}

pub fn signer(env: &Env) -> Passkey {
    let mut buffer = NO_RECORD;
    let record = SignerRecord::load(env, &mut buffer);
    Passkey {
        public_key: BytesN::from_array(env, record.public_key()),
        credential_id: env
            .storage()
            .instance()
            .get(&CREDENTIAL_ID)
            .unwrap_optimized(),
        rp_id_hash: BytesN::from_array(env, record.rp_id_hash()),
        origin: Bytes::from_slice(env, record.origin()).to_string(),
    }
}

pub fn set_recovery(env: &Env, recovery: &Recovery) {
    env.storage().instance().set(&RECOVERY, recovery);
}

pub fn recovery(env: &Env) -> Option<Recovery> {
    env.storage().instance().get(&RECOVERY)
}

pub fn set_pending(env: &Env, pending: &PendingRotation) {
    env.storage().instance().set(&PENDING, pending);
}

pub fn pending(env: &Env) -> Option<PendingRotation> {
    env.storage().instance().get(&PENDING)
}

pub fn clear_pending(env: &Env) {
    env.storage().instance().remove(&PENDING);
}

pub fn extend_ttl(env: &Env) {
    env.storage()
        .instance()
        .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
}
