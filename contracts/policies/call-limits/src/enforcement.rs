//! Whether a signer may make a call, by the state alone: contract, function, arguments, and what it
//! spends.
//!
//! Guaranteed: a call that no limit names is refused, and so is whatever could spend a capped token
//! otherwise than by `transfer`, `approve` and `burn` (SEP-41). An approval counts in full when it
//! is given. Not known here: what a permitted contract does with the call, except that its own
//! demands on the wallet are calls too.

use latchkey_interface::{memory::is_equal, xdr::Reader};
use soroban_sdk::unwrap::UnwrapOptimized;

use crate::{
    call::Call,
    state::{find, read_argument, read_function, Cap, FunctionView, LimitView, AT_MOST, CAP_BYTES},
    CallLimitsError,
};

/// Counts what the call spends in `state`, and returns whether that changed it.
///
/// Errors: `CallNotAllowed`, `ArgumentNotAllowed`, `SpendingCapExceeded`.
pub fn check(state: &mut [u8], ledger: u32, call: &Call) -> Result<bool, CallLimitsError> {
    // Such a call of any policy would change what holds for signers of this wallet, since the host
    // takes a signature for it as the wallet's authorization.
    if matches!(call.function, b"install" | b"enforce" | b"uninstall") {
        return Err(CallLimitsError::CallNotAllowed);
    }
    let limit = find(state, call.contract).ok_or(CallLimitsError::CallNotAllowed)?;
    if limit.function_count != 0 {
        check_functions(&limit, call)?;
    }
    if !limit.has_cap {
        return Ok(false);
    }
    let cap_start = limit.end - CAP_BYTES;
    let cap = state[cap_start..].first_chunk_mut().unwrap_optimized();
    count_spending(cap, ledger, call)
}

#[inline(always)]
fn check_functions(limit: &LimitView, call: &Call) -> Result<(), CallLimitsError> {
    let mut functions = limit.functions;
    let mut refused = CallLimitsError::CallNotAllowed;
    for _ in 0..limit.function_count {
        let function = read_function(&mut functions);
        if is_equal(function.name, call.function) {
            if arguments_hold(&function, call) {
                return Ok(());
            }
            refused = CallLimitsError::ArgumentNotAllowed;
        }
    }
    Err(refused)
}

#[inline(always)]
fn arguments_hold(function: &FunctionView, call: &Call) -> bool {
    let mut limits = function.arguments;
    for _ in 0..function.argument_count {
        let limit = read_argument(&mut limits);
        let argument = call.arguments.get(limit.index).copied().unwrap_or_default();
        let mut holds = false;
        if limit.kind == AT_MOST {
            let most = i128::from_be_bytes(*limits.array());
            holds = read_amount(argument).is_some_and(|amount| amount <= most);
        } else {
            for _ in 0..limit.value_count {
                holds |= is_equal(limits.value(), argument);
            }
        }
        if !holds {
            return false;
        }
    }
    true
}

/// An i128 that is not negative.
#[inline(always)]
fn read_amount(argument: &[u8]) -> Option<i128> {
    let mut argument = Reader::new(argument);
    let amount = argument.i128();
    (!argument.has_failed() && amount >= 0).then_some(amount)
}

#[inline(always)]
fn count_spending(
    stored: &mut [u8; CAP_BYTES],
    ledger: u32,
    call: &Call,
) -> Result<bool, CallLimitsError> {
    let index = match call.function {
        b"transfer" | b"approve" => 2,
        b"burn" => 1,
        _ => return Err(CallLimitsError::CallNotAllowed),
    };
    let amount = read_amount(call.arguments[index]).ok_or(CallLimitsError::ArgumentNotAllowed)?;
    let mut cap = Cap::read(stored);
    let spent_before = cap.spent_at(ledger);
    cap.spent = spent_before
        .checked_add(amount)
        .filter(|spent| *spent <= cap.amount)
        .ok_or(CallLimitsError::SpendingCapExceeded)?;
    if amount == 0 {
        return Ok(false);
    }
    if spent_before == 0 {
        cap.window_start = ledger;
    }
    cap.write_spent(stored);
    Ok(true)
}
