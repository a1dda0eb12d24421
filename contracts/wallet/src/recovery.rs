//! Replacing a lost key of an admin: the guardian rotates it, in one call. A guardian may be a key, an
//! account with several signers, another wallet, or a contract that adds rules of its own, such as
//! m of n members or a delay in which the owner can cancel.
//!
//! The signer keeps its id, co-signers and policies, so a rotation never changes a rule. Not
//! prevented: a wallet without guardian loses what its lost keys held.

use latchkey_interface::{decode_key, memory::room, WalletError};
use soroban_sdk::{Env, Val};

use crate::{
    events,
    invariants::check_key,
    record::{is_same_key, Record, MAX_RECORD_BYTES},
    state::{self, Change, State, MAX_STATE_BYTES},
    values::{address, encode, MAX_ARGUMENT_BYTES},
};

/// Errors: `NoGuardian`, those of `decode_key`, `UnknownSigner`, `NotAdmin`, `DuplicateKey`,
/// `OwnAddress`.
pub fn rotate(env: &Env, id: u32, key: Val) -> Result<(), WalletError> {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    if state.guardian.is_empty() {
        return Err(WalletError::NoGuardian);
    }
    address(env, state.guardian).require_auth();

    let entry = state.find(id)?;
    if !entry.is_admin() {
        return Err(WalletError::NotAdmin);
    }
    let mut memory = room::<MAX_ARGUMENT_BYTES>();
    let mut encoded = encode(env, key, &mut memory)?;
    let encoding = encoded.rest();
    let key = decode_key(&mut encoded)?;
    encoded.finish()?;
    let record = state.record(env, &entry, &mut []);
    if is_same_key(&record.key, &key) {
        return Err(WalletError::DuplicateKey);
    }
    check_key(env, &state, id, &key)?;
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = Record { key, ..record }.write(&mut memory);
    state.store(env, Change::Put(entry, record.written()))?;
    state::extend_ttl(env);
    events::signer_rotated(env, id, encoding);
    Ok(())
}
