//! From what is kept back to the parameters, for the view.

use latchkey_interface::xdr::Writer;

use crate::state::{
    limits, read_argument, read_function, FunctionView, LimitView, AT_MOST, MAX_LIMITS_BYTES,
};

/// The parameters, eight amounts of 20 bytes, and what is around them.
pub const MAX_INSTALLED_BYTES: usize = MAX_LIMITS_BYTES + 8 * 20 + 64;

/// Writes what was compiled, and what counts as spent at `ledger`, as an encoded `Installed`.
pub fn expand(state: &[u8], ledger: u32, installed: &mut Writer) {
    installed.map(2);
    installed.symbol("limits");
    let count = limits(state).count();
    installed.vec(count);
    for limit in limits(state) {
        expand_limit(&limit, installed);
    }
    installed.symbol("spent");
    installed.vec(count);
    for limit in limits(state) {
        installed.i128(limit.cap().map_or(0, |cap| cap.spent_at(ledger)));
    }
}

fn expand_limit(limit: &LimitView, installed: &mut Writer) {
    installed.map(3);
    installed.symbol("contract");
    installed.contract(limit.contract);
    installed.symbol("functions");
    installed.vec(limit.function_count.into());
    let mut functions = limit.functions;
    for _ in 0..limit.function_count {
        expand_function(&read_function(&mut functions), installed);
    }
    installed.symbol("spending");
    installed.vec(limit.has_cap.into());
    if let Some(cap) = limit.cap() {
        installed.map(2);
        installed.symbol("amount");
        installed.i128(cap.amount);
        installed.symbol("window_ledgers");
        installed.u32(cap.window_ledgers);
    }
}

fn expand_function(function: &FunctionView, installed: &mut Writer) {
    installed.map(2);
    installed.symbol("arguments");
    installed.vec(function.argument_count.into());
    let mut arguments = function.arguments;
    for _ in 0..function.argument_count {
        let argument = read_argument(&mut arguments);
        installed.map(2);
        installed.symbol("constraint");
        installed.vec(2);
        match argument.kind {
            AT_MOST => {
                installed.symbol("AtMost");
                installed.i128(i128::from_be_bytes(*arguments.array()));
            }
            _ => {
                installed.symbol("OneOf");
                installed.vec(argument.value_count.into());
                for _ in 0..argument.value_count {
                    installed.raw(arguments.value());
                }
            }
        }
        installed.symbol("index");
        installed.u32(argument.index as u32);
    }
    installed.symbol("name");
    installed.symbol_bytes(function.name);
}
