//! Every failure a caller can cause, by stable code: 100-109 what is registered, 110-119 the
//! signature of an authorization, 120-129 rotation. What the host finds itself it reports with its
//! own errors: a signature that does not verify, a missing authorization, an upgrade to code that
//! was not uploaded.

use soroban_sdk::contracterror;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum WalletError {
    /// The public key is not an uncompressed point (0x04, x, y) of the curve P-256.
    InvalidPublicKey = 100,
    /// The credential id is not 16 to 1023 bytes long.
    InvalidCredentialId = 101,
    /// The origin is not 1 to 256 bytes long, or holds a quote, a backslash or a control character.
    InvalidOrigin = 102,
    /// The rotation delay is longer than 366 days.
    InvalidRotationDelay = 103,
    /// A rotation delay was given without a guardian who could rotate.
    RotationDelayWithoutGuardian = 104,

    /// The signature is neither 69 bytes long nor between 71 and 1024.
    InvalidSignatureLength = 110,
    /// The extension length of an explicit signature points past its end.
    InvalidExtensionLength = 111,
    /// The authenticator did not report a test of user presence (flag UP).
    UserPresenceMissing = 112,
    /// The authenticator did not verify the user (flag UV).
    UserVerificationMissing = 113,
    /// The clientDataJSON tail does not start with `,` or `}`.
    InvalidClientDataTail = 114,

    /// The wallet has no guardian, so its signer cannot be rotated.
    NoGuardian = 120,
    /// The wallet has a rotation delay: propose the rotation and execute it later.
    RotationDelayRequired = 121,
    /// No rotation is pending.
    NoPendingRotation = 122,
    /// The pending rotation's delay has not passed.
    RotationNotYetExecutable = 123,
    /// The new public key is the present signer's.
    SameSigner = 124,
}
