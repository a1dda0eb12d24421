//! Lets one address pass authorization without its keys, for developers. The authorization entries of the transaction
//! are still needed and still consumed: only whether their signature is right is no longer asked.
//! - An account gets a signer of ours for the time of the call, and we sign: the host does what it always does.
//! - A contract runs with a `__check_auth` that lets our pass through (see `wasm_patch`); its code is not run then, so
//!   instructions are fewer and nothing of what it would read is read.
//!
//! Neither leaves a trace in what the host reports as changed. Expired signatures count as expiring now. Delegated
//! signatures, the asset contract and contracts that take their code from elsewhere cannot be impersonated.
use crate::{
    frames::{decode, encode, Error, Result},
    ledger_access::LedgerAccess,
    wasm_patch::with_pass,
};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use soroban_env_host::{
    storage::{EntryWithLiveUntil, SnapshotSource},
    xdr::{
        AccountEntry, AccountId, ContractCodeEntry, ContractDataDurability, ContractExecutable,
        Hash, HashIdPreimage, HashIdPreimageSorobanAuthorization,
        HashIdPreimageSorobanAuthorizationWithAddress, LedgerEntry, LedgerEntryData, LedgerKey,
        LedgerKeyAccount, LedgerKeyContractData, ScAddress, ScErrorCode, ScErrorType, ScMap,
        ScMapEntry, ScVal, Signer as AccountSigner, SignerKey, SorobanAddressCredentials,
        SorobanAuthorizationEntry, SorobanCredentials, Uint256,
    },
    HostError, LedgerInfo, Symbol, Val,
};
use std::rc::Rc;

/// The signature that stands for "let it through". Nobody can use it for another contract: see `authorize`.
const PASS: &str = "pass";
/// The seed of the key that signs for accounts. It is worth nothing: no account has it as a signer.
const SIGNER_SEED: [u8; 32] = *b"devnet impersonates this account";
const FULL_WEIGHT: u32 = 255;

#[derive(Clone)]
pub struct Impersonation {
    address: ScAddress,
    what: Impersonated,
}

#[derive(Clone)]
enum Impersonated {
    Account(AccountId),
    /// By the hash of its code.
    Contract(Hash),
}

impl Impersonation {
    pub fn of(address: &[u8], ledger: LedgerAccess) -> Result<Self> {
        let address: ScAddress = decode(address, "impersonated address")?;
        let what = match &address {
            ScAddress::Account(id) => Impersonated::Account(id.clone()),
            ScAddress::Contract(_) => Impersonated::Contract(code_hash(&address, ledger)?),
            _ => {
                return Err(Error::Ledger(
                    "only an account or a contract can be impersonated".into(),
                ))
            }
        };
        Ok(Self { address, what })
    }

    /// Puts a signature that passes into an entry of the impersonated address, and leaves the others.
    pub fn authorize(
        &self,
        mut entry: SorobanAuthorizationEntry,
        info: &LedgerInfo,
    ) -> Result<SorobanAuthorizationEntry> {
        let invocation = entry.root_invocation.clone();
        let binds_address = !matches!(entry.credentials, SorobanCredentials::Address(_));
        let credentials = match &mut entry.credentials {
            SorobanCredentials::SourceAccount => return Ok(entry),
            SorobanCredentials::Address(credentials)
            | SorobanCredentials::AddressV2(credentials) => credentials,
            SorobanCredentials::AddressWithDelegates(with_delegates) => {
                &mut with_delegates.address_credentials
            }
        };
        if credentials.address != self.address {
            if credentials.signature == pass_value()? {
                credentials.signature = ScVal::Void;
            }
            return Ok(entry);
        }
        credentials.signature_expiration_ledger = credentials
            .signature_expiration_ledger
            .max(info.sequence_number);
        credentials.signature = match &self.what {
            Impersonated::Contract(_) => pass_value()?,
            Impersonated::Account(_) => {
                let preimage = preimage(credentials, invocation, binds_address, info);
                account_signature(&encode(&preimage)?)?
            }
        };
        Ok(entry)
    }

    /// The entry as the host shall see it; None where that is how it is.
    pub fn disguised(&self, entry: &LedgerEntry) -> Result<Option<LedgerEntry>> {
        let data = match (&self.what, &entry.data) {
            (Impersonated::Account(id), LedgerEntryData::Account(account))
                if account.account_id == *id =>
            {
                LedgerEntryData::Account(with_signer(account)?)
            }
            (Impersonated::Contract(_), LedgerEntryData::ContractCode(code)) => {
                let Some(wasm) = self.disguised_code(code)? else {
                    return Ok(None);
                };
                let too_long = |_| Error::Ledger("the contract's code is too long".into());
                LedgerEntryData::ContractCode(ContractCodeEntry {
                    code: wasm.try_into().map_err(too_long)?,
                    ..code.clone()
                })
            }
            _ => return Ok(None),
        };
        Ok(Some(LedgerEntry {
            data,
            ..entry.clone()
        }))
    }

    /// The code that the host shall run in place of `code`; None where that is `code`.
    pub fn disguised_code(&self, code: &ContractCodeEntry) -> Result<Option<Vec<u8>>> {
        match &self.what {
            Impersonated::Contract(hash) if code.hash == *hash => {
                let pass = Symbol::try_from_small_str(PASS)
                    .map_err(|error| Error::Host(format!("{error:?}")))?;
                with_pass(
                    &code.code,
                    pass.as_val().get_payload(),
                    Val::VOID.to_val().get_payload(),
                )
                .map(Some)
                .ok_or_else(|| Error::Ledger("the contract's code cannot be read".into()))
            }
            _ => Ok(None),
        }
    }

