//! The network settings of a ledger, decoded once and kept under the key that the embedder gives them: as many
//! networks as wish share one engine, each with its own settings. The key stands for the settings' content; the
//! embedder must give another one when a setting has changed. Nothing here checks that it does.
use crate::{
    frames::{Error, FrameReader, Result},
    ledger_access::LedgerAccess,
    PROTOCOL_VERSION,
};
use soroban_env_host::{
    budget::Budget,
    xdr::{ContractCostParamEntry, ContractCostParams, ExtensionPoint},
    HostError, LedgerInfo,
};
use soroban_simulation::NetworkConfig;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// How many sets of settings are kept; one more, and all are read anew.
const MAX_CONFIGS: usize = 64;

thread_local! {
    static CONFIGS: RefCell<BTreeMap<u64, Rc<NetworkConfig>>> = const { RefCell::new(BTreeMap::new()) };
}

pub fn host_error(error: HostError) -> Error {
    Error::Host(format!("{error:?}"))
}

pub fn forget_configs() {
    CONFIGS.with(|configs| configs.borrow_mut().clear());
}

/// Reads the settings key that every call about a ledger starts with, and gives the settings it stands for.
pub fn network_config(frame: &mut FrameReader, ledger: LedgerAccess) -> Result<Rc<NetworkConfig>> {
    let key = frame.u64()?;
    if let Some(config) = CONFIGS.with(|configs| configs.borrow().get(&key).cloned()) {
        return Ok(config);
    }
    let config = NetworkConfig::load_from_snapshot(&ledger)
        .map(Rc::new)
        .map_err(|error| Error::Ledger(format!("network settings: {error:#}")))?;
    CONFIGS.with(|configs| {
        let mut configs = configs.borrow_mut();
        if configs.len() >= MAX_CONFIGS {
            configs.clear();
        }
        configs.insert(key, config.clone());
    });
    Ok(config)
}

/// Reads the ledger header fields that come next: protocol version, sequence number, close time in seconds,
/// network id, base reserve in stroops. A ledger of another protocol is refused: its results would be wrong.
pub fn ledger_info(frame: &mut FrameReader, config: &NetworkConfig) -> Result<LedgerInfo> {
    let mut info = LedgerInfo {
        protocol_version: frame.u32()?,
        sequence_number: frame.u32()?,
        timestamp: frame.u64()?,
        network_id: frame.bytes32("network id")?,
        base_reserve: frame.u32()?,
        ..Default::default()
    };
    if info.protocol_version != PROTOCOL_VERSION {
        return Err(Error::Ledger(format!(
            "the ledger is at protocol {}, but this engine implements protocol {PROTOCOL_VERSION}",
            info.protocol_version
        )));
    }
    config.fill_config_fields_in_ledger_info(&mut info);
    Ok(info)
}

/// A budget for work that no transaction pays for: compiling modules and sizing entries.
pub fn unmetered_budget(config: &NetworkConfig) -> Result<Budget> {
    Budget::try_from_configs(
        u64::MAX / 4,
        u64::MAX / 4,
        config.cpu_cost_params.clone(),
        config.memory_cost_params.clone(),
    )
    .map_err(host_error)
}

/// The calibrated cost parameters that this protocol's host was released with: (instructions, memory bytes).
///
/// `Budget` has no getter for them; its `Debug` table is the one public rendering. A row reads
/// `name Some(input) iterations input cpu mem const_cpu lin_cpu const_mem lin_mem` and has nine columns.
pub fn calibrated_cost_params() -> Result<(ContractCostParams, ContractCostParams)> {
    const COLUMNS: usize = 9;
    let table = format!("{:?}", Budget::default());
    let (mut cpu, mut memory) = (Vec::new(), Vec::new());
    for line in table.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        if columns.len() != COLUMNS || columns[0] == "CostType" {
            continue;
        }
        let number = |column: usize| {
            columns[column]
                .parse::<i64>()
                .map_err(|_| Error::Host(format!("cost table row not understood: {line}")))
        };
        let entry = |constant: i64, linear: i64| ContractCostParamEntry {
            ext: ExtensionPoint::V0,
            const_term: constant,
            linear_term: linear,
        };
        cpu.push(entry(number(5)?, number(6)?));
        memory.push(entry(number(7)?, number(8)?));
    }
    let params = |entries: Vec<ContractCostParamEntry>| {
        entries
            .try_into()
            .map(ContractCostParams)
            .map_err(|_| Error::Host("cost table has too many rows".into()))
    };
    Ok((params(cpu)?, params(memory)?))
}
