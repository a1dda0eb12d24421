//! The wallet's events. Together they carry everything that is in its storage, so that an indexer
//! can rebuild a wallet, and find it by credential id, from events alone.

use latchkey_interface::Passkey;
use soroban_sdk::{contractevent, Address, BytesN};

#[contractevent(sparse = false)]
pub struct WalletCreated {
    pub signer: Passkey,
    pub guardian: Option<Address>,
    pub rotation_delay_seconds: u64,
}

#[contractevent(sparse = false)]
pub struct SignerRotated {
    /// The passkey that owns the wallet from now on.
    pub signer: Passkey,
}

#[contractevent(sparse = false)]
pub struct RotationProposed {
    pub signer: Passkey,
    /// Unix seconds from which anyone can execute the rotation.
    pub executable_at: u64,
}

#[contractevent(sparse = false)]
pub struct RotationCancelled {
    /// The passkey that will not be installed.
    pub signer: Passkey,
}

#[contractevent(sparse = false)]
pub struct Upgraded {
    pub wasm_hash: BytesN<32>,
}
