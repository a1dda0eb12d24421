//! The byte frames that cross the wasm boundary: little-endian integers and length-prefixed byte strings.
//! Every read is bounds-checked: a malformed frame is an `Error`, never a panic. XDR payloads are decoded
//! under depth and length limits, so that hostile input cannot exhaust the stack.
use soroban_env_host::xdr::{Limits, ReadXdr, WriteXdr};

/// Length word that stands for "absent" where an optional byte string is expected.
const ABSENT: u32 = u32::MAX;
/// The XDR nesting that stellar-core accepts (`xdr::xdr_argpack_archive` depth limit).
const XDR_DEPTH_LIMIT: u32 = 500;

/// Why a call could not be answered. The discriminant is the reply's status word.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// The embedder sent a frame or XDR that does not decode.
    Malformed(String),
    /// The ledger's settings or entries cannot be used.
    Ledger(String),
    /// The host failed outside of the contract invocation itself.
    Host(String),
}

pub type Result<T> = core::result::Result<T, Error>;

pub struct FrameReader<'a> {
    rest: &'a [u8],
}

impl<'a> FrameReader<'a> {
    pub fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        if length > self.rest.len() {
            return Err(Error::Malformed(format!(
                "frame ends early: {length} bytes wanted, {} left",
                self.rest.len()
            )));
        }
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        self.optional()?
            .ok_or_else(|| Error::Malformed("byte string is absent".into()))
    }

    pub fn optional(&mut self) -> Result<Option<&'a [u8]>> {
        match self.u32()? {
            ABSENT => Ok(None),
            length => self.take(length as usize).map(Some),
        }
    }

    pub fn bytes32(&mut self, field: &str) -> Result<[u8; 32]> {
        self.bytes()?
            .try_into()
            .map_err(|_| Error::Malformed(format!("{field} is not 32 bytes long")))
    }

    pub fn list(&mut self) -> Result<Vec<&'a [u8]>> {
        let count = self.u32()? as usize;
        // Each element takes at least its length word: a larger count cannot be honest.
        if count > self.rest.len() / 4 {
            return Err(Error::Malformed(format!(
                "list of {count} exceeds the frame"
            )));
        }
        (0..count).map(|_| self.bytes()).collect()
    }

    pub fn u32_list(&mut self) -> Result<Vec<u32>> {
        let count = self.u32()? as usize;
        if count > self.rest.len() / 4 {
            return Err(Error::Malformed(format!(
                "list of {count} exceeds the frame"
            )));
        }
        (0..count).map(|_| self.u32()).collect()
    }

    pub fn xdr<T: ReadXdr>(&mut self, field: &str) -> Result<T> {
        decode(self.bytes()?, field)
    }

    /// Refuses what the operation did not read, so that a layout mismatch is noticed at once.
    pub fn finish(&self) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(Error::Malformed(format!(
                "{left} bytes left over in the frame"
            ))),
        }
    }
}

#[derive(Default)]
pub struct FrameWriter {
    bytes: Vec<u8>,
}

impl FrameWriter {
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn bytes(&mut self, value: &[u8]) {
        self.u32(value.len() as u32);
        self.bytes.extend_from_slice(value);
    }

    pub fn optional(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.bytes(value),
            None => self.u32(ABSENT),
        }
    }

    pub fn xdr<T: WriteXdr>(&mut self, value: &T) -> Result<()> {
        self.bytes(&encode(value)?);
        Ok(())
    }

    pub fn optional_xdr<T: WriteXdr>(&mut self, value: Option<&T>) -> Result<()> {
        match value {
            Some(value) => self.xdr(value),
            None => {
                self.u32(ABSENT);
                Ok(())
            }
        }
    }

    pub fn xdr_list<T: WriteXdr>(&mut self, values: &[T]) -> Result<()> {
        self.u32(values.len() as u32);
        values.iter().try_for_each(|value| self.xdr(value))
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

pub fn decode<T: ReadXdr>(bytes: &[u8], field: &str) -> Result<T> {
    let limits = Limits {
        depth: XDR_DEPTH_LIMIT,
        len: bytes.len(),
    };
    T::from_xdr(bytes, limits).map_err(|error| Error::Malformed(format!("{field}: {error}")))
}

pub fn encode<T: WriteXdr>(value: &T) -> Result<Vec<u8>> {
    value
        .to_xdr(Limits::none())
        .map_err(|error| Error::Host(format!("cannot encode XDR: {error}")))
}
