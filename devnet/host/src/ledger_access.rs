//! Reads ledger entries from the embedder. A read is a pure look-up by encoded key: the host keeps no entry
//! between calls, so the embedder alone decides what the ledger is.
use crate::frames::{decode, encode, Error, Result};
use soroban_env_host::{
    storage::{EntryWithLiveUntil, SnapshotSource},
    xdr::{LedgerKey, ScErrorCode, ScErrorType},
    HostError,
};
use std::rc::Rc;

/// A ledger entry as the embedder stores it. `live_until_ledger` is set for contract data and code only.
pub struct StoredEntry {
    pub xdr: Vec<u8>,
    pub live_until_ledger: Option<u32>,
}

/// The embedder could not look the entry up. It knows why, so nothing is said here.
#[derive(Debug)]
pub struct LookUpFailed;

/// Looks up an entry by the XDR of its `LedgerKey`.
pub type LookUp = fn(&[u8]) -> core::result::Result<Option<StoredEntry>, LookUpFailed>;

#[derive(Clone, Copy)]
pub struct LedgerAccess {
    look_up: LookUp,
}

impl LedgerAccess {
    pub fn new(look_up: LookUp) -> Self {
        Self { look_up }
    }

    pub fn stored(&self, key: &LedgerKey) -> Result<Option<StoredEntry>> {
        (self.look_up)(&encode(key)?)
            .map_err(|LookUpFailed| Error::Ledger("the ledger did not answer".into()))
    }

    fn decoded(&self, key: &LedgerKey) -> Result<Option<EntryWithLiveUntil>> {
        let Some(stored) = self.stored(key)? else {
            return Ok(None);
        };
        let entry = decode(&stored.xdr, "stored ledger entry")?;
        Ok(Some((Rc::new(entry), stored.live_until_ledger)))
    }
}

impl SnapshotSource for LedgerAccess {
    fn get(
        &self,
        key: &Rc<LedgerKey>,
    ) -> core::result::Result<Option<EntryWithLiveUntil>, HostError> {
        self.decoded(key)
            .map_err(|_: Error| HostError::from((ScErrorType::Storage, ScErrorCode::InternalError)))
    }
}
