//! What a wallet is made of, the constructor's one argument, and what holds for it as a whole later.
//! The factory binds a wallet's address to all of its `WalletInit`.

use soroban_sdk::{contracttype, Address, Vec};

use crate::Signer;

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WalletInit {
    /// How many admin signers a change to the wallet needs.
    pub admin_threshold: u32,
    /// The guardian. Without one a lost key is lost for good.
    pub recovery: Option<Address>,
    /// They get the ids 0, 1, ... in this order. At least one is an admin.
    pub signers: Vec<Signer>,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    pub admin_threshold: u32,
    /// The guardian.
    pub recovery: Option<Address>,
    /// Version of what the wallet stores.
    pub state_version: u32,
}
