//! For tests only: a wallet under a policy, and what every policy has to do.

mod policy_wallet;
mod suite;
mod world;

pub use policy_wallet::{authorize, call, PolicyWallet, PolicyWalletClient, PolicyWalletError};
pub use suite::{
    a_signer_that_is_not_installed_is_refused, a_stranger_changes_nothing,
    it_lives_as_long_as_the_network_allows_from_its_last_use, it_never_consents_to_being_changed,
    uninstalling_leaves_nothing,
};
pub use world::{World, OTHER_SIGNER, SIGNER};
