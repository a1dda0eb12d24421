//! Whether the signatures of an authorization are enough for its calls. A signature is one or more
//! parts, `signer id and flag (3 bytes) | proof`, in ascending order of id; the flag is the highest
//! bit and the proof depends on the signer's kind:
//!
//! - passkey: `r | s | flags | counter (69)`; with the flag also `extension length (2) | tail length
//!   (2) | extensions | clientDataJSON tail`;
//! - ed25519: the signature of the payload (64);
//! - account: nothing; with the flag it is a delegate of this authorization (CAP-71), else, and only
//!   if it is no contract, it authorizes the call of `__check_auth` by an entry of its own: to the
//!   host a contract has authorized whatever it calls directly, and it may be the one that asks;
//! - post-quantum: `public key | signature` of the payload, in the lengths of the scheme.
//!
//! Guaranteed: every part verifies; every signer's co-signers and policies consent; a session stays
//! within its contracts; and no part is there without need. The order of checks is not part of the interface.

use core::mem::MaybeUninit;

use latchkey_interface::{
    memory::{array, copy, room},
    xdr::Writer,
    KeyView, Scheme, WalletError,
};
use latchkey_webauthn::{
    verify, verify_compact, Assertion, COMPACT_BYTES, EXPLICIT_HEADER_BYTES, MAX_EXPLICIT_BYTES,
};
use soroban_sdk::{
    symbol_short, unwrap::UnwrapOptimized, xdr::ToXdr, Bytes, BytesN, Env, InvokeError, Val,
};

use crate::{
    calls, policies,
    record::{Record, MAX_RECORD_BYTES},
    rules::{self, Rule, MAX_PRESENT},
    state::{self, Entry, State, MAX_STATE_BYTES},
    values::{address, contract, decode, own_address},
};

/// What an encoded address of a contract starts with.
const CONTRACT: [u8; 4] = [0, 0, 0, 1];
const PART_HEADER_BYTES: usize = 3;
const PART_FLAG: u32 = 1 << 23;
/// One passkey, compact.
const SOLE_BYTES: usize = PART_HEADER_BYTES + COMPACT_BYTES;

/// Calls as XDR, where somebody has to look at them.
pub const MAX_CALLS_BYTES: usize = 8192;

/// Errors: 110-118 and 131-137 of `WalletError`.
pub fn check(
    env: &Env,
    payload: &Bytes,
    signature: &Bytes,
    contexts: Val,
) -> Result<(), WalletError> {
    if !is_sole_passkey(env, payload, signature)? {
        check_parts(env, payload, signature, contexts)?;
    }
    state::extend_ttl(env);
    Ok(())
}

/// As much of the state as a wallet with one passkey has.
const FIRST_STATE_BYTES: usize = 448;

/// What nearly every authorization is: one admin's passkey, which may do anything on its own. True
/// if it was that, and verified.
#[inline(always)]
fn is_sole_passkey(env: &Env, payload: &Bytes, signature: &Bytes) -> Result<bool, WalletError> {
    if signature.len() as usize != SOLE_BYTES {
        return Ok(false);
    }
    let mut memory = room::<SOLE_BYTES>();
    let sent = &*copy(env, signature, 0, &mut memory);
    let (header, compact) = sent.split_first_chunk().unwrap_optimized();
    let stored = state::stored(env);
    let mut memory = room::<FIRST_STATE_BYTES>();
    let length = FIRST_STATE_BYTES.min(stored.len() as usize);
    let first = copy(env, &stored, 0, &mut memory[..length]);
    // With the flag it is the id of no signer.
    let Some(record) = state::sole_admin_record(first, number(header)) else {
        return Ok(false);
    };
    let Some(passkey) = Record::parse_passkey(record) else {
        return Ok(false);
    };
    let compact = compact.first_chunk().unwrap_optimized();
    let payload = array(env, payload);
    verify_compact(env, &payload, &passkey, compact)?;
    Ok(true)
}

fn number(header: &[u8; PART_HEADER_BYTES]) -> u32 {
    u32::from_be_bytes([0, header[0], header[1], header[2]])
}

