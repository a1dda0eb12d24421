//! The factory's event: which wallets are its own. What a wallet is made of is in the wallet's own
//! `signer_added` and `configured` events of the same transaction.

use soroban_sdk::{contractevent, Address, BytesN};

#[contractevent(sparse = false)]
pub struct WalletDeployed {
    #[topic]
    pub wallet: Address,
    /// By which `provenance` finds the wallet.
    pub deployment_salt: BytesN<32>,
    pub salt: BytesN<32>,
    pub wallet_wasm_hash: BytesN<32>,
}
