//! Replacing a lost key of an admin: the guardian rotates it, in one call. A guardian may be a key, an
//! account with several signers, another wallet, or a contract that adds rules of its own, such as
//! m of n members or a delay in which the owner can cancel.
//!
//! The signer keeps its id, co-signers and policies, so a rotation never changes a rule. Not
//! prevented: a wallet without guardian loses what its lost keys held.

use latchkey_interface::{decode_key, decode_recovery, KeyView, WalletError};
use soroban_sdk::{unwrap::UnwrapOptimized, Address, Env, TryFromVal, Val};

use crate::{
    authorization::own_address,
    events,
    record::{is_same_key, Record},
    signers,
    storage::{self, NO_RECORD},
    values::{encode, MAX_ARGUMENT_BYTES},
};

/// Sets or, with a void, removes the guardian.
///
/// Errors: `MalformedArgument`, `OwnAddress`.
pub fn set(env: &Env, guardian: Val) -> Result<(), WalletError> {
    let mut buffer = [0u8; 64];
    let mut encoded = encode(env, guardian, &mut buffer)?;
    let encoding = encoded.rest();
    let guardian_address = decode_recovery(&mut encoded);
    encoded.finish()?;
    if guardian_address.is_some_and(|address| address == own_address(env)) {
        return Err(WalletError::OwnAddress);
    }
    storage::set_guardian(env, guardian);
    events::recovery_set(env, encoding);
    Ok(())
}

/// Errors: `NoGuardian`, those of `decode_key`, `UnknownSigner`, `NotAdmin`, `DuplicateKey`,
/// `OwnAddress`.
pub fn rotate(env: &Env, id: u32, key: Val) -> Result<(), WalletError> {
    let guardian = storage::guardian(env);
    if guardian.is_void() {
        return Err(WalletError::NoGuardian);
    }
    Address::try_from_val(env, &guardian)
        .unwrap_optimized()
        .require_auth();

    let index = storage::index(env);
    let entry = index.find(id)?;
    if !entry.is_admin() {
        return Err(WalletError::NotAdmin);
    }
    let mut buffer = [0u8; MAX_ARGUMENT_BYTES];
    let mut encoded = encode(env, key, &mut buffer)?;
    let encoding = encoded.rest();
    let key = decode_key(&mut encoded)?;
    encoded.finish()?;
    if matches!(key, KeyView::Account(address) if address == own_address(env)) {
        return Err(WalletError::OwnAddress);
    }
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, &entry, &mut buffer), false);
    if is_same_key(&record.key, &key) {
        return Err(WalletError::DuplicateKey);
    }
    signers::check_is_new_key(env, &index, id, &key)?;
    signers::write_record(env, &index, &entry, &Record { key, ..record });
    storage::extend_ttl(env);
    events::signer_rotated(env, id, encoding);
    Ok(())
}
