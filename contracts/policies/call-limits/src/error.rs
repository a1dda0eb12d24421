//! Why the policy refuses.

use soroban_sdk::contracterror;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum CallLimitsError {
    /// No limits, more than 8, more than 2048 bytes of XDR, a contract twice, a cap without a window,
    /// a negative amount, an empty `OneOf`, an argument past the 16th, or something else.
    InvalidLimits = 270,
    /// The wallet's signer has no limits here.
    NotInstalled = 271,
    /// No limit has such a contract or function, the call would change a policy, or it creates a
    /// contract.
    CallNotAllowed = 272,
    /// An argument is not what the function's limits say, or there is no amount to count.
    ArgumentNotAllowed = 273,
    /// The cap would be exceeded in the present window.
    SpendingCapExceeded = 274,
    /// The calls take more than 8192 bytes of XDR.
    CallsTooLong = 275,
}
