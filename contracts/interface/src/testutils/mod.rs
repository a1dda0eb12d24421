//! For tests only: a passkey in software, signatures in the wallet's form, and authorization entries
//! that carry them.

mod authorization;
mod random;
mod signature;
mod software_authenticator;

pub use authorization::{authorization_payload, authorize, authorize_with_delegate};
pub use random::Random;
pub use signature::{flagged_part, part};
pub use software_authenticator::{flags, Ceremony, SoftwareAuthenticator};
