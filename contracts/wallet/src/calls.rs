//! The calls that an authorization is for, read from their encoding: `Vec<Context>` as the host
//! hands it to `__check_auth`.

use latchkey_interface::{xdr::Reader, WalletError};

/// One call of a contract's function.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// As `xdr::Reader::address` returns it.
    pub contract: &'a [u8],
    pub function: &'a [u8],
    /// The encoded vector of them.
    pub arguments: &'a [u8],
}

/// Asks `each` about every context in its order: a call, or `None` for the creation of a contract.
pub fn for_each<'a>(
    contexts: &'a [u8],
    mut each: impl FnMut(Option<Call<'a>>) -> Result<(), WalletError>,
) -> Result<(), WalletError> {
    let mut contexts = Reader::new(contexts);
    for _ in 0..contexts.vec() {
        let mut context = Reader::new(contexts.value());
        context.vec();
        if context.symbol() != b"Contract" {
            each(None)?;
            continue;
        }
        context.fields(3);
        context.field("args");
        let arguments = context.value();
        context.field("contract");
        let contract = context.address();
        context.field("fn_name");
        each(Some(Call {
            contract,
            function: context.symbol(),
            arguments,
        }))?;
        context.finish()?;
    }
    contexts.finish()
}
