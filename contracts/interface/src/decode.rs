//! Takes the encoded arguments of wallets apart and checks everything that does not depend on what
//! a wallet holds: lengths, curve points, origins, limits. Views borrow from the encoding.
//!
//! Not checked here: whether co-signers exist and can satisfy a rule (the wallet knows), that the
//! relying party id behind `rp_id_hash` is a suffix of the origin's host (browsers enforce it, and
//! the hash hides the id), and that anybody holds the private keys.

use crate::{
    p256_point,
    xdr::{contract_id, Reader},
    Scheme, WalletError, MAX_CREDENTIAL_ID_BYTES, MAX_ORIGIN_BYTES, MIN_CREDENTIAL_ID_BYTES,
};

/// 366 days. A longer delay is a mistake of units rather than a choice.
pub const MAX_ROTATION_DELAY_SECONDS: u64 = 31_622_400;
/// What mainnet lets a temporary entry live, less the present ledger.
pub const MAX_SESSION_LEDGERS: u32 = 3_110_399;
pub const MAX_LIMITS: u32 = 8;
pub const MAX_LIMITS_BYTES: usize = 2048;

type Decode<T> = Result<T, WalletError>;

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
    pub limits: LimitsView<'a>,
}

#[derive(Clone, Copy)]
pub enum RoleView<'a> {
    Admin,
    Session(SessionView<'a>),
}

/// Ids, each as an encoded u32 value.
#[derive(Clone, Copy)]
pub struct CoSignersView<'a> {
    pub threshold: u32,
    pub count: u32,
    signers: Reader<'a>,
}

pub struct SignerView<'a> {
    pub co_signers: Option<CoSignersView<'a>>,
    pub key: KeyView<'a>,
    pub role: RoleView<'a>,
}

pub struct RecoveryView<'a> {
    /// As `xdr::Reader::address` returns it.
    pub guardian: &'a [u8],
    pub rotation_delay_seconds: u64,
}

pub struct InitView<'a> {
    pub admin_threshold: u32,
    /// Encoded `Recovery`.
    pub recovery: Option<Reader<'a>>,
    pub signer_count: u32,
    /// So many encoded `Signer`s.
    pub signers: Reader<'a>,
}

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

/// Errors: `MalformedArgument`.
pub fn decode_init<'a>(mut value: Reader<'a>) -> Decode<InitView<'a>> {
    let [mut admin_threshold, recovery, mut signers] =
        value.fields(["admin_threshold", "recovery", "signers"])?;
    value.end()?;
    Ok(InitView {
        admin_threshold: admin_threshold.u32()?,
        recovery: recovery.option(),
        signer_count: signers.vec()?,
        signers,
    })
}

/// Errors: `MalformedArgument`, `InvalidRotationDelay`.
pub fn decode_recovery<'a>(mut value: Reader<'a>) -> Decode<RecoveryView<'a>> {
    let [mut guardian, mut delay] = value.fields(["guardian", "rotation_delay_seconds"])?;
    value.end()?;
    let rotation_delay_seconds = delay.u64()?;
    if rotation_delay_seconds > MAX_ROTATION_DELAY_SECONDS {
        return Err(WalletError::InvalidRotationDelay);
    }
    Ok(RecoveryView {
        guardian: account_or_contract(guardian.address()?)?,
        rotation_delay_seconds,
    })
}

/// Errors: those of the parts.
pub fn decode_signer<'a>(mut value: Reader<'a>) -> Decode<SignerView<'a>> {
    let [co_signers, key, role] = value.fields(["co_signers", "key", "role"])?;
    value.end()?;
    Ok(SignerView {
        co_signers: decode_co_signers(co_signers)?,
        key: decode_key(key)?,
        role: decode_role(role)?,
    })
}

