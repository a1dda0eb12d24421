//! The contract's events. They carry whole keys, so that owners can be warned, and can recognise the
//! key, from events alone.

use latchkey_interface::SignerKey;
use soroban_sdk::{contractevent, Address};

#[contractevent(sparse = false)]
pub struct RotationProposed {
    #[topic]
    pub wallet: Address,
    /// The signer whose key is to be replaced.
    pub id: u32,
    pub key: SignerKey,
    /// Unix seconds from which anyone can execute the rotation.
    pub executable_at: u64,
}

#[contractevent(sparse = false)]
pub struct RotationCancelled {
    #[topic]
    pub wallet: Address,
    pub id: u32,
    /// The key that will not be installed.
    pub key: SignerKey,
}

#[contractevent(sparse = false)]
pub struct RotationExecuted {
    #[topic]
    pub wallet: Address,
    pub id: u32,
    pub key: SignerKey,
}
