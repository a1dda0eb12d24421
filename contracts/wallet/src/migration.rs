//! Brings what version 0.1.0 stored to the present form: one passkey under `signer` and its
//! credential id under `cred_id` become admin 0, and a guardian without delay stays the guardian.
//! Runs before anything else looks at the wallet, in the first call after an upgrade.
//!
//! A guardian with a delay, and what it proposed, is dropped: a delay is a contract's of its own
//! now, and a guardian without one could do more than the owner granted. The owner, who has just
//! authorized the upgrade, sets that contract.

use latchkey_interface::{xdr::Reader, KeyView, PasskeyView, WalletError};
use soroban_sdk::{symbol_short, unwrap::UnwrapOptimized, Bytes, Env, Symbol};

use crate::{
    index::{Entry, Index},
    record::Record,
    signers, storage,
    values::{copy, decode_slice, encode},
};

const SIGNER: Symbol = symbol_short!("signer");
const CREDENTIAL_ID: Symbol = symbol_short!("cred_id");
const RECOVERY: Symbol = symbol_short!("recovery");
const PENDING: Symbol = symbol_short!("pending");
const MAX_OLD_SIGNER_BYTES: usize = 65 + 32 + 256;
const MAX_CREDENTIAL_ID_BYTES: usize = 1023;

#[inline(never)]
pub fn run(env: &Env) {
    let instance = env.storage().instance();
    let stored: Bytes = instance.get(&SIGNER).unwrap_optimized();
    let mut buffer = [0u8; MAX_OLD_SIGNER_BYTES];
    let bytes = &mut buffer[..stored.len() as usize];
    copy(env, &stored, 0, bytes);
    let stored: Bytes = instance.get(&CREDENTIAL_ID).unwrap_optimized();
    let mut buffer = [0u8; MAX_CREDENTIAL_ID_BYTES];
    let credential_id = &mut buffer[..stored.len() as usize];
    copy(env, &stored, 0, credential_id);

    let mut fields = Reader::new(bytes);
    let passkey = PasskeyView {
        public_key: fields.array(),
        rp_id_hash: fields.array(),
        origin: fields.rest(),
        credential_id,
    };
    let mut index = Index::new(1);
    let id = index.take_id().unwrap_optimized();
    let entry = Entry {
        id,
        ..Entry::default()
    };
    index.put(entry).unwrap_optimized();
    let record = Record {
        is_sole: true,
        key: KeyView::Passkey(passkey),
        threshold: 0,
        co_signers: &[],
        policies: &[],
        session: None,
    };
    signers::write_record(env, &index, &entry, &record);
    storage::set_index(env, &index);
    migrate_recovery(env).unwrap_optimized();
    for key in [&SIGNER, &CREDENTIAL_ID, &RECOVERY, &PENDING] {
        instance.remove(key);
    }
}

fn migrate_recovery(env: &Env) -> Result<(), WalletError> {
    let Some(recovery) = env.storage().instance().get(&RECOVERY) else {
        return Ok(());
    };
    let mut buffer = [0u8; 256];
    let mut encoded = encode(env, recovery, &mut buffer)?;
    encoded.fields(2);
    encoded.field("guardian");
    let guardian = encoded.value();
    encoded.field("rotation_delay_seconds");
    let delay_seconds = encoded.u64();
    encoded.finish()?;
    if delay_seconds == 0 {
        storage::set_guardian(env, decode_slice(env, guardian));
    }
    Ok(())
}
