//! Reads and writes the XDR of Soroban values (RFC 4506; Stellar-contract.x, `SCVal`) as plain
//! bytes. Contracts that take their structured arguments apart by this code import two host
//! functions where the SDK's conversions import nine, and every caller pays for each import.
//!
//! Not checked: that maps are sorted and strings valid, since the host made the bytes.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

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
