//! What code a contract has, as the host tells it. The SDK has no name for the type that it would
//! decode this to, and would import two more host functions for that.

use soroban_sdk::{Address, Env, Val};

/// Void if there is no such contract, else `("Wasm", hash)` or another kind.
#[cfg(target_family = "wasm")]
pub fn executable(_: &Env, contract: &Address) -> Val {
    #[link(wasm_import_module = "a")]
    extern "C" {
        /// `get_address_executable` of the host's interface.
        #[link_name = "6"]
        fn get_address_executable(address: Val) -> Val;
    }
    // SAFETY: the host function takes a value and returns one, or does not return.
    unsafe { get_address_executable(contract.to_val()) }
}

#[cfg(not(target_family = "wasm"))]
pub fn executable(env: &Env, contract: &Address) -> Val {
    use soroban_sdk::IntoVal;

    contract.executable().into_val(env)
}