/// Errors: `MalformedArgument`, `InvalidPublicKey`, `InvalidCredentialId`, `InvalidOrigin`.
pub fn decode_key<'a>(mut value: Reader<'a>) -> Decode<KeyView<'a>> {
    let key = match value.variant()? {
        (b"Passkey", 1) => KeyView::Passkey(decode_passkey(&mut value)?),
        (b"Ed25519", 1) => KeyView::Ed25519(value.bytes_n()?),
        (b"Account", 1) => {
            KeyView::Account(account_or_contract(value.address()?)?)
        }
        (b"PostQuantum", 1) => {
            let [mut hash, mut scheme, mut verifier] =
                value.fields(["public_key_hash", "scheme", "verifier"])?;
            KeyView::PostQuantum {
                public_key_hash: hash.bytes_n()?,
                scheme: Scheme::from_number(scheme.u32()?)
                    .ok_or(WalletError::MalformedArgument)?,
                verifier: contract_id(verifier.address()?)
                    .ok_or(WalletError::MalformedArgument)?,
            }
        }
        _ => return Err(WalletError::MalformedArgument),
    };
    value.end()?;
    Ok(key)
}

/// What can authorize: not a muxed account, a claimable balance or a liquidity pool.
fn account_or_contract(address: &[u8]) -> Decode<&[u8]> {
    if matches!(address, [0, 0, 0, 0 | 1, ..]) {
        Ok(address)
    } else {
        Err(WalletError::MalformedArgument)
    }
}

fn decode_passkey<'a>(value: &mut Reader<'a>) -> Decode<PasskeyView<'a>> {
    let [mut credential_id, mut origin, mut public_key, mut rp_id_hash] =
        value.fields(["credential_id", "origin", "public_key", "rp_id_hash"])?;
    let passkey = PasskeyView {
        public_key: public_key.bytes_n()?,
        credential_id: credential_id.bytes()?,
        rp_id_hash: rp_id_hash.bytes_n()?,
        origin: origin.string()?,
    };
    if !p256_point::is_on_curve(passkey.public_key) {
        return Err(WalletError::InvalidPublicKey);
    }
    let credential_id_bytes = passkey.credential_id.len() as u32;
    if !(MIN_CREDENTIAL_ID_BYTES..=MAX_CREDENTIAL_ID_BYTES).contains(&credential_id_bytes) {
        return Err(WalletError::InvalidCredentialId);
    }
    // The origin is copied into a JSON string as it is. A character that JSON escapes would make a
    // clientDataJSON that no browser writes, and a signer that can never sign.
    let origin = passkey.origin;
    let is_unusable = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f);
    if origin.is_empty() || origin.len() > MAX_ORIGIN_BYTES as usize || origin.iter().any(is_unusable) {
        return Err(WalletError::InvalidOrigin);
    }
    Ok(passkey)
}

/// Errors: `MalformedArgument`, `InvalidLimits`.
pub fn decode_role<'a>(mut value: Reader<'a>) -> Decode<RoleView<'a>> {
    let role = match value.variant()? {
        (b"Admin", 0) => RoleView::Admin,
        (b"Session", 1) => {
            let [mut expires, limits] = value.fields(["expires_at_ledger", "limits"])?;
            let limits = LimitsView(limits.rest());
            limits.check()?;
            RoleView::Session(SessionView {
                expires_at_ledger: expires.u32()?,
                limits,
            })
        }
        _ => return Err(WalletError::MalformedArgument),
    };
    value.end()?;
    Ok(role)
}

/// Errors: `MalformedArgument`, `InvalidCoSigners` for a threshold of 0 or above their number, and
/// for an id given twice.
pub fn decode_co_signers<'a>(value: Reader<'a>) -> Decode<Option<CoSignersView<'a>>> {
    let Some(mut value) = value.option() else {
        return Ok(None);
    };
    let [mut signers, mut threshold] = value.fields(["signers", "threshold"])?;
    value.end()?;
    let view = CoSignersView {
        threshold: threshold.u32()?,
        count: signers.vec()?,
        signers,
    };
    let mut rest = signers;
    for position in 0..view.count {
        let id = rest.u32()?;
        if view.ids().take(position as usize).any(|other| other == id) {
            return Err(WalletError::InvalidCoSigners);
        }
    }
    rest.end()?;
    if view.threshold == 0 || view.threshold > view.count {
        return Err(WalletError::InvalidCoSigners);
    }
    Ok(Some(view))
}

