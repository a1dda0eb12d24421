//! What a wallet is made of: the constructor's one argument. The factory binds a wallet's address
//! to all of it.

use soroban_sdk::{contracttype, Address};

use crate::{Passkey, WalletError};

/// 366 days. A longer delay is a mistake of units rather than a choice.
pub const MAX_ROTATION_DELAY_SECONDS: u64 = 31_622_400;

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WalletInit {
    /// The passkey that owns the wallet.
    pub signer: Passkey,
    /// Who may replace a lost passkey. Without one a lost passkey is a lost wallet.
    pub guardian: Option<Address>,
    /// How long a replacement can be seen and cancelled before it takes effect; 0 is at once.
    pub rotation_delay_seconds: u64,
}

impl WalletInit {
    /// Errors: those of `Passkey::check`, `InvalidRotationDelay`, `RotationDelayWithoutGuardian`.
    pub fn check(&self) -> Result<(), WalletError> {
        self.signer.check()?;
        if self.rotation_delay_seconds > MAX_ROTATION_DELAY_SECONDS {
            return Err(WalletError::InvalidRotationDelay);
        }
        if self.guardian.is_none() && self.rotation_delay_seconds != 0 {
            return Err(WalletError::RotationDelayWithoutGuardian);
        }
        Ok(())
    }
}
