//! Adding, changing, removing and listing signers. Every change ends in `check`, which holds what
//! must never break: at least one admin, as many as a change takes, and rules that can be satisfied.

use latchkey_interface::{
    decode_ids, decode_init, decode_role, decode_signer,
    xdr::{Reader, Writer},
    CoSignersView, KeyView, SessionView, SignerView, WalletError, MAX_CO_SIGNERS,
    MAX_SESSION_CONTRACTS, MAX_SESSION_LEDGERS,
};
use soroban_sdk::{Env, Val};

use crate::{
    authorization::{address_of, own_address, rule_of},
    events,
    index::{Entry, Index, MAX_SESSIONS},
    policies,
    record::{is_same_key, Record, SessionRecord, MAX_RECORD_BYTES},
    recovery,
    rules::{self, Rule},
    storage::{self, NO_RECORD},
    values::{decode, encode, MAX_ARGUMENT_BYTES},
    views,
};

/// A `WalletInit` with several signers.
const MAX_INIT_BYTES: usize = 8192;
/// Encoded contracts with their expiry.
const MAX_ROLE_BYTES: usize = 512;
/// Encoded co-signers.
const MAX_IDS_BYTES: usize = 256;

/// The index, if the wallet itself authorized the running call.
pub fn authorized_index(env: &Env) -> Index {
    env.current_contract_address().require_auth();
    storage::extend_ttl(env);
    storage::index(env)
}

/// Errors: those of the parts of a `WalletInit` and of `check`.
pub fn construct(env: &Env, init: Val) -> Result<(), WalletError> {
    let mut buffer = [0u8; MAX_INIT_BYTES];
    let init = decode_init(encode(env, init, &mut buffer)?)?;
    if let Some(guardian) = init.recovery {
        recovery::set(env, address_of(env, guardian).to_val())?;
    }
    let mut index = Index::new(init.admin_threshold);
    let mut signers = init.signers;
    for _ in 0..init.signer_count {
        let signer = Reader::new(signers.value());
        register(env, &mut index, signer, init.signer_count)?;
    }
    signers.finish()?;
    if init.admin_threshold != 1 {
        events::admin_threshold_set(env, init.admin_threshold);
    }
    storage::extend_ttl(env);
    check(env, &index, true)?;
    check(env, &index, false)?;
    storage::set_index(env, &index);
    Ok(())
}

/// Errors: those of the parts of a `Signer`, `TooManySigners`, those of `check` and of
/// `policies::install`.
pub fn add(env: &Env, signer: Val, policies: Val) -> Result<u32, WalletError> {
    let mut index = authorized_index(env);
    let mut buffer = [0u8; MAX_ARGUMENT_BYTES];
    let encoded = encode(env, signer, &mut buffer)?;
    let entry = register(env, &mut index, encoded, 0)?;
    if entry.has_co_signers {
        check(env, &index, entry.is_admin())?;
    }
    storage::set_index(env, &index);

    let mut buffer = [0u8; MAX_ARGUMENT_BYTES];
    let mut policies_left = encode(env, policies, &mut buffer)?;
    for _ in 0..policies_left.map() {
        let policy = policies_left.contract();
        let parameters = policies_left.value();
        if policies_left.has_failed() {
            break;
        }
        policies::install(env, &index, &entry, policy, parameters)?;
    }
    policies_left.finish()?;
    Ok(entry.id)
}

/// `initial`: how many signers are registered together and may name each other.
fn register(
    env: &Env,
    index: &mut Index,
    mut value: Reader,
    initial: u32,
) -> Result<Entry, WalletError> {
    let encoded = value.rest();
    let signer = decode_signer(&mut value)?;
    value.finish()?;
    if matches!(signer.key, KeyView::Account(address) if address == own_address(env)) {
        return Err(WalletError::OwnAddress);
    }
    let id = index.take_id()?;
    let entry = put(env, index, id, &signer, &[], initial)?;
    events::signer_added(env, id, encoded);
    Ok(entry)
}

