//! Every failure a caller can cause, by stable code. What concerns the new key, the wallet itself
//! says in its own codes when the rotation is executed.

use soroban_sdk::contracterror;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum RecoveryError {
    /// The delay is longer than 366 days, or 0, for which the guardian needs no contract.
    InvalidDelay = 260,
    /// The wallet's guardian is not this contract, or this contract's guardian is the wallet.
    NotTheGuardian = 261,
    /// No rotation is pending for this wallet.
    NoPendingRotation = 262,
    /// The pending rotation's delay has not passed.
    RotationNotYetExecutable = 263,
    /// The wallet has no such signer, or it is a session, or signs with this key already.
    InvalidSuccessor = 264,
    /// The pending rotation could have been executed more than 30 days ago: propose it again.
    RotationExpired = 265,
}
