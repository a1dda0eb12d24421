//! Runs `InvokeHostFunctionOp` as validators do: enforcing footprint and authorization, metered by the declared
//! resources. It reports what changed and leaves applying it, the fee and the byte limits to the embedder.
use crate::{
    error_text::error_text,
    footprint::{Footprint, FootprintEntry, FootprintReader},
    frames::{decode, encode, FrameReader, FrameWriter, Result},
    impersonation::Impersonation,
    ledger_access::LedgerAccess,
    modules::Modules,
    network_settings::{host_error, ledger_info, network_config},
};
use soroban_env_host::{
    budget::Budget,
    e2e_invoke::{extract_rent_changes, invoke_host_function, InvokeHostFunctionResult},
    fees::compute_rent_fee,
    xdr::{DiagnosticEvent, LedgerEntry, SorobanAuthorizationEntry, SorobanResources},
    HostError, LedgerInfo, ModuleCache, TraceHook,
};
use soroban_simulation::NetworkConfig;
use std::rc::Rc;

/// The outcome word of a reply.
pub const OUTCOME_SUCCESS: u32 = 0;
pub const OUTCOME_HOST_ERROR: u32 = 1;
pub const OUTCOME_ENTRY_ARCHIVED: u32 = 2;

/// Enough to load any contract that the network admits and to check some signatures.
const IMPERSONATION_INSTRUCTIONS: u64 = 20_000_000;

/// What the host is given, but for the ledger entries.
pub struct Invocation<'a> {
    pub config: Rc<NetworkConfig>,
    pub info: LedgerInfo,
    pub host_function: &'a [u8],
    pub source: &'a [u8],
    pub seed: &'a [u8],
    pub auth: Vec<Vec<u8>>,
    pub encoded_resources: Vec<u8>,
    pub resources: SorobanResources,
    pub restored: Vec<u32>,
    pub impersonation: Option<Impersonation>,
}

/// What one run of the host gave.
pub struct Run {
    pub result: core::result::Result<InvokeHostFunctionResult, HostError>,
    pub diagnostics: Vec<DiagnosticEvent>,
}

/// Input: settings key, ledger info, host function, source account, PRNG seed, authorization entries, resources,
/// indices of the read-write entries to restore, impersonated address or nothing. Output: outcome, then
/// - success: instructions, memory bytes, diagnostics, return value, rent fee, events, changes;
/// - host error: instructions, memory bytes, diagnostics, error text;
/// - entry archived: index in the footprint, read-only keys first.
pub fn invoke(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let invocation = read_invocation(frame, ledger)?;
    let Invocation {
        config,
        info,
        impersonation,
        ..
    } = &invocation;
    let (entries, modules) = match invocation.load(ledger)? {
        Loaded::Live { entries, modules } => (entries, modules),
        Loaded::Archived { index } => {
            reply.u32(OUTCOME_ENTRY_ARCHIVED);
            reply.u32(index);
            return Ok(());
        }
    };
    let budget = budget(config, invocation.instruction_limit())?;
    let Run {
        result,
        diagnostics,
    } = invocation.run(&budget, &entries, modules, None);
    let outcome = result.and_then(|result| match &result.encoded_invoke_result {
        Ok(value) => Ok((value.clone(), result)),
        Err(error) => Err(error.clone()),
    });
    reply.u32(if outcome.is_ok() {
        OUTCOME_SUCCESS
    } else {
        OUTCOME_HOST_ERROR
    });
    reply.u64(budget.get_cpu_insns_consumed().map_err(host_error)?);
    reply.u64(budget.get_mem_bytes_consumed().map_err(host_error)?);
    reply.xdr_list(&diagnostics)?;
    match outcome {
        Ok((value, mut result)) => {
            reply.bytes(&value);
            if let Some(impersonation) = impersonation {
                undisguise(&mut result, impersonation, ledger)?;
            }
            write_changes(reply, &result, config, info.sequence_number);
        }
        Err(error) => reply.bytes(error_text(&error, &diagnostics).as_bytes()),
    }
    Ok(())
}

fn read_invocation<'a>(
    frame: &mut FrameReader<'a>,
    ledger: LedgerAccess,
) -> Result<Invocation<'a>> {
    let config = network_config(frame, ledger)?;
    let info = ledger_info(frame, &config)?;
    let host_function = frame.bytes()?;
    let source = frame.bytes()?;
    let seed = frame.bytes()?;
    let auth = frame.list()?;
    let encoded_resources = frame.bytes()?.to_vec();
    let restored = frame.u32_list()?;
    let impersonation = read_impersonation(frame, ledger)?;
    frame.finish()?;
    Ok(Invocation {
        resources: decode(&encoded_resources, "resources")?,
        auth: authorized(auth, impersonation.as_ref(), &info)?,
        config,
        info,
        host_function,
        source,
        seed,
        encoded_resources,
        restored,
        impersonation,
    })
}