    /// Takes our signer out again of what the host reports. `original` is the entry in the ledger.
    pub fn undisguised(&self, mut entry: LedgerEntry, ledger: LedgerAccess) -> Result<LedgerEntry> {
        let LedgerEntryData::Account(account) = &mut entry.data else {
            return Ok(entry);
        };
        if !matches!(&self.what, Impersonated::Account(id) if account.account_id == *id) {
            return Ok(entry);
        }
        let key = account_key(&account.account_id);
        let stored = ledger
            .stored(&key)?
            .ok_or_else(|| Error::Ledger("the impersonated account is gone".into()))?;
        let original: LedgerEntry = decode(&stored.xdr, "stored ledger entry")?;
        if let LedgerEntryData::Account(original) = original.data {
            account.signers = original.signers;
        }
        Ok(entry)
    }
}

/// A ledger in which the impersonated address is disguised.
pub struct DisguisedLedger {
    pub ledger: LedgerAccess,
    pub impersonation: Option<Impersonation>,
}

impl SnapshotSource for DisguisedLedger {
    fn get(
        &self,
        key: &Rc<LedgerKey>,
    ) -> core::result::Result<Option<EntryWithLiveUntil>, HostError> {
        let Some((entry, live_until)) = self.ledger.get(key)? else {
            return Ok(None);
        };
        let Some(impersonation) = &self.impersonation else {
            return Ok(Some((entry, live_until)));
        };
        let disguised = impersonation
            .disguised(&entry)
            .map_err(|_| HostError::from((ScErrorType::Storage, ScErrorCode::InternalError)))?;
        Ok(Some((disguised.map_or(entry, Rc::new), live_until)))
    }
}

fn code_hash(address: &ScAddress, ledger: LedgerAccess) -> Result<Hash> {
    let key = LedgerKey::ContractData(LedgerKeyContractData {
        contract: address.clone(),
        key: ScVal::LedgerKeyContractInstance,
        durability: ContractDataDurability::Persistent,
    });
    let stored = ledger
        .stored(&key)?
        .ok_or_else(|| Error::Ledger("the impersonated contract does not exist".into()))?;
    let entry: LedgerEntry = decode(&stored.xdr, "stored ledger entry")?;
    if let LedgerEntryData::ContractData(data) = entry.data {
        if let ScVal::ContractInstance(instance) = data.val {
            if let ContractExecutable::Wasm(hash) = instance.executable {
                return Ok(hash);
            }
        }
    }
    Err(Error::Ledger(
        "the impersonated contract has no code of its own".into(),
    ))
}

fn account_key(id: &AccountId) -> LedgerKey {
    LedgerKey::Account(LedgerKeyAccount {
        account_id: id.clone(),
    })
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&SIGNER_SEED)
}

fn with_signer(account: &AccountEntry) -> Result<AccountEntry> {
    let signer = AccountSigner {
        key: SignerKey::Ed25519(Uint256(signing_key().verifying_key().to_bytes())),
        weight: FULL_WEIGHT,
    };
    let too_many = |_| Error::Host("an account cannot have one signer".into());
    Ok(AccountEntry {
        signers: vec![signer].try_into().map_err(too_many)?,
        ..account.clone()
    })
}

fn preimage(
    credentials: &SorobanAddressCredentials,
    invocation: soroban_env_host::xdr::SorobanAuthorizedInvocation,
    binds_address: bool,
    info: &LedgerInfo,
) -> HashIdPreimage {
    let network_id = Hash(info.network_id);
    let SorobanAddressCredentials {
        address,
        nonce,
        signature_expiration_ledger,
        ..
    } = credentials.clone();
    if binds_address {
        HashIdPreimage::SorobanAuthorizationWithAddress(
            HashIdPreimageSorobanAuthorizationWithAddress {
                network_id,
                address,
                nonce,
                signature_expiration_ledger,
                invocation,
            },
        )
    } else {
        HashIdPreimage::SorobanAuthorization(HashIdPreimageSorobanAuthorization {
            network_id,
            nonce,
            signature_expiration_ledger,
            invocation,
        })
    }
}

/// `[{public_key, signature}]`, the form in which accounts sign.
fn account_signature(preimage: &[u8]) -> Result<ScVal> {
    let key = signing_key();
    let signature = key.sign(&Sha256::digest(preimage)).to_bytes();
    let entries = vec![
        bytes_entry("public_key", &key.verifying_key().to_bytes())?,
        bytes_entry("signature", &signature)?,
    ];
    let map = ScVal::Map(Some(ScMap(entries.try_into().map_err(unbuildable)?)));
    Ok(ScVal::Vec(Some(vec![map].try_into().map_err(unbuildable)?)))
}

fn bytes_entry(name: &str, bytes: &[u8]) -> Result<ScMapEntry> {
    Ok(ScMapEntry {
        key: symbol(name)?,
        val: ScVal::Bytes(bytes.to_vec().try_into().map_err(unbuildable)?),
    })
}

fn pass_value() -> Result<ScVal> {
    symbol(PASS)
}

fn symbol(text: &str) -> Result<ScVal> {
    Ok(ScVal::Symbol(text.try_into().map_err(unbuildable)?))
}

fn unbuildable<E>(_: E) -> Error {
    Error::Host("a signature value could not be built".into())
}
