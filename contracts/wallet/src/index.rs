//! Which signers there are: ids, expiries, and how many admins a change to the wallet takes. It
//! lives in the instance, so that no signer can be in use without being counted here.
//!
//! An expired session counts as gone at once, and its place is taken again by the next addition.

use latchkey_interface::WalletError;

pub const MAX_ADMINS: usize = 16;
pub const MAX_SESSIONS: usize = 32;
const MAX_SIGNERS: usize = MAX_ADMINS + MAX_SESSIONS;
/// Ids share their 24 bits in a signature with one flag.
const MAX_ID: u32 = 0x7f_ffff;

/// Version of everything a wallet stores. Version 1 had one passkey and no index.
pub const STATE_VERSION: u8 = 2;

const HEADER_BYTES: usize = 8;
const ENTRY_BYTES: usize = 8;
pub const MAX_INDEX_BYTES: usize = HEADER_BYTES + MAX_SIGNERS * ENTRY_BYTES;
const HAS_CO_SIGNERS: u32 = 1 << 31;

#[derive(Clone, Copy, Default)]
pub struct Entry {
    pub id: u32,
    /// 0 for an admin.
    pub expires_at_ledger: u32,
    pub has_co_signers: bool,
}

impl Entry {
    pub fn is_admin(&self) -> bool {
        self.expires_at_ledger == 0
    }
}

pub struct Index {
    pub admin_threshold: u32,
    next_id: u32,
    length: usize,
    entries: [Entry; MAX_SIGNERS],
}

impl Index {
    pub fn new(admin_threshold: u32) -> Self {
        Self {
            admin_threshold,
            next_id: 0,
            length: 0,
            entries: [Entry::default(); MAX_SIGNERS],
        }
    }

    /// Reads what `encode` wrote, without the sessions that expired before `ledger`.
    pub fn decode(bytes: &[u8], ledger: u32) -> Self {
        let word = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let mut index = Self::new(u32::from(bytes[1]));
        index.next_id = word(4);
        for at in (HEADER_BYTES..bytes.len()).step_by(ENTRY_BYTES) {
            let entry = Entry {
                id: word(at) & !HAS_CO_SIGNERS,
                expires_at_ledger: word(at + 4),
                has_co_signers: word(at) & HAS_CO_SIGNERS != 0,
            };
            if entry.is_admin() || entry.expires_at_ledger >= ledger {
                index.entries[index.length] = entry;
                index.length += 1;
            }
        }
        index
    }

    pub fn encode<'a>(&self, buffer: &'a mut [u8; MAX_INDEX_BYTES]) -> &'a [u8] {
        buffer[0] = STATE_VERSION;
        buffer[1] = self.admin_threshold as u8;
        buffer[4..8].copy_from_slice(&self.next_id.to_be_bytes());
        let mut end = HEADER_BYTES;
        for entry in self.entries() {
            let flag = if entry.has_co_signers {
                HAS_CO_SIGNERS
            } else {
                0
            };
            buffer[end..end + 4].copy_from_slice(&(entry.id | flag).to_be_bytes());
            buffer[end + 4..end + 8].copy_from_slice(&entry.expires_at_ledger.to_be_bytes());
            end += ENTRY_BYTES;
        }
        &buffer[..end]
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries[..self.length]
    }

    /// Admins, or sessions.
    pub fn of_role(&self, admins: bool) -> impl Iterator<Item = &Entry> {
        self.entries()
            .iter()
            .filter(move |entry| entry.is_admin() == admins)
    }

    /// Errors: `UnknownSigner`.
    pub fn find(&self, id: u32) -> Result<Entry, WalletError> {
        self.entries()
            .iter()
            .find(|entry| entry.id == id)
            .copied()
            .ok_or(WalletError::UnknownSigner)
    }

    /// An id that was never given to a signer.
    ///
    /// Errors: `TooManySigners`.
    pub fn take_id(&mut self) -> Result<u32, WalletError> {
        let id = self.next_id;
        if id > MAX_ID {
            return Err(WalletError::TooManySigners);
        }
        self.next_id += 1;
        Ok(id)
    }

    /// Adds the entry, or replaces the one of its id.
    ///
    /// Errors: `TooManySigners`.
    pub fn put(&mut self, entry: Entry) -> Result<(), WalletError> {
        self.remove(entry.id);
        let limit = if entry.is_admin() {
            MAX_ADMINS
        } else {
            MAX_SESSIONS
        };
        if self.of_role(entry.is_admin()).count() == limit {
            return Err(WalletError::TooManySigners);
        }
        self.entries[self.length] = entry;
        self.length += 1;
        Ok(())
    }

    pub fn remove(&mut self, id: u32) {
        if let Some(position) = self.entries().iter().position(|entry| entry.id == id) {
            self.entries
                .copy_within(position + 1..self.length, position);
            self.length -= 1;
        }
    }
}