/// Writes the signer's record and its place in the index.
fn put(
    env: &Env,
    index: &mut Index,
    id: u32,
    signer: &SignerView,
    policies: &[u8],
    initial: u32,
) -> Result<Entry, WalletError> {
    let mut contracts = [0u8; MAX_SESSION_CONTRACTS * 32];
    let session = match &signer.session {
        None => None,
        Some(session) => Some(session_record(env, session, &mut contracts)?),
    };
    let entry = Entry {
        id,
        expires_at_ledger: session.map_or(0, |session| session.expires_at_ledger),
        has_co_signers: signer.co_signers.count > 0,
    };
    index.put(entry)?;
    if entry.is_admin() {
        check_is_new_key(env, index, id, &signer.key)?;
    }
    let mut ids = [0u8; MAX_CO_SIGNERS * 4];
    let mut written = Writer::new(&mut ids);
    let mut encoded = signer.co_signers.ids;
    for _ in 0..signer.co_signers.count {
        let co_signer = encoded.u32();
        let is_it = |other: &[u8]| other == co_signer.to_be_bytes();
        if written.written().chunks_exact(4).any(is_it) {
            return Err(WalletError::InvalidCoSigners);
        }
        check_co_signer(env, index, &entry, &signer.key, co_signer, initial)?;
        written.word(co_signer);
    }
    let record = Record {
        is_sole: false,
        key: signer.key,
        threshold: signer.co_signers.threshold,
        co_signers: written.written(),
        policies,
        session,
    };
    write_record(env, index, &entry, &record);
    Ok(entry)
}

fn session_record<'a>(
    env: &Env,
    session: &SessionView,
    contracts: &'a mut [u8; MAX_SESSION_CONTRACTS * 32],
) -> Result<SessionRecord<'a>, WalletError> {
    match session
        .expires_at_ledger
        .checked_sub(env.ledger().sequence())
    {
        Some(1..=MAX_SESSION_LEDGERS) => {}
        _ => return Err(WalletError::InvalidExpiry),
    }
    let count = session.contract_count as usize;
    if count == 0 || count > MAX_SESSION_CONTRACTS {
        return Err(WalletError::InvalidSessionContracts);
    }
    let own = own_address(env);
    let mut encoded = session.contracts;
    for room in contracts.chunks_exact_mut(32).take(count) {
        let contract = encoded.contract();
        if own.ends_with(contract) {
            return Err(WalletError::OwnAddress);
        }
        room.copy_from_slice(contract);
    }
    Ok(SessionRecord {
        expires_at_ledger: session.expires_at_ledger,
        contracts: &contracts[..count * 32],
    })
}

/// Errors: `UnknownSigner`, those of role and co-signers, of `check`.
pub fn update(
    env: &Env,
    id: u32,
    role: Val,
    co_signers: Val,
    threshold: u32,
) -> Result<(), WalletError> {
    let mut index = authorized_index(env);
    let before = index.find(id)?;
    let mut buffer = NO_RECORD;
    let record = Record::parse(
        storage::record(env, &before, &mut buffer),
        !before.is_admin(),
    );

    let mut role_buffer = [0u8; MAX_ROLE_BYTES];
    let mut encoded = encode(env, role, &mut role_buffer)?;
    let session = decode_role(&mut encoded);
    encoded.finish()?;
    let mut ids_buffer = [0u8; MAX_IDS_BYTES];
    let mut encoded = encode(env, co_signers, &mut ids_buffer)?;
    let ids = decode_ids(&mut encoded);
    encoded.finish()?;
    let signer = SignerView {
        co_signers: CoSignersView::new(ids, threshold)?,
        key: record.key,
        session,
    };
    storage::remove_record(env, &before);
    let entry = put(env, &mut index, id, &signer, record.policies, 0)?;
    check(env, &index, true)?;
    if !before.is_admin() || !entry.is_admin() {
        check(env, &index, false)?;
    }
    storage::set_index(env, &index);
    events::signer_updated(env, &entry);
    Ok(())
}

/// Errors: `UnknownSigner`, those of `check`.
pub fn remove(env: &Env, id: u32) -> Result<(), WalletError> {
    let mut index = authorized_index(env);
    let entry = index.find(id)?;
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, &entry, &mut buffer), !entry.is_admin());
    storage::remove_record(env, &entry);
    index.remove(id);
    check(env, &index, entry.is_admin())?;
    storage::set_index(env, &index);
    for policy in record.policy_ids() {
        policies::uninstall(env, id, policy);
    }
    events::signer_removed(env, id);
    Ok(())
}

