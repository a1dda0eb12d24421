//! Takes the encoded arguments of wallets apart and checks everything that does not depend on what
//! a wallet holds: lengths, curve points, origins. Views borrow from the encoding.
//!
//! Not checked here: whether co-signers exist and can satisfy a rule (the wallet knows), that the
//! relying party id behind `rp_id_hash` is a suffix of the origin's host (browsers enforce it, and
//! the hash hides the id), and that anybody holds the private keys.

use crate::{
    p256_point, xdr::Reader, Scheme, WalletError, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES,
    MIN_CREDENTIAL_ID_BYTES,
};

/// What mainnet lets a temporary entry live, less the present ledger.
pub const MAX_SESSION_LEDGERS: u32 = 3_110_399;
pub const MAX_SESSION_CONTRACTS: usize = 8;
pub const MAX_CO_SIGNERS: usize = 16;

#[derive(Clone, Copy)]
pub struct PasskeyView<'a> {
    pub public_key: &'a [u8; 65],
    pub credential_id: &'a [u8],
    pub rp_id_hash: &'a [u8; 32],
    pub origin: &'a [u8],
}

#[derive(Clone, Copy)]
pub enum KeyView<'a> {
    Passkey(PasskeyView<'a>),
    Ed25519(&'a [u8; 32]),
    /// As `xdr::Reader::address` returns it.
    Account(&'a [u8]),
    PostQuantum {
        public_key_hash: &'a [u8; 32],
        scheme: Scheme,
        /// Contract id.
        verifier: &'a [u8; 32],
    },
}

#[derive(Clone, Copy)]
pub struct SessionView<'a> {
    pub expires_at_ledger: u32,
    pub contract_count: u32,
    /// So many encoded addresses of contracts.
    pub contracts: Reader<'a>,
}

#[derive(Clone, Copy)]
pub struct CoSignersView<'a> {
    /// 0 exactly if there are none.
    pub threshold: u32,
    pub count: u32,
    /// So many encoded ids.
    pub ids: Reader<'a>,
}

pub struct SignerView<'a> {
    pub co_signers: CoSignersView<'a>,
    pub key: KeyView<'a>,
    /// `None` for an admin.
    pub session: Option<SessionView<'a>>,
}

pub struct InitView<'a> {
    pub admin_threshold: u32,
    /// As `xdr::Reader::address` returns it.
    pub recovery: Option<&'a [u8]>,
    pub signer_count: u32,
    /// So many encoded `Signer`s.
    pub signers: Reader<'a>,
}

/// In bytes.
pub struct SchemeLengths {
    pub public_key: usize,
    pub signature: usize,
}

impl Scheme {
    pub fn lengths(self) -> SchemeLengths {
        let (public_key, signature) = match self {
            Scheme::MlDsa44 => (1312, 2420),
            Scheme::MlDsa65 => (1952, 3309),
            Scheme::SlhDsaSha2128s => (32, 7856),
        };
        SchemeLengths {
            public_key,
            signature,
        }
    }

    pub fn from_number(number: u32) -> Option<Self> {
        [Scheme::MlDsa44, Scheme::MlDsa65, Scheme::SlhDsaSha2128s]
            .into_iter()
            .find(|scheme| *scheme as u32 == number)
    }
}

/// The signers are left for `decode_signer`, one by one.
///
/// Errors: `MalformedArgument`.
pub fn decode_init(mut value: Reader) -> Result<InitView, WalletError> {
    value.fields(3);
    value.field("admin_threshold");
    let admin_threshold = value.u32();
    value.field("recovery");
    let recovery = decode_recovery(&mut value);
    value.field("signers");
    let signer_count = value.vec();
    if value.has_failed() {
        return Err(WalletError::MalformedArgument);
    }
    Ok(InitView {
        admin_threshold,
        recovery,
        signer_count,
        signers: value,
    })
}

/// An `Option<Address>` that can be a guardian.
pub fn decode_recovery<'a>(value: &mut Reader<'a>) -> Option<&'a [u8]> {
    if value.is_void() {
        None
    } else {
        Some(value.account_or_contract())
    }
}

