//! Whether a session signer may make a call: contract, function, arguments, and what it spends.
//! Works on encodings alone, needs no chain.
//!
//! Guaranteed: a call that no limit names is refused, and so is whatever could spend a capped token
//! otherwise than by `transfer`, `approve` and `burn` (SEP-41). An approval counts in full when it
//! is given. Not known here: what a permitted contract does with the call, except that its own
//! demands on the wallet are calls too.

use latchkey_interface::{xdr::Reader, Functions, LimitView, LimitsView, WalletError, MAX_LIMITS};

use crate::calls::Call;

/// What was spent under one limit: amount (i128), first ledger of the window (u32).
const SPENDING_BYTES: usize = 20;
pub const MAX_SPENDING_BYTES: usize = MAX_LIMITS as usize * SPENDING_BYTES;

pub fn spending_bytes(limits: &LimitsView) -> usize {
    limits.count() as usize * SPENDING_BYTES
}

/// Refuses the call, or counts what it spends in `spending`.
///
/// Errors: `CallNotAllowed`, `ArgumentNotAllowed`, `SpendingCapExceeded`.
pub fn check(
    limits: &LimitsView,
    spending: &mut [u8],
    ledger: u32,
    call: &Call,
) -> Result<(), WalletError> {
    let (position, limit) = limits
        .iter()
        .enumerate()
        .find(|(_, limit)| limit.contract == call.contract)
        .ok_or(WalletError::CallNotAllowed)?;
    check_function(limit.functions, call)?;
    let start = position * SPENDING_BYTES;
    count_spending(
        &limit,
        &mut spending[start..start + SPENDING_BYTES],
        ledger,
        call,
    )
}

fn check_function(functions: Functions, call: &Call) -> Result<(), WalletError> {
    if functions.count == 0 {
        return Ok(());
    }
    let mut encoded = functions.encoded;
    let mut refused = WalletError::CallNotAllowed;
    for _ in 0..functions.count {
        let [arguments, mut name] = encoded.fields(["arguments", "name"])?;
        if name.symbol()? == call.function {
            if arguments_hold(arguments, call)? {
                return Ok(());
            }
            refused = WalletError::ArgumentNotAllowed;
        }
    }
    Err(refused)
}

fn arguments_hold(mut arguments: Reader, call: &Call) -> Result<bool, WalletError> {
    for _ in 0..arguments.vec()? {
        let [constraint, mut index] = arguments.fields(["constraint", "index"])?;
        let holds = match call.argument(index.u32()?) {
            None => false,
            Some(argument) => constraint_holds(constraint, argument)?,
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn constraint_holds(mut constraint: Reader, mut argument: Reader) -> Result<bool, WalletError> {
    Ok(match constraint.variant()?.0 {
        b"Equals" => constraint.value()? == argument.rest(),
        b"AtMost" => {
            let most = constraint.i128()?;
            argument
                .i128()
                .is_ok_and(|amount| (0..=most).contains(&amount))
        }
        _ => {
            let mut is_one = false;
            for _ in 0..constraint.vec()? {
                is_one |= constraint.value()? == argument.rest();
            }
            is_one
        }
    })
}

fn count_spending(
    limit: &LimitView,
    spending: &mut [u8],
    ledger: u32,
    call: &Call,
) -> Result<(), WalletError> {
    let Some((cap, window_ledgers)) = limit.spending else {
        return Ok(());
    };
    let index = match call.function {
        b"transfer" | b"approve" => 2,
        b"burn" => 1,
        _ => return Err(WalletError::CallNotAllowed),
    };
    let amount = call
        .argument(index)
        .and_then(|mut argument| argument.i128().ok())
        .filter(|amount| *amount >= 0)
        .ok_or(WalletError::ArgumentNotAllowed)?;

    let mut stored = Reader::new(spending);
    let mut spent = i128::from_be_bytes(*stored.array()?);
    let mut window_start = stored.word()?;
    if spent == 0 || ledger - window_start >= window_ledgers {
        (spent, window_start) = (0, ledger);
    }
    let spent = spent
        .checked_add(amount)
        .filter(|spent| *spent <= cap)
        .ok_or(WalletError::SpendingCapExceeded)?;
    spending[..16].copy_from_slice(&spent.to_be_bytes());
    spending[16..].copy_from_slice(&window_start.to_be_bytes());
    Ok(())
}
