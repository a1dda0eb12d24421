//! Contracts that have a say in what a signer does (`latchkey_interface::Policy`). They guard what
//! a signer does with other contracts; what it does with the wallet itself is guarded by co-signers
//! and the admin threshold, so that a policy that fails can always be removed.

use core::mem::MaybeUninit;

use latchkey_interface::{
    memory::room,
    xdr::{Reader, Writer},
    WalletError,
};
use soroban_sdk::{symbol_short, Env, InvokeError, Symbol, TryFromVal, Val};

use crate::{
    events,
    values::{contract, decode, own_address, MAX_ARGUMENT_BYTES},
};

/// A vector of three: wallet, signer, and what follows.
pub const BEFORE_CALLS_BYTES: usize = 12 + 40 + 8;
const SIGNER_AT: usize = 12 + 40 + 4;

/// The arguments of `enforce` up to the calls, which are to be appended.
pub fn enforce_arguments<'a>(own: &[u8], memory: &'a mut [MaybeUninit<u8>]) -> Writer<'a> {
    let mut arguments = Writer::new(memory);
    arguments.vec(3);
    arguments.address(own);
    arguments.u32(0);
    arguments
}

/// `arguments` are those of `enforce_arguments` with the calls.
///
/// Errors: `RefusedByPolicy`.
#[inline(never)]
pub fn enforce(
    env: &Env,
    policy: &[u8; 32],
    signer: u32,
    arguments: &mut Writer,
) -> Result<(), WalletError> {
    arguments.overwrite(SIGNER_AT, &signer.to_be_bytes());
    match call(env, policy, &symbol_short!("enforce"), arguments.written()) {
        Some(true) => Ok(()),
        _ => Err(WalletError::RefusedByPolicy),
    }
}

/// Tells every policy in `parameters`, an encoded map from contract to parameters, which the wallet
/// has put the signer under.
///
/// Errors: `PolicyInstallFailed`.
pub fn install(env: &Env, signer: u32, mut parameters: Reader) -> Result<(), WalletError> {
    for _ in 0..parameters.map() {
        let policy = parameters.contract();
        let mut memory = room::<{ BEFORE_CALLS_BYTES + MAX_ARGUMENT_BYTES }>();
        let mut arguments = wallet_and_signer(env, signer, 3, &mut memory);
        arguments.raw(parameters.value());
        call::<()>(env, policy, &symbol_short!("install"), arguments.written())
            .ok_or(WalletError::PolicyInstallFailed)?;
        events::policy_added(env, signer, policy);
    }
    Ok(())
}

/// Tells the policy, which has no say in it.
pub fn uninstall(env: &Env, signer: u32, policy: &[u8; 32]) {
    let mut memory = room::<BEFORE_CALLS_BYTES>();
    let arguments = wallet_and_signer(env, signer, 2, &mut memory);
    call::<()>(
        env,
        policy,
        &symbol_short!("uninstall"),
        arguments.written(),
    );
    events::policy_removed(env, signer, policy);
}

fn wallet_and_signer<'a>(
    env: &Env,
    signer: u32,
    argument_count: usize,
    memory: &'a mut [MaybeUninit<u8>],
) -> Writer<'a> {
    let mut arguments = Writer::new(memory);
    arguments.vec(argument_count);
    arguments.address(&own_address(env));
    arguments.u32(signer);
    arguments
}

/// `None` if the policy failed or returned something else.
fn call<T: TryFromVal<Env, Val>>(
    env: &Env,
    policy: &[u8; 32],
    function: &Symbol,
    arguments: &[u8],
) -> Option<T> {
    env.try_invoke_contract::<T, InvokeError>(
        &contract(env, policy),
        function,
        decode(env, arguments),
    )
    .ok()?
    .ok()
}
