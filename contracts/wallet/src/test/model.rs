//! What a wallet is after a change, by a few lines that have nothing in common with the contract but
//! the documented rules. `properties` compares the two.

extern crate std;

use std::{collections::BTreeMap, vec::Vec};

#[derive(Clone, Debug, PartialEq)]
pub struct ModelSigner {
    /// Names the key.
    pub seed: u8,
    /// The last ledger of a session; `None` for an admin.
    pub expiry: Option<u32>,
    pub co_signers: Vec<u32>,
    pub threshold: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub signers: BTreeMap<u32, ModelSigner>,
    pub next_id: u32,
    pub admin_threshold: usize,
}

impl Model {
    pub fn forget_expired(&mut self, ledger: u32) {
        self.signers
            .retain(|_, signer| signer.expiry.is_none_or(|expiry| expiry >= ledger));
    }

    pub fn ids(&self, admins: bool) -> Vec<u32> {
        let of_role = |signer: &ModelSigner| signer.expiry.is_none() == admins;
        let signers = self.signers.iter();
        let signers = signers.filter(|(_, signer)| of_role(signer));
        signers.map(|(id, _)| *id).collect()
    }

    fn satisfied(&self, id: u32, set: &[u32]) -> bool {
        let signer = &self.signers[&id];
        let same_role = |other: &u32| {
            let other = self.signers.get(other);
            other.is_some_and(|other| other.expiry.is_none() == signer.expiry.is_none())
        };
        let present = signer.co_signers.iter();
        let present = present.filter(|other| set.contains(other) && same_role(other));
        present.count() >= signer.threshold
    }

    /// Whether these, and nobody else, may act: everybody has co-signers, and admins are enough.
    pub fn is_enough(&self, set: &[u32], admins_needed: usize) -> bool {
        let admins = set.iter().filter(|id| self.signers[id].expiry.is_none());
        let admins = admins.count();
        !set.is_empty()
            && set.iter().all(|id| self.satisfied(*id, set))
            && (admins == 0 || admins >= admins_needed)
    }

    /// Whether they sign this, and with none too many. `own` is whether it is a change.
    pub fn may_sign(&self, set: &[u32], own: bool) -> bool {
        let needed = if own { self.admin_threshold } else { 1 };
        self.is_enough(set, needed)
            && subsets(set)
                .filter(|part| part.len() < set.len())
                .all(|part| !self.is_enough(&part, needed))
    }

    /// The signers of a role who are in no set of at most 8 that may act.
    pub fn stuck(&self, admins: bool) -> usize {
        let ids = self.ids(admins);
        let small = || subsets(&ids).filter(|set| set.len() <= 8);
        let able = |id: &&u32| small().any(|set| set.contains(id) && self.is_enough(&set, 1));
        ids.len() - ids.iter().filter(able).count()
    }

    /// What must hold after every change that the wallet accepts.
    pub fn is_sound(&self) -> bool {
        let admins = self.ids(true).len();
        (1..=admins).contains(&self.admin_threshold) && self.stuck(true) == 0
    }
}

/// All that are not empty.
pub fn subsets(of: &[u32]) -> impl Iterator<Item = Vec<u32>> + '_ {
    (1u32..1 << of.len()).map(|mask| {
        let chosen = of
            .iter()
            .enumerate()
            .filter(move |(at, _)| mask >> at & 1 == 1);
        chosen.map(|(_, id)| *id).collect()
    })
}