/// Errors: those of the parts.
pub fn decode_signer<'a>(value: &mut Reader<'a>) -> Result<SignerView<'a>, WalletError> {
    value.fields(4);
    value.field("co_signers");
    let ids = decode_ids(value);
    value.field("key");
    let key = decode_key(value)?;
    value.field("role");
    let session = decode_role(value);
    value.field("threshold");
    let threshold = value.u32();
    if value.has_failed() {
        return Err(WalletError::MalformedArgument);
    }
    Ok(SignerView {
        co_signers: CoSignersView::new(ids, threshold)?,
        key,
        session,
    })
}

/// Errors: `MalformedArgument`, `InvalidPublicKey`, `InvalidCredentialId`, `InvalidOrigin`.
#[inline(never)]
pub fn decode_key<'a>(value: &mut Reader<'a>) -> Result<KeyView<'a>, WalletError> {
    if value.vec() != 2 {
        value.fail();
    }
    let key = match value.symbol() {
        b"Passkey" => KeyView::Passkey(decode_passkey(value)?),
        b"Ed25519" => KeyView::Ed25519(value.bytes_n()),
        b"Account" => KeyView::Account(value.account_or_contract()),
        b"PostQuantum" => {
            value.fields(3);
            value.field("public_key_hash");
            let public_key_hash = value.bytes_n();
            value.field("scheme");
            let scheme = Scheme::from_number(value.u32()).ok_or(WalletError::MalformedArgument)?;
            value.field("verifier");
            KeyView::PostQuantum {
                public_key_hash,
                scheme,
                verifier: value.contract(),
            }
        }
        _ => return Err(WalletError::MalformedArgument),
    };
    Ok(key)
}

fn decode_passkey<'a>(value: &mut Reader<'a>) -> Result<PasskeyView<'a>, WalletError> {
    value.fields(4);
    value.field("credential_id");
    let credential_id = value.bytes();
    value.field("origin");
    let origin = value.string();
    value.field("public_key");
    let public_key = value.bytes_n();
    value.field("rp_id_hash");
    let rp_id_hash = value.bytes_n();
    if value.has_failed() {
        return Err(WalletError::MalformedArgument);
    }
    if !p256_point::is_on_curve(public_key) {
        return Err(WalletError::InvalidPublicKey);
    }
    let credential_id_bytes = credential_id.len() as u32;
    if !(MIN_CREDENTIAL_ID_BYTES..=MAX_CREDENTIAL_ID_BYTES).contains(&credential_id_bytes) {
        return Err(WalletError::InvalidCredentialId);
    }
    // The origin is copied into a JSON string as it is. A character that JSON escapes would make a
    // clientDataJSON that no browser writes, and a signer that can never sign.
    let is_unusable = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f);
    if origin.is_empty()
        || origin.len() > MAX_ORIGIN_BYTES as usize
        || origin.iter().any(is_unusable)
    {
        return Err(WalletError::InvalidOrigin);
    }
    Ok(PasskeyView {
        public_key,
        credential_id,
        rp_id_hash,
        origin,
    })
}

/// `None` for an admin.
pub fn decode_role<'a>(value: &mut Reader<'a>) -> Option<SessionView<'a>> {
    let length = value.vec();
    match (length, value.symbol()) {
        (1, b"Admin") => None,
        (2, b"Session") => {
            value.fields(2);
            value.field("contracts");
            let contract_count = value.vec();
            let contracts = *value;
            for _ in 0..contract_count {
                value.contract();
                if value.has_failed() {
                    break;
                }
            }
            value.field("expires_at_ledger");
            Some(SessionView {
                expires_at_ledger: value.u32(),
                contract_count,
                contracts,
            })
        }
        _ => {
            value.fail();
            None
        }
    }
}

/// A vector of ids.
pub fn decode_ids<'a>(value: &mut Reader<'a>) -> (u32, Reader<'a>) {
    let count = value.vec();
    let ids = *value;
    for _ in 0..count {
        value.u32();
        if value.has_failed() {
            break;
        }
    }
    (count, ids)
}

impl<'a> CoSignersView<'a> {
    /// Errors: `InvalidCoSigners` for more than 16, and for a threshold that does not fit them.
    pub fn new((count, ids): (u32, Reader<'a>), threshold: u32) -> Result<Self, WalletError> {
        let least = count.min(1);
        if count > MAX_CO_SIGNERS as u32 || threshold < least || threshold > count {
            return Err(WalletError::InvalidCoSigners);
        }
        Ok(Self {
            threshold,
            count,
            ids,
        })
    }
}
