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
