//! Runs `InvokeHostFunctionOp` as validators do: enforcing footprint and authorization, metered by the declared
//! resources. It reports what changed and leaves applying it, the fee and the byte limits to the embedder.
use crate::{
    error_text::error_text,
    frames::{decode, Error, FrameReader, FrameWriter, Result},
    ledger_access::LedgerAccess,
    network_settings::{host_error, ledger_info, network_config, unmetered_budget, Modules},
};
use soroban_env_host::{
    budget::Budget,
    e2e_invoke::{
        entry_size_for_rent, extract_rent_changes, invoke_host_function, InvokeHostFunctionResult,
        TtlLedgerEntryMeta,
    },
    fees::compute_rent_fee,
    ledger_info::get_key_durability,
    xdr::{ContractDataDurability, LedgerEntry, LedgerEntryData, LedgerKey, SorobanResources},
    LedgerInfo,
};
use soroban_simulation::NetworkConfig;

/// The outcome word of a reply.
const OUTCOME_SUCCESS: u32 = 0;
const OUTCOME_HOST_ERROR: u32 = 1;
const OUTCOME_ENTRY_ARCHIVED: u32 = 2;

type FootprintEntry = (Option<Vec<u8>>, Option<TtlLedgerEntryMeta>);

/// Input: ledger info, host function, source account, PRNG seed, authorization entries, resources, indices of
/// the read-write entries to restore. Output: outcome, then
/// - success: instructions, memory bytes, diagnostics, return value, rent fee, events, changes;
/// - host error: instructions, memory bytes, diagnostics, error text;
/// - entry archived: index in the footprint, read-only keys first.
pub fn invoke(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(ledger)?;
    let info = ledger_info(frame, &config)?;
    let host_function = frame.bytes()?;
    let source = frame.bytes()?;
    let seed = frame.bytes()?;
    let auth = frame.list()?;
    let encoded_resources = frame.bytes()?;
    let restored = frame.u32_list()?;
    frame.finish()?;

    let resources: SorobanResources = decode(encoded_resources, "resources")?;
    let modules = Modules::open(&config, info.protocol_version)?;
    let entries = match load_footprint(ledger, &config, &info, &resources, &restored, &modules)? {
        Footprint::Live(entries) => entries,
        Footprint::Archived { index } => {
            reply.u32(OUTCOME_ENTRY_ARCHIVED);
            reply.u32(index);
            return Ok(());
        }
    };
    let budget = Budget::try_from_configs(
        u64::from(resources.instructions),
        u64::from(config.tx_memory_limit),
        config.cpu_cost_params.clone(),
        config.memory_cost_params.clone(),
    )
    .map_err(host_error)?;
    let mut diagnostics = Vec::new();
    let sequence_number = info.sequence_number;
    let invoked = invoke_host_function::<&[u8], _, _>(
        &budget,
        true,
        host_function,
        encoded_resources,
        &restored,
        source,
        auth.into_iter(),
        info,
        entries
            .iter()
            .map(|(entry, ttl)| (entry.as_deref(), *ttl))
            .collect::<Vec<_>>()
            .into_iter(),
        seed,
        &mut diagnostics,
        None,
        Some(modules.into_cache()),
    );
    let cpu = budget.get_cpu_insns_consumed().map_err(host_error)?;
    let memory = budget.get_mem_bytes_consumed().map_err(host_error)?;
    let outcome = invoked.and_then(|result| match &result.encoded_invoke_result {
        Ok(value) => Ok((value.clone(), result)),
        Err(error) => Err(error.clone()),
    });
    reply.u32(if outcome.is_ok() {
        OUTCOME_SUCCESS
    } else {
        OUTCOME_HOST_ERROR
    });
    reply.u64(cpu);
    reply.u64(memory);
    reply.xdr_list(&diagnostics)?;
    match outcome {
        Ok((value, result)) => {
            reply.bytes(&value);
            write_changes(reply, &result, &config, sequence_number);
        }
        Err(error) => reply.bytes(error_text(&error, &diagnostics).as_bytes()),
    }
    Ok(())
}

enum Footprint {
    Live(Vec<FootprintEntry>),
    Archived { index: u32 },
}

/// Collects the footprint in its order, read-only keys first. Expired temporary entries do not exist any more;
/// an expired persistent entry must be among the restored ones (CAP-62, CAP-66).
fn load_footprint(
    ledger: LedgerAccess,
    config: &NetworkConfig,
    info: &LedgerInfo,
    resources: &SorobanResources,
    restored: &[u32],
    modules: &Modules,
) -> Result<Footprint> {
    let restored_live_until = info
        .min_live_until_ledger_checked(ContractDataDurability::Persistent)
        .ok_or_else(|| Error::Ledger("restored entries would live past the last ledger".into()))?;
    let sizing = unmetered_budget(config)?;
    let read_only = &resources.footprint.read_only;
    let read_write = &resources.footprint.read_write;
    let mut entries: Vec<FootprintEntry> = Vec::with_capacity(read_only.len() + read_write.len());
    for (index, key) in read_only.iter().chain(read_write.iter()).enumerate() {
        let Some(stored) = ledger.stored(key)? else {
            entries.push((None, None));
            continue;
        };
        let Some(durability) = get_key_durability(key) else {
            entries.push((Some(stored.xdr), None));
            continue;
        };
        let mut live_until_ledger = stored
            .live_until_ledger
            .ok_or_else(|| Error::Ledger(format!("no TTL for {}", name_of(key))))?;
        if live_until_ledger < info.sequence_number {
            if durability == ContractDataDurability::Temporary {
                entries.push((None, None));
                continue;
            }
            let restorable = index
                .checked_sub(read_only.len())
                .is_some_and(|i| restored.contains(&(i as u32)));
            if !restorable {
                return Ok(Footprint::Archived {
                    index: index as u32,
                });
            }
            live_until_ledger = restored_live_until;
        }
        let entry: LedgerEntry = decode(&stored.xdr, "stored ledger entry")?;
        let entry_size_for_rent =
            entry_size_for_rent(&sizing, &entry, stored.xdr.len() as u32).map_err(host_error)?;
        if let LedgerEntryData::ContractCode(code) = &entry.data {
            modules.compile(code)?;
        }
        let ttl = TtlLedgerEntryMeta {
            live_until_ledger,
            entry_size_for_rent,
        };
        entries.push((Some(stored.xdr), Some(ttl)));
    }
    Ok(Footprint::Live(entries))
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

fn name_of(key: &LedgerKey) -> &'static str {
    key.discriminant().name()
}