pub fn read_impersonation(
    frame: &mut FrameReader,
    ledger: LedgerAccess,
) -> Result<Option<Impersonation>> {
    frame
        .optional()?
        .map(|address| Impersonation::of(address, ledger))
        .transpose()
}

/// Entries stay as they were sent, to the byte, unless somebody is impersonated.
pub fn authorized(
    auth: Vec<&[u8]>,
    impersonation: Option<&Impersonation>,
    info: &LedgerInfo,
) -> Result<Vec<Vec<u8>>> {
    auth.into_iter()
        .map(|encoded| match impersonation {
            None => Ok(encoded.to_vec()),
            Some(impersonation) => {
                let entry: SorobanAuthorizationEntry = decode(encoded, "authorization entry")?;
                encode(&impersonation.authorize(entry, info)?)
            }
        })
        .collect()
}

pub fn budget(config: &NetworkConfig, instructions: u64) -> Result<Budget> {
    Budget::try_from_configs(
        instructions,
        u64::from(config.tx_memory_limit),
        config.cpu_cost_params.clone(),
        config.memory_cost_params.clone(),
    )
    .map_err(host_error)
}

pub enum Loaded {
    Live {
        entries: Vec<FootprintEntry>,
        modules: ModuleCache,
    },
    Archived {
        index: u32,
    },
}

impl Invocation<'_> {
    /// What was declared; more for an impersonation, because recording simulations do not count the checking.
    pub fn instruction_limit(&self) -> u64 {
        let allowance = match self.impersonation {
            Some(_) => IMPERSONATION_INSTRUCTIONS,
            None => 0,
        };
        u64::from(self.resources.instructions) + allowance
    }

    pub fn load(&self, ledger: LedgerAccess) -> Result<Loaded> {
        let modules = match self.impersonation {
            None => Modules::shared(&self.config)?,
            Some(_) => Modules::separate(&self.config)?,
        };
        let reader = FootprintReader {
            ledger,
            config: &self.config,
            info: &self.info,
            modules: &modules,
            impersonation: self.impersonation.as_ref(),
        };
        Ok(match reader.read(&self.resources, &self.restored)? {
            Footprint::Live(entries) => Loaded::Live {
                entries,
                modules: modules.into_cache(),
            },
            Footprint::Archived { index } => Loaded::Archived { index },
        })
    }

    pub fn run(
        &self,
        budget: &Budget,
        entries: &[FootprintEntry],
        modules: ModuleCache,
        trace_hook: Option<TraceHook>,
    ) -> Run {
        let mut diagnostics = Vec::new();
        let result = invoke_host_function::<&[u8], _, _>(
            budget,
            true,
            self.host_function,
            &self.encoded_resources,
            &self.restored,
            self.source,
            self.auth.iter().map(Vec::as_slice),
            self.info.clone(),
            entries.iter().map(|(entry, ttl)| (entry.as_deref(), *ttl)),
            self.seed,
            &mut diagnostics,
            trace_hook,
            Some(modules),
        );
        Run {
            result,
            diagnostics,
        }
    }
}

fn undisguise(
    result: &mut InvokeHostFunctionResult,
    impersonation: &Impersonation,
    ledger: LedgerAccess,
) -> Result<()> {
    for change in &mut result.ledger_changes {
        if let Some(encoded) = &change.encoded_new_value {
            let entry: LedgerEntry = decode(encoded, "changed ledger entry")?;
            change.encoded_new_value = Some(encode(&impersonation.undisguised(entry, ledger)?)?);
        }
    }
    Ok(())
}

fn write_changes(
    reply: &mut FrameWriter,
    result: &InvokeHostFunctionResult,
    config: &NetworkConfig,
    sequence_number: u32,
) {
    let rent_changes = extract_rent_changes(&result.ledger_changes);
    reply.i64(compute_rent_fee(
        &rent_changes,
        &config.rent_fee_configuration,
        sequence_number,
    ));
    reply.u32(result.encoded_contract_events.len() as u32);
    for event in &result.encoded_contract_events {
        reply.bytes(event);
    }
    reply.u32(result.ledger_changes.len() as u32);
    for change in &result.ledger_changes {
        reply.bytes(&change.encoded_key);
        reply.u32(u32::from(change.read_only));
        reply.optional(change.encoded_new_value.as_deref());
        match &change.ttl_change {
            Some(ttl) => {
                reply.bytes(&ttl.key_hash);
                reply.u32(ttl.old_live_until_ledger);
                reply.u32(ttl.new_live_until_ledger);
            }
            None => reply.optional(None),
        }
    }
}
