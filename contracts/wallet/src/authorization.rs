//! Whether the signatures of an authorization are enough for its calls. A signature is one or more
//! parts, `signer id and flag (3 bytes) | proof`, in ascending order of id; the flag is the highest
//! bit and the proof depends on the signer's kind:
//!
//! - passkey: `r | s | flags | counter (69)`; with the flag also `extension length (2) | tail length
//!   (2) | extensions | clientDataJSON tail`;
//! - ed25519: the signature of the payload (64);
//! - account: nothing; with the flag it is a delegate of this authorization (CAP-71), else it
//!   authorizes the call of `__check_auth` by an entry of its own;
//! - post-quantum: `public key | signature` of the payload, in the lengths of the scheme.
//!
//! Guaranteed: every part verifies; every signer's co-signers and policies consent; a session stays
//! within its contracts; and no part is there without need. The order of checks is not part of the interface.

use latchkey_interface::{xdr::Writer, KeyView, Scheme, WalletError};
use soroban_sdk::{
    auth::Context, crypto::Hash, symbol_short, unwrap::UnwrapOptimized, xdr::ToXdr, Address, Bytes,
    BytesN, Env, InvokeError, TryFromVal, Vec,
};

use crate::{
    assertion::{self, Assertion, COMPACT_BYTES, MAX_EXPLICIT_BYTES},
    calls,
    index::{Entry, Index},
    policies,
    record::{PasskeyRecord, Record, PASSKEY_BYTES},
    rules::{self, Rule, MAX_PRESENT},
    storage::{self, NO_RECORD},
    values::{copy, decode},
};

const PART_HEADER_BYTES: usize = 3;
const PART_FLAG: u32 = 1 << 23;
/// One passkey, compact.
const SOLE_BYTES: usize = PART_HEADER_BYTES + COMPACT_BYTES;

/// Calls as XDR, where somebody has to look at them.
pub const MAX_CALLS_BYTES: usize = 8192;

/// Errors: 110-118 and 131-137 of `WalletError`.
pub fn check(
    env: &Env,
    payload: &Hash<32>,
    signature: &Bytes,
    contexts: &Vec<Context>,
) -> Result<(), WalletError> {
    if !is_sole_passkey(env, payload, signature)? {
        check_parts(env, payload, signature, contexts)?;
    }
    storage::extend_ttl(env);
    Ok(())
}

/// What nearly every authorization is: one admin's passkey, which may do anything on its own. True
/// if it was that, and verified.
#[inline(always)]
fn is_sole_passkey(env: &Env, payload: &Hash<32>, signature: &Bytes) -> Result<bool, WalletError> {
    if signature.len() as usize != SOLE_BYTES {
        return Ok(false);
    }
    let mut sent = [0u8; SOLE_BYTES];
    copy(env, signature, 0, &mut sent);
    let (header, compact) = sent
        .split_first_chunk::<PART_HEADER_BYTES>()
        .unwrap_optimized();
    // With the flag it is the id of no signer.
    let Some(stored) = storage::admin_record(env, number(header)) else {
        return Ok(false);
    };
    let mut buffer = [0u8; PASSKEY_BYTES];
    let bytes = &mut buffer[..PASSKEY_BYTES.min(stored.len() as usize)];
    copy(env, &stored, 0, bytes);
    let Some(record) = PasskeyRecord::of_sole_signer(bytes) else {
        return Ok(false);
    };
    let compact = compact.try_into().unwrap_optimized();
    assertion::verify_compact(env, &payload.to_array(), &record.passkey(), compact)?;
    Ok(true)
}

fn number(header: &[u8; PART_HEADER_BYTES]) -> u32 {
    u32::from_be_bytes([0, header[0], header[1], header[2]])
}

