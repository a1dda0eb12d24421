//! What the policy keeps: the limits in a form that is quick to look through, and what was spent.
//! One string of bytes, all numbers big-endian:
//!
//! ```text
//! limit:    contract id (32) | bytes after this header (2) | functions (1) | caps, 0 or 1 (1) |
//!           functions | cap
//! function: bytes of its arguments (2) | arguments (1) | bytes of its name (1) | name | arguments
//! argument: index (1) | kind (1) | values (2) | values: XDR, or an i128 for an `AtMost`
//! cap:      amount (16) | window in ledgers (4) | spent (16) | the window's first ledger (4)
//! ```
//! Not checked here: that the bytes have this form, since nobody else writes them.

use latchkey_interface::{memory::is_equal, xdr::Reader};

/// Each part takes less than its XDR does, what was spent included.
pub const MAX_STATE_BYTES: usize = MAX_LIMITS_BYTES;
/// Of the parameters as XDR.
pub const MAX_LIMITS_BYTES: usize = 2048;
pub const LIMIT_HEADER_BYTES: usize = 36;
pub const CAP_BYTES: usize = 40;

pub const AT_MOST: u8 = 0;
pub const ONE_OF: u8 = 1;

/// One limit of a state.
pub struct LimitView<'a> {
    pub contract: &'a [u8; 32],
    pub function_count: u8,
    /// So many functions.
    pub functions: Reader<'a>,
    pub has_cap: bool,
    /// Where the limit ends in the state, with its cap if it has one.
    pub end: usize,
    state: &'a [u8],
}

pub struct FunctionView<'a> {
    pub name: &'a [u8],
    pub argument_count: u8,
    /// So many arguments.
    pub arguments: Reader<'a>,
}

pub struct ArgumentView {
    pub index: usize,
    pub kind: u8,
    pub value_count: u16,
}

#[derive(Clone, Copy)]
pub struct Cap {
    pub amount: i128,
    pub window_ledgers: u32,
    pub spent: i128,
    pub window_start: u32,
}

impl<'a> LimitView<'a> {
    /// The limit that starts at `start` of a state; `None` at its end.
    #[inline(always)]
    pub fn at(state: &'a [u8], start: usize) -> Option<Self> {
        let mut limit = Reader::new(state.get(start..)?);
        let contract = limit.array();
        let [a, b, function_count, cap_count] = *limit.array();
        let size = usize::from(u16::from_be_bytes([a, b]));
        if limit.has_failed() {
            return None;
        }
        Some(Self {
            contract,
            function_count,
            functions: limit,
            has_cap: cap_count != 0,
            end: start + LIMIT_HEADER_BYTES + size,
            state,
        })
    }

    pub fn cap(&self) -> Option<Cap> {
        if !self.has_cap {
            return None;
        }
        let cap = self.state[self.end - CAP_BYTES..].first_chunk()?;
        Some(Cap::read(cap))
    }
}

#[inline(always)]
pub fn read_function<'a>(functions: &mut Reader<'a>) -> FunctionView<'a> {
    let [a, b, argument_count, name_bytes] = *functions.array();
    FunctionView {
        name: functions.take(usize::from(name_bytes)),
        argument_count,
        arguments: Reader::new(functions.take(usize::from(u16::from_be_bytes([a, b])))),
    }
}

/// Up to its values, which are for the caller to take.
#[inline(always)]
pub fn read_argument(arguments: &mut Reader) -> ArgumentView {
    let [index, kind, a, b] = *arguments.array();
    ArgumentView {
        index: usize::from(index),
        kind,
        value_count: u16::from_be_bytes([a, b]),
    }
}

impl Cap {
    #[inline(always)]
    pub fn read(bytes: &[u8; CAP_BYTES]) -> Self {
        let mut cap = Reader::new(bytes);
        Self {
            amount: i128::from_be_bytes(*cap.array()),
            window_ledgers: cap.word(),
            spent: i128::from_be_bytes(*cap.array()),
            window_start: cap.word(),
        }
    }

    #[inline(always)]
    pub fn write_spent(&self, bytes: &mut [u8; CAP_BYTES]) {
        let (_limit, spent) = bytes.split_at_mut(20);
        let (amount, window_start) = spent.split_at_mut(16);
        amount.copy_from_slice(&self.spent.to_be_bytes());
        window_start.copy_from_slice(&self.window_start.to_be_bytes());
    }

    /// What counts as spent in the window that `ledger` is in.
    #[inline(always)]
    pub fn spent_at(&self, ledger: u32) -> i128 {
        if ledger.wrapping_sub(self.window_start) >= self.window_ledgers {
            0
        } else {
            self.spent
        }
    }
}

/// The limit for a contract.
#[inline(always)]
pub fn find<'a>(state: &'a [u8], contract: &[u8; 32]) -> Option<LimitView<'a>> {
    let mut start = 0;
    loop {
        let limit = LimitView::at(state, start)?;
        if is_equal(limit.contract, contract) {
            return Some(limit);
        }
        start = limit.end;
    }
}

/// All of them, for whoever is in no hurry.
pub fn limits(state: &[u8]) -> impl Iterator<Item = LimitView<'_>> {
    let mut start = 0;
    core::iter::from_fn(move || {
        let limit = LimitView::at(state, start)?;
        start = limit.end;
        Some(limit)
    })
}
