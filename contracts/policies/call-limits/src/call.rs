//! A call that an authorization is for, read from the encoding of a `Context`.

use latchkey_interface::xdr::Reader;

/// Arguments that a limit can name.
pub const MAX_ARGUMENTS: usize = 16;

pub struct Call<'a> {
    /// Its id.
    pub contract: &'a [u8; 32],
    pub function: &'a [u8],
    /// The encoding of each of the first 16; empty where there is none.
    pub arguments: [&'a [u8]; MAX_ARGUMENTS],
}

/// Fails the reader if the next context is the creation of a contract.
#[inline(always)]
pub fn read_call<'a>(contexts: &mut Reader<'a>) -> Call<'a> {
    contexts.vec();
    contexts.field("Contract");
    contexts.fields(3);
    contexts.field("args");
    let mut arguments: [&[u8]; MAX_ARGUMENTS] = [&[]; MAX_ARGUMENTS];
    for index in 0..contexts.vec() as usize {
        let argument = contexts.value();
        if let Some(place) = arguments.get_mut(index) {
            *place = argument;
        }
    }
    contexts.field("contract");
    let contract = contexts.contract();
    contexts.field("fn_name");
    Call {
        contract,
        function: contexts.symbol(),
        arguments,
    }
}
