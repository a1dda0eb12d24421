//! A guardian of three classic accounts, a contract that asks for its authorization, and signed
//! authorization entries, so that nothing of `__check_auth` is skipped.

extern crate std;

use std::{
    rc::Rc,
    sync::atomic::{AtomicI64, Ordering},
    vec,
    vec::Vec,
};

use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};
use soroban_sdk::{
    contract, contractimpl,
    testutils::{EnvTestConfig, Ledger as _},
    xdr::{
        AccountEntry, AccountId, ContractEventBody, Hash, HashIdPreimage,
        HashIdPreimageSorobanAuthorization, HashIdPreimageSorobanAuthorizationWithAddress,
        InvokeContractArgs, LedgerEntry, LedgerEntryData, LedgerEntryExt, LedgerKey,
        LedgerKeyAccount, Limits, PublicKey, ScAddress, ScError, ScMap, ScMapEntry, ScVal,
        SequenceNumber, SorobanAddressCredentials, SorobanAddressCredentialsWithDelegates,
        SorobanAuthorizationEntry, SorobanAuthorizedFunction, SorobanAuthorizedInvocation,
        SorobanCredentials, SorobanDelegateSignature, Thresholds, Uint256, VecM, WriteXdr,
    },
    Address, Env, IntoVal, Symbol, TryFromVal, Val,
};

use crate::{Guardian, GuardianClient, Members};

static NEXT_NONCE: AtomicI64 = AtomicI64::new(1);

/// Stands for wallets that name the guardian.
#[contract]
pub struct Guarded;

#[contractimpl]
impl Guarded {
    pub fn rotate_signer(guardian: Address) {
        guardian.require_auth();
    }

    pub fn propose(guardian: Address) {
        guardian.require_auth();
    }

    pub fn transfer(guardian: Address) {
        guardian.require_auth();
    }

    pub fn set_members(guardian: Address) {
        guardian.require_auth();
    }
}

#[derive(Clone)]
pub struct Member {
    key: SigningKey,
    pub address: Address,
}

pub struct World {
    pub env: Env,
    pub guardian: Address,
    pub guarded: Address,
    /// In ascending order of address.
    pub members: Vec<Member>,
    pub stranger: Member,
}

impl World {
    /// Any two of three members.
    pub fn new() -> Self {
        let env = Env::new_with_config(EnvTestConfig {
            capture_snapshot_at_drop: false,
        });
        env.ledger().set_sequence_number(1_000);
        env.ledger().set_max_entry_ttl(3_110_400);
        env.ledger().set_min_persistent_entry_ttl(2_073_600);
        let mut members: Vec<Member> = (1..=3).map(|seed| classic_account(&env, seed)).collect();
        members.sort_by(|a, b| a.address.cmp(&b.address));
        let stranger = classic_account(&env, 4);
        let guarded = env.register(Guarded, ());
        let mut world = Self {
            guardian: guarded.clone(),
            env,
            guarded,
            members,
            stranger,
        };
        let Members { members, threshold } = world.set(&[0, 1, 2], 2);
        world.guardian = world.env.register(Guardian, (members, threshold));
        world
    }

    pub fn set(&self, members: &[usize], threshold: u32) -> Members {
        let mut addresses = soroban_sdk::Vec::new(&self.env);
        for index in members {
            addresses.push_back(self.members[*index].address.clone());
        }
        Members {
            members: addresses,
            threshold,
        }
    }

