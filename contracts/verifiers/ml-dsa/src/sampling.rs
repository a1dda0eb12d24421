//! What FIPS 204 expands from seeds: the matrix (algorithms 30 and 32) and the challenge
//! (algorithm 29).

use crate::{
    ntt::Polynomial,
    parameters::{ParameterSet, N, Q},
    shake::{Output, Shake256, SHAKE128_RATE_LANES},
};

const CANDIDATE: u64 = 0x7f_ffff;
/// Candidates in one block of SHAKE128: three bytes each.
const BLOCK_CANDIDATES: usize = SHAKE128_RATE_LANES * 8 / 3;

/// Room for a polynomial and what its last block gives beyond it.
pub const CANDIDATES: usize = N + BLOCK_CANDIDATES;

/// One entry of the matrix, transformed, in `0..Q`: the first `N` of `entry`; what follows is of no
/// meaning.
pub fn sample_matrix_entry(
    seed: &[u64; 4],
    row: usize,
    column: usize,
    entry: &mut [i32; CANDIDATES],
) {
    let mut stream = Output::<SHAKE128_RATE_LANES>::of_seed(seed, (row << 8 | column) as u64);
    let mut filled = 0;
    loop {
        let block: &mut [i32; BLOCK_CANDIDATES] = entry[filled..].first_chunk_mut().unwrap();
        unpack_candidates(stream.block(), block);
        filled += accepted(block);
        if filled >= N {
            return;
        }
        stream.next_block();
    }
}

/// 24 bytes are eight candidates of three bytes, whose highest bit is dropped.
#[inline(always)]
fn unpack_candidates(lanes: &[u64; SHAKE128_RATE_LANES], candidates: &mut [i32; BLOCK_CANDIDATES]) {
    for (eight, lanes) in candidates.chunks_exact_mut(8).zip(lanes.chunks_exact(3)) {
        let unpacked = [
            lanes[0],
            lanes[0] >> 24,
            lanes[0] >> 48 | lanes[1] << 16,
            lanes[1] >> 8,
            lanes[1] >> 32,
            lanes[1] >> 56 | lanes[2] << 8,
            lanes[2] >> 16,
            lanes[2] >> 40,
        ];
        for (candidate, bits) in eight.iter_mut().zip(unpacked) {
            *candidate = (bits & CANDIDATE) as i32;
        }
    }
}

/// Moves those below `Q` to the front and counts them. One in a thousand is not, so most blocks
/// stay as they are.
#[inline(always)]
fn accepted(candidates: &mut [i32; BLOCK_CANDIDATES]) -> usize {
    let any_rejected = candidates.iter().fold(0, |any, c| any | (Q as i32 - 1 - c)) < 0;
    if any_rejected {
        move_accepted(candidates)
    } else {
        BLOCK_CANDIDATES
    }
}

#[cold]
#[inline(never)]
fn move_accepted(candidates: &mut [i32]) -> usize {
    let mut kept = 0;
    for i in 0..candidates.len() {
        if candidates[i] < Q as i32 {
            candidates[kept] = candidates[i];
            kept += 1;
        }
    }
    kept
}

/// The challenge with `unit` and `-unit` for its coefficients 1 and -1.
pub fn sample_in_ball<P: ParameterSet>(challenge: &[u8], unit: i32, c: &mut Polynomial) {
    let mut shake = Shake256::new();
    shake.absorb(challenge);
    let mut stream = shake.finish();
    let mut signs = stream.block()[0];
    let mut position_bytes = 8;
    c.fill(0);
    for i in N - P::TAU..N {
        let j = loop {
            if position_bytes == Shake256::RATE_BYTES {
                stream.next_block();
                position_bytes = 0;
            }
            let lane = stream.block()[position_bytes / 8];
            let j = (lane >> (position_bytes % 8 * 8)) as u8 as usize;
            position_bytes += 1;
            if j <= i {
                break j;
            }
        };
        c[i] = c[j];
        c[j] = if signs & 1 == 0 { unit } else { -unit };
        signs >>= 1;
    }
}
