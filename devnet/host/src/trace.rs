//! Runs an invocation for its trace: the tree of calls with arguments, results, events, authorizations and cost. The
//! ledger is not changed, and nothing is reported that could change it. The host runs up to three times: to record
//! the footprint if none is given, to count, and without limits to convert the values (see `tracer`).
use crate::{
    apply::{
        authorized, budget, read_impersonation, Invocation, Loaded, Run, OUTCOME_ENTRY_ARCHIVED,
        OUTCOME_HOST_ERROR, OUTCOME_SUCCESS,
    },
    error_text::error_text,
    frames::{decode, encode, FrameReader, FrameWriter, Result},
    impersonation::DisguisedLedger,
    ledger_access::LedgerAccess,
    network_settings::{host_error, ledger_info, network_config},
    simulate::{FLAG_ENFORCE_AUTH, FLAG_ROOT_AUTH_ONLY},
    tracer::{AuthMode, FrameRecord, Tracer},
};
use soroban_env_host::{
    budget::Budget,
    e2e_invoke::{invoke_host_function_in_recording_mode, RecordingInvocationAuthMode},
    xdr::{ContractEventType, ContractId, DiagnosticEvent, Hash, ScAddress, SorobanResources},
    HostError,
};
use soroban_simulation::NetworkConfig;
use std::rc::Rc;

/// A frame without a parent.
const NO_PARENT: u32 = u32::MAX;
/// How much further than the network's limit a run goes to find the footprint of a call that exceeds it. A call that
/// goes further still, such as an endless loop, has an error and no trace.
const RECORDING_FACTOR: u64 = 2;
/// What converting values may take on top of twice what the invocation took; past it values are missing.
const CONVERTING_INSTRUCTIONS: u64 = 500_000_000;
const CONVERTING_BYTES: u64 = 512 * 1024 * 1024;
/// For diagnostics, which count apart and are dropped silently at their limit.
const SHADOW_LIMIT: u64 = u64::MAX / 4;

/// Input: settings key, ledger info, host function, source account, PRNG seed, flags of simulate's `invoke`,
/// authorization entries, resources or nothing, indices of the read-write entries to restore, impersonated address or
/// nothing. Output: outcome, then for an archived entry its index in the footprint, else instructions, memory bytes,
/// return value or nothing, error text or nothing, diagnostics, and the frames, parents first (see `write_frame`).
pub fn invoke(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let info = ledger_info(frame, &config)?;
    let host_function = frame.bytes()?;
    let source = frame.bytes()?;
    let seed = frame.bytes()?;
    let flags = frame.u32()?;
    let auth = frame.list()?;
    let given_resources = frame.optional()?;
    let restored = frame.u32_list()?;
    let impersonation = read_impersonation(frame, ledger)?;
    frame.finish()?;

    let auth_mode = if flags & FLAG_ENFORCE_AUTH != 0 {
        AuthMode::Enforce
    } else {
        AuthMode::Record {
            root_only: flags & FLAG_ROOT_AUTH_ONLY != 0,
        }
    };
    let mut invocation = Invocation {
        auth: authorized(auth, impersonation.as_ref(), &info)?,
        resources: SorobanResources::default(),
        encoded_resources: Vec::new(),
        config,
        info,
        host_function,
        source,
        seed,
        restored,
        impersonation,
    };
    match given_resources {
        Some(encoded) => {
            invocation.resources = decode(encoded, "resources")?;
            invocation.encoded_resources = encoded.to_vec();
        }
        None => record_footprint(&mut invocation, auth_mode, ledger)?,
    }
    let (entries, modules) = match invocation.load(ledger)? {
        Loaded::Live { entries, modules } => (entries, modules),
        Loaded::Archived { index } => {
            reply.u32(OUTCOME_ENTRY_ARCHIVED);
            reply.u32(index);
            return Ok(());
        }
    };

    let counting = Tracer::new(auth_mode, false);
    let limits = budget(&invocation.config, invocation.instruction_limit())?;
    let counted = invocation.run(&limits, &entries, modules.clone(), Some(counting.hook()));
    let converting = Tracer::new(auth_mode, true);
    let counted_instructions = limits.get_cpu_insns_consumed().map_err(host_error)?;
    invocation.run(
        &wide_budget(
            &invocation.config,
            counted_instructions
                .saturating_mul(2)
                .saturating_add(CONVERTING_INSTRUCTIONS),
        )?,
        &entries,
        modules,
        Some(converting.hook()),
    );
    let frames = merged(counting.take_frames(), converting.take_frames());
    write_run(reply, &limits, &counted, &frames)
}

