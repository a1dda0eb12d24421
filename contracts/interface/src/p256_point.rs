//! Is this an uncompressed point of the curve P-256 (NIST SP 800-186, section 3.2.1.3)? Guarantees
//! `y^2 = x^3 - 3x + b (mod p)` with `x, y < p`. The curve has cofactor 1 and the encoding cannot
//! express the point at infinity, so that is all that a public key has to satisfy.
//!
//! Public data only: nothing here runs in constant time. The host has no operation for this; one
//! that fails later would be a wallet that nobody can ever sign for. Every deployment runs this
//! twice, so it is written for an interpreter: limbs of 29 bits, whose products add up in 64 bits
//! without carries, and loops that the compiler unrolls.

const LIMBS: usize = 9;
const LIMB_BITS: u32 = 29;
const LIMB_MASK: i64 = (1 << LIMB_BITS) - 1;

/// A number in limbs, the least significant first. Limbs that nobody carried may have more bits than
/// their own, and be negative.
type Number = [i64; LIMBS];
/// A product, not carried: 17 sums of at most 9 products of limbs, and one column that stays 0.
type Product = [i64; 2 * LIMBS];

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
const P: Number = [
    0x1fff_ffff,
    0x1fff_ffff,
    0x1fff_ffff,
    0x0000_01ff,
    0,
    0,
    0x0004_0000,
    0x1fe0_0000,
    0x00ff_ffff,
];
const P_BYTES: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];
/// 3 / R mod p, where R = 2^(9 * 29).
const THREE_OVER_R: Number = [
    0x0800_0000,
    0x0000_0002,
    0x1fff_fff4,
    0x0000_005f,
    0x0000_0300,
    0x1fff_dc00,
    0x0001_7fff,
    0x1ffa_0000,
    0x0017_ffff,
];
/// b / R mod p.
const B_OVER_R: Number = [
    0x11c4_ba1a,
    0x16d9_935c,
    0x05e7_c376,
    0x0c81_25c1,
    0x11d7_eead,
    0x0f9f_8e44,
    0x10ce_e84d,
    0x14b7_3dd3,
    0x0079_0946,
];

pub fn is_on_curve(encoded: &[u8; 65]) -> bool {
    let (x, y) = encoded[1..].split_at(32);
    if encoded[0] != 0x04 || *x >= P_BYTES[..] || *y >= P_BYTES[..] {
        return false;
    }
    let (x, y) = (from_be_bytes(x), from_be_bytes(y));
    // A reduction divides by R. What is equal in the end is the equation, divided by R twice: the
    // difference is taken of x (x^2 - 3) / R + b / R and y^2 / R, and reduced.
    let mut x2_minus_3 = carried(&reduced(product(&x, &x)));
    let y2 = reduced(product(&y, &y));
    for at in 0..LIMBS {
        x2_minus_3[at] -= THREE_OVER_R[at];
    }
    let mut difference = product(&x, &x2_minus_3);
    for at in 0..LIMBS {
        difference[at] = difference[at].wrapping_add(B_OVER_R[at].wrapping_sub(y2[at]));
    }
    // It lies between -p/16 and 17/16 p, where two numbers are 0 modulo p.
    let difference = carried(&reduced(difference));
    is_equal(&difference, &[0; LIMBS]) || is_equal(&difference, &P)
}

/// Without a call and byte by byte, as `==` compiles to.
#[inline(always)]
fn is_equal(a: &Number, b: &Number) -> bool {
    a.iter().zip(b).fold(0, |bits, (a, b)| bits | (a ^ b)) == 0
}

#[inline(always)]
fn from_be_bytes(bytes: &[u8]) -> Number {
    let mut words = [0u64; 5];
    for (word, bytes) in words.iter_mut().zip(bytes.rchunks_exact(8)) {
        *word = u64::from_be_bytes(bytes.try_into().unwrap_or_default());
    }
    let mut number = [0; LIMBS];
    for (at, limb) in number.iter_mut().enumerate() {
        let (word, bit) = (at * 29 / 64, at as u32 * 29 % 64);
        let mut bits = words[word] >> bit;
        if bit > 64 - LIMB_BITS {
            bits |= words[word + 1] << (64 - bit);
        }
        *limb = bits as i64 & LIMB_MASK;
    }
    number
}

/// The limbs may have 29 bits and a sign: a sum is below 9 * 2^58 < 2^62.
#[inline(always)]
fn product(a: &Number, b: &Number) -> Product {
    let mut product = [0; 2 * LIMBS];
    for (at, a) in a.iter().enumerate() {
        for (column, b) in product[at..].iter_mut().zip(b) {
            *column = a.wrapping_mul(*b).wrapping_add(*column);
        }
    }
    product
}

/// Montgomery's reduction: product / R mod p, up to p more, and not carried.
///
/// The multiple of p that clears the lowest column is by its limb, since p = -1 modulo 2^96. What
/// that multiple adds to the columns above is the limb, times 2^256 - 2^224 + 2^192 + 2^96.
#[inline(always)]
fn reduced(mut product: Product) -> Number {
    for at in 0..LIMBS {
        let column = product[at];
        let limb = column & LIMB_MASK;
        let mut add = |above: usize, value: i64| {
            product[at + above] = product[at + above].wrapping_add(value);
        };
        add(1, column >> LIMB_BITS);
        add(3, limb << (96 - 3 * LIMB_BITS));
        add(6, limb << (192 - 6 * LIMB_BITS));
        add(7, (limb << (224 - 7 * LIMB_BITS)).wrapping_neg());
        add(8, limb << (256 - 8 * LIMB_BITS));
    }
    let mut number = [0; LIMBS];
    number.copy_from_slice(&product[LIMBS..]);
    number
}

/// Limbs of 29 bits, but for the highest, which has the sign.
#[inline(always)]
fn carried(number: &Number) -> Number {
    let mut carried = *number;
    for at in 0..LIMBS - 1 {
        carried[at + 1] = carried[at + 1].wrapping_add(carried[at] >> LIMB_BITS);
        carried[at] &= LIMB_MASK;
    }
    carried
}