#[inline(never)]
fn check_parts(
    env: &Env,
    payload: &Bytes,
    signature: &Bytes,
    contexts: Val,
) -> Result<(), WalletError> {
    let mut memory = room::<MAX_STATE_BYTES>();
    let state = State::read(env, &mut memory);
    let present = verify_parts(env, payload, signature, &state)?;
    if !present.has_to_see_calls && state.admin_threshold == 1 {
        return present.check_rules(env, &state, 1);
    }
    let encoded = contexts.to_xdr(env);
    let length = encoded.len() as usize;
    if length > MAX_CALLS_BYTES {
        return Err(WalletError::CallsTooLong);
    }
    let own = own_address(env);
    let mut memory = room::<{ policies::BEFORE_CALLS_BYTES + MAX_CALLS_BYTES }>();
    let mut arguments = policies::enforce_arguments(&own, &mut memory);
    let calls = arguments.copy(env, &encoded, 0, length);
    let (mut has_own, mut has_other) = (false, false);
    calls::for_each(calls, |call| {
        let is_own = call.is_some_and(|call| call.contract == own);
        has_own |= is_own;
        has_other |= !is_own;
        Ok(())
    })?;
    present.check_rules(env, &state, if has_own { state.admin_threshold } else { 1 })?;
    for entry in present.entries() {
        let mut memory = room::<MAX_RECORD_BYTES>();
        let record = state.record(env, entry, &mut memory);
        check_session(&record, entry.id, calls, &own)?;
    }
    if has_other {
        present.ask_policies(env, &state, arguments)?;
    }
    Ok(())
}

/// The signers of an authorization, in ascending order of id.
struct Present {
    count: usize,
    entries: [Entry; MAX_PRESENT],
    /// Positions of the admins.
    admins: u32,
    has_to_see_calls: bool,
}

/// Reads a signature from its front.
struct Parts<'a> {
    env: &'a Env,
    signature: &'a Bytes,
    position: usize,
}

impl Parts<'_> {
    fn has_more(&self) -> bool {
        self.position < self.signature.len() as usize
    }

    /// Where the next `length` bytes begin.
    fn skip(&mut self, length: usize) -> Result<usize, WalletError> {
        let start = self.position;
        self.position += length;
        if self.position > self.signature.len() as usize {
            return Err(WalletError::InvalidSignatureLength);
        }
        Ok(start)
    }

    fn fill<'b>(&mut self, to: &'b mut [MaybeUninit<u8>]) -> Result<&'b [u8], WalletError> {
        let start = self.skip(to.len())?;
        Ok(copy(self.env, self.signature, start, to))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WalletError> {
        let mut memory = room::<N>();
        let filled = self.fill(&mut memory)?;
        Ok(*filled.first_chunk().unwrap_optimized())
    }
}

fn verify_parts(
    env: &Env,
    payload: &Bytes,
    signature: &Bytes,
    state: &State,
) -> Result<Present, WalletError> {
    let mut present = Present {
        count: 0,
        entries: [Entry::default(); MAX_PRESENT],
        admins: 0,
        has_to_see_calls: false,
    };
    let mut parts = Parts {
        env,
        signature,
        position: 0,
    };
    while parts.has_more() {
        let header = number(&parts.array()?);
        let entry = state.find(header & !PART_FLAG)?;
        let position = present.count;
        if position == MAX_PRESENT {
            return Err(WalletError::InvalidSignatureLength);
        }
        if position > 0 && present.entries[position - 1].id >= entry.id {
            return Err(WalletError::InvalidSignatureOrder);
        }
        let mut memory = room::<MAX_RECORD_BYTES>();
        let record = state.record(env, &entry, &mut memory);
        verify_proof(&mut parts, payload, &record.key, header & PART_FLAG != 0)?;
        present.entries[position] = entry;
        present.count += 1;
        present.has_to_see_calls |= !entry.is_admin() || entry.has_policies;
        if entry.is_admin() {
            present.admins |= 1 << position;
        }
    }
    if present.count == 0 {
        return Err(WalletError::InvalidSignatureLength);
    }
    Ok(present)
}

fn verify_proof(
    parts: &mut Parts,
    payload: &Bytes,
    key: &KeyView,
    flag: bool,
) -> Result<(), WalletError> {
    let env = parts.env;
    match key {
        KeyView::Passkey(passkey) => {
            let compact = parts.array::<COMPACT_BYTES>()?;
            let payload = array(env, payload);
            if !flag {
                return verify_compact(env, &payload, passkey, &compact);
            }
            let [a, b, c, d] = parts.array::<EXPLICIT_HEADER_BYTES>()?;
            let extension_bytes = u16::from_be_bytes([a, b]) as usize;
            let mut memory = room::<MAX_EXPLICIT_BYTES>();
            let sent = memory
                .get_mut(..extension_bytes + u16::from_be_bytes([c, d]) as usize)
                .ok_or(WalletError::InvalidExtensionLength)?;
            let assertion = Assertion::explicit(&compact, parts.fill(sent)?, extension_bytes)?;
            verify(env, &payload, passkey, &assertion)
        }
        KeyView::Account(encoding) => {
            let address = address(env, encoding);
            if flag {
                env.custom_account().delegate_auth(&address);
            } else if is_classic_account(encoding) {
                address.require_auth();
            } else {
                return Err(WalletError::InvalidSignatureOrder);
            }
            Ok(())
        }
        _ if flag => Err(WalletError::InvalidSignatureOrder),
        KeyView::Ed25519(public_key) => {
            let signature = BytesN::from_array(env, &parts.array()?);
            let public_key = BytesN::from_array(env, public_key);
            env.crypto()
                .ed25519_verify(&public_key, payload, &signature);
            Ok(())
        }
        KeyView::PostQuantum {
            public_key_hash,
            scheme,
            verifier,
        } => verify_post_quantum(parts, payload, public_key_hash, *scheme, verifier),
    }
}

