//! Who approved which calls until when: one temporary entry for each wallet, signer and hash of
//! calls, which the network drops when its last approval has expired.

use soroban_sdk::{Address, BytesN, Env, Map};

/// The last ledger in which an approval counts, by approver.
type Expiries = Map<Address, u32>;

pub struct Pending<'a> {
    pub env: &'a Env,
    pub wallet: Address,
    pub signer: u32,
    pub contexts_hash: BytesN<32>,
}

impl Pending<'_> {
    /// Those that have not expired.
    pub fn load(&self) -> Expiries {
        let stored: Option<Expiries> = self.env.storage().temporary().get(&self.key());
        let mut expiries = stored.unwrap_or(Map::new(self.env));
        let now = self.env.ledger().sequence();
        for (approver, expires_at_ledger) in expiries.iter() {
            if expires_at_ledger < now {
                expiries.remove(approver);
            }
        }
        expiries
    }

    pub fn save(&self, expiries: &Expiries) {
        let key = self.key();
        let Some(last) = expiries.values().iter().max() else {
            return self.remove();
        };
        let storage = self.env.storage().temporary();
        storage.set(&key, expiries);
        let ledgers = last - self.env.ledger().sequence();
        storage.extend_ttl(&key, ledgers, ledgers);
    }

    pub fn remove(&self) {
        self.env.storage().temporary().remove(&self.key());
    }

    fn key(&self) -> (Address, u32, BytesN<32>) {
        (self.wallet.clone(), self.signer, self.contexts_hash.clone())
    }
}