#[inline(never)]
fn check_parts(
    env: &Env,
    payload: &Hash<32>,
    signature: &Bytes,
    contexts: &Vec<Context>,
) -> Result<(), WalletError> {
    let index = storage::index(env);
    let present = verify_parts(env, payload, signature, &index)?;
    if !present.has_to_see_calls && index.admin_threshold == 1 {
        return present.check_rules(env, 1);
    }
    let encoded = contexts.to_xdr(env);
    let length = encoded.len() as usize;
    if length > MAX_CALLS_BYTES {
        return Err(WalletError::CallsTooLong);
    }
    let mut buffer = [0u8; policies::BEFORE_CALLS_BYTES + MAX_CALLS_BYTES];
    let calls_end = policies::BEFORE_CALLS_BYTES + length;
    copy(
        env,
        &encoded,
        0,
        &mut buffer[policies::BEFORE_CALLS_BYTES..calls_end],
    );
    let own = own_address(env);
    let (mut own_calls, mut other_calls) = (0, 0);
    let calls = &buffer[policies::BEFORE_CALLS_BYTES..calls_end];
    calls::for_each(calls, |call| {
        if call.is_some_and(|call| call.contract == own) {
            own_calls += 1;
        } else {
            other_calls += 1;
        }
        Ok(())
    })?;
    present.check_rules(
        env,
        if own_calls > 0 {
            index.admin_threshold
        } else {
            1
        },
    )?;
    present.check_sessions(env, calls, &own)?;
    if other_calls > 0 {
        present.ask_policies(env, &mut buffer[..calls_end])?;
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

    fn fill(&mut self, to: &mut [u8]) -> Result<(), WalletError> {
        let end = self.position + to.len();
        if end > self.signature.len() as usize {
            return Err(WalletError::InvalidSignatureLength);
        }
        copy(self.env, self.signature, self.position, to);
        self.position = end;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WalletError> {
        let mut array = [0; N];
        self.fill(&mut array)?;
        Ok(array)
    }
}

fn verify_parts(
    env: &Env,
    payload: &Hash<32>,
    signature: &Bytes,
    index: &Index,
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
        let entry = index.find(header & !PART_FLAG)?;
        let position = present.count;
        if position == MAX_PRESENT {
            return Err(WalletError::InvalidSignatureLength);
        }
        if position > 0 && present.entries[position - 1].id >= entry.id {
            return Err(WalletError::InvalidSignatureOrder);
        }
        let mut buffer = NO_RECORD;
        let bytes = storage::record(env, &entry, &mut buffer);
        let record = Record::parse(bytes, !entry.is_admin());
        verify_proof(&mut parts, payload, &record.key, header & PART_FLAG != 0)?;
        present.entries[position] = entry;
        present.count += 1;
        present.has_to_see_calls |= !entry.is_admin() || !record.policies.is_empty();
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
    payload: &Hash<32>,
    key: &KeyView,
    flag: bool,
) -> Result<(), WalletError> {
    let env = parts.env;
    match key {
        KeyView::Passkey(passkey) => {
            let compact = parts.array::<COMPACT_BYTES>()?;
            let mut sent = [0u8; MAX_EXPLICIT_BYTES];
            let assertion = if flag {
                let [a, b, c, d] = parts.array()?;
                let extension_bytes = u16::from_be_bytes([a, b]) as usize;
                let sent = sent
                    .get_mut(..extension_bytes + u16::from_be_bytes([c, d]) as usize)
                    .ok_or(WalletError::InvalidExtensionLength)?;
                parts.fill(sent)?;
                Assertion::explicit(&compact, sent, extension_bytes)?
            } else {
                Assertion::compact(&compact)
            };
            assertion::verify(env, &payload.to_array(), passkey, &assertion)
        }
        KeyView::Account(address) => {
            let address = address_of(env, address);
            if flag {
                env.custom_account().delegate_auth(&address);
            } else {
                address.require_auth();
            }
            Ok(())
        }
        _ if flag => Err(WalletError::InvalidSignatureOrder),
        KeyView::Ed25519(public_key) => {
            let signature = BytesN::from_array(env, &parts.array()?);
            let public_key = BytesN::from_array(env, public_key);
            env.crypto()
                .ed25519_verify(&public_key, &payload.to_bytes().into(), &signature);
            Ok(())
        }
        KeyView::PostQuantum {
            public_key_hash,
            scheme,
            verifier,
        } => verify_post_quantum(parts, payload, public_key_hash, *scheme, verifier),
    }
}

/// The longest `verify` call: three values in a vector.
const MAX_VERIFY_BYTES: usize = 12 + 3 * 8 + 32 + 32 + 7856 + 3;

#[inline(never)]
fn verify_post_quantum(
    parts: &mut Parts,
    payload: &Hash<32>,
    public_key_hash: &[u8; 32],
    scheme: Scheme,
    verifier: &[u8; 32],
) -> Result<(), WalletError> {
    let env = parts.env;
    let lengths = scheme.lengths();
    let mut buffer = [0u8; MAX_VERIFY_BYTES];
    let mut arguments = Writer::new(&mut buffer);
    arguments.vec(3);
    let public_key = arguments.bytes_room(lengths.public_key);
    parts.fill(public_key)?;
    let hash = env.crypto().sha256(&Bytes::from_slice(env, public_key));
    if hash.to_array() != *public_key_hash {
        return Err(WalletError::PublicKeyMismatch);
    }
    arguments.bytes(&payload.to_array());
    parts.fill(arguments.bytes_room(lengths.signature))?;
    let arguments = Vec::try_from_val(env, &decode(env, &arguments)).unwrap_optimized();
    let verdict = env.try_invoke_contract::<bool, InvokeError>(
        &contract(env, verifier),
        &symbol_short!("verify"),
        arguments,
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

    fn check_rules(&self, env: &Env, admins_needed: u32) -> Result<(), WalletError> {
        let mut rules = [Rule::default(); MAX_PRESENT];
        for (rule, entry) in rules.iter_mut().zip(self.entries()) {
            if entry.has_co_signers {
                *rule = rule_of(env, entry, self.entries());
            }
        }
        rules::check_present(&rules[..self.count], self.admins, admins_needed)
    }

    fn check_sessions(&self, env: &Env, calls: &[u8], own: &[u8]) -> Result<(), WalletError> {
        for entry in self.entries().iter().filter(|entry| !entry.is_admin()) {
            check_session(env, entry, calls, own)?;
        }
        Ok(())
    }

    fn ask_policies(&self, env: &Env, arguments: &mut [u8]) -> Result<(), WalletError> {
        for entry in self.entries() {
            let mut buffer = NO_RECORD;
            let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
            for policy in record.policy_ids() {
                policies::enforce(env, policy, entry.id, arguments)?;
            }
        }
        Ok(())
    }
}

/// What `entry` demands, its co-signers as positions in `among`.
pub fn rule_of(env: &Env, entry: &Entry, among: &[Entry]) -> Rule {
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
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
#[inline(never)]
fn check_session(env: &Env, entry: &Entry, calls: &[u8], own: &[u8]) -> Result<(), WalletError> {
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), true);
    let session = record.session.unwrap_optimized();
    let mut removal = [0u8; 20];
    let mut arguments = Writer::new(&mut removal);
    arguments.vec(1);
    arguments.u32(entry.id);
    calls::for_each(calls, |call| {
        let is_allowed = call.is_some_and(|call| {
            if call.contract == own {
                call.function == b"remove" && call.arguments == arguments.written()
            } else {
                session.contract_ids().any(|id| call.contract.ends_with(id))
            }
        });
        if is_allowed {
            Ok(())
        } else {
            Err(WalletError::CallNotAllowed)
        }
    })
}

/// The wallet's own address, as `xdr::Reader::address` returns it.
pub fn own_address(env: &Env) -> [u8; 36] {
    let mut encoded = [0u8; 40];
    copy(
        env,
        &env.current_contract_address().to_xdr(env),
        0,
        &mut encoded,
    );
    let (_tag, address) = encoded.split_at(4);
    address.try_into().unwrap_optimized()
}

pub fn address_of(env: &Env, address: &[u8]) -> Address {
    let mut buffer = [0u8; 44];
    let mut writer = Writer::new(&mut buffer);
    writer.address(address);
    Address::try_from_val(env, &decode(env, &writer)).unwrap_optimized()
}

pub fn contract(env: &Env, contract_id: &[u8; 32]) -> Address {
    let mut buffer = [0u8; 40];
    let mut writer = Writer::new(&mut buffer);
    writer.contract(contract_id);
    Address::try_from_val(env, &decode(env, &writer)).unwrap_optimized()
}
