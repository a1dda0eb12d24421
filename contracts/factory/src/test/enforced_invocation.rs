//! Runs one invocation as validators do: through `invoke_host_function` in enforcing mode, with
//! XDR decoding and result writing metered and the module cache filled beforehand. The SDK's own
//! `cost_estimate()` leaves these out and reads 150,000 to 240,000 instructions lower.

extern crate std;

use std::{vec, vec::Vec};

use soroban_env_host::{
    budget::{AsBudget, Budget},
    e2e_invoke::{entry_size_for_rent, invoke_host_function, TtlLedgerEntryMeta},
    CompilationContext, Error, ErrorHandler, HostError, LedgerInfo, ModuleCache,
};
use soroban_sdk::xdr::{
    AccountId, DiagnosticEvent, HostFunction, LedgerEntry, LedgerEntryData, LedgerFootprint,
    LedgerKey, Limits, ReadXdr, ScVal, SorobanAuthorizationEntry, SorobanResources, WriteXdr,
};

pub type Entries = Vec<(LedgerKey, LedgerEntry, Option<u32>)>;

pub struct EnforcedInvocation<'a> {
    pub ledger: LedgerInfo,
    pub source: AccountId,
    pub function: HostFunction,
    pub authorizations: Vec<SorobanAuthorizationEntry>,
    pub read_only: Vec<LedgerKey>,
    pub read_write: Vec<LedgerKey>,
    pub entries: &'a Entries,
}

pub struct Outcome {
    pub instructions: u64,
    pub result: Result<ScVal, HostError>,
}

impl EnforcedInvocation<'_> {
    pub fn run(mut self) -> Outcome {
        self.read_only.sort();
        self.read_write.sort();
        let resources = SorobanResources {
            footprint: LedgerFootprint {
                read_only: self.read_only.clone().try_into().unwrap(),
                read_write: self.read_write.clone().try_into().unwrap(),
            },
            instructions: 400_000_000,
            disk_read_bytes: 0,
            write_bytes: 132_096,
        };
        let cache = self.filled_module_cache();
        let budget = Budget::default();
        budget.reset_cpu_limit(400_000_000).unwrap();
        let mut diagnostics: Vec<DiagnosticEvent> = vec![];
        let outcome = invoke_host_function(
            &budget,
            false,
            encode(&self.function),
            encode(&resources),
            &[],
            encode(&self.source),
            self.authorizations
                .iter()
                .map(encode)
                .collect::<Vec<_>>()
                .into_iter(),
            self.ledger.clone(),
            self.footprint_entries().into_iter(),
            vec![0; 32],
            &mut diagnostics,
            None,
            Some(cache),
        )
        .unwrap();
        Outcome {
            instructions: budget.get_cpu_insns_consumed().unwrap(),
            result: outcome
                .encoded_invoke_result
                .map(|value| ScVal::from_xdr(value, Limits::none()).unwrap()),
        }
    }

    fn footprint_entries(&self) -> Vec<(Option<Vec<u8>>, Option<TtlLedgerEntryMeta>)> {
        let unmetered = unlimited_budget();
        let keys = self.read_only.iter().chain(&self.read_write);
        keys.map(|key| match self.entries.iter().find(|(k, _, _)| k == key) {
            None => (None, None),
            Some((_, entry, live_until_ledger)) => {
                let encoded = encode(entry);
                let size = encoded.len() as u32;
                let entry_size_for_rent = entry_size_for_rent(&unmetered, entry, size).unwrap();
                let ttl = live_until_ledger.map(|live_until_ledger| TtlLedgerEntryMeta {
                    live_until_ledger,
                    entry_size_for_rent,
                });
                (Some(encoded), ttl)
            }
        })
        .collect()
    }

    fn filled_module_cache(&self) -> ModuleCache {
        let context = Unmetered(unlimited_budget());
        let cache = ModuleCache::new(&context).unwrap();
        for (_, entry, _) in self.entries {
            if let LedgerEntryData::ContractCode(code) = &entry.data {
                cache
                    .parse_and_cache_module_simple(
                        &context,
                        self.ledger.protocol_version,
                        &code.code,
                    )
                    .unwrap();
            }
        }
        cache
    }
}

fn encode<T: WriteXdr>(value: &T) -> Vec<u8> {
    value.to_xdr(Limits::none()).unwrap()
}

fn unlimited_budget() -> Budget {
    let budget = Budget::default();
    budget.reset_unlimited().unwrap();
    budget
}

#[derive(Clone)]
struct Unmetered(Budget);

impl AsBudget for Unmetered {
    fn as_budget(&self) -> &Budget {
        &self.0
    }
}

impl ErrorHandler for Unmetered {
    fn map_err<T, E>(&self, result: Result<T, E>) -> Result<T, HostError>
    where
        Error: From<E>,
        E: core::fmt::Debug,
    {
        result.map_err(|error| HostError::from(Error::from(error)))
    }

    fn error(&self, error: Error, _: &str, _: &[soroban_env_host::Val]) -> HostError {
        HostError::from(error)
    }
}

impl CompilationContext for Unmetered {}
