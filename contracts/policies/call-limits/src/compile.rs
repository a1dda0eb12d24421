//! From the parameters of `install` to what is kept of them.
//!
//! Guarantees that what it accepts meets the rules of `CallLimitsError::InvalidLimits`. Not checked:
//! that the contracts exist and have such functions.

use latchkey_interface::xdr::{Reader, Writer};

use crate::{
    call::MAX_ARGUMENTS,
    state::{find, Cap, AT_MOST, LIMIT_HEADER_BYTES, MAX_LIMITS_BYTES, ONE_OF},
    CallLimitsError,
};

const MAX_LIMITS: u32 = 8;
/// Counts are kept in a byte; 2048 bytes of XDR do not hold so many of anything.
const MAX_COUNT: u32 = 255;

/// Writes the state for an encoded `Vec<Limit>`. What was spent under `before` still counts for a
/// contract whose cap keeps its window, since a wallet installs again whenever it updates the signer.
///
/// Errors: `InvalidLimits`.
pub fn compile(
    limits: &mut Reader,
    before: &[u8],
    state: &mut Writer,
) -> Result<(), CallLimitsError> {
    let count = limits.vec();
    if !(1..=MAX_LIMITS).contains(&count) {
        return Err(CallLimitsError::InvalidLimits);
    }
    for _ in 0..count {
        compile_limit(limits, before, state)?;
    }
    limits.finish().map_err(|_| CallLimitsError::InvalidLimits)
}

fn compile_limit(
    limits: &mut Reader,
    before: &[u8],
    state: &mut Writer,
) -> Result<(), CallLimitsError> {
    limits.fields(3);
    limits.field("contract");
    let contract = limits.contract();
    if limits.has_failed() || find(state.written(), contract).is_some() {
        return Err(CallLimitsError::InvalidLimits);
    }
    let start = state.written().len();
    state.array(contract);
    state.word(0);
    limits.field("functions");
    let function_count = limits.vec();
    for _ in 0..function_count.min(MAX_COUNT) {
        compile_function(limits, state)?;
    }
    limits.field("spending");
    let cap_count = limits.vec();
    if cap_count > 1 || function_count > MAX_COUNT {
        return Err(CallLimitsError::InvalidLimits);
    }
    if cap_count == 1 {
        let cap_before = find(before, contract).and_then(|limit| limit.cap());
        compile_cap(limits, cap_before, state)?;
    }
    let size = (state.written().len() - start - LIMIT_HEADER_BYTES) as u16;
    let [a, b] = size.to_be_bytes();
    let header = [a, b, function_count as u8, cap_count as u8];
    state.overwrite(start + 32, &header);
    Ok(())
}

fn compile_function(limits: &mut Reader, state: &mut Writer) -> Result<(), CallLimitsError> {
    limits.fields(2);
    limits.field("arguments");
    let mut arguments = *limits;
    limits.value();
    limits.field("name");
    let name = limits.symbol();
    let start = state.written().len();
    state.word(0);
    state.raw(name);
    let arguments_start = state.written().len();
    let argument_count = arguments.vec();
    for _ in 0..argument_count.min(MAX_COUNT) {
        compile_argument(&mut arguments, state)?;
    }
    if argument_count > MAX_COUNT || arguments.has_failed() || limits.has_failed() {
        return Err(CallLimitsError::InvalidLimits);
    }
    let size = (state.written().len() - arguments_start) as u16;
    let [a, b] = size.to_be_bytes();
    state.overwrite(start, &[a, b, argument_count as u8, name.len() as u8]);
    Ok(())
}

fn compile_argument(limits: &mut Reader, state: &mut Writer) -> Result<(), CallLimitsError> {
    limits.fields(2);
    limits.field("constraint");
    let is_pair = limits.vec() == 2;
    let start = state.written().len();
    state.word(0);
    let mut value_count = 1;
    let kind = match limits.symbol() {
        b"AtMost" => {
            let most = limits.i128();
            if most < 0 {
                return Err(CallLimitsError::InvalidLimits);
            }
            state.array(&most.to_be_bytes());
            AT_MOST
        }
        b"OneOf" => {
            value_count = limits.vec();
            // No value is shorter than 4 bytes, so that more do not fit.
            for _ in 0..value_count.min(MAX_LIMITS_BYTES as u32 / 4) {
                state.raw(limits.value());
            }
            ONE_OF
        }
        _ => return Err(CallLimitsError::InvalidLimits),
    };
    limits.field("index");
    let index = limits.u32();
    let is_fit = is_pair && value_count > 0 && (index as usize) < MAX_ARGUMENTS;
    if limits.has_failed() || !is_fit {
        return Err(CallLimitsError::InvalidLimits);
    }
    let [a, b] = (value_count as u16).to_be_bytes();
    state.overwrite(start, &[index as u8, kind, a, b]);
    Ok(())
}

fn compile_cap(
    limits: &mut Reader,
    before: Option<Cap>,
    state: &mut Writer,
) -> Result<(), CallLimitsError> {
    limits.fields(2);
    limits.field("amount");
    let amount = limits.i128();
    limits.field("window_ledgers");
    let window_ledgers = limits.u32();
    if limits.has_failed() || amount < 0 || window_ledgers == 0 {
        return Err(CallLimitsError::InvalidLimits);
    }
    let (spent, window_start) = before
        .filter(|before| before.window_ledgers == window_ledgers)
        .map_or((0, 0), |before| (before.spent, before.window_start));
    state.array(&amount.to_be_bytes());
    state.word(window_ledgers);
    state.array(&spent.to_be_bytes());
    state.word(window_start);
    Ok(())
}