impl<'a> CoSignersView<'a> {
    pub fn ids(&self) -> impl Iterator<Item = u32> + 'a {
        let mut signers = self.signers;
        core::iter::from_fn(move || signers.u32().ok())
    }
}

/// The encoded `Vec<Limit>`.
#[derive(Clone, Copy)]
pub struct LimitsView<'a>(pub &'a [u8]);

#[derive(Clone, Copy)]
pub struct LimitView<'a> {
    /// As `xdr::Reader::address` returns it.
    pub contract: &'a [u8],
    pub functions: Functions<'a>,
    /// Amount and window in ledgers.
    pub spending: Option<(i128, u32)>,
}

#[derive(Clone, Copy)]
pub struct Functions<'a> {
    pub count: u32,
    pub encoded: Reader<'a>,
}

impl<'a> LimitsView<'a> {
    pub fn count(&self) -> u32 {
        Reader::new(self.0).vec().unwrap_or(0)
    }

    /// The limits in their order. Stops at what is malformed, which `check` refuses.
    pub fn iter(&self) -> impl Iterator<Item = LimitView<'a>> {
        let mut encoded = Reader::new(self.0);
        let _ = encoded.vec();
        core::iter::from_fn(move || decode_limit(&mut encoded).ok())
    }

    fn check(&self) -> Decode<()> {
        let mut encoded = Reader::new(self.0);
        let count = encoded.vec()?;
        if count == 0 || count > MAX_LIMITS || self.0.len() > MAX_LIMITS_BYTES {
            return Err(WalletError::InvalidLimits);
        }
        for position in 0..count {
            let limit = decode_limit(&mut encoded)?;
            let mut earlier = self.iter().take(position as usize);
            if earlier.any(|other| other.contract == limit.contract) {
                return Err(WalletError::InvalidLimits);
            }
            check_functions(limit.functions)?;
            if limit.spending.is_some_and(|(amount, window)| amount < 0 || window == 0) {
                return Err(WalletError::InvalidLimits);
            }
        }
        encoded.end()
    }
}

fn decode_limit<'a>(encoded: &mut Reader<'a>) -> Decode<LimitView<'a>> {
    let [mut contract, mut functions, spending] =
        encoded.fields(["contract", "functions", "spending"])?;
    let count = functions.vec()?;
    let spending = match spending.option() {
        None => None,
        Some(mut cap) => {
            let [mut amount, mut window] = cap.fields(["amount", "window_ledgers"])?;
            Some((amount.i128()?, window.u32()?))
        }
    };
    Ok(LimitView {
        contract: contract.address()?,
        functions: Functions {
            count,
            encoded: functions,
        },
        spending,
    })
}

fn check_functions(functions: Functions) -> Decode<()> {
    let mut encoded = functions.encoded;
    for _ in 0..functions.count {
        let [mut arguments, mut name] = encoded.fields(["arguments", "name"])?;
        name.symbol()?;
        for _ in 0..arguments.vec()? {
            let [mut constraint, mut index] = arguments.fields(["constraint", "index"])?;
            index.u32()?;
            check_constraint(&mut constraint)?;
        }
    }
    Ok(())
}

fn check_constraint(constraint: &mut Reader) -> Decode<()> {
    match constraint.variant()? {
        (b"Equals", 1) => constraint.value().map(|_| ()),
        (b"AtMost", 1) if constraint.i128()? < 0 => Err(WalletError::InvalidLimits),
        (b"AtMost", 1) => Ok(()),
        (b"OneOf", 1) => constraint.vec().map(|_| ()),
        _ => Err(WalletError::MalformedArgument),
    }
}
