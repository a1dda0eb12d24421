//! ML-DSA.Verify, FIPS 204 algorithms 3 and 8, for the pure version with its external interface.
//!
//! Whoever calls has checked the lengths of key and signature and that of the context; everything
//! else that FIPS 204 refuses is refused here. Nothing is secret, so nothing is constant in time.

use soroban_sdk::Bytes;

use crate::{
    encoding::{absorb_high_parts, unpack_t1, unpack_z, Hints},
    ntt::{inverse_transform, reduce, transform},
    parameters::{ParameterSet, D, N, SEED_BYTES, T1_BYTES},
    rounding::move_as_hinted,
    sampling::{sample_in_ball, sample_matrix_entry, CANDIDATES},
    shake::Shake256,
};

/// Leading byte of a message that was not hashed before signing.
const PURE: u8 = 0;
/// Lanes of the digest of the public key and of the message's representative.
const DIGEST_LANES: usize = 8;
const MESSAGE_CHUNK_BYTES: u32 = 256;

/// `L` is `P::L`.
pub fn verify<P: ParameterSet, const L: usize>(
    public_key: &[u8],
    message: &Bytes,
    context: &[u8],
    signature: &[u8],
) -> bool {
    let (challenge, rest) = signature.split_at(P::CHALLENGE_BYTES);
    let (packed_z, packed_hints) = rest.split_at(P::Z_BYTES * L);
    let Some(hints) = Hints::unpack::<P>(packed_hints) else {
        return false;
    };
    let mut z = [[0; N]; L];
    for (z, packed) in z.iter_mut().zip(packed_z.chunks_exact(P::Z_BYTES)) {
        if !unpack_z::<P>(packed, z) {
            return false;
        }
        transform(z);
    }
    let mut c = [0; N];
    sample_in_ball::<P>(challenge, 1 << D, &mut c);
    transform(&mut c);

    let mut commitment = Shake256::new();
    for lane in message_representative(public_key, message, context) {
        commitment.absorb_lane(lane);
    }
    let (seed, packed_t1) = public_key.split_at(SEED_BYTES);
    let seed = seed_lanes(seed);
    let mut w = [0; N];
    let mut matrix_row = [[0; CANDIDATES]; L];
    for (row, packed) in packed_t1.chunks_exact(T1_BYTES).enumerate() {
        unpack_t1(packed, &mut w);
        transform(&mut w);
        for (column, entry) in matrix_row.iter_mut().enumerate() {
            sample_matrix_entry(&seed, row, column, entry);
        }
        // At most 2^54 + L * 2^50.
        for i in 0..N {
            let products = z.iter().zip(&matrix_row);
            let products = products.map(|(z, a)| i64::from(z[i]) * i64::from(a[i]));
            w[i] = reduce(products.sum::<i64>() - i64::from(c[i]) * i64::from(w[i]));
        }
        inverse_transform(&mut w);
        for position in hints.row(row) {
            move_as_hinted::<P>(&mut w[usize::from(*position)]);
        }
        absorb_high_parts::<P>(&mut commitment, &w);
    }
    let digest = commitment.finish();
    let expected = digest.block().iter().flat_map(|lane| lane.to_le_bytes());
    expected.zip(challenge).all(|(a, b)| a == *b)
}

/// `mu`: binds public key, context and message.
fn message_representative(
    public_key: &[u8],
    message: &Bytes,
    context: &[u8],
) -> [u64; DIGEST_LANES] {
    let mut shake = Shake256::new();
    shake.absorb(public_key);
    let public_key_digest = shake.finish();

    let mut shake = Shake256::new();
    for lane in &public_key_digest.block()[..DIGEST_LANES] {
        shake.absorb_lane(*lane);
    }
    shake.absorb(&[PURE, context.len() as u8]);
    shake.absorb(context);
    absorb_message(&mut shake, message);
    *shake.finish().block().first_chunk().unwrap()
}

/// By chunks, so that a message of any length needs no more memory than a short one.
fn absorb_message(shake: &mut Shake256, message: &Bytes) {
    let mut chunk = [0; MESSAGE_CHUNK_BYTES as usize];
    let mut start = 0;
    while start < message.len() {
        let end = message.len().min(start + MESSAGE_CHUNK_BYTES);
        let chunk = &mut chunk[..(end - start) as usize];
        message.slice(start..end).copy_into_slice(chunk);
        shake.absorb(chunk);
        start = end;
    }
}

fn seed_lanes(seed: &[u8]) -> [u64; 4] {
    let mut lanes = [0; 4];
    for (lane, bytes) in lanes.iter_mut().zip(seed.chunks_exact(8)) {
        *lane = u64::from_le_bytes(bytes.try_into().unwrap());
    }
    lanes
}
