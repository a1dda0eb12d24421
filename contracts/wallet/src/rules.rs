//! Who has to sign together. Sets of signers are bit masks over a list of them, so that every
//! question here is about a few numbers, and needs no chain.
//!
//! Guaranteed: a set passes `check_present` only if every member's co-signers are in it, its admins
//! are as many as the calls take, and no smaller part of it would have passed.

use latchkey_interface::WalletError;

/// Signatures in one authorization.
pub const MAX_PRESENT: usize = 8;

/// What one signer demands of the set it signs in.
#[derive(Clone, Copy, Default)]
pub struct Rule {
    pub threshold: u32,
    /// Positions of its co-signers in the list.
    pub co_signers: u32,
}

/// Every member of `set` has enough of its co-signers in it.
fn is_satisfied(rules: &[Rule], set: u32) -> bool {
    rules.iter().enumerate().all(|(position, rule)| {
        set & (1 << position) == 0 || (rule.co_signers & set).count_ones() >= rule.threshold
    })
}

/// The signers whose rules can be satisfied at all. Rules only ever ask for more signatures, so the
/// largest set that satisfies its members holds every signer that any such set holds.
pub fn satisfiable(rules: &[Rule]) -> u32 {
    let mut set = all(rules.len());
    loop {
        let mut next = 0;
        for (position, rule) in rules.iter().enumerate() {
            if (rule.co_signers & set).count_ones() >= rule.threshold {
                next |= set & (1 << position);
            }
        }
        if next == set {
            return set;
        }
        set = next;
    }
}

/// The signers who can be in a set that satisfies its members and fits into an authorization. Looks
/// for small sets only in the likely places: it may miss one, and never counts on one that is none.
pub fn able(rules: &[Rule]) -> u32 {
    let satisfiable = satisfiable(rules);
    let mut able = 0;
    for position in 0..rules.len() {
        if satisfied_with(rules, satisfiable, 1 << position).is_some() {
            able |= 1 << position;
        }
    }
    able
}

/// Whether `threshold` signers or more can be in such a set together. All of them are able.
pub fn reaches(rules: &[Rule], threshold: u32) -> bool {
    let mut set: u32 = 0;
    while set.count_ones() < threshold {
        let larger = (0..rules.len())
            .filter(|position| set & (1 << position) == 0)
            .filter_map(|position| satisfied_with(rules, all(rules.len()), set | 1 << position))
            .min_by_key(|set| set.count_ones());
        match larger {
            Some(larger) => set = larger,
            None => return false,
        }
    }
    true
}

/// `set` with the co-signers that its members lack, if that fits into an authorization.
fn satisfied_with(rules: &[Rule], satisfiable: u32, mut set: u32) -> Option<u32> {
    while set & !satisfiable == 0 && set.count_ones() as usize <= MAX_PRESENT {
        let lacks_co_signers = |(position, rule): &(usize, &Rule)| {
            set & (1 << position) != 0 && (rule.co_signers & set).count_ones() < rule.threshold
        };
        let Some((_, rule)) = rules.iter().enumerate().find(lacks_co_signers) else {
            return Some(set);
        };
        let left = rule.co_signers & satisfiable & !set;
        let likely = (0..rules.len())
            .filter(|position| left & (1 << position) != 0)
            .min_by_key(|position| rules[*position].threshold)?;
        set |= 1 << likely;
    }
    None
}

/// `admins`: which of the present signers are admins. `admins_needed`: how many of them the calls
/// take if any admin signs; sessions sign among themselves, within their limits.
///
/// Errors: `MissingSignature`, `UnneededSignature`.
pub fn check_present(rules: &[Rule], admins: u32, admins_needed: u32) -> Result<(), WalletError> {
    let is_sufficient = |set: u32| {
        let admins_present = (set & admins).count_ones();
        is_satisfied(rules, set) && (admins_present == 0 || admins_present >= admins_needed)
    };
    let present = all(rules.len());
    if !is_sufficient(present) {
        return Err(WalletError::MissingSignature);
    }
    if (1..present).any(is_sufficient) {
        return Err(WalletError::UnneededSignature);
    }
    Ok(())
}

fn all(count: usize) -> u32 {
    // A mask of 32 positions, which is the most there are, fills the number.
    ((1u64 << count) - 1) as u32
}
