//! Adding, changing and removing signers, and what holds for all of them. Every change ends in
//! `invariants::check`.

use latchkey_interface::{
    decode_ids, decode_init, decode_recovery, decode_role, decode_signer,
    memory::{room, Room},
    xdr::{Reader, Writer},
    CoSignersView, SessionView, SignerView, WalletError, MAX_CO_SIGNERS, MAX_SESSION_CONTRACTS,
    MAX_SESSION_LEDGERS,
};
use soroban_sdk::{Env, Val};

use crate::{
    events,
    invariants::{
        check, check_all_co_signers, check_co_signer, check_key, check_not_own, stuck_sessions,
    },
    policies,
    record::{self, Record, SessionRecord, MAX_POLICIES, MAX_RECORD_BYTES},
    rules::MAX_PRESENT,
    state::{self, Change, Entry, State, MAX_STATE_BYTES},
    values::{encode, own_address, MAX_ARGUMENT_BYTES},
};

/// A `WalletInit` with several signers.
const MAX_INIT_BYTES: usize = 6144;
/// Encoded contracts with their expiry.
const MAX_ROLE_BYTES: usize = 512;
/// Encoded co-signers.
const MAX_IDS_BYTES: usize = 256;
/// An encoded address or void.
const MAX_GUARDIAN_BYTES: usize = 44;

/// Errors: those of the parts of a `WalletInit` and of `check`.
pub fn construct(env: &Env, init: Val) -> Result<(), WalletError> {
    let mut memory = room::<MAX_INIT_BYTES>();
    let init = decode_init(encode(env, init, &mut memory)?)?;
    let guardian = checked_guardian(env, init.recovery)?;
    let admin_threshold = checked_threshold(init.admin_threshold)?;
    let mut signers = init.signers;
    for position in 0..init.signer_count {
        let mut memory = room::<MAX_STATE_BYTES>();
        let mut state = if position == 0 {
            State::new(env, admin_threshold, guardian)
        } else {
            State::read(env, &mut memory)
        };
        register(env, &mut state, &mut signers, init.signer_count, &[])?;
    }
    signers.finish()?;
    if init.signer_count == 0 {
        return Err(WalletError::LastAdmin);
    }
    state::extend_ttl(env);
    check(env, true, 0)?;
    if init.signer_count > 1 {
        check_all_co_signers(env)?;
        check(env, false, 0)?;
    }
    events::configured(env, admin_threshold, guardian);
    Ok(())
}

/// Errors: those of the parts of a `Signer`, `TooManySigners`, `TooManyPolicies`, those of `check`,
/// `PolicyInstallFailed`.
pub fn add(env: &Env, signer: Val, parameters: Val) -> Result<u32, WalletError> {
    authorize(env);
    let mut memory = room::<MAX_ARGUMENT_BYTES>();
    let parameters = encode(env, parameters, &mut memory)?;
    let mut memory = room::<{ MAX_POLICIES * 32 }>();
    let policies = policy_ids(parameters, &mut memory)?;
    let mut memory = room::<MAX_ARGUMENT_BYTES>();
    let mut signer = encode(env, signer, &mut memory)?;
    let mut memory = room::<MAX_STATE_BYTES>();
    let mut state = State::read(env, &mut memory);
    let stuck_before = stuck_sessions(env, &state);
    let entry = register(env, &mut state, &mut signer, 0, policies.written())?;
    signer.finish()?;
    check(env, entry.is_admin(), stuck_before)?;
    policies::install(env, entry.id, parameters)?;
    Ok(entry.id)
}

/// Takes a signer off `value`. `initial`: how many signers are registered together and may name each
/// other.
#[inline(never)]
fn register(
    env: &Env,
    state: &mut State,
    value: &mut Reader,
    initial: u32,
    policies: &[u8],
) -> Result<Entry, WalletError> {
    let encoded = value.rest();
    let signer = decode_signer(value)?;
    let encoded = &encoded[..encoded.len() - value.rest().len()];
    let id = state.take_id()?;
    let entry = put(env, state, id, &signer, policies, initial)?;
    events::signer_added(env, id, encoded);
    Ok(entry)
}

/// Errors: `UnknownSigner`, those of role, co-signers and `check`, `TooManyPolicies`,
/// `PolicyInstallFailed`.
pub fn update(
    env: &Env,
    id: u32,
    role: Val,
    co_signers: Val,
    threshold: u32,
    parameters: Val,
) -> Result<(), WalletError> {
    authorize(env);
    let mut memory = room::<MAX_ROLE_BYTES>();
    let mut encoded = encode(env, role, &mut memory)?;
    let session = decode_role(&mut encoded);
    encoded.finish()?;
    let mut memory = room::<MAX_IDS_BYTES>();
    let mut encoded = encode(env, co_signers, &mut memory)?;
    let ids = decode_ids(&mut encoded);
    encoded.finish()?;
    let mut memory = room::<MAX_ARGUMENT_BYTES>();
    let parameters = encode(env, parameters, &mut memory)?;
    let mut memory = room::<{ MAX_POLICIES * 32 }>();
    let policies = policy_ids(parameters, &mut memory)?;

    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let before = state.find(id)?;
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = state.record(env, &before, &mut memory);
    let stuck_before = stuck_sessions(env, &state);
    if !before.is_admin() {
        state::erase_session(env, id);
    }
    let signer = SignerView {
        co_signers: CoSignersView::new(ids, threshold)?,
        key: record.key,
        session,
    };
    let entry = put(env, &state, id, &signer, policies.written(), 0)?;
    check(env, true, 0)?;
    if !before.is_admin() || !entry.is_admin() {
        check(env, false, stuck_before)?;
    }
    for policy in record.policy_ids() {
        if !record::ids(policies.written()).any(|kept| kept == policy) {
            policies::uninstall(env, id, policy);
        }
    }
    policies::install(env, id, parameters)?;
    events::signer_updated(env, id);
    Ok(())
}

