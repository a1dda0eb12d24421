//! Memory that nobody clears before it is written: clearing the buffers of one session transfer took
//! more instructions than everything else that the wallet computes in it.
//!
//! Guarantees that only written bytes can be read: as a `Room` the bytes are `MaybeUninit`, and what
//! comes back as plain bytes was copied from the host or written by `xdr::Writer`.

use core::mem::MaybeUninit;

use soroban_sdk::{unwrap::UnwrapOptimized, Bytes, Env};

pub type Room<const N: usize> = [MaybeUninit<u8>; N];

#[inline(always)]
pub const fn room<const N: usize>() -> Room<N> {
    // SAFETY: bytes that may be uninitialized need no initialization. An array expression of them
    // would compile to a loop.
    unsafe { MaybeUninit::<Room<N>>::uninit().assume_init() }
}

/// Fills `to` from `bytes`, from position `start` on. The host traps if there are too few.
#[cfg(target_family = "wasm")]
pub fn copy<'a>(
    _: &Env,
    bytes: &Bytes,
    start: usize,
    to: &'a mut [MaybeUninit<u8>],
) -> &'a mut [u8] {
    use soroban_sdk::Val;

    #[link(wasm_import_module = "b")]
    extern "C" {
        /// `bytes_copy_to_linear_memory` of the host's interface.
        #[link_name = "1"]
        fn bytes_copy_to_linear_memory(bytes: Val, start: Val, to: Val, length: Val) -> Val;
    }
    let (position, length) = (to.as_mut_ptr() as u32, to.len() as u32);
    // SAFETY: the host writes exactly these bytes of `to`, all of them, or does not return.
    unsafe {
        bytes_copy_to_linear_memory(
            bytes.to_val(),
            (start as u32).into(),
            position.into(),
            length.into(),
        );
        to.assume_init_mut()
    }
}

#[cfg(not(target_family = "wasm"))]
pub fn copy<'a>(
    env: &Env,
    bytes: &Bytes,
    start: usize,
    to: &'a mut [MaybeUninit<u8>],
) -> &'a mut [u8] {
    use soroban_sdk::{unwrap::UnwrapInfallible, EnvBase};

    to.fill(MaybeUninit::new(0));
    // SAFETY: just written.
    let to = unsafe { to.assume_init_mut() };
    let _ = UnwrapInfallible::unwrap_infallible(env.bytes_copy_to_slice(
        bytes.to_object(),
        (start as u32).into(),
        to,
    ));
    to
}

/// All of `bytes`.
pub fn copy_all<'a>(
    env: &Env,
    bytes: &Bytes,
    to: &'a mut [MaybeUninit<u8>],
) -> Option<&'a mut [u8]> {
    let length = bytes.len() as usize;
    Some(copy(env, bytes, 0, to.get_mut(..length)?))
}

/// Copies `from` to the whole of `to`, which has to be as long. The compiler's own way goes byte by
/// byte where the two are not aligned alike, at six times the cost.
#[inline(never)]
pub fn fill(to: &mut [MaybeUninit<u8>], from: &[u8]) {
    assert_eq!(to.len(), from.len());
    let (to_chunks, to) = to.as_chunks_mut::<16>();
    let (from_chunks, from) = from.as_chunks::<16>();
    for (to, from) in to_chunks.iter_mut().zip(from_chunks) {
        // In one piece the compiler would take the loop for a copy and use its own way after all.
        to[..8].write_copy_of_slice(&from[..8]);
        to[8..].write_copy_of_slice(&from[8..]);
    }
    if to.len() >= 8 {
        fill_ends::<8>(to, from);
    } else if to.len() >= 4 {
        fill_ends::<4>(to, from);
    } else if to.len() >= 2 {
        fill_ends::<2>(to, from);
    } else {
        fill_ends::<1>(to, from);
    }
}

/// The first and the last N bytes, which may overlap.
#[inline(always)]
fn fill_ends<const N: usize>(to: &mut [MaybeUninit<u8>], from: &[u8]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
        to.write_copy_of_slice(from);
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk::<N>()) {
        to.write_copy_of_slice(from);
    }
}

/// The compiler's own comparison goes byte by byte.
#[inline(always)]
pub fn is_equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if a.len() < 4 {
        return a.iter().zip(b).all(|(a, b)| a == b);
    }
    if a.len() < 8 {
        return a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk();
    }
    let (mut rest_a, mut rest_b) = (a, b);
    while let (Some((first_a, after_a)), Some((first_b, after_b))) = (
        rest_a.split_first_chunk::<8>(),
        rest_b.split_first_chunk::<8>(),
    ) {
        if first_a != first_b {
            return false;
        }
        (rest_a, rest_b) = (after_a, after_b);
    }
    a.last_chunk::<8>() == b.last_chunk()
}

/// The bytes of a hash, a key or a signature.
pub fn array<const N: usize>(env: &Env, bytes: &Bytes) -> [u8; N] {
    let mut to = room::<N>();
    let copied: &[u8; N] = (&*copy(env, bytes, 0, &mut to))
        .try_into()
        .unwrap_optimized();
    *copied
}
