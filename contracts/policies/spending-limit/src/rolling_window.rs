//! Sums amounts over the last ledgers in bounded space: a window is cut into 24 parts of equal
//! length, and amounts are kept by part. No host in here.
//!
//! Guarantees: the sum is never less than what was spent in the window, and never more than what
//! was spent in the window and the one part before it. It is exact for windows of up to 24 ledgers.

pub const PARTS: u32 = 24;
/// A window touches one part more than it has.
const MAX_KEPT: usize = PARTS as usize + 1;
/// Part (u32), amount (i128), both big-endian.
const KEPT_BYTES: usize = 20;
pub const MAX_SPENT_BYTES: usize = MAX_KEPT * KEPT_BYTES;

/// What was spent in each part, parts counted from ledger 0, in ascending order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spent {
    kept: [(u32, i128); MAX_KEPT],
    count: usize,
}

#[derive(Clone, Copy)]
pub struct RollingWindow {
    /// Not 0.
    pub ledgers: u32,
    /// The present ledger, the last of the window.
    pub now: u32,
}

impl Spent {
    pub const NOTHING: Self = Self {
        kept: [(0, 0); MAX_KEPT],
        count: 0,
    };

    /// Of what `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Self {
        let mut spent = Self::NOTHING;
        for encoded in bytes.chunks_exact(KEPT_BYTES) {
            let (part, amount) = encoded.split_at(4);
            let part = part.try_into().map_or(0, u32::from_be_bytes);
            let amount = amount.try_into().map_or(0, i128::from_be_bytes);
            spent.push((part, amount));
        }
        spent
    }

    pub fn encode<'a>(&self, buffer: &'a mut [u8; MAX_SPENT_BYTES]) -> &'a [u8] {
        let chunks = buffer.chunks_exact_mut(KEPT_BYTES);
        for ((part, amount), encoded) in self.kept().iter().zip(chunks) {
            encoded[..4].copy_from_slice(&part.to_be_bytes());
            encoded[4..].copy_from_slice(&amount.to_be_bytes());
        }
        &buffer[..self.count * KEPT_BYTES]
    }

    pub fn kept(&self) -> &[(u32, i128)] {
        &self.kept[..self.count]
    }

    fn push(&mut self, kept: (u32, i128)) {
        self.kept[self.count] = kept;
        self.count += 1;
    }
}

impl RollingWindow {
    fn part_ledgers(self) -> u32 {
        self.ledgers.div_ceil(PARTS)
    }

    fn first_part(self) -> u32 {
        self.now.saturating_sub(self.ledgers - 1) / self.part_ledgers()
    }

    pub fn sum(self, spent: &Spent) -> i128 {
        let first = self.first_part();
        let counted = spent.kept().iter().filter(|(part, _)| *part >= first);
        counted.map(|(_, amount)| amount).sum()
    }

    /// Adds an amount that is not negative, and forgets the parts that left the window. `None`,
    /// and nothing added, if the sum would exceed `limit`.
    pub fn add(self, spent: &mut Spent, amount: i128, limit: i128) -> Option<()> {
        let sum = self.sum(spent).checked_add(amount)?;
        if sum > limit {
            return None;
        }
        let first = self.first_part();
        let present = self.now / self.part_ledgers();
        let before = core::mem::replace(spent, Spent::NOTHING);
        let mut in_present = amount;
        for (part, kept) in before.kept() {
            if *part == present {
                in_present += kept;
            } else if *part >= first {
                spent.push((*part, *kept));
            }
        }
        if in_present > 0 {
            spent.push((present, in_present));
        }
        Some(())
    }
}
