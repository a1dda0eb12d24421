//! For tests only: a passkey in software, and authorization entries signed by it.

mod authorization;
mod software_authenticator;

pub use authorization::{authorization_payload, authorize};
pub use software_authenticator::{flags, Ceremony, SoftwareAuthenticator};
