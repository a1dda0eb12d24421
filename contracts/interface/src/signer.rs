//! What a wallet registers about one signer: its key, its role and the co-signers it needs. These
//! are the shapes that callers and indexers see; `decode` reads and checks them.

use soroban_sdk::{contracttype, Address, BytesN, Vec};

use crate::Passkey;

/// What a signature is verified with.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignerKey {
    /// WebAuthn, ES256.
    Passkey(Passkey),
    Ed25519(BytesN<32>),
    /// Another account or contract, which authorizes by its own rules.
    Account(Address),
    PostQuantum(PostQuantumKey),
}

/// A key too long to keep: it travels with each signature and is held to its hash.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PostQuantumKey {
    /// SHA-256 of the encoded public key.
    pub public_key_hash: BytesN<32>,
    pub scheme: Scheme,
    /// The contract that verifies: `verify(public_key, message, signature) -> bool`.
    pub verifier: Address,
}

/// Fixes the lengths of public key and signature.
#[contracttype]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u32)]
pub enum Scheme {
    /// FIPS 204: key 1312 bytes, signature 2420.
    MlDsa44 = 44,
    /// FIPS 204: key 1952 bytes, signature 3309.
    MlDsa65 = 65,
    /// FIPS 205, SLH-DSA-SHA2-128s: key 32 bytes, signature 7856.
    SlhDsaSha2128s = 128,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Role {
    /// May do anything, subject to its co-signers and policies.
    Admin,
    /// May call some contracts, until it expires.
    Session(Session),
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// The contracts it may call, 1 to 8 and not the wallet. Its policies say more, if there are any.
    pub contracts: Vec<Address>,
    /// The last ledger in which it signs; at most 3,110,399 ahead.
    pub expires_at_ledger: u32,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signer {
    /// Ids of signers of the same role, at most 16, of whom at least `threshold` have to sign too.
    pub co_signers: Vec<u32>,
    pub key: SignerKey,
    pub role: Role,
    /// 0 exactly if there are no co-signers.
    pub threshold: u32,
}

/// A signer as the wallet lists it.
#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisteredSigner {
    pub id: u32,
    /// Contracts whose consent it needs.
    pub policies: Vec<Address>,
    pub signer: Signer,
}