fn is_classic_account(address: &[u8]) -> bool {
    address.starts_with(&[0; 4])
}

/// The longest `verify` call: three values in a vector.
const MAX_VERIFY_BYTES: usize = 12 + 3 * 8 + 32 + 32 + 7856 + 3;

#[inline(never)]
fn verify_post_quantum(
    parts: &mut Parts,
    payload: &Bytes,
    public_key_hash: &[u8; 32],
    scheme: Scheme,
    verifier: &[u8; 32],
) -> Result<(), WalletError> {
    let env = parts.env;
    let lengths = scheme.lengths();
    let mut memory = room::<MAX_VERIFY_BYTES>();
    let mut arguments = Writer::new(&mut memory);
    arguments.vec(3);
    arguments.bytes_start(lengths.public_key);
    let start = parts.skip(lengths.public_key)?;
    let public_key = arguments.copy(env, parts.signature, start, lengths.public_key);
    let hash = env.crypto().sha256(&Bytes::from_slice(env, public_key));
    if array(env, &hash.to_bytes().into()) != *public_key_hash {
        return Err(WalletError::PublicKeyMismatch);
    }
    arguments.bytes_end(lengths.public_key);
    arguments.bytes(&array::<32>(env, payload));
    arguments.bytes_start(lengths.signature);
    let start = parts.skip(lengths.signature)?;
    arguments.copy(env, parts.signature, start, lengths.signature);
    arguments.bytes_end(lengths.signature);
    let verdict = env.try_invoke_contract::<bool, InvokeError>(
        &contract(env, verifier),
        &symbol_short!("verify"),
        decode(env, arguments.written()),
    );
    match verdict {
        Ok(Ok(true)) => Ok(()),
        _ => Err(WalletError::PostQuantumSignatureRefused),
    }
}

impl Present {
    fn entries(&self) -> &[Entry] {
        &self.entries[..self.count]
    }

    fn check_rules(&self, env: &Env, state: &State, admins_needed: u32) -> Result<(), WalletError> {
        let mut rules = [Rule::default(); MAX_PRESENT];
        for (rule, entry) in rules.iter_mut().zip(self.entries()) {
            if entry.has_co_signers {
                *rule = rule_of(env, state, entry, self.entries());
            }
        }
        rules::check_present(&rules[..self.count], self.admins, admins_needed)
    }

    fn ask_policies(
        &self,
        env: &Env,
        state: &State,
        mut arguments: Writer,
    ) -> Result<(), WalletError> {
        for entry in self.entries().iter().filter(|entry| entry.has_policies) {
            let mut memory = room::<MAX_RECORD_BYTES>();
            for policy in state.record(env, entry, &mut memory).policy_ids() {
                policies::enforce(env, policy, entry.id, &mut arguments)?;
            }
        }
        Ok(())
    }
}

/// What `entry` demands, its co-signers as positions in `among`.
#[inline(never)]
pub fn rule_of(env: &Env, state: &State, entry: &Entry, among: &[Entry]) -> Rule {
    let mut memory = room::<MAX_RECORD_BYTES>();
    let record = state.record(env, entry, &mut memory);
    let mut rule = Rule {
        threshold: record.threshold,
        co_signers: 0,
    };
    for id in record.co_signer_ids() {
        let is_it = |other: &Entry| other.id == id && other.is_admin() == entry.is_admin();
        if let Some(position) = among.iter().position(is_it) {
            rule.co_signers |= 1 << position;
        }
    }
    rule
}

/// A session calls its contracts; of the wallet's own functions it may call one, to remove itself.
///
/// Errors: `CallNotAllowed`.
fn check_session(record: &Record, id: u32, calls: &[u8], own: &[u8]) -> Result<(), WalletError> {
    let Some(session) = record.session else {
        return Ok(());
    };
    let mut memory = room::<20>();
    let mut own_id = Writer::new(&mut memory);
    own_id.vec(1);
    own_id.u32(id);
    calls::for_each(calls, |call| {
        let is_allowed = call.is_some_and(|call| {
            if call.contract == own {
                call.function == b"remove" && call.arguments == own_id.written()
            } else {
                let id = call.contract.strip_prefix(&CONTRACT);
                session.contract_ids().any(|own| id == Some(own))
            }
        });
        if is_allowed {
            Ok(())
        } else {
            Err(WalletError::CallNotAllowed)
        }
    })
}
