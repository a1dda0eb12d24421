//! Takes values off the front of their encoding.
//!
//! Guarantees: every length is checked before use, nested values cost no stack, and what does not
//! have the shape that was asked for fails the reader for good: it gives zeros and empty slices from
//! then on, and `finish` reports it.

use soroban_sdk::unwrap::UnwrapOptimized;

use super::*;
use crate::{memory::is_equal, WalletError};

/// What a failed reader gives instead of an array.
static ZEROS: [u8; 65] = [0; 65];

/// Takes values off the front of their encoding. A call costs a contract as much as 67 simple
/// instructions, so what reads a word or two is part of its caller.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    has_failed: bool,
}

impl<'a> Reader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            has_failed: false,
        }
    }

    pub fn fail(&mut self) {
        self.has_failed = true;
        self.rest = &[];
    }

    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Succeeds if everything had its shape and nothing is left.
    ///
    /// Errors: `MalformedArgument`.
    pub fn finish(&self) -> Result<(), WalletError> {
        if self.has_failed || !self.rest.is_empty() {
            return Err(WalletError::MalformedArgument);
        }
        Ok(())
    }

    #[inline(always)]
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.fail();
                &[]
            }
        }
    }

    /// At most 65 bytes.
    pub fn array<const N: usize>(&mut self) -> &'a [u8; N] {
        let taken = self.take(N);
        match taken.first_chunk() {
            Some(array) => array,
            None => ZEROS.first_chunk().unwrap_optimized(),
        }
    }

    /// A number of the encoding itself: a tag, a length.
    #[inline(always)]
    pub fn word(&mut self) -> u32 {
        match self.rest.split_first_chunk() {
            Some((word, rest)) => {
                self.rest = rest;
                u32::from_be_bytes(*word)
            }
            None => {
                self.fail();
                0
            }
        }
    }

    #[inline(always)]
    fn expect(&mut self, word: u32) {
        if self.word() != word {
            self.fail();
        }
    }

    #[inline(always)]
    fn padded(&mut self, tag: u32) -> &'a [u8] {
        self.expect(tag);
        let length = self.word() as usize;
        let bytes = self.take(length);
        self.take(length.wrapping_neg() % 4);
        bytes
    }

    pub fn u32(&mut self) -> u32 {
        self.expect(U32);
        self.word()
    }

    pub fn u64(&mut self) -> u64 {
        self.expect(U64);
        u64::from_be_bytes(*self.array())
    }

    pub fn i128(&mut self) -> i128 {
        self.expect(I128);
        i128::from_be_bytes(*self.array())
    }

    #[inline(never)]
    pub fn bytes(&mut self) -> &'a [u8] {
        self.padded(BYTES)
    }

    /// At most 65 bytes.
    pub fn bytes_n<const N: usize>(&mut self) -> &'a [u8; N] {
        match self.bytes().try_into() {
            Ok(array) => array,
            Err(_) => {
                self.fail();
                self.array()
            }
        }
    }

    #[inline(never)]
    pub fn string(&mut self) -> &'a [u8] {
        self.padded(STRING)
    }

    #[inline(never)]
    pub fn symbol(&mut self) -> &'a [u8] {
        self.padded(SYMBOL)
    }

    /// The number of elements that follow.
    pub fn vec(&mut self) -> u32 {
        self.expect(VEC);
        self.expect(1);
        self.word()
    }

    /// The number of pairs that follow.
    pub fn map(&mut self) -> u32 {
        self.expect(MAP);
        self.expect(1);
        self.word()
    }

    /// The struct that follows has so many fields.
    #[inline(never)]
    pub fn fields(&mut self, count: u32) {
        self.expect(MAP);
        self.expect(1);
        self.expect(count);
    }

    /// The next field has this name.
    #[inline(never)]
    pub fn field(&mut self, name: &str) {
        if !is_equal(self.padded(SYMBOL), name.as_bytes()) {
            self.fail();
        }
    }

    /// True, and takes it, if the next value is void.
    pub fn is_void(&mut self) -> bool {
        let is_void = self.rest.first_chunk() == Some(&VOID.to_be_bytes());
        if is_void {
            self.word();
        }
        is_void
    }

    /// An address without the value's tag: what `ScAddress` encodes to.
    pub fn address(&mut self) -> &'a [u8] {
        match self.value() {
            [0, 0, 0, 18, address @ ..] => address,
            _ => {
                self.fail();
                &[]
            }
        }
    }

    /// The id of a contract, where no other address will do.
    pub fn contract(&mut self) -> &'a [u8; 32] {
        self.expect(ADDRESS);
        self.expect(ADDRESS_CONTRACT);
        self.array()
    }

    /// An account or a contract, as `address` returns it: what can authorize.
    pub fn account_or_contract(&mut self) -> &'a [u8] {
        let address = self.address();
        if !matches!(address, [0, 0, 0, 0 | 1, ..]) {
            self.fail();
        }
        address
    }

    /// The encoding of one whole value, nested ones included.
    #[inline(never)]
    pub fn value(&mut self) -> &'a [u8] {
        let start = self.rest;
        match after_value(start) {
            Some(rest) => {
                self.rest = rest;
                &start[..start.len() - rest.len()]
            }
            None => {
                self.fail();
                &[]
            }
        }
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// How many bytes follow a tag, by the tag; `VARIES` where that takes another look.
const SIZES: [u8; 19] = {
    let mut sizes = [VARIES; 19];
    sizes[BOOL as usize] = 4;
    sizes[VOID as usize] = 0;
    sizes[ERROR as usize] = 8;
    sizes[U32 as usize] = 4;
    sizes[I32 as usize] = 4;
    sizes[U64 as usize] = 8;
    sizes[I64 as usize] = 8;
    sizes[TIMEPOINT as usize] = 8;
    sizes[DURATION as usize] = 8;
    sizes[U128 as usize] = 16;
    sizes[I128 as usize] = 16;
    sizes[U256 as usize] = 32;
    sizes[I256 as usize] = 32;
    sizes
};
const VARIES: u8 = 0xff;

