//! Takes values off the front of their encoding.
//!
//! Guarantees: every length is checked before use, nested values cost no stack, and what does not
//! have the shape that was asked for fails the reader for good: it gives zeros and empty slices from
//! then on, and `finish` reports it.

use soroban_sdk::unwrap::UnwrapOptimized;

use super::*;
use crate::WalletError;

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

    #[inline(never)]
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

    pub fn string(&mut self) -> &'a [u8] {
        self.padded(STRING)
    }

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
        self.expect(SYMBOL);
        let length = self.word() as usize;
        let symbol = self.take(length);
        self.take(length.wrapping_neg() % 4);
        if symbol != name.as_bytes() {
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
        let mut rest = *self;
        let mut pending: u64 = 1;
        while pending > 0 {
            pending -= 1;
            let length = match rest.word() {
                VOID => 0,
                BOOL | U32 | I32 => 4,
                ERROR | U64 | I64 | TIMEPOINT | DURATION => 8,
                U128 | I128 => 16,
                U256 | I256 => 32,
                BYTES | STRING | SYMBOL => (rest.word() as usize).saturating_add(3) & !3,
                tag @ (VEC | MAP) => {
                    if rest.word() != 1 {
                        return self.failed_value();
                    }
                    let length = u64::from(rest.word());
                    pending += if tag == MAP { 2 * length } else { length };
                    0
                }
                ADDRESS => match rest.word() {
                    ADDRESS_ACCOUNT | ADDRESS_CLAIMABLE_BALANCE => 36,
                    ADDRESS_CONTRACT | ADDRESS_LIQUIDITY_POOL => 32,
                    ADDRESS_MUXED_ACCOUNT => 40,
                    _ => return self.failed_value(),
                },
                _ => return self.failed_value(),
            };
            match rest.rest.get(length..) {
                Some(left) if !rest.has_failed => rest.rest = left,
                _ => return self.failed_value(),
            }
        }
        self.rest = rest.rest;
        &start[..start.len() - rest.rest.len()]
    }

    fn failed_value(&mut self) -> &'a [u8] {
        self.fail();
        &[]
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}
