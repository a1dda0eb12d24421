//! The batch contract: no owner, no state, no upgrade. The wallet signs one authorization of
//! `batch` with all of its arguments; what the calls then require of the wallet are sub-invocations
//! of that authorization, and the wallet's limits, policies and thresholds see each of them.
//!
//! Guaranteed: nothing happens that the wallet did not authorize call by call. Not guaranteed:
//! anything to whoever trusts this contract's address. Anybody can make it call anything, so what
//! it owned would be anybody's.

use latchkey_calls::{Call, CallsError};
use soroban_sdk::{contract, contractimpl, Address, Env, Val, Vec};

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[contract]
pub struct Batch;

#[contractimpl]
impl Batch {
    /// Makes 1 to 32 calls and returns what they return, in their order. `wallet` may be any
    /// account. A batch within a batch is refused.
    pub fn batch(env: Env, wallet: Address, calls: Vec<Call>) -> Result<Vec<Val>, CallsError> {
        latchkey_calls::check(&env, &calls)?;
        wallet.require_auth();
        env.storage()
            .instance()
            .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
        Ok(latchkey_calls::make(&env, &calls))
    }
}
