//! The network settings and the compiled-module cache, the only things kept between calls. Both are derived
//! from ledger entries; the embedder drops them (operation `RESET_CACHES`) whenever a setting changes.
//! Modules are keyed by their hash and never evicted: a development network uploads few of them.
use crate::{
    frames::{Error, FrameReader, Result},
    ledger_access::LedgerAccess,
};
use soroban_env_host::{
    budget::{AsBudget, Budget},
    vm::VersionedContractCodeCostInputs,
    xdr::{
        ContractCodeEntry, ContractCodeEntryExt, ContractCostParamEntry, ContractCostParams,
        ExtensionPoint,
    },
    CompilationContext, Error as EnvError, ErrorHandler, HostError, LedgerInfo, ModuleCache, Val,
};
use soroban_simulation::NetworkConfig;
use std::{cell::RefCell, rc::Rc};

thread_local! {
    static CONFIG: RefCell<Option<Rc<NetworkConfig>>> = const { RefCell::new(None) };
    static MODULES: RefCell<Option<ModuleCache>> = const { RefCell::new(None) };
}

pub fn host_error(error: HostError) -> Error {
    Error::Host(format!("{error:?}"))
}

pub fn reset_caches() {
    CONFIG.with(|slot| slot.borrow_mut().take());
    MODULES.with(|slot| slot.borrow_mut().take());
}

pub fn network_config(ledger: LedgerAccess) -> Result<Rc<NetworkConfig>> {
    if let Some(config) = CONFIG.with(|slot| slot.borrow().clone()) {
        return Ok(config);
    }
    let config = NetworkConfig::load_from_snapshot(&ledger)
        .map(Rc::new)
        .map_err(|error| Error::Ledger(format!("network settings: {error:#}")))?;
    CONFIG.with(|slot| *slot.borrow_mut() = Some(config.clone()));
    Ok(config)
}

/// Reads the ledger header fields that every call starts with: protocol version, sequence number,
/// close time in seconds, network id, base reserve in stroops.
pub fn ledger_info(frame: &mut FrameReader, config: &NetworkConfig) -> Result<LedgerInfo> {
    let mut info = LedgerInfo {
        protocol_version: frame.u32()?,
        sequence_number: frame.u32()?,
        timestamp: frame.u64()?,
        network_id: frame.bytes32("network id")?,
        base_reserve: frame.u32()?,
        ..Default::default()
    };
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

/// The cache of compiled modules. The host charges an invocation for instantiation only when the module comes
/// from the cache, as stellar-core does; without it an invocation overruns its simulated instructions.
pub struct Modules {
    cache: ModuleCache,
    context: UnmeteredContext,
    protocol_version: u32,
}

impl Modules {
    pub fn open(config: &NetworkConfig, protocol_version: u32) -> Result<Self> {
        let context = UnmeteredContext(unmetered_budget(config)?);
        let cached = MODULES.with(|slot| slot.borrow().clone());
        let cache = match cached {
            Some(cache) => cache,
            None => {
                let cache = ModuleCache::new(&context).map_err(host_error)?;
                MODULES.with(|slot| *slot.borrow_mut() = Some(cache.clone()));
                cache
            }
        };
        Ok(Self {
            cache,
            context,
            protocol_version,
        })
    }

    pub fn compile(&self, code: &ContractCodeEntry) -> Result<()> {
        let cost_inputs = match &code.ext {
            ContractCodeEntryExt::V0 => VersionedContractCodeCostInputs::V0 {
                wasm_bytes: code.code.len(),
            },
            ContractCodeEntryExt::V1(v1) => {
                VersionedContractCodeCostInputs::V1(v1.cost_inputs.clone())
            }
        };
        self.cache
            .parse_and_cache_module(
                &self.context,
                self.protocol_version,
                &code.hash,
                &code.code,
                cost_inputs,
            )
            .map_err(host_error)
    }

    pub fn into_cache(self) -> ModuleCache {
        self.cache
    }
}

#[derive(Clone)]
struct UnmeteredContext(Budget);

impl AsBudget for UnmeteredContext {
    fn as_budget(&self) -> &Budget {
        &self.0
    }
}

impl ErrorHandler for UnmeteredContext {
    fn map_err<T, E>(
        &self,
        result: core::result::Result<T, E>,
    ) -> core::result::Result<T, HostError>
    where
        EnvError: From<E>,
        E: core::fmt::Debug,
    {
        result.map_err(|error| HostError::from(EnvError::from(error)))
    }

    fn error(&self, error: EnvError, _message: &str, _arguments: &[Val]) -> HostError {
        HostError::from(error)
    }
}

impl CompilationContext for UnmeteredContext {}

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
