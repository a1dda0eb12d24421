//! Reading what is known to be stored. The SDK asks first whether it is, by a host function of its
//! own, and every call of a contract pays for each function that it imports.
//!
//! What is not stored is a trap of the host (`Storage, MissingValue`).

use soroban_sdk::{Env, Val};

/// Numbered as in the host's interface.
#[derive(Clone, Copy)]
#[repr(u64)]
pub enum Storage {
    Temporary = 0,
    Persistent = 1,
    Instance = 2,
}

#[cfg(target_family = "wasm")]
pub fn stored(_: &Env, key: Val, storage: Storage) -> Val {
    #[link(wasm_import_module = "l")]
    extern "C" {
        /// `get_contract_data` of the host's interface.
        #[link_name = "1"]
        fn get_contract_data(key: Val, storage: u64) -> Val;
    }
    // SAFETY: the host function takes two values and returns one, or does not return.
    unsafe { get_contract_data(key, storage as u64) }
}

#[cfg(not(target_family = "wasm"))]
pub fn stored(env: &Env, key: Val, storage: Storage) -> Val {
    use soroban_sdk::unwrap::UnwrapOptimized;

    let value = match storage {
        Storage::Temporary => env.storage().temporary().get(&key),
        Storage::Persistent => env.storage().persistent().get(&key),
        Storage::Instance => env.storage().instance().get(&key),
    };
    value.unwrap_optimized()
}
