//! SHAKE128 and SHAKE256 (FIPS 202, section 6.2) by bytes and, where the caller's data comes in
//! whole lanes, by lanes. Absorbing after `finish` is not prevented; no caller does.

use crate::keccak::{permute, LANES};

pub const SHAKE128_RATE_LANES: usize = 21;
pub const SHAKE256_RATE_LANES: usize = 17;

const SUFFIX: u64 = 0x1f;
const LAST_BIT: u64 = 1 << 63;

pub struct Shake256 {
    lanes: [u64; LANES],
    position_bytes: usize,
}

impl Shake256 {
    pub const RATE_BYTES: usize = SHAKE256_RATE_LANES * 8;

    pub fn new() -> Self {
        Self {
            lanes: [0; LANES],
            position_bytes: 0,
        }
    }

    pub fn absorb(&mut self, bytes: &[u8]) {
        let bytes_to_next_lane = self.position_bytes.wrapping_neg() % 8;
        let (first, rest) = bytes.split_at(bytes_to_next_lane.min(bytes.len()));
        let lanes = rest.chunks_exact(8);
        let last = lanes.remainder();
        first.iter().for_each(|byte| self.absorb_byte(*byte));
        for lane in lanes {
            self.absorb_lane(u64::from_le_bytes(lane.try_into().unwrap()));
        }
        last.iter().for_each(|byte| self.absorb_byte(*byte));
    }

    #[inline(always)]
    fn absorb_byte(&mut self, byte: u8) {
        self.lanes[self.position_bytes / 8] ^= u64::from(byte) << (self.position_bytes % 8 * 8);
        self.advance(1);
    }

    /// Eight bytes, little-endian, at a position that is a multiple of eight.
    #[inline(always)]
    pub fn absorb_lane(&mut self, lane: u64) {
        self.lanes[self.position_bytes / 8] ^= lane;
        self.advance(8);
    }

    #[inline(always)]
    fn advance(&mut self, bytes: usize) {
        self.position_bytes += bytes;
        if self.position_bytes == Self::RATE_BYTES {
            permute(&mut self.lanes);
            self.position_bytes = 0;
        }
    }

    /// Pads, and gives the first `RATE_BYTES` of the output as lanes.
    pub fn finish(mut self) -> Output<SHAKE256_RATE_LANES> {
        self.lanes[self.position_bytes / 8] ^= SUFFIX << (self.position_bytes % 8 * 8);
        self.lanes[SHAKE256_RATE_LANES - 1] ^= LAST_BIT;
        permute(&mut self.lanes);
        Output { lanes: self.lanes }
    }
}

pub struct Output<const RATE_LANES: usize> {
    lanes: [u64; LANES],
}

impl Output<SHAKE128_RATE_LANES> {
    /// Of SHAKE128 over 34 bytes: four lanes and the two low bytes of `tail`.
    pub fn of_seed(seed: &[u64; 4], tail: u64) -> Self {
        let mut lanes = [0; LANES];
        lanes[..4].copy_from_slice(seed);
        lanes[4] = tail | SUFFIX << 16;
        lanes[SHAKE128_RATE_LANES - 1] = LAST_BIT;
        permute(&mut lanes);
        Self { lanes }
    }
}

impl<const RATE_LANES: usize> Output<RATE_LANES> {
    pub fn block(&self) -> &[u64; RATE_LANES] {
        self.lanes.first_chunk().unwrap()
    }

    pub fn next_block(&mut self) {
        permute(&mut self.lanes);
    }
}
