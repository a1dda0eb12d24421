//! A signer as it is stored: one string of bytes, of which a plain passkey transfer reads the first
//! few hundred. What the specification calls a `Signer` is built from it for views and events.
//!
//! ```text
//! kind (1) | threshold (1) | co-signers (1) | policies (1) | key | co-signer ids (4 each) |
//! policies (32 each) | session: expiry (4), contracts (32 each)
//! ```
//! A passkey is `public key (65) | rp id hash (32) | origin length (2) | credential id length (2) |
//! origin | credential id`, an account `length (1) | address`, a post-quantum key `scheme (4) |
//! verifier (32) | hash (32)`.

use core::mem::MaybeUninit;

use latchkey_interface::{
    xdr::{Reader, Writer},
    KeyView, PasskeyView, Scheme, MAX_CO_SIGNERS, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES,
    MAX_SESSION_CONTRACTS, PUBLIC_KEY_BYTES,
};
use soroban_sdk::unwrap::UnwrapOptimized;

pub const MAX_POLICIES: usize = 4;
const HEADER_BYTES: usize = 4;
pub const MAX_RECORD_BYTES: usize = HEADER_BYTES
    + PUBLIC_KEY_BYTES
    + 32
    + 4
    + MAX_ORIGIN_BYTES as usize
    + MAX_CREDENTIAL_ID_BYTES as usize
    + MAX_CO_SIGNERS * 4
    + MAX_POLICIES * 32
    + 4
    + MAX_SESSION_CONTRACTS * 32;

const PASSKEY: u8 = 0;
const ED25519: u8 = 1;
const ACCOUNT: u8 = 2;
const POST_QUANTUM: u8 = 3;

#[derive(Clone, Copy)]
pub struct SessionRecord<'a> {
    pub expires_at_ledger: u32,
    /// 32 bytes each.
    pub contracts: &'a [u8],
}

#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub key: KeyView<'a>,
    pub threshold: u32,
    /// 4 bytes each.
    pub co_signers: &'a [u8],
    /// 32 bytes each.
    pub policies: &'a [u8],
    pub session: Option<SessionRecord<'a>>,
}

impl<'a> Record<'a> {
    /// What a passkey's signatures are verified with, of a record's first bytes; `None` if it is no
    /// passkey, or not within them.
    #[inline(always)]
    pub fn parse_passkey(bytes: &'a [u8]) -> Option<PasskeyView<'a>> {
        let ([PASSKEY, _, _, _], rest) = bytes.split_first_chunk::<HEADER_BYTES>()? else {
            return None;
        };
        let (public_key, rest) = rest.split_first_chunk()?;
        let (rp_id_hash, rest) = rest.split_first_chunk()?;
        let ([a, b, _, _], rest) = rest.split_first_chunk::<4>()?;
        Some(PasskeyView {
            public_key,
            rp_id_hash,
            origin: rest.get(..u16::from_be_bytes([*a, *b]) as usize)?,
            credential_id: &[],
        })
    }

    /// Of bytes that `write` wrote.
    pub fn parse(bytes: &'a [u8], is_session: bool) -> Self {
        let mut stored = Reader::new(bytes);
        let [kind, threshold, co_signers, policies] = *stored.array::<HEADER_BYTES>();
        Self {
            key: parse_key(kind, &mut stored),
            threshold: u32::from(threshold),
            co_signers: stored.take(usize::from(co_signers) * 4),
            policies: stored.take(usize::from(policies) * 32),
            session: is_session.then(|| SessionRecord {
                expires_at_ledger: stored.word(),
                contracts: stored.rest(),
            }),
        }
    }

    pub fn write<'b>(&self, buffer: &'b mut [MaybeUninit<u8>]) -> Writer<'b> {
        let mut writer = Writer::new(buffer);
        writer.raw(&[
            kind(&self.key),
            self.threshold as u8,
            (self.co_signers.len() / 4) as u8,
            (self.policies.len() / 32) as u8,
        ]);
        write_key(&self.key, &mut writer);
        writer.raw(self.co_signers);
        writer.raw(self.policies);
        if let Some(session) = &self.session {
            writer.word(session.expires_at_ledger);
            writer.raw(session.contracts);
        }
        writer
    }

    pub fn co_signer_ids(&self) -> impl Iterator<Item = u32> + 'a {
        self.co_signers
            .chunks_exact(4)
            .map(|id| u32::from_be_bytes(id.try_into().unwrap_optimized()))
    }

    pub fn policy_ids(&self) -> impl Iterator<Item = &'a [u8; 32]> {
        ids(self.policies)
    }
}