    pub fn client(&self) -> GuardianClient<'_> {
        GuardianClient::new(&self.env, &self.guardian)
    }

    /// The invocation that asks for `guardian`'s authorization.
    pub fn invocation(&self, function: &str) -> InvokeContractArgs {
        invocation(
            &self.guarded,
            function,
            &[ScVal::Address((&self.guardian).into())],
        )
    }

    /// The error that the guardian gave for `entries`; the host tells the caller only that
    /// authorization failed.
    pub fn refusal(
        &self,
        call: &InvokeContractArgs,
        entries: Vec<SorobanAuthorizationEntry>,
    ) -> Option<u32> {
        assert!(!self.invoke(call, entries));
        let events = self.env.host().get_diagnostic_events().unwrap().0;
        events.iter().rev().find_map(|event| {
            let ContractEventBody::V0(body) = &event.event.body;
            let ScVal::Vec(Some(values)) = &body.data else {
                return None;
            };
            values.iter().find_map(|value| match value {
                ScVal::Error(ScError::Contract(code)) => Some(*code),
                _ => None,
            })
        })
    }

    pub fn invoke(
        &self,
        call: &InvokeContractArgs,
        entries: Vec<SorobanAuthorizationEntry>,
    ) -> bool {
        self.env.set_auths(&entries);
        let contract = Address::try_from_val(&self.env, &call.contract_address).unwrap();
        let function = Symbol::try_from_val(&self.env, &call.function_name).unwrap();
        let mut arguments = soroban_sdk::Vec::<Val>::new(&self.env);
        for argument in call.args.iter() {
            arguments.push_back(argument.into_val(&self.env));
        }
        let outcome = self
            .env
            .try_invoke_contract::<Val, soroban_sdk::Error>(&contract, &function, arguments);
        self.env.set_auths(&[]);
        outcome.is_ok()
    }

    /// The guardian's entry, which lists `listed`, and an entry by each of `signers`.
    pub fn entries(
        &self,
        call: &InvokeContractArgs,
        listed: &[&Member],
        signers: &[&Member],
    ) -> Vec<SorobanAuthorizationEntry> {
        let addresses: Vec<ScVal> = listed
            .iter()
            .map(|member| ScVal::Address((&member.address).into()))
            .collect();
        let signature = ScVal::Vec(Some(addresses.try_into().unwrap()));
        let guardian_entry = entry(&self.guardian, signature, call.clone());
        let payload = ScVal::Bytes(
            self.payload(&guardian_entry, None)
                .to_vec()
                .try_into()
                .unwrap(),
        );
        let mut entries = vec![guardian_entry];
        for member in signers {
            let check = invocation(&self.guardian, "__check_auth", &[payload.clone()]);
            let mut member_entry = entry(&member.address, ScVal::Void, check);
            let signature = member.sign(&self.payload(&member_entry, None));
            let SorobanCredentials::Address(credentials) = &mut member_entry.credentials else {
                unreachable!()
            };
            credentials.signature = signature;
            entries.push(member_entry);
        }
        entries
    }

    /// The guardian's entry with `signers` as its delegates.
    pub fn delegated(
        &self,
        call: &InvokeContractArgs,
        signature: ScVal,
        signers: &[&Member],
    ) -> Vec<SorobanAuthorizationEntry> {
        let entry = entry(&self.guardian, signature, call.clone());
        let payload = self.payload(&entry, Some(&self.guardian));
        let delegates = signers
            .iter()
            .map(|member| delegate(&member.address, member.sign(&payload), vec![]))
            .collect();
        vec![with_delegates(entry, delegates)]
    }

    pub fn payload(
        &self,
        entry: &SorobanAuthorizationEntry,
        address: Option<&Address>,
    ) -> [u8; 32] {
        let SorobanCredentials::Address(credentials) = &entry.credentials else {
            unreachable!()
        };
        let network_id = Hash(self.env.ledger().get().network_id);
        let nonce = credentials.nonce;
        let signature_expiration_ledger = credentials.signature_expiration_ledger;
        let invocation = entry.root_invocation.clone();
        let preimage = match address {
            None => HashIdPreimage::SorobanAuthorization(HashIdPreimageSorobanAuthorization {
                network_id,
                nonce,
                signature_expiration_ledger,
                invocation,
            }),
            Some(address) => HashIdPreimage::SorobanAuthorizationWithAddress(
                HashIdPreimageSorobanAuthorizationWithAddress {
                    network_id,
                    nonce,
                    signature_expiration_ledger,
                    address: address.into(),
                    invocation,
                },
            ),
        };
        Sha256::digest(preimage.to_xdr(Limits::none()).unwrap()).into()
    }
}

impl Member {
    /// The form of a classic account's signature: its keys and signatures, here one.
    pub fn sign(&self, payload: &[u8; 32]) -> ScVal {
        let field = |name: &str, bytes: &[u8]| ScMapEntry {
            key: ScVal::Symbol(name.try_into().unwrap()),
            val: ScVal::Bytes(bytes.to_vec().try_into().unwrap()),
        };
        let fields = vec![
            field("public_key", self.key.verifying_key().as_bytes()),
            field("signature", &self.key.sign(payload).to_bytes()),
        ];
        let signature = ScVal::Map(Some(ScMap(fields.try_into().unwrap())));
        ScVal::Vec(Some(vec![signature].try_into().unwrap()))
    }
}

pub fn invocation(contract: &Address, function: &str, arguments: &[ScVal]) -> InvokeContractArgs {
    InvokeContractArgs {
        contract_address: contract.into(),
        function_name: function.try_into().unwrap(),
        args: arguments.to_vec().try_into().unwrap(),
    }
}

pub fn entry(
    account: &Address,
    signature: ScVal,
    call: InvokeContractArgs,
) -> SorobanAuthorizationEntry {
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: account.into(),
            nonce: NEXT_NONCE.fetch_add(1, Ordering::Relaxed),
            signature_expiration_ledger: account.env().ledger().sequence() + 100,
            signature,
        }),
        root_invocation: SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(call),
            sub_invocations: VecM::default(),
        },
    }
}

pub fn delegate(
    address: &Address,
    signature: ScVal,
    nested: Vec<SorobanDelegateSignature>,
) -> SorobanDelegateSignature {
    SorobanDelegateSignature {
        address: address.into(),
        signature,
        nested_delegates: nested.try_into().unwrap(),
    }
}

pub fn with_delegates(
    mut entry: SorobanAuthorizationEntry,
    delegates: Vec<SorobanDelegateSignature>,
) -> SorobanAuthorizationEntry {
    let SorobanCredentials::Address(address_credentials) = entry.credentials else {
        unreachable!()
    };
    entry.credentials =
        SorobanCredentials::AddressWithDelegates(SorobanAddressCredentialsWithDelegates {
            address_credentials,
            delegates: delegates.try_into().unwrap(),
        });
    entry
}

fn classic_account(env: &Env, seed: u8) -> Member {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let account_id = AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(
        key.verifying_key().to_bytes(),
    )));
    let account = AccountEntry {
        account_id: account_id.clone(),
        balance: 100_000_000,
        seq_num: SequenceNumber(1),
        num_sub_entries: 0,
        inflation_dest: None,
        flags: 0,
        home_domain: Default::default(),
        thresholds: Thresholds([1, 0, 0, 0]),
        signers: VecM::default(),
        ext: Default::default(),
    };
    let entry = LedgerEntry {
        last_modified_ledger_seq: 1,
        ext: LedgerEntryExt::V0,
        data: LedgerEntryData::Account(account),
    };
    let ledger_key = LedgerKey::Account(LedgerKeyAccount {
        account_id: account_id.clone(),
    });
    env.host()
        .add_ledger_entry(&Rc::new(ledger_key), &Rc::new(entry), None)
        .unwrap();
    let address = Address::try_from_val(env, &ScAddress::Account(account_id)).unwrap();
    Member { key, address }
}
