//! The functions of the policy with the types that callers use; the policy itself takes the same
//! values without looking into them first. Its documentation of each function is the binding one.

use soroban_sdk::{auth::Context, contractclient, Address, Env, Vec};

use crate::{limit::Limit, CallLimitsError, Installed};

#[contractclient(name = "CallLimitsClient")]
pub trait CallLimitsInterface {
    fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: Vec<Limit>,
    ) -> Result<(), CallLimitsError>;
    fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, CallLimitsError>;
    fn uninstall(env: Env, wallet: Address, signer: u32);
    fn installed(env: Env, wallet: Address, signer: u32) -> Option<Installed>;
}
