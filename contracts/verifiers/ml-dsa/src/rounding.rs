//! High parts and hints of FIPS 204, section 7.4, for coefficients in `0..Q`.

use crate::parameters::ParameterSet;

const SHIFT: u32 = 48;

/// `HighBits` (algorithm 37) but for the highest interval, whose part is `HIGH_PARTS` instead of 0.
#[inline(always)]
fn high_part_unwrapped<P: ParameterSet>(r: i32) -> i64 {
    // The remainder is in (-gamma2, gamma2], so this rounds (r - gamma2) / (2 * gamma2) up. The
    // reciprocal is less than 2^-48 too large, which 24-bit numbers do not notice.
    let reciprocal = const { (1 << SHIFT) / (2 * P::GAMMA2) + 1 };
    ((i64::from(r) + P::GAMMA2 - 1) * reciprocal) >> SHIFT
}

#[inline(always)]
pub fn high_part<P: ParameterSet>(r: i32) -> u64 {
    let high = high_part_unwrapped::<P>(r);
    if high == P::HIGH_PARTS {
        0
    } else {
        high as u64
    }
}

/// Moves a coefficient whose hint is 1 to the middle of the interval that `UseHint` (algorithm 40)
/// gives, so that its high part is the hinted one.
pub fn move_as_hinted<P: ParameterSet>(r: &mut i32) {
    let high = high_part_unwrapped::<P>(*r);
    let is_low_part_positive = i64::from(*r) > high * 2 * P::GAMMA2;
    let hinted = if is_low_part_positive {
        high + 1
    } else {
        high - 1
    };
    *r = (hinted.rem_euclid(P::HIGH_PARTS) * 2 * P::GAMMA2) as i32;
}
