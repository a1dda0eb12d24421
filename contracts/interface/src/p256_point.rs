//! Is this an uncompressed point of the curve P-256 (NIST SP 800-186, section 3.2.1.3)? Guarantees
//! `y^2 = x^3 - 3x + b (mod p)` with `x, y < p`. The curve has cofactor 1 and the encoding cannot
//! express the point at infinity, so that is all that a public key has to satisfy.
//!
//! Public data only: nothing here runs in constant time. The host has no operation for this; one
//! that fails later would be a wallet that nobody can ever sign for.

/// A 256-bit number in limbs of 32 bits, the least significant first.
type U256 = [u32; 8];

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1. Its lowest limb makes -p^-1 mod 2^32 equal to 1.
const P: U256 = [
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0,
    0,
    0,
    1,
    0xffff_ffff,
];
/// 3 / R mod p, where R = 2^256.
const THREE_OVER_R: U256 = [2, 9, 0xffff_fffa, 3, 6, 0xffff_fff7, 9, 0xffff_fffc];
/// b / R^2 mod p.
const B_OVER_R2: U256 = [
    0x4584_a137,
    0xe59b_e0a6,
    0x9ca0_65a7,
    0xfc35_21eb,
    0xa0f4_5303,
    0x7c17_8684,
    0xd948_431a,
    0x3081_dc38,
];
const ONE: U256 = [1, 0, 0, 0, 0, 0, 0, 0];

pub fn is_on_curve(encoded: &[u8; 65]) -> bool {
    let x = from_be_bytes(&encoded[1..33]);
    let y = from_be_bytes(&encoded[33..65]);
    if encoded[0] != 0x04 || !is_below_p(&x) || !is_below_p(&y) {
        return false;
    }
    // Each Montgomery product divides by R, so both sides are the equation's, divided by R^2.
    let x2_minus_3 = subtract(&multiply(&x, &x), &THREE_OVER_R);
    let right = add(&multiply(&x, &x2_minus_3), &B_OVER_R2);
    multiply(&multiply(&y, &y), &ONE) == right
}

fn from_be_bytes(bytes: &[u8]) -> U256 {
    let mut number = [0; 8];
    for (limb, bytes) in number.iter_mut().rev().zip(bytes.chunks_exact(4)) {
        *limb = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    number
}

fn is_below_p(number: &U256) -> bool {
    minus(number, &P).1
}

/// a * b / R mod p, for a, b < p: Montgomery's product, one limb of b at a time.
#[inline(never)]
fn multiply(a: &U256, b: &U256) -> U256 {
    let mut product = [0; 8];
    let mut top = 0;
    for &digit in b {
        top += add_multiple(&mut product, a, digit);
        // The multiple of p that clears the lowest limb is by that limb, times 1; the cleared limb is
        // shifted out.
        let lowest = product[0];
        let mut carry = accumulate(lowest, P[0], lowest, 0) >> 32;
        for at in 1..8 {
            let sum = accumulate(product[at], P[at], lowest, carry);
            product[at - 1] = sum as u32;
            carry = sum >> 32;
        }
        top += carry;
        product[7] = top as u32;
        top >>= 32;
    }
    if top != 0 || !is_below_p(&product) {
        product = minus(&product, &P).0;
    }
    product
}

/// limb + a * digit + carry. (2^32 - 1) + (2^32 - 1)^2 + (2^32 - 1) is below 2^64: wrapping saves the
/// overflow checks.
#[inline(always)]
fn accumulate(limb: u32, a: u32, digit: u32, carry: u64) -> u64 {
    u64::from(a)
        .wrapping_mul(u64::from(digit))
        .wrapping_add(u64::from(limb))
        .wrapping_add(carry)
}

/// number += a * digit; returns the carry, below 2^32.
fn add_multiple(number: &mut U256, a: &U256, digit: u32) -> u64 {
    let mut carry = 0;
    for at in 0..8 {
        let sum = accumulate(number[at], a[at], digit, carry);
        number[at] = sum as u32;
        carry = sum >> 32;
    }
    carry
}

/// a + b mod p, for a, b < p.
fn add(a: &U256, b: &U256) -> U256 {
    let (sum, carry) = plus(a, b);
    let (reduced, borrow) = minus(&sum, &P);
    if carry || !borrow {
        reduced
    } else {
        sum
    }
}

/// a - b mod p, for a, b < p.
fn subtract(a: &U256, b: &U256) -> U256 {
    let (difference, borrow) = minus(a, b);
    if borrow {
        plus(&difference, &P).0
    } else {
        difference
    }
}

/// a + b mod 2^256, and whether that lost a carry.
fn plus(a: &U256, b: &U256) -> (U256, bool) {
    let mut sum = *a;
    let carry = add_multiple(&mut sum, b, 1);
    (sum, carry != 0)
}

/// a - b mod 2^256, and whether that needed a borrow.
fn minus(a: &U256, b: &U256) -> (U256, bool) {
    let mut difference = *a;
    let mut borrow = false;
    for (limb, &b) in difference.iter_mut().zip(b) {
        let (partial, first) = limb.overflowing_sub(b);
        let (result, second) = partial.overflowing_sub(u32::from(borrow));
        *limb = result;
        borrow = first | second;
    }
    (difference, borrow)
}