/// Errors: `UnknownSigner`, those of `check`.
pub fn remove(env: &Env, id: u32) -> Result<(), WalletError> {
    authorize(env);
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let entry = state.find(id)?;
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = state.record(env, &entry, &mut memory);
    let stuck_before = stuck_sessions(env, &state);
    state.store(env, Change::Remove(id))?;
    if !entry.is_admin() {
        state::erase_session(env, id);
    }
    check(env, entry.is_admin(), stuck_before)?;
    for policy in record.policy_ids() {
        policies::uninstall(env, id, policy);
    }
    events::signer_removed(env, id);
    Ok(())
}

/// Errors: `MalformedArgument`, `OwnAddress`, those of `check`.
pub fn configure(env: &Env, admin_threshold: u32, guardian: Val) -> Result<(), WalletError> {
    authorize(env);
    let mut memory = room::<MAX_GUARDIAN_BYTES>();
    let mut encoded = encode(env, guardian, &mut memory)?;
    let guardian = decode_recovery(&mut encoded);
    encoded.finish()?;
    let mut memory = room::<MAX_STATE_BYTES>();
    let mut state = State::read(env, &mut memory);
    state.admin_threshold = checked_threshold(admin_threshold)?;
    state.guardian = checked_guardian(env, guardian)?;
    state.store(env, Change::None)?;
    check(env, true, 0)?;
    events::configured(env, admin_threshold, state.guardian);
    Ok(())
}

/// No authorization has more signatures.
///
/// Errors: `UnsatisfiableRule`.
fn checked_threshold(admin_threshold: u32) -> Result<u32, WalletError> {
    if admin_threshold as usize > MAX_PRESENT {
        return Err(WalletError::UnsatisfiableRule);
    }
    Ok(admin_threshold)
}

/// Errors: `OwnAddress`.
fn checked_guardian<'a>(env: &Env, guardian: Option<&'a [u8]>) -> Result<&'a [u8], WalletError> {
    let guardian = guardian.unwrap_or_default();
    if guardian == own_address(env) {
        return Err(WalletError::OwnAddress);
    }
    Ok(guardian)
}

pub fn authorize(env: &Env) {
    env.current_contract_address().require_auth();
    state::extend_ttl(env);
}

/// Makes the signer's record and stores it.
#[inline(never)]
fn put(
    env: &Env,
    state: &State,
    id: u32,
    signer: &SignerView,
    policies: &[u8],
    initial: u32,
) -> Result<Entry, WalletError> {
    let mut memory = room::<{ MAX_SESSION_CONTRACTS * 32 }>();
    let mut contracts = Writer::new(&mut memory);
    if let Some(session) = &signer.session {
        write_contracts(env, session, &mut contracts)?;
    }
    let mut memory = room::<{ MAX_CO_SIGNERS * 4 }>();
    let mut co_signers = Writer::new(&mut memory);
    let mut encoded = signer.co_signers.ids;
    for _ in 0..signer.co_signers.count {
        let co_signer = encoded.u32().to_be_bytes();
        if co_signers
            .written()
            .chunks_exact(4)
            .any(|other| other == co_signer)
        {
            return Err(WalletError::InvalidCoSigners);
        }
        co_signers.raw(&co_signer);
    }
    let record = Record {
        key: signer.key,
        threshold: signer.co_signers.threshold,
        co_signers: co_signers.written(),
        policies,
        session: signer.session.map(|session| SessionRecord {
            expires_at_ledger: session.expires_at_ledger,
            contracts: contracts.written(),
        }),
    };
    let entry = Entry::new(id, &record);
    if entry.is_admin() {
        check_key(env, state, id, &record.key)?;
    } else {
        check_not_own(env, &record.key)?;
    }
    for co_signer in record.co_signer_ids() {
        check_co_signer(env, state, &entry, &record.key, co_signer, initial)?;
    }
    let mut memory = room::<MAX_RECORD_BYTES>();
    let written = record.write(&mut memory);
    state.store(env, Change::Put(entry, written.written()))?;
    Ok(entry)
}

/// Errors: `InvalidExpiry`, `InvalidSessionContracts`, `OwnAddress`.
fn write_contracts(
    env: &Env,
    session: &SessionView,
    contracts: &mut Writer,
) -> Result<(), WalletError> {
    match session
        .expires_at_ledger
        .checked_sub(env.ledger().sequence())
    {
        Some(1..=MAX_SESSION_LEDGERS) => {}
        _ => return Err(WalletError::InvalidExpiry),
    }
    if session.contract_count == 0 || session.contract_count > MAX_SESSION_CONTRACTS as u32 {
        return Err(WalletError::InvalidSessionContracts);
    }
    let own = own_address(env);
    let mut encoded = session.contracts;
    for _ in 0..session.contract_count {
        let contract = encoded.contract();
        if own.ends_with(contract) {
            return Err(WalletError::OwnAddress);
        }
        contracts.raw(contract);
    }
    Ok(())
}

/// The contracts of an encoded map of policies, 32 bytes each.
///
/// Errors: `MalformedArgument`, `TooManyPolicies`.
fn policy_ids<'a>(
    mut parameters: Reader,
    memory: &'a mut Room<{ MAX_POLICIES * 32 }>,
) -> Result<Writer<'a>, WalletError> {
    let mut policies = Writer::new(memory);
    let count = parameters.map();
    if count > MAX_POLICIES as u32 {
        return Err(WalletError::TooManyPolicies);
    }
    for _ in 0..count {
        policies.raw(parameters.contract());
        parameters.value();
    }
    parameters.finish()?;
    Ok(policies)
}