impl<'a> SessionRecord<'a> {
    pub fn contract_ids(&self) -> impl Iterator<Item = &'a [u8; 32]> {
        ids(self.contracts)
    }
}

pub fn ids(bytes: &[u8]) -> impl Iterator<Item = &[u8; 32]> {
    bytes
        .chunks_exact(32)
        .map(|id| id.try_into().unwrap_optimized())
}

fn kind(key: &KeyView) -> u8 {
    match key {
        KeyView::Passkey(_) => PASSKEY,
        KeyView::Ed25519(_) => ED25519,
        KeyView::Account(_) => ACCOUNT,
        KeyView::PostQuantum { .. } => POST_QUANTUM,
    }
}

fn parse_key<'a>(kind: u8, stored: &mut Reader<'a>) -> KeyView<'a> {
    match kind {
        PASSKEY => {
            let public_key = stored.array();
            let rp_id_hash = stored.array();
            let [a, b, c, d] = *stored.array();
            KeyView::Passkey(PasskeyView {
                public_key,
                rp_id_hash,
                origin: stored.take(u16::from_be_bytes([a, b]) as usize),
                credential_id: stored.take(u16::from_be_bytes([c, d]) as usize),
            })
        }
        ED25519 => KeyView::Ed25519(stored.array()),
        ACCOUNT => {
            let [length] = *stored.array();
            KeyView::Account(stored.take(length as usize))
        }
        _ => KeyView::PostQuantum {
            scheme: Scheme::from_number(stored.word()).unwrap_optimized(),
            verifier: stored.array(),
            public_key_hash: stored.array(),
        },
    }
}

fn write_key(key: &KeyView, writer: &mut Writer) {
    match key {
        KeyView::Passkey(passkey) => {
            writer.raw(passkey.public_key);
            writer.raw(passkey.rp_id_hash);
            writer.raw(&(passkey.origin.len() as u16).to_be_bytes());
            writer.raw(&(passkey.credential_id.len() as u16).to_be_bytes());
            writer.raw(passkey.origin);
            writer.raw(passkey.credential_id);
        }
        KeyView::Ed25519(public_key) => writer.raw(*public_key),
        KeyView::Account(address) => {
            writer.raw(&[address.len() as u8]);
            writer.raw(address);
        }
        KeyView::PostQuantum {
            public_key_hash,
            scheme,
            verifier,
        } => {
            writer.word(*scheme as u32);
            writer.raw(*verifier);
            writer.raw(*public_key_hash);
        }
    }
}

/// Whether whoever holds the one key holds the other.
pub fn is_same_key(a: &KeyView, b: &KeyView) -> bool {
    match (a, b) {
        // The points (x, y) and (x, p - y) have one secret, but for its sign.
        (KeyView::Passkey(a), KeyView::Passkey(b)) => a.public_key[1..33] == b.public_key[1..33],
        // A classic account, unless its signers were changed, has the key that it is named by.
        (KeyView::Ed25519(key), KeyView::Account(address))
        | (KeyView::Account(address), KeyView::Ed25519(key)) => {
            address.strip_prefix(&[0; 8]) == Some(*key)
        }
        (KeyView::Ed25519(a), KeyView::Ed25519(b)) => a == b,
        (KeyView::Account(a), KeyView::Account(b)) => a == b,
        (
            KeyView::PostQuantum {
                public_key_hash: a, ..
            },
            KeyView::PostQuantum {
                public_key_hash: b, ..
            },
        ) => a == b,
        _ => false,
    }
}
