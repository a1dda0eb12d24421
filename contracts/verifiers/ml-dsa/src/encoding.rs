//! Bit packing of FIPS 204, section 7.1 and 7.2. All that the standard refuses in a signature's
//! encoding is refused here, and nothing panics.

use crate::{ntt::Polynomial, parameters::ParameterSet, rounding::high_part, shake::Shake256};

/// Unpacks one polynomial of `z` (algorithm 19); false if its norm is too large (algorithm 8,
/// line 13).
pub fn unpack_z<P: ParameterSet>(bytes: &[u8], z: &mut Polynomial) -> bool {
    let bits = P::GAMMA1_BITS + 1;
    let mask = (1 << bits) - 1;
    let gamma1 = 1 << P::GAMMA1_BITS;
    let limit = gamma1 - P::BETA as i32;
    let mut excess = 0;
    let mut take = |coefficient: &mut i32, packed: u64| {
        let value = gamma1 - (packed as i32 & mask);
        excess |= (limit - 1 - value) | (limit - 1 + value);
        *coefficient = value;
    };
    if bits == 18 {
        for (four, packed) in z.chunks_exact_mut(4).zip(bytes.chunks_exact(9)) {
            let low = little_endian(packed);
            take(&mut four[0], low);
            take(&mut four[1], low >> 18);
            take(&mut four[2], low >> 36);
            take(&mut four[3], low >> 54 | u64::from(packed[8]) << 10);
        }
    } else {
        for (four, packed) in z.chunks_exact_mut(4).zip(bytes.chunks_exact(10)) {
            let low = little_endian(packed);
            let high = u64::from(packed[8]) | u64::from(packed[9]) << 8;
            take(&mut four[0], low);
            take(&mut four[1], low >> 20);
            take(&mut four[2], low >> 40);
            take(&mut four[3], low >> 60 | high << 4);
        }
    }
    excess >= 0
}

/// Unpacks one polynomial of `t1` (algorithm 18), of which every encoding is valid.
pub fn unpack_t1(bytes: &[u8], t1: &mut Polynomial) {
    for (eight, packed) in t1.chunks_exact_mut(8).zip(bytes.chunks_exact(10)) {
        let low = little_endian(packed);
        let high = u64::from(packed[8]) | u64::from(packed[9]) << 8;
        for (i, coefficient) in eight[..6].iter_mut().enumerate() {
            *coefficient = (low >> (10 * i)) as i32 & 0x3ff;
        }
        eight[6] = (low >> 60 | high << 4) as i32 & 0x3ff;
        eight[7] = (high >> 6) as i32;
    }
}

/// The first eight bytes, of at least eight.
#[inline(always)]
fn little_endian(bytes: &[u8]) -> u64 {
    let mut lane = [0; 8];
    lane.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(lane)
}

/// A signature's hints, known to be well-formed.
pub struct Hints<'a> {
    positions: &'a [u8],
    ends: &'a [u8],
}

impl<'a> Hints<'a> {
    /// Algorithm 21: positions rise within a row, ends do not fall, and the rest is zero.
    pub fn unpack<P: ParameterSet>(bytes: &'a [u8]) -> Option<Self> {
        let (positions, ends) = bytes.split_at(P::OMEGA);
        let mut start = 0;
        for &end in ends {
            let row = positions.get(start..usize::from(end))?;
            if row.windows(2).any(|pair| pair[0] >= pair[1]) {
                return None;
            }
            start = usize::from(end);
        }
        let is_padding_zero = positions[start..].iter().all(|position| *position == 0);
        is_padding_zero.then_some(Self { positions, ends })
    }

    /// The positions in one row whose hint is 1.
    pub fn row(&self, row: usize) -> &'a [u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.positions[usize::from(start)..usize::from(self.ends[row])]
    }
}

/// Absorbs the high parts of one polynomial as `w1Encode` packs them (algorithm 28).
pub fn absorb_high_parts<P: ParameterSet>(shake: &mut Shake256, w: &Polynomial) {
    if P::HIGH_PARTS == 16 {
        for sixteen in w.chunks_exact(16) {
            shake.absorb_lane(packed::<P>(sixteen, 4));
        }
    } else {
        for thirty_two in w.chunks_exact(32) {
            let a = packed::<P>(&thirty_two[..11], 6);
            let b = packed::<P>(&thirty_two[11..22], 6);
            let c = packed::<P>(&thirty_two[22..], 6);
            let (last_of_a, last_of_b) = (
                high_part::<P>(thirty_two[10]),
                high_part::<P>(thirty_two[21]),
            );
            shake.absorb_lane(a);
            shake.absorb_lane(last_of_a >> 4 | b << 2);
            shake.absorb_lane(last_of_b >> 2 | c << 4);
        }
    }
}

/// Up to 64 bits of high parts, the first one lowest; higher bits fall out.
#[inline(always)]
fn packed<P: ParameterSet>(coefficients: &[i32], bits: u32) -> u64 {
    let parts = coefficients.iter().rev();
    parts.fold(0, |lane, r| lane << bits | high_part::<P>(*r))
}
