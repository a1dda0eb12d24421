//! Reads and writes the XDR of Soroban values (RFC 4506; Stellar-contract.x, `SCVal`) as plain
//! bytes. Contracts that take their structured arguments apart by this code import two host
//! functions where the SDK's conversions import nine, and every caller pays for each import.
//!
//! Guarantees: every length is checked before use, nested values cost no stack, and bytes left over
//! are refused. Not checked: that maps are sorted and strings valid, since the host made the bytes.

use crate::WalletError;

const BOOL: u32 = 0;
pub const VOID: u32 = 1;
const ERROR: u32 = 2;
pub const U32: u32 = 3;
const I32: u32 = 4;
pub const U64: u32 = 5;
const I64: u32 = 6;
const TIMEPOINT: u32 = 7;
const DURATION: u32 = 8;
const U128: u32 = 9;
pub const I128: u32 = 10;
const U256: u32 = 11;
const I256: u32 = 12;
pub const BYTES: u32 = 13;
pub const STRING: u32 = 14;
pub const SYMBOL: u32 = 15;
pub const VEC: u32 = 16;
pub const MAP: u32 = 17;
pub const ADDRESS: u32 = 18;

const ADDRESS_ACCOUNT: u32 = 0;
const ADDRESS_CONTRACT: u32 = 1;
const ADDRESS_MUXED_ACCOUNT: u32 = 2;
const ADDRESS_CLAIMABLE_BALANCE: u32 = 3;
const ADDRESS_LIQUIDITY_POOL: u32 = 4;

type Read<T> = Result<T, WalletError>;

/// Takes values off the front of their encoding.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(WalletError::MalformedArgument)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        self.take(N)?
            .try_into()
            .map_err(|_| WalletError::MalformedArgument)
    }

    /// A number of the encoding itself: a tag, a length.
    pub fn word(&mut self) -> Read<u32> {
        Ok(u32::from_be_bytes(*self.array()?))
    }

    /// Succeeds if nothing is left.
    pub fn end(&self) -> Read<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(WalletError::MalformedArgument)
        }
    }

    fn tag(&mut self, expected: u32) -> Read<()> {
        if self.word()? == expected {
            Ok(())
        } else {
            Err(WalletError::MalformedArgument)
        }
    }

    fn padded(&mut self) -> Read<&'a [u8]> {
        let length = self.word()? as usize;
        let bytes = self.take(length)?;
        self.take(length.wrapping_neg() % 4)?;
        Ok(bytes)
    }

    pub fn u32(&mut self) -> Read<u32> {
        self.tag(U32)?;
        self.word()
    }

    pub fn u64(&mut self) -> Read<u64> {
        self.tag(U64)?;
        Ok(u64::from_be_bytes(*self.array()?))
    }

    pub fn i128(&mut self) -> Read<i128> {
        self.tag(I128)?;
        Ok(i128::from_be_bytes(*self.array()?))
    }

    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        self.tag(BYTES)?;
        self.padded()
    }

    pub fn bytes_n<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        self.bytes()?
            .try_into()
            .map_err(|_| WalletError::MalformedArgument)
    }

    pub fn string(&mut self) -> Read<&'a [u8]> {
        self.tag(STRING)?;
        self.padded()
    }

    pub fn symbol(&mut self) -> Read<&'a [u8]> {
        self.tag(SYMBOL)?;
        self.padded()
    }

    /// The number of elements that follow.
    pub fn vec(&mut self) -> Read<u32> {
        self.collection(VEC)
    }

    /// The number of pairs that follow.
    pub fn map(&mut self) -> Read<u32> {
        self.collection(MAP)
    }

    fn collection(&mut self, tag: u32) -> Read<u32> {
        self.tag(tag)?;
        self.tag(1)?;
        self.word()
    }

    /// An address without the value's tag: what `ScAddress` encodes to.
    pub fn address(&mut self) -> Read<&'a [u8]> {
        self.tag(ADDRESS)?;
        let start = self.0;
        self.skip_address()?;
        Ok(&start[..start.len() - self.0.len()])
    }

    fn skip_address(&mut self) -> Read<()> {
        let length = match self.word()? {
            ADDRESS_ACCOUNT | ADDRESS_CLAIMABLE_BALANCE => 36,
            ADDRESS_CONTRACT | ADDRESS_LIQUIDITY_POOL => 32,
            ADDRESS_MUXED_ACCOUNT => 40,
            _ => return Err(WalletError::MalformedArgument),
        };
        self.take(length).map(|_| ())
    }

    /// The encoding of one whole value, nested ones included.
    pub fn value(&mut self) -> Read<&'a [u8]> {
        let start = self.0;
        let mut pending: u64 = 1;
        while pending > 0 {
            pending -= 1;
            let fixed = match self.word()? {
                VOID => 0,
                BOOL | U32 | I32 => 4,
                ERROR | U64 | I64 | TIMEPOINT | DURATION => 8,
                U128 | I128 => 16,
                U256 | I256 => 32,
                BYTES | STRING | SYMBOL => {
                    self.padded()?;
                    0
                }
                tag @ (VEC | MAP) => {
                    self.tag(1)?;
                    let length = u64::from(self.word()?);
                    pending += if tag == MAP { 2 * length } else { length };
                    0
                }
                ADDRESS => {
                    self.skip_address()?;
                    0
                }
                _ => return Err(WalletError::MalformedArgument),
            };
            self.take(fixed)?;
        }
        Ok(&start[..start.len() - self.0.len()])
    }

    /// The values of a struct's fields, as encoded. A field may be missing; another one is refused.
    pub fn fields<const N: usize>(&mut self, names: [&str; N]) -> Read<[Reader<'a>; N]> {
        let mut fields = [Reader::new(&VOID_VALUE); N];
        let mut next = 0;
        for _ in 0..self.map()? {
            let name = self.symbol()?;
            while names.get(next).is_some_and(|n| n.as_bytes() != name) {
                next += 1;
            }
            *fields.get_mut(next).ok_or(WalletError::MalformedArgument)? = Reader(self.value()?);
            next += 1;
        }
        Ok(fields)
    }

    /// The name of an enum's variant. `values` of them follow.
    pub fn variant(&mut self) -> Read<(&'a [u8], u32)> {
        let length = self.vec()?;
        let name = self.symbol()?;
        Ok((name, length.wrapping_sub(1)))
    }

    /// `None` for a void, which is then taken.
    pub fn option(self) -> Option<Self> {
        (self.0 != VOID_VALUE).then_some(self)
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }
}

