//! Contracts that have a say in what a signer does (`latchkey_interface::Policy`). They guard what
//! a signer does with other contracts; what it does with the wallet itself is guarded by co-signers
//! and the admin threshold, so that a policy that fails can always be removed.

use latchkey_interface::{xdr::Writer, WalletError};
use soroban_sdk::{
    symbol_short, unwrap::UnwrapOptimized, Env, InvokeError, Symbol, TryFromVal, Val, Vec,
};

use crate::{
    authorization::{contract, own_address},
    events,
    index::{Entry, Index},
    record::{Record, MAX_POLICIES},
    signers,
    storage::{self, NO_RECORD},
    values::{decode_slice, encode, MAX_ARGUMENT_BYTES},
};

/// `enforce(wallet, signer, contexts)` up to its last argument.
pub const BEFORE_CALLS_BYTES: usize = 12 + 40 + 8;

/// `arguments` has the encoded contexts from `BEFORE_CALLS_BYTES` on, and room before.
///
/// Errors: `RefusedByPolicy`.
#[inline(never)]
pub fn enforce(
    env: &Env,
    policy: &[u8; 32],
    signer: u32,
    arguments: &mut [u8],
) -> Result<(), WalletError> {
    wallet_and_signer(env, signer, 3, &mut Writer::new(arguments));
    match call(env, policy, &symbol_short!("enforce"), arguments) {
        Some(true) => Ok(()),
        _ => Err(WalletError::RefusedByPolicy),
    }
}

/// Errors: `UnknownSigner`, `TooManyPolicies`, `MalformedArgument`, `PolicyInstallFailed`.
pub fn add(env: &Env, id: u32, policy: Val, parameters: Val) -> Result<(), WalletError> {
    let index = signers::authorized_index(env);
    let mut encoded = [0u8; 64];
    let policy = encode(env, policy, &mut encoded)?.contract();
    let mut buffer = [0u8; MAX_ARGUMENT_BYTES];
    let parameters = encode(env, parameters, &mut buffer)?;
    install(env, &index, &index.find(id)?, policy, parameters.rest())
}

/// Puts the signer under the policy. `parameters` are encoded.
///
/// Errors: `TooManyPolicies`, `PolicyInstallFailed`.
pub fn install(
    env: &Env,
    index: &Index,
    entry: &Entry,
    policy: &[u8; 32],
    parameters: &[u8],
) -> Result<(), WalletError> {
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, entry, &mut buffer), !entry.is_admin());
    let mut policies = [0u8; MAX_POLICIES * 32];
    let (present, rest) = policies
        .split_at_mut_checked(record.policies.len())
        .ok_or(WalletError::TooManyPolicies)?;
    present.copy_from_slice(record.policies);
    let room = rest.first_chunk_mut().ok_or(WalletError::TooManyPolicies)?;
    if record.policy_ids().any(|other| other == policy) {
        return Err(WalletError::TooManyPolicies);
    }
    *room = *policy;
    let policies = &policies[..record.policies.len() + 32];
    signers::write_record(env, index, entry, &Record { policies, ..record });

    let mut buffer = [0u8; BEFORE_CALLS_BYTES + MAX_ARGUMENT_BYTES];
    let mut arguments = Writer::new(&mut buffer);
    wallet_and_signer(env, entry.id, 3, &mut arguments);
    arguments.raw(parameters);
    call::<()>(env, policy, &symbol_short!("install"), arguments.written())
        .ok_or(WalletError::PolicyInstallFailed)?;
    events::policy_added(env, entry.id, policy);
    Ok(())
}

/// Errors: `UnknownSigner`, `UnknownPolicy`.
pub fn remove(env: &Env, id: u32, policy: Val) -> Result<(), WalletError> {
    let index = signers::authorized_index(env);
    let mut encoded = [0u8; 64];
    let policy = encode(env, policy, &mut encoded)?.contract();
    let entry = index.find(id)?;
    let mut buffer = NO_RECORD;
    let record = Record::parse(storage::record(env, &entry, &mut buffer), !entry.is_admin());
    let mut policies = [0u8; MAX_POLICIES * 32];
    let mut kept = Writer::new(&mut policies);
    for other in record.policy_ids().filter(|other| *other != policy) {
        kept.raw(other);
    }
    let policies = kept.written();
    if policies.len() == record.policies.len() {
        return Err(WalletError::UnknownPolicy);
    }
    signers::write_record(env, &index, &entry, &Record { policies, ..record });
    uninstall(env, id, policy);
    Ok(())
}

/// Tells the policy, which has no say in it.
pub fn uninstall(env: &Env, id: u32, policy: &[u8; 32]) {
    let mut buffer = [0u8; BEFORE_CALLS_BYTES];
    let mut arguments = Writer::new(&mut buffer);
    wallet_and_signer(env, id, 2, &mut arguments);
    call::<()>(
        env,
        policy,
        &symbol_short!("uninstall"),
        arguments.written(),
    );
    events::policy_removed(env, id, policy);
}

fn wallet_and_signer(env: &Env, signer: u32, argument_count: usize, arguments: &mut Writer) {
    arguments.vec(argument_count);
    arguments.address(&own_address(env));
    arguments.u32(signer);
}

/// `None` if the policy failed or returned something else.
fn call<T: TryFromVal<Env, Val>>(
    env: &Env,
    policy: &[u8; 32],
    function: &Symbol,
    arguments: &[u8],
) -> Option<T> {
    let arguments = Vec::try_from_val(env, &decode_slice(env, arguments)).unwrap_optimized();
    env.try_invoke_contract::<T, InvokeError>(&contract(env, policy), function, arguments)
        .ok()?
        .ok()
}
