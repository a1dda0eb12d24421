//! Reads a footprint from the ledger the way validators hand it to the host: in its order, with the lifetime and the
//! size of each entry, and with the code in it compiled. It says which archived entry stands in the way, if one does.
use crate::{
    frames::{decode, encode, Error, Result},
    impersonation::Impersonation,
    ledger_access::LedgerAccess,
    modules::Modules,
    network_settings::{host_error, unmetered_budget},
};
use soroban_env_host::{
    e2e_invoke::{entry_size_for_rent, TtlLedgerEntryMeta},
    ledger_info::get_key_durability,
    xdr::{ContractDataDurability, LedgerEntry, LedgerEntryData, LedgerKey, SorobanResources},
    LedgerInfo,
};
use soroban_simulation::NetworkConfig;

pub type FootprintEntry = (Option<Vec<u8>>, Option<TtlLedgerEntryMeta>);

pub enum Footprint {
    Live(Vec<FootprintEntry>),
    /// The index is that of the footprint, read-only keys first.
    Archived {
        index: u32,
    },
}

pub struct FootprintReader<'a> {
    pub ledger: LedgerAccess,
    pub config: &'a NetworkConfig,
    pub info: &'a LedgerInfo,
    pub modules: &'a Modules,
    pub impersonation: Option<&'a Impersonation>,
}

impl FootprintReader<'_> {
    /// Expired temporary entries do not exist any more; an expired persistent entry must be among the `restored`
    /// ones, by its index in the read-write keys (CAP-62, CAP-66).
    pub fn read(&self, resources: &SorobanResources, restored: &[u32]) -> Result<Footprint> {
        let read_only = &resources.footprint.read_only;
        let read_write = &resources.footprint.read_write;
        let mut entries = Vec::with_capacity(read_only.len() + read_write.len());
        for (index, key) in read_only.iter().chain(read_write.iter()).enumerate() {
            let is_restorable = index
                .checked_sub(read_only.len())
                .is_some_and(|index| restored.contains(&(index as u32)));
            match self.entry(key, is_restorable)? {
                Some(entry) => entries.push(entry),
                None => {
                    return Ok(Footprint::Archived {
                        index: index as u32,
                    })
                }
            }
        }
        Ok(Footprint::Live(entries))
    }

    /// None if the entry is archived and not to be restored.
    fn entry(&self, key: &LedgerKey, is_restorable: bool) -> Result<Option<FootprintEntry>> {
        let Some(stored) = self.ledger.stored(key)? else {
            return Ok(Some((None, None)));
        };
        let Some(durability) = get_key_durability(key) else {
            return Ok(Some((Some(self.classic(stored.xdr)?), None)));
        };
        let mut live_until_ledger = stored
            .live_until_ledger
            .ok_or_else(|| Error::Ledger(format!("no TTL for {}", key.discriminant().name())))?;
        if live_until_ledger < self.info.sequence_number {
            if durability == ContractDataDurability::Temporary {
                return Ok(Some((None, None)));
            }
            if !is_restorable {
                return Ok(None);
            }
            live_until_ledger = self.restored_live_until()?;
        }
        let entry: LedgerEntry = decode(&stored.xdr, "stored ledger entry")?;
        let sizing = unmetered_budget(self.config)?;
        let entry_size_for_rent =
            entry_size_for_rent(&sizing, &entry, stored.xdr.len() as u32).map_err(host_error)?;
        if let LedgerEntryData::ContractCode(code) = &entry.data {
            let disguised = match self.impersonation {
                Some(impersonation) => impersonation.disguised_code(code)?,
                None => None,
            };
            self.modules
                .compile(code, disguised.as_deref().unwrap_or(&code.code))?;
        }
        let ttl = TtlLedgerEntryMeta {
            live_until_ledger,
            entry_size_for_rent,
        };
        Ok(Some((Some(stored.xdr), Some(ttl))))
    }

    fn classic(&self, xdr: Vec<u8>) -> Result<Vec<u8>> {
        let Some(impersonation) = self.impersonation else {
            return Ok(xdr);
        };
        let entry: LedgerEntry = decode(&xdr, "stored ledger entry")?;
        match impersonation.disguised(&entry)? {
            Some(disguised) => encode(&disguised),
            None => Ok(xdr),
        }
    }

    fn restored_live_until(&self) -> Result<u32> {
        self.info
            .min_live_until_ledger_checked(ContractDataDurability::Persistent)
            .ok_or_else(|| Error::Ledger("restored entries would live past the last ledger".into()))
    }
}
