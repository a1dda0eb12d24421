//! The calls that an authorization is for, read from their encoding: `Vec<Context>` as the host
//! hands it to `__check_auth`.

use latchkey_interface::{xdr::Reader, WalletError};

/// One call of a contract's function.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// As `xdr::Reader::address` returns it.
    pub contract: &'a [u8],
    pub function: &'a [u8],
    arguments: Reader<'a>,
}

impl<'a> Call<'a> {
    pub fn argument(&self, index: u32) -> Option<Reader<'a>> {
        let mut arguments = self.arguments;
        let count = arguments.vec().ok()?;
        if index >= count {
            return None;
        }
        for _ in 0..index {
            arguments.value().ok()?;
        }
        arguments.value().ok().map(Reader::new)
    }
}

/// Calls `each` with every context in its order: a call, or `None` for the creation of a contract.
pub fn for_each<'a>(
    contexts: &'a [u8],
    mut each: impl FnMut(Option<Call<'a>>) -> Result<(), WalletError>,
) -> Result<(), WalletError> {
    let mut contexts = Reader::new(contexts);
    for _ in 0..contexts.vec()? {
        let mut context = Reader::new(contexts.value()?);
        if context.variant()?.0 != b"Contract" {
            each(None)?;
            continue;
        }
        let [arguments, mut contract, mut function] =
            context.fields(["args", "contract", "fn_name"])?;
        each(Some(Call {
            contract: contract.address()?,
            function: function.symbol()?,
            arguments,
        }))?;
    }
    Ok(())
}