/// Errors: those of `check`.
pub fn set_admin_threshold(env: &Env, threshold: u32) -> Result<(), WalletError> {
    let mut index = authorized_index(env);
    index.admin_threshold = threshold;
    check(env, &index, true)?;
    storage::set_index(env, &index);
    for entry in index.of_role(true) {
        let mut buffer = NO_RECORD;
        let record = Record::parse(storage::record(env, entry, &mut buffer), false);
        write_record(env, &index, entry, &record);
    }
    events::admin_threshold_set(env, threshold);
    Ok(())
}

/// Stores a record, and with it whether this signer alone may do anything.
pub fn write_record(env: &Env, index: &Index, entry: &Entry, record: &Record) {
    let is_sole = entry.is_admin()
        && index.admin_threshold == 1
        && record.co_signers.is_empty()
        && record.policies.is_empty();
    let mut buffer = [0u8; MAX_RECORD_BYTES];
    let record = Record { is_sole, ..*record };
    storage::set_record(env, entry, record.write(&mut buffer));
}

/// Among admins, or among sessions: everybody's rule can be satisfied, by those that there are.
///
/// Errors: `LastAdmin`, `UnsatisfiableRule`.
fn check(env: &Env, index: &Index, admins: bool) -> Result<(), WalletError> {
    let mut entries = [Entry::default(); MAX_SESSIONS];
    let mut rules = [Rule::default(); MAX_SESSIONS];
    let mut count = 0;
    for entry in index.of_role(admins) {
        entries[count] = *entry;
        count += 1;
    }
    let entries = &entries[..count];
    for (rule, entry) in rules.iter_mut().zip(entries) {
        if entry.has_co_signers {
            *rule = rule_of(env, entry, entries);
        }
    }
    if rules::satisfiable(&rules[..count]).count_ones() as usize != count {
        return Err(WalletError::UnsatisfiableRule);
    }
    if admins && count == 0 {
        return Err(WalletError::LastAdmin);
    }
    let threshold = index.admin_threshold as usize;
    if admins && (threshold == 0 || threshold > count || threshold > rules::MAX_PRESENT) {
        return Err(WalletError::UnsatisfiableRule);
    }
    Ok(())
}

/// Two admins with one key would be one person counted twice.
///
/// Errors: `DuplicateKey`.
pub fn check_is_new_key(
    env: &Env,
    index: &Index,
    id: u32,
    key: &KeyView,
) -> Result<(), WalletError> {
    for entry in index.of_role(true).filter(|entry| entry.id != id) {
        if has_key(env, entry, key) {
            return Err(WalletError::DuplicateKey);
        }
    }
    Ok(())
}

fn has_key(env: &Env, entry: &Entry, key: &KeyView) -> bool {
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
    is_same_key(&record.key, key)
}

/// A co-signer has the signer's role: an admin's consent would do without a session's, and a
/// session's ends by itself.
fn check_co_signer(
    env: &Env,
    index: &Index,
    entry: &Entry,
    key: &KeyView,
    co_signer: u32,
    initial: u32,
) -> Result<(), WalletError> {
    if co_signer == entry.id {
        return Err(WalletError::InvalidCoSigners);
    }
    match index.find(co_signer) {
        // Registered together, later in the list: `check` sees to it.
        Err(_) if co_signer < initial => Ok(()),
        Ok(other) if other.is_admin() == entry.is_admin() && !has_key(env, &other, key) => Ok(()),
        _ => Err(WalletError::InvalidCoSigners),
    }
}

/// Errors: `UnknownSigner`.
pub fn view(env: &Env, id: u32) -> Result<Val, WalletError> {
    let entry = storage::index(env).find(id)?;
    let mut buffer = [0u8; views::MAX_SIGNER_BYTES];
    let mut writer = Writer::new(&mut buffer);
    views::registered_signer(env, &entry, &mut writer);
    Ok(decode(env, &writer))
}

/// Signers `page * 4` to `page * 4 + 3` in the order of the index.
pub fn page(env: &Env, page: u32) -> Val {
    let index = storage::index(env);
    let start = (page as usize)
        .saturating_mul(views::PAGE_SIGNERS)
        .min(index.entries().len());
    let entries = &index.entries()[start..];
    let entries = &entries[..entries.len().min(views::PAGE_SIGNERS)];
    let mut buffer = [0u8; 12 + views::PAGE_SIGNERS * views::MAX_SIGNER_BYTES];
    let mut writer = Writer::new(&mut buffer);
    writer.vec(entries.len());
    for entry in entries {
        views::registered_signer(env, entry, &mut writer);
    }
    decode(env, &writer)
}
