//! Every failure a caller can cause, by stable code: 100-109 what is registered, 110-119 the
//! signatures of an authorization, 120 recovery, 130-139 what a signer may not do, 140-149
//! changes that the wallet refuses. What the host finds itself it reports with its own errors: a
//! secp256r1 or ed25519 signature that does not verify, a missing authorization, an upgrade to code
//! that was not uploaded.

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
    /// An argument has another shape than the specification says.
    MalformedArgument = 104,
    /// The wallet cannot be its own signer or guardian, nor a contract that its sessions call.
    OwnAddress = 105,
    /// The session expires in this ledger or before, or more than 3,110,399 ledgers ahead.
    InvalidExpiry = 106,
    /// A session is for 1 to 8 contracts.
    InvalidSessionContracts = 107,
    /// Co-signers: unknown, of the other role, listed twice, itself, with the same key, or a
    /// threshold that is 0 or more than there are.
    InvalidCoSigners = 108,

    /// The signature ends within one of its parts, or has none, or more than 8.
    InvalidSignatureLength = 110,
    /// The lengths of an explicit passkey signature add up to more than 1024 bytes.
    InvalidExtensionLength = 111,
    /// The authenticator did not report a test of user presence (flag UP).
    UserPresenceMissing = 112,
    /// The authenticator did not verify the user (flag UV).
    UserVerificationMissing = 113,
    /// The clientDataJSON tail does not start with `,` or `}`.
    InvalidClientDataTail = 114,
    /// No signer has this id, or its session has expired.
    UnknownSigner = 115,
    /// The parts are not in ascending order of signer, or a part has flags its kind does not know.
    InvalidSignatureOrder = 116,
    /// The public key sent is not the one whose hash is registered.
    PublicKeyMismatch = 117,
    /// The verifier did not accept the post-quantum signature.
    PostQuantumSignatureRefused = 118,

    /// The wallet has no guardian, so its signers cannot be rotated.
    NoGuardian = 120,

    /// Co-signers or further admins have to sign as well.
    MissingSignature = 131,
    /// A signature is there that the call does not need.
    UnneededSignature = 132,
    /// The session is not for this contract; on the wallet it may only remove itself.
    CallNotAllowed = 133,
    /// A policy did not consent.
    RefusedByPolicy = 136,
    /// The calls take more than 8192 bytes of XDR, too much for sessions, policies and thresholds.
    CallsTooLong = 137,

    /// The wallet would be left without an admin who can sign.
    LastAdmin = 140,
    /// A rule that is in force could not be satisfied any more.
    UnsatisfiableRule = 141,
    /// More than 16 admins, 32 sessions or 6144 bytes of state.
    TooManySigners = 142,
    /// An admin signs with this key already.
    DuplicateKey = 143,
    /// The signer is a session, which this is not for.
    NotAdmin = 144,
    /// A signer has at most 4 policies.
    TooManyPolicies = 145,
    /// The policy refused to be installed.
    PolicyInstallFailed = 146,
}
