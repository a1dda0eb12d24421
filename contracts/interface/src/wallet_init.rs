//! What a wallet is made of: the constructor's one argument. The factory binds a wallet's address
//! to all of it.

use soroban_sdk::{contracttype, Address, Vec};

use crate::Signer;

/// Who may replace a lost key, and how long a replacement can be seen and cancelled first.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recovery {
    pub guardian: Address,
    /// 0 is at once; at most 366 days.
    pub rotation_delay_seconds: u64,
}

#[contracttype]
#[derive(Clone, Debug)]
pub struct WalletInit {
    /// How many admin signers a change to the wallet needs.
    pub admin_threshold: u32,
    /// Without one a lost key is lost for good.
    pub recovery: Option<Recovery>,
    /// They get the ids 0, 1, ... in this order. At least one is an admin.
    pub signers: Vec<Signer>,
}