/// Fills in the resources and what is to be restored, from a run that records. Failed calls have a footprint too.
fn record_footprint(
    invocation: &mut Invocation,
    auth_mode: AuthMode,
    ledger: LedgerAccess,
) -> Result<()> {
    let auth_mode = match auth_mode {
        AuthMode::Enforce => RecordingInvocationAuthMode::Enforcing(
            invocation
                .auth
                .iter()
                .map(|entry| decode(entry, "authorization entry"))
                .collect::<Result<_>>()?,
        ),
        AuthMode::Record { root_only } => RecordingInvocationAuthMode::recording(root_only, false),
    };
    let seed = invocation
        .seed
        .try_into()
        .map_err(|_| crate::frames::Error::Malformed("seed is not 32 bytes long".into()))?;
    let max_instructions = u64::try_from(invocation.config.tx_max_instructions).unwrap_or(0);
    let recorded = invoke_host_function_in_recording_mode(
        &wide_budget(&invocation.config, RECORDING_FACTOR * max_instructions)?,
        false,
        &decode(invocation.host_function, "host function")?,
        &decode(invocation.source, "source account")?,
        auth_mode,
        invocation.info.clone(),
        Rc::new(DisguisedLedger {
            ledger,
            impersonation: invocation.impersonation.clone(),
        }),
        seed,
        &mut Vec::new(),
    )
    .map_err(host_error)?;
    invocation.resources = recorded.resources;
    invocation.resources.instructions = u32::try_from(max_instructions).unwrap_or(u32::MAX);
    invocation.encoded_resources = encode(&invocation.resources)?;
    invocation.restored = recorded.restored_rw_entry_indices;
    Ok(())
}

fn wide_budget(config: &NetworkConfig, instructions: u64) -> Result<Budget> {
    Budget::try_from_configs_with_shadow_limits(
        instructions,
        CONVERTING_BYTES,
        SHADOW_LIMIT,
        SHADOW_LIMIT,
        config.cpu_cost_params.clone(),
        config.memory_cost_params.clone(),
    )
    .map_err(host_error)
}

/// Both runs are the same up to where the counting one meets a limit: from there on its frames only end.
fn merged(counted: Vec<FrameRecord>, converted: Vec<FrameRecord>) -> Vec<FrameRecord> {
    counted
        .into_iter()
        .zip(converted)
        .map(|(counted, converted)| {
            let demands = counted.demands.into_iter().zip(converted.demands);
            FrameRecord {
                call: converted.call,
                value: converted.value.filter(|_| counted.error.is_none()),
                demands: demands
                    .map(|(counted, mut demand)| {
                        demand.is_met = counted.is_met;
                        demand
                    })
                    .collect(),
                events: converted.events,
                ..counted
            }
        })
        .collect()
}

fn write_run(
    reply: &mut FrameWriter,
    budget: &Budget,
    run: &Run,
    frames: &[FrameRecord],
) -> Result<()> {
    let outcome: core::result::Result<&Vec<u8>, &HostError> = match &run.result {
        Ok(result) => result.encoded_invoke_result.as_ref(),
        Err(error) => Err(error),
    };
    reply.u32(if outcome.is_ok() {
        OUTCOME_SUCCESS
    } else {
        OUTCOME_HOST_ERROR
    });
    reply.u64(budget.get_cpu_insns_consumed().map_err(host_error)?);
    reply.u64(budget.get_mem_bytes_consumed().map_err(host_error)?);
    reply.optional(outcome.ok().map(Vec::as_slice));
    let error = outcome
        .err()
        .map(|error| error_text(error, &run.diagnostics));
    reply.optional(error.as_ref().map(String::as_bytes));
    reply.xdr_list(&run.diagnostics)?;
    reply.u32(frames.len() as u32);
    frames
        .iter()
        .try_for_each(|frame| write_frame(reply, frame, &run.diagnostics))
}

/// Index of the parent or -1, kind, contract address or nothing, function, arguments, return value or nothing, error
/// or nothing, instructions, memory bytes, events, demands: (is met, address or nothing, arguments or nothing).
fn write_frame(
    reply: &mut FrameWriter,
    frame: &FrameRecord,
    diagnostics: &[DiagnosticEvent],
) -> Result<()> {
    reply.u32(frame.parent.map_or(NO_PARENT, |parent| parent as u32));
    reply.bytes(frame.kind.as_bytes());
    let contract = frame
        .call
        .as_ref()
        .and_then(|call| <[u8; 32]>::try_from(call.contract_id.as_slice()).ok())
        .map(|id| ScAddress::Contract(ContractId(Hash(id))));
    reply.optional_xdr(contract.as_ref())?;
    let function = frame.call.as_ref().map_or("", |call| &call.function);
    reply.bytes(function.as_bytes());
    reply.xdr_list(frame.call.as_ref().map_or(&[], |call| &call.arguments))?;
    reply.optional_xdr(frame.value.as_ref())?;
    reply.optional(frame.error.as_ref().map(String::as_bytes));
    reply.u64(frame.instructions);
    reply.u64(frame.memory_bytes);
    let events: Vec<_> = frame
        .events
        .iter()
        .filter_map(|index| diagnostics.get(*index))
        .filter(|it| it.event.type_ != ContractEventType::Diagnostic)
        .map(|it| it.event.clone())
        .collect();
    reply.xdr_list(&events)?;
    reply.u32(frame.demands.len() as u32);
    for demand in &frame.demands {
        reply.u32(u32::from(demand.is_met));
        reply.optional_xdr(demand.address.as_ref())?;
        reply.optional_xdr(demand.arguments.as_ref())?;
    }
    Ok(())
}