const VOID_VALUE: [u8; 4] = VOID.to_be_bytes();

/// Appends values to a buffer. Whoever writes knows how much can come at most; more is a panic.
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    pub fn written(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    /// The next `length` bytes, for the caller to fill.
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        let start = self.length;
        self.length += length;
        &mut self.buffer[start..self.length]
    }

    pub fn word(&mut self, word: u32) {
        self.raw(&word.to_be_bytes());
    }

    pub fn void(&mut self) {
        self.word(VOID);
    }

    pub fn u32(&mut self, value: u32) {
        self.word(U32);
        self.word(value);
    }

    pub fn u64(&mut self, value: u64) {
        self.word(U64);
        self.raw(&value.to_be_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.padded(BYTES, bytes);
    }

    /// Bytes of this length, for the caller to fill.
    pub fn bytes_room(&mut self, length: usize) -> &mut [u8] {
        self.word(BYTES);
        self.word(length as u32);
        let padding = length.wrapping_neg() % 4;
        let room = self.room(length + padding);
        let (bytes, zeros) = room.split_at_mut(length);
        zeros.fill(0);
        bytes
    }

    pub fn string(&mut self, bytes: &[u8]) {
        self.padded(STRING, bytes);
    }

    pub fn symbol(&mut self, name: &str) {
        self.padded(SYMBOL, name.as_bytes());
    }

    fn padded(&mut self, tag: u32, bytes: &[u8]) {
        self.word(tag);
        self.word(bytes.len() as u32);
        self.raw(bytes);
        self.room(bytes.len().wrapping_neg() % 4).fill(0);
    }

    pub fn vec(&mut self, length: u32) {
        self.collection(VEC, length);
    }

    pub fn map(&mut self, length: u32) {
        self.collection(MAP, length);
    }

    fn collection(&mut self, tag: u32, length: u32) {
        self.word(tag);
        self.word(1);
        self.word(length);
    }

    /// `address` as `Reader::address` returned it.
    pub fn address(&mut self, address: &[u8]) {
        self.word(ADDRESS);
        self.raw(address);
    }

    pub fn contract(&mut self, contract_id: &[u8; 32]) {
        self.word(ADDRESS);
        self.word(ADDRESS_CONTRACT);
        self.raw(contract_id);
    }
}

/// The id in an address that is a contract's.
pub fn contract_id(address: &[u8]) -> Option<&[u8; 32]> {
    let (tag, id) = address.split_at_checked(4)?;
    (tag == ADDRESS_CONTRACT.to_be_bytes()).then_some(id)?.try_into().ok()
}