/// What comes after the first value. A loop costs all of its code in each round, whatever branch it
/// takes, so the common and short is here and the rest has a function of its own.
fn after_value(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    // No value is shorter than its tag, so counts that would overflow this fail before they do.
    let mut pending: usize = 1;
    loop {
        let (tag, content) = rest.split_first_chunk::<4>()?;
        let tag = u32::from_be_bytes(*tag) as usize;
        let mut size = usize::from(*SIZES.get(tag)?);
        if size == usize::from(VARIES) {
            let elements;
            (size, elements) = varying(tag as u32, content)?;
            pending = pending.wrapping_add(elements);
        }
        rest = content.get(size..)?;
        pending = pending.wrapping_sub(1);
        if pending == 0 {
            return Some(rest);
        }
    }
}

/// The size of what follows a tag, and how many values follow that.
#[inline(never)]
fn varying(tag: u32, content: &[u8]) -> Option<(usize, usize)> {
    let first = word_at(content.get(..4)?, 0);
    match (tag, first) {
        (BYTES | STRING | SYMBOL, length) => {
            Some((4 + (length as usize).checked_next_multiple_of(4)?, 0))
        }
        (VEC | MAP, 1) => {
            let count = word_at(content.get(4..8)?, 0) as usize;
            if count > content.len() {
                return None;
            }
            Some((8, if tag == MAP { 2 * count } else { count }))
        }
        (ADDRESS, ADDRESS_ACCOUNT | ADDRESS_CLAIMABLE_BALANCE) => Some((40, 0)),
        (ADDRESS, ADDRESS_CONTRACT | ADDRESS_LIQUIDITY_POOL) => Some((36, 0)),
        (ADDRESS, ADDRESS_MUXED_ACCOUNT) => Some((44, 0)),
        _ => None,
    }
}

/// A word of what is known to have it.
#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |word| u32::from_be_bytes(*word))
}
