//! Is this an uncompressed point of the curve P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3)?
//! Guarantees `y^2 = x^3 - 3x + b (mod p)` with `x, y < p`. The curve has cofactor 1 and the
//! encoding cannot express the point at infinity, so that is all a public key has to satisfy.
//!
//! Public data only: nothing here runs in constant time. Written for small code, not for speed.

use core::cmp::Ordering;

/// A 256-bit number, least significant limb first.
type U256 = [u64; 4];

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1
const P: U256 = [0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001];
const B: U256 =
    [0x3bce_3c3e_27d2_604b, 0x651d_06b0_cc53_b0f6, 0xb3eb_bd55_7698_86bc, 0x5ac6_35d8_aa3a_93e7];

pub fn is_on_curve(encoded: &[u8; 65]) -> bool {
    let x = from_be_bytes(&encoded[1..33]);
    let y = from_be_bytes(&encoded[33..65]);
    if encoded[0] != 0x04 || !is_below_p(&x) || !is_below_p(&y) {
        return false;
    }
    // x^3 - 3x + b, with the subtraction moved to the other side: y^2 + 3x = x^3 + b.
    let left = add(&add(&multiply(&y, &y), &x), &add(&x, &x));
    let right = add(&multiply(&multiply(&x, &x), &x), &B);
    left == right
}

fn from_be_bytes(bytes: &[u8]) -> U256 {
    let mut number = [0u64; 4];
    for (i, byte) in bytes.iter().rev().enumerate() {
        number[i / 8] |= u64::from(*byte) << (8 * (i % 8));
    }
    number
}

fn is_below_p(number: &U256) -> bool {
    number.iter().rev().cmp(P.iter().rev()) == Ordering::Less
}

/// a + b mod p, for a, b < p.
#[inline(never)]
fn add(a: &U256, b: &U256) -> U256 {
    let mut sum = [0u64; 4];
    let mut carry = false;
    for i in 0..4 {
        let (partial, first) = a[i].overflowing_add(b[i]);
        let (limb, second) = partial.overflowing_add(u64::from(carry));
        sum[i] = limb;
        carry = first | second;
    }
    if carry || !is_below_p(&sum) {
        let mut borrow = false;
        for i in 0..4 {
            let (partial, first) = sum[i].overflowing_sub(P[i]);
            let (limb, second) = partial.overflowing_sub(u64::from(borrow));
            sum[i] = limb;
            borrow = first | second;
        }
    }
    sum
}

/// a * b mod p, for a, b < p: double and add, from the highest bit of b.
fn multiply(a: &U256, b: &U256) -> U256 {
    let mut product = [0u64; 4];
    for bit in (0..256).rev() {
        product = add(&product, &product);
        if b[bit / 64] >> (bit % 64) & 1 == 1 {
            product = add(&product, a);
        }
    }
    product
}

