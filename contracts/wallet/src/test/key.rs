//! Keys of every kind in software, and the parts of signatures that they make.

extern crate std;

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{
    testutils::{part, SoftwareAuthenticator},
    PostQuantumKey, Role, Scheme, Signer, SignerKey,
};
use sha2::{Digest, Sha256};
use soroban_sdk::{Address, BytesN, Env, Vec};
use std::vec::Vec as StdVec;

#[derive(Clone)]
pub enum Key {
    Passkey(u8),
    Ed25519(u8),
    PostQuantum(u8, Scheme, Address),
    /// Authorizes by an entry of its own, which a test adds.
    Account(Address),
}

pub const OWNER: Key = Key::Passkey(9);

fn public_key_of(seed: u8, scheme: Scheme) -> StdVec<u8> {
    std::vec![seed; scheme.lengths().public_key]
}

impl Key {
    pub fn registered(&self, env: &Env) -> SignerKey {
        match self {
            Key::Passkey(seed) => {
                SignerKey::Passkey(SoftwareAuthenticator::new(*seed).passkey(env))
            }
            Key::Ed25519(seed) => {
                let key = SigningKey::from_bytes(&[*seed; 32]).verifying_key();
                SignerKey::Ed25519(BytesN::from_array(env, key.as_bytes()))
            }
            Key::PostQuantum(seed, scheme, verifier) => {
                let hash = Sha256::digest(public_key_of(*seed, *scheme));
                SignerKey::PostQuantum(PostQuantumKey {
                    public_key_hash: BytesN::from_array(env, &hash.into()),
                    scheme: *scheme,
                    verifier: verifier.clone(),
                })
            }
            Key::Account(address) => SignerKey::Account(address.clone()),
        }
    }

    /// As an admin that needs nobody else.
    pub fn admin(&self, env: &Env) -> Signer {
        Signer {
            co_signers: Vec::new(env),
            key: self.registered(env),
            role: Role::Admin,
            threshold: 0,
        }
    }

    pub fn proof(&self, payload: &[u8; 32]) -> StdVec<u8> {
        match self {
            Key::Passkey(seed) => SoftwareAuthenticator::new(*seed).sign(payload),
            Key::Ed25519(seed) => SigningKey::from_bytes(&[*seed; 32])
                .sign(payload)
                .to_bytes()
                .to_vec(),
            Key::PostQuantum(seed, scheme, _) => {
                let public_key = public_key_of(*seed, *scheme);
                let mut signature = std::vec![0; scheme.lengths().signature];
                signature[..32]
                    .copy_from_slice(&Sha256::digest([&public_key[..], payload].concat()));
                [public_key, signature].concat()
            }
            Key::Account(_) => StdVec::new(),
        }
    }

    pub fn part(&self, id: u32, payload: &[u8; 32]) -> StdVec<u8> {
        part(id, &self.proof(payload))
    }
}

/// The parts of these signers, in the order given.
pub fn signature(payload: &[u8; 32], signers: &[(u32, &Key)]) -> StdVec<u8> {
    let parts = signers.iter().map(|(id, key)| key.part(*id, payload));
    parts.collect::<StdVec<_>>().concat()
}
