//! Simulation: what an operation would read, write, authorize and cost on the given ledger. Nothing is changed.
//! Follows soroban-simulation with its default adjustments, as stellar-rpc does. It does not look at
//! signatures of the transaction, sequence numbers or the payer's balance.
use crate::{
    apply::read_impersonation,
    error_text::error_text,
    frames::{decode, Error, FrameReader, FrameWriter, Result},
    impersonation::{DisguisedLedger, Impersonation},
    ledger_access::LedgerAccess,
    network_settings::{ledger_info, network_config},
};
use soroban_env_host::{
    e2e_invoke::RecordingInvocationAuthMode,
    xdr::{AccountId, HostFunction, LedgerKey, SorobanAuthorizationEntry},
    LedgerInfo,
};
use soroban_simulation::simulation::{
    simulate_extend_ttl_op, simulate_invoke_host_function_op, simulate_restore_op,
    SimulationAdjustmentConfig,
};
use std::rc::Rc;

/// Check the given authorization entries instead of recording the needed ones.
pub const FLAG_ENFORCE_AUTH: u32 = 1;
/// While recording, refuse `require_auth` calls that are not under the root invocation.
pub const FLAG_ROOT_AUTH_ONLY: u32 = 2;
/// While recording, use CAP-71 `AddressV2` credentials.
pub const FLAG_ADDRESS_V2: u32 = 4;

/// Input: settings key, ledger info, host function, source account, PRNG seed, flags, instruction leeway,
/// authorization entries, impersonated address or nothing (it matters where entries are given).
/// Output: return value or error text, transaction data, instructions, memory bytes, authorization entries,
/// contract events, diagnostic events, (before, after) of each changed entry.
pub fn invoke(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let info = ledger_info(frame, &config)?;
    let host_function: HostFunction = frame.xdr("host function")?;
    let source: AccountId = frame.xdr("source account")?;
    let seed = frame.bytes32("seed")?;
    let flags = frame.u32()?;
    let instruction_leeway = frame.u32()?;
    let auth = frame
        .list()?
        .into_iter()
        .map(|entry| decode::<SorobanAuthorizationEntry>(entry, "authorization entry"))
        .collect::<Result<Vec<_>>>()?;
    let impersonation = read_impersonation(frame, ledger)?;
    frame.finish()?;

    let given_auth = auth.clone();
    let is_enforcing = flags & FLAG_ENFORCE_AUTH != 0;
    let auth_mode = if is_enforcing {
        RecordingInvocationAuthMode::Enforcing(authorized(auth, &impersonation, &info)?)
    } else {
        RecordingInvocationAuthMode::recording(
            flags & FLAG_ROOT_AUTH_ONLY != 0,
            flags & FLAG_ADDRESS_V2 != 0,
        )
    };
    let mut adjustment = SimulationAdjustmentConfig::default_adjustment();
    adjustment.instructions.additive_factor = adjustment
        .instructions
        .additive_factor
        .max(instruction_leeway);

    let simulated = simulate_invoke_host_function_op(
        Rc::new(DisguisedLedger {
            ledger,
            impersonation: impersonation.clone(),
        }),
        &config,
        &adjustment,
        &info,
        host_function,
        auth_mode,
        &source,
        seed,
        true,
    )
    .map_err(|error| Error::Host(format!("{error:#}")))?;

    match &simulated.invoke_result {
        Ok(value) => {
            reply.xdr(value)?;
            reply.optional(None);
        }
        Err(error) => {
            reply.optional(None);
            reply.bytes(error_text(error, &simulated.diagnostic_events).as_bytes());
        }
    }
    reply.optional_xdr(simulated.transaction_data.as_ref())?;
    reply.u32(simulated.simulated_instructions);
    reply.u32(simulated.simulated_memory);
    reply.xdr_list(if is_enforcing {
        &given_auth
    } else {
        &simulated.auth
    })?;
    reply.xdr_list(&simulated.contract_events)?;
    reply.xdr_list(&simulated.diagnostic_events)?;
    reply.u32(simulated.modified_entries.len() as u32);
    for change in &simulated.modified_entries {
        for state in [&change.state_before, &change.state_after] {
            let entry = match (state.clone(), &impersonation) {
                (Some(entry), Some(impersonation)) => {
                    Some(impersonation.undisguised(entry, ledger)?)
                }
                (entry, _) => entry,
            };
            reply.optional_xdr(entry.as_ref())?;
        }
    }
    Ok(())
}

fn authorized(
    auth: Vec<SorobanAuthorizationEntry>,
    impersonation: &Option<Impersonation>,
    info: &LedgerInfo,
) -> Result<Vec<SorobanAuthorizationEntry>> {
    match impersonation {
        Some(impersonation) => auth
            .into_iter()
            .map(|entry| impersonation.authorize(entry, info))
            .collect(),
        None => Ok(auth),
    }
}

/// Input: settings key, ledger info, ledgers to extend to, keys. Output: transaction data.
pub fn extend_ttl(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let info = ledger_info(frame, &config)?;
    let extend_to = frame.u32()?;
    let keys = read_keys(frame)?;
    let adjustment = SimulationAdjustmentConfig::default_adjustment();
    let simulated = simulate_extend_ttl_op(&ledger, &config, &adjustment, &info, &keys, extend_to)
        .map_err(|error| Error::Host(format!("{error:#}")))?;
    reply.xdr(&simulated.transaction_data)
}

/// Input: settings key, ledger info, keys. Output: transaction data.
pub fn restore(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let info = ledger_info(frame, &config)?;
    let keys = read_keys(frame)?;
    let adjustment = SimulationAdjustmentConfig::default_adjustment();
    let simulated = simulate_restore_op(&ledger, &config, &adjustment, &info, &keys)
        .map_err(|error| Error::Host(format!("{error:#}")))?;
    reply.xdr(&simulated.transaction_data)
}

fn read_keys(frame: &mut FrameReader) -> Result<Vec<LedgerKey>> {
    let keys = frame
        .list()?
        .into_iter()
        .map(|key| decode(key, "ledger key"))
        .collect::<Result<Vec<_>>>()?;
    frame.finish()?;
    Ok(keys)
}
