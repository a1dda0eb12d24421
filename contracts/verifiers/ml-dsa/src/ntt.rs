//! The number-theoretic transform of FIPS 204, section 7.5, in 64-bit arithmetic on numbers that are
//! only congruent to what the standard has: nothing is reduced before it must be. Each function
//! names the range it takes and gives.
//!
//! Nothing here depends on secrets, so nothing is made constant in time.

use crate::parameters::{N, Q};

pub type Polynomial = [i32; N];

/// A constant factor with its quotient by `Q`, by which a product is reduced with one more
/// multiplication and no division (Shoup's method).
#[derive(Clone, Copy)]
struct Factor {
    /// in `-Q/2..Q/2`
    value: i64,
    /// `value * 2^32 / Q`, rounded down
    quotient: i64,
}

impl Factor {
    const fn of(value: i64) -> Self {
        let value = value.rem_euclid(Q);
        let value = if value > Q / 2 { value - Q } else { value };
        Self {
            value,
            quotient: (value << 32).div_euclid(Q),
        }
    }

    /// `self * y` modulo `Q`; for `|y| <= e * 2^32` and `e < 1` between `-e * Q` and `(1 + e) * Q`.
    #[inline(always)]
    fn times(self, y: i64) -> i64 {
        y * self.value - ((y * self.quotient) >> 32) * Q
    }
}

/// The root of unity that FIPS 204 names zeta.
const ZETA: i64 = 1753;

const fn power(base: i64, exponent: u32) -> i64 {
    let mut result = 1;
    let mut i = 0;
    while i < exponent {
        result = result * base % Q;
        i += 1;
    }
    result
}

/// FIPS 204, appendix B: zeta to the power of the bit-reversed index.
const fn zetas() -> [Factor; N] {
    let mut zetas = [Factor::of(0); N];
    let mut i = 0;
    while i < N {
        zetas[i] = Factor::of(power(ZETA, (i as u8).reverse_bits() as u32));
        i += 1;
    }
    zetas
}

static ZETAS: [Factor; N] = zetas();

/// `2^32 / 256`: undoes the factor of the inverse transform and that of `reduce`.
const SCALE: Factor = Factor::of(1 << 24);
/// `ZETAS[1] * SCALE`: the last layer's factor and the scale in one.
const SCALED_LAST_ZETA: Factor = Factor::of(power(ZETA, 128) * (1 << 24) % Q);

/// `Q^-1` modulo `2^32`.
const Q_INVERSE: i64 = 58_728_449;

/// Algorithm 41, two layers at a time. From at most `2^20` in absolute value to at most `2^27`.
pub fn transform(a: &mut Polynomial) {
    two_layers::<64>(a);
    two_layers::<16>(a);
    two_layers::<4>(a);
    two_layers::<1>(a);
}

/// The layers of distance `2 * D` and `D`.
#[inline(always)]
fn two_layers<const D: usize>(a: &mut Polynomial) {
    let blocks = N / (4 * D);
    for (b, block) in a.chunks_exact_mut(4 * D).enumerate() {
        let outer = ZETAS[blocks + b];
        let (low, high) = (ZETAS[2 * (blocks + b)], ZETAS[2 * (blocks + b) + 1]);
        for i in 0..D {
            let [x0, x1, x2, x3] = four_at::<D>(block, i);
            let (y0, y1) = (outer.times(x2), outer.times(x3));
            let t0 = low.times(x1 + y1);
            let t1 = high.times(x1 - y1);
            let (x0, x1) = (x0 + y0, x0 - y0);
            put_four_at::<D>(block, i, [x0 + t0, x0 - t0, x1 + t1, x1 - t1]);
        }
    }
}

/// Algorithm 42 of what `reduce` gives. From at most `1.5 * 2^23` in absolute value, which the
/// layers double at most eight times, to `0..Q`.
pub fn inverse_transform(a: &mut Polynomial) {
    two_inverse_layers::<1>(a);
    two_inverse_layers::<4>(a);
    two_inverse_layers::<16>(a);
    let (low, high) = (ZETAS[3], ZETAS[2]);
    for i in 0..N / 4 {
        let [x0, x1, x2, x3] = four_at::<64>(a, i);
        let (y0, y1) = (x0 + x1, low.times(x1 - x0));
        let (y2, y3) = (x2 + x3, high.times(x3 - x2));
        let scaled = [
            SCALE.times(y0 + y2),
            SCALE.times(y1 + y3),
            SCALED_LAST_ZETA.times(y2 - y0),
            SCALED_LAST_ZETA.times(y3 - y1),
        ];
        put_four_at::<64>(a, i, scaled.map(canonical));
    }
}

/// The layers of distance `D` and `2 * D`. The standard walks its table backwards and negates it;
/// here the differences are the other way round instead.
#[inline(always)]
fn two_inverse_layers<const D: usize>(a: &mut Polynomial) {
    let blocks = N / (4 * D);
    for (b, block) in a.chunks_exact_mut(4 * D).enumerate() {
        let last = 2 * blocks - 1 - b;
        let outer = ZETAS[last];
        let (low, high) = (ZETAS[2 * last + 1], ZETAS[2 * last]);
        for i in 0..D {
            let [x0, x1, x2, x3] = four_at::<D>(block, i);
            let (y0, y1) = (x0 + x1, low.times(x1 - x0));
            let (y2, y3) = (x2 + x3, high.times(x3 - x2));
            let z = [y0 + y2, y1 + y3, outer.times(y2 - y0), outer.times(y3 - y1)];
            put_four_at::<D>(block, i, z);
        }
    }
}

#[inline(always)]
fn four_at<const D: usize>(block: &[i32], i: usize) -> [i64; 4] {
    [block[i], block[i + D], block[i + 2 * D], block[i + 3 * D]].map(i64::from)
}

#[inline(always)]
fn put_four_at<const D: usize>(block: &mut [i32], i: usize, values: [i64; 4]) {
    for (j, value) in values.into_iter().enumerate() {
        debug_assert!(i32::try_from(value).is_ok());
        block[i + j * D] = value as i32;
    }
}

/// `x / 2^32` modulo `Q` (Montgomery's reduction). From at most `2^55` in absolute value to at most
/// `1.5 * 2^23`.
#[inline(always)]
pub fn reduce(x: i64) -> i32 {
    let multiple = i64::from(x.wrapping_mul(Q_INVERSE) as i32);
    ((x - multiple * Q) >> 32) as i32
}

/// From `-Q..2 * Q` to `0..Q`.
#[inline(always)]
fn canonical(x: i64) -> i64 {
    debug_assert!((-Q..2 * Q).contains(&x));
    let x = x + (Q & (x >> 63)) - Q;
    x + (Q & (x >> 63))
}
