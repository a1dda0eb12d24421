//! Compiled contracts, shared by all networks because they are found by the hash of their code. The host charges an
//! invocation for instantiation only when the module comes from this cache, as stellar-core does; without it an
//! invocation overruns its simulated instructions. That a code entry has the hash it claims is not checked.
use crate::{
    frames::Result,
    network_settings::{host_error, unmetered_budget},
    PROTOCOL_VERSION,
};
use soroban_env_host::{
    budget::{AsBudget, Budget},
    vm::VersionedContractCodeCostInputs,
    xdr::{ContractCodeEntry, ContractCodeEntryExt},
    CompilationContext, Error as EnvError, ErrorHandler, HostError, ModuleCache, Val,
};
use soroban_simulation::NetworkConfig;
use std::cell::RefCell;

/// Past either limit the cache is started afresh: linear memory that it took is used again, but never given back.
pub const MAX_MODULES: usize = 512;
const MAX_CODE_BYTES: usize = 4 * 1024 * 1024;

struct SharedCache {
    cache: ModuleCache,
    modules: usize,
    code_bytes: usize,
}

thread_local! {
    static SHARED: RefCell<Option<SharedCache>> = const { RefCell::new(None) };
}

pub fn forget_modules() {
    SHARED.with(|slot| slot.borrow_mut().take());
}

/// The modules of one call. They stay valid when the shared cache is started afresh.
pub struct Modules {
    cache: ModuleCache,
    context: UnmeteredContext,
    is_shared: bool,
}

impl Modules {
    pub fn shared(config: &NetworkConfig) -> Result<Self> {
        let context = UnmeteredContext(unmetered_budget(config)?);
        let cache = SHARED.with(|slot| {
            let mut slot = slot.borrow_mut();
            if slot.as_ref().is_some_and(SharedCache::is_full) {
                slot.take();
            }
            if slot.is_none() {
                *slot = Some(SharedCache {
                    cache: ModuleCache::new(&context).map_err(host_error)?,
                    modules: 0,
                    code_bytes: 0,
                });
            }
            Ok(slot.as_ref().map(|shared| shared.cache.clone()))
        })?;
        Ok(Self {
            cache: cache.expect("the slot was filled"),
            context,
            is_shared: true,
        })
    }

    /// For a call that runs other code than the ledger's: nothing of it may reach another call.
    pub fn separate(config: &NetworkConfig) -> Result<Self> {
        let context = UnmeteredContext(unmetered_budget(config)?);
        Ok(Self {
            cache: ModuleCache::new(&context).map_err(host_error)?,
            context,
            is_shared: false,
        })
    }

    /// Compiles `wasm` as the code of `entry`, unless it is there already.
    pub fn compile(&self, entry: &ContractCodeEntry, wasm: &[u8]) -> Result<()> {
        if self
            .cache
            .contains_module(&entry.hash)
            .map_err(host_error)?
        {
            return Ok(());
        }
        let cost_inputs = match &entry.ext {
            ContractCodeEntryExt::V0 => VersionedContractCodeCostInputs::V0 {
                wasm_bytes: entry.code.len(),
            },
            ContractCodeEntryExt::V1(v1) => {
                VersionedContractCodeCostInputs::V1(v1.cost_inputs.clone())
            }
        };
        self.cache
            .parse_and_cache_module(
                &self.context,
                PROTOCOL_VERSION,
                &entry.hash,
                wasm,
                cost_inputs,
            )
            .map_err(host_error)?;
        if self.is_shared {
            SHARED.with(|slot| {
                if let Some(shared) = slot.borrow_mut().as_mut() {
                    shared.modules += 1;
                    shared.code_bytes += wasm.len();
                }
            });
        }
        Ok(())
    }

    pub fn into_cache(self) -> ModuleCache {
        self.cache
    }
}

impl SharedCache {
    fn is_full(&self) -> bool {
        self.modules >= MAX_MODULES || self.code_bytes >= MAX_CODE_BYTES
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
