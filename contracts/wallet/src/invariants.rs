//! What no change may break: at least one admin, as many as a change takes, rules that can be
//! satisfied, and keys that are nobody else's. Every change of signers ends in `check`; a change that
//! fails it never happened.
//!
//! Not held here: that a session's co-signers outlive it, since they end by themselves.

use latchkey_interface::{memory::room, KeyView, WalletError};
use soroban_sdk::Env;

use crate::{
    authorization::rule_of,
    record::{is_same_key, MAX_RECORD_BYTES},
    rules::{self, Rule},
    state::{Entry, State, MAX_SESSIONS, MAX_STATE_BYTES},
    values::own_address,
};

/// Among admins, or among sessions: everybody's rule can be satisfied, by those that there are. Of
/// sessions some could not be before, if others that they need have expired; there are no more now.
///
/// Errors: `LastAdmin`, `UnsatisfiableRule`.
#[inline(never)]
pub fn check(env: &Env, admins: bool, stuck_sessions_before: usize) -> Result<(), WalletError> {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let of_role = state.entries().filter(|entry| entry.is_admin() == admins);
    let count = of_role.count();
    if admins && count == 0 {
        return Err(WalletError::LastAdmin);
    }
    let threshold = state.admin_threshold;
    if admins && !(1..=count as u32).contains(&threshold) {
        return Err(WalletError::UnsatisfiableRule);
    }
    let (stuck_before, together) = if admins {
        (0, threshold)
    } else {
        (stuck_sessions_before, 0)
    };
    if stuck_and_short(env, &state, admins, together) > stuck_before {
        return Err(WalletError::UnsatisfiableRule);
    }
    Ok(())
}

/// How many sessions cannot sign, whoever signs with them.
pub fn stuck_sessions(env: &Env, state: &State) -> usize {
    stuck_and_short(env, state, false, 0)
}

/// How many admins, or sessions, cannot sign, whoever signs with them; one more if no `together` of
/// them can sign one authorization.
#[inline(never)]
fn stuck_and_short(env: &Env, state: &State, admins: bool, together: u32) -> usize {
    let of_role = || {
        state
            .entries()
            .filter(move |entry| entry.is_admin() == admins)
    };
    if !of_role().any(|entry| entry.has_co_signers) {
        return 0;
    }
    let mut entries = [Entry::default(); MAX_SESSIONS];
    let mut count = 0;
    for entry in of_role() {
        entries[count] = entry;
        count += 1;
    }
    let entries = &entries[..count];
    let mut rules = [Rule::default(); MAX_SESSIONS];
    for (rule, entry) in rules.iter_mut().zip(entries) {
        if entry.has_co_signers {
            *rule = rule_of(env, state, entry, entries);
        }
    }
    let rules = &rules[..count];
    let stuck = count - rules::able(rules).count_ones() as usize;
    stuck + usize::from(stuck == 0 && !rules::reaches(rules, together))
}

/// Of a new wallet, whose signers may name those that come later in the list.
///
/// Errors: `InvalidCoSigners`.
pub fn check_all_co_signers(env: &Env) -> Result<(), WalletError> {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    for entry in state.entries().filter(|entry| entry.has_co_signers) {
        let mut memory = room::<MAX_RECORD_BYTES>();
        let record = state.record(env, &entry, &mut memory);
        for id in record.co_signer_ids() {
            check_co_signer(env, &state, &entry, &record.key, id, 0)?;
        }
    }
    Ok(())
}

/// The key is not the wallet itself, and no other admin's: two admins with one key would be one
/// person counted twice.
///
/// Errors: `OwnAddress`, `DuplicateKey`.
pub fn check_key(env: &Env, state: &State, id: u32, key: &KeyView) -> Result<(), WalletError> {
    for entry in state
        .entries()
        .filter(|entry| entry.is_admin() && entry.id != id)
    {
        if has_key(env, state, &entry, key) {
            return Err(WalletError::DuplicateKey);
        }
    }
    check_not_own(env, key)
}

pub fn check_not_own(env: &Env, key: &KeyView) -> Result<(), WalletError> {
    match key {
        KeyView::Account(address) if *address == own_address(env) => Err(WalletError::OwnAddress),
        _ => Ok(()),
    }
}

fn has_key(env: &Env, state: &State, entry: &Entry, key: &KeyView) -> bool {
    let mut memory = room::<MAX_RECORD_BYTES>();
    is_same_key(&state.record(env, entry, &mut memory).key, key)
}

/// A co-signer has the signer's role: an admin's consent would do without a session's, and a
/// session's ends by itself.
///
/// Errors: `InvalidCoSigners`.
pub fn check_co_signer(
    env: &Env,
    state: &State,
    entry: &Entry,
    key: &KeyView,
    co_signer: u32,
    initial: u32,
) -> Result<(), WalletError> {
    let is_fit = match state.find(co_signer) {
        _ if co_signer == entry.id => false,
        // Registered together, later in the list: `check_all_co_signers` sees to it.
        Err(_) => co_signer < initial,
        Ok(other) => other.is_admin() == entry.is_admin() && !has_key(env, state, &other, key),
    };
    if is_fit {
        Ok(())
    } else {
        Err(WalletError::InvalidCoSigners)
    }
}
