//! Reads and writes the XDR of Soroban values (RFC 4506; Stellar-contract.x, `SCVal`) as plain
//! bytes. Contracts that take their structured arguments apart by this code import two host
//! functions where the SDK's conversions import nine, and every caller pays for each import.
//!
//! Guarantees: every length is checked before use, nested values cost no stack, and what does not
//! have the shape that was asked for fails the reader for good: it gives zeros and empty slices from
//! then on, and `finish` reports it. Not checked: that maps are sorted and strings valid, since the
//! host made the bytes.

use core::mem::MaybeUninit;

use soroban_sdk::{unwrap::UnwrapOptimized, Bytes, Env};

use crate::{memory, WalletError};

const BOOL: u32 = 0;
const VOID: u32 = 1;
const ERROR: u32 = 2;
const U32: u32 = 3;
const I32: u32 = 4;
const U64: u32 = 5;
const I64: u32 = 6;
const TIMEPOINT: u32 = 7;
const DURATION: u32 = 8;
const U128: u32 = 9;
const I128: u32 = 10;
const U256: u32 = 11;
const I256: u32 = 12;
const BYTES: u32 = 13;
const STRING: u32 = 14;
const SYMBOL: u32 = 15;
const VEC: u32 = 16;
const MAP: u32 = 17;
const ADDRESS: u32 = 18;

const ADDRESS_ACCOUNT: u32 = 0;
const ADDRESS_CONTRACT: u32 = 1;
const ADDRESS_MUXED_ACCOUNT: u32 = 2;
const ADDRESS_CLAIMABLE_BALANCE: u32 = 3;
const ADDRESS_LIQUIDITY_POOL: u32 = 4;

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

/// Appends values to a buffer. Whoever writes knows how much can come at most; more is a panic.
pub struct Writer<'a> {
    buffer: &'a mut [MaybeUninit<u8>],
    length: usize,
}

impl<'a> Writer<'a> {
    pub fn new(buffer: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { buffer, length: 0 }
    }

    pub fn written(&self) -> &[u8] {
        // SAFETY: every function that makes `length` greater writes the bytes up to it first.
        unsafe { self.buffer[..self.length].assume_init_ref() }
    }

    #[inline(always)]
    pub fn raw(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.buffer[self.length..end].write_copy_of_slice(bytes);
        self.length = end;
    }

    /// Changes what was written, from position `start` on.
    pub fn overwrite(&mut self, start: usize, bytes: &[u8]) {
        self.buffer[..self.length][start..start + bytes.len()].write_copy_of_slice(bytes);
    }

    /// Appends a part of `bytes`. The host traps if there are too few.
    pub fn copy(&mut self, env: &Env, bytes: &Bytes, start: usize, length: usize) -> &'_ [u8] {
        let end = self.length + length;
        let copied = memory::copy(env, bytes, start, &mut self.buffer[self.length..end]);
        self.length = end;
        copied
    }

    #[inline(always)]
    pub fn word(&mut self, word: u32) {
        self.raw(&word.to_be_bytes());
    }

    pub fn void(&mut self) {
        self.word(VOID);
    }

    #[inline(never)]
    pub fn u32(&mut self, value: u32) {
        self.word(U32);
        self.word(value);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.padded(BYTES, bytes);
    }

    /// What comes before and after so many bytes of a value are `bytes_start` and `bytes_end`.
    pub fn bytes_start(&mut self, length: usize) {
        self.word(BYTES);
        self.word(length as u32);
    }

    #[inline(always)]
    pub fn bytes_end(&mut self, length: usize) {
        for _ in 0..length.wrapping_neg() % 4 {
            self.raw(&[0]);
        }
    }

    pub fn string(&mut self, bytes: &[u8]) {
        self.padded(STRING, bytes);
    }

    pub fn symbol(&mut self, name: &str) {
        self.padded(SYMBOL, name.as_bytes());
    }

    #[inline(never)]
    fn padded(&mut self, tag: u32, bytes: &[u8]) {
        self.word(tag);
        self.word(bytes.len() as u32);
        self.raw(bytes);
        self.bytes_end(bytes.len());
    }

    pub fn vec(&mut self, length: usize) {
        self.collection(VEC, length);
    }

    pub fn map(&mut self, length: usize) {
        self.collection(MAP, length);
    }

    #[inline(never)]
    fn collection(&mut self, tag: u32, length: usize) {
        self.word(tag);
        self.word(1);
        self.word(length as u32);
    }

    /// `address` as `Reader::address` returned it.
    pub fn address(&mut self, address: &[u8]) {
        self.word(ADDRESS);
        self.raw(address);
    }

    #[inline(never)]
    pub fn contract(&mut self, contract_id: &[u8; 32]) {
        self.word(ADDRESS);
        self.word(ADDRESS_CONTRACT);
        self.raw(contract_id);
    }
}
