//! A classic account as a signer: it authorizes `__check_auth` by an entry of its own, which the host
//! checks against the account's key.

extern crate std;

use std::rc::Rc;

use ed25519_dalek::{Signer as _, SigningKey};
use latchkey_interface::{
    testutils::{authorization_payload, part},
    WalletError,
};
use soroban_sdk::{
    xdr::{
        AccountEntry, AccountId, InvokeContractArgs, LedgerEntry, LedgerEntryData, LedgerEntryExt,
        LedgerKey, LedgerKeyAccount, PublicKey, ScAddress, ScMap, ScMapEntry, ScVal,
        SequenceNumber, SorobanAddressCredentials, SorobanAuthorizationEntry,
        SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials, Thresholds,
        Uint256, VecM,
    },
    Address, Bytes, BytesN, IntoVal, TryFromVal, Val, Vec,
};

use super::world::{Key, Verdict, World, PAYLOAD};

const NONCE: i64 = 77;
const EXPIRES_AT_LEDGER: u32 = 2_000;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[8; 32])
}

fn account(world: &World) -> Address {
    let public_key = key().verifying_key().to_bytes();
    let account_id = AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(public_key)));
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
    let host = world.env.host();
    host.add_ledger_entry(&Rc::new(ledger_key), &Rc::new(entry), None)
        .unwrap();
    Address::try_from_val(&world.env, &ScAddress::Account(account_id)).unwrap()
}

/// An entry by which the account authorizes `__check_auth` of the wallet with these arguments.
fn entry(
    world: &World,
    account: &Address,
    payload: &[u8; 32],
    blob: &[u8],
) -> SorobanAuthorizationEntry {
    let env = &world.env;
    let arguments: [Val; 3] = [
        BytesN::from_array(env, payload).into_val(env),
        Bytes::from_slice(env, blob).into_val(env),
        Vec::from_array(env, [world.purchase()]).into_val(env),
    ];
    let arguments = arguments.map(|value| ScVal::try_from_val(env, &value).unwrap());
    let root_invocation = SorobanAuthorizedInvocation {
        function: SorobanAuthorizedFunction::ContractFn(InvokeContractArgs {
            contract_address: ScAddress::from(&world.wallet),
            function_name: "__check_auth".try_into().unwrap(),
            args: arguments.try_into().unwrap(),
        }),
        sub_invocations: VecM::default(),
    };
    let network_id = soroban_sdk::testutils::Ledger::get(&env.ledger()).network_id;
    let signed = authorization_payload(network_id, NONCE, EXPIRES_AT_LEDGER, &root_invocation);
    let field = |name: &str, bytes: &[u8]| ScMapEntry {
        key: ScVal::Symbol(name.try_into().unwrap()),
        val: ScVal::Bytes(bytes.to_vec().try_into().unwrap()),
    };
    let fields = std::vec![
        field("public_key", &key().verifying_key().to_bytes()),
        field("signature", &key().sign(&signed).to_bytes()),
    ];
    let signature = ScVal::Map(Some(ScMap(fields.try_into().unwrap())));
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: ScAddress::from(account),
            nonce: NONCE,
            signature_expiration_ledger: EXPIRES_AT_LEDGER,
            signature: ScVal::Vec(Some(std::vec![signature].try_into().unwrap())),
        }),
        root_invocation,
    }
}

fn check(world: &World, blob: &[u8], entries: &[SorobanAuthorizationEntry]) -> Verdict {
    world.env.set_auths(entries);
    world.check(&PAYLOAD, blob, &[world.purchase()])
}

#[test]
fn a_classic_account_authorizes_by_an_entry_of_its_own() {
    let world = World::new();
    let account = account(&world);
    let id = world.add(Key::Account(account.clone()).admin(&world.env));
    let blob = part(id, &[]);
    assert_eq!(check(&world, &blob, &[]), Err(None));
    let own = entry(&world, &account, &PAYLOAD, &blob);
    assert_eq!(check(&world, &blob, &[own]), Ok(()));

    // It authorized another payload, or other signatures.
    for wrong in [
        entry(&world, &account, &[1; 32], &blob),
        entry(&world, &account, &PAYLOAD, &part(2, &[])),
    ] {
        assert_eq!(check(&world, &blob, &[wrong]), Err(None));
    }
}

#[test]
fn an_account_part_has_no_proof() {
    let world = World::new();
    let account = account(&world);
    let id = world.add(Key::Account(account.clone()).admin(&world.env));
    let blob = [&part(id, &[])[..], &[1]].concat();
    let own = entry(&world, &account, &PAYLOAD, &blob);
    let verdict = check(&world, &blob, &[own]);
    assert_eq!(verdict, Err(Some(WalletError::InvalidSignatureLength)));
}

#[test]
fn an_ed25519_key_and_the_account_named_by_it_are_one_admin() {
    let world = World::new();
    let account = account(&world);
    world.add(Key::Account(account).admin(&world.env));
    let same = latchkey_interface::Signer {
        key: latchkey_interface::SignerKey::Ed25519(BytesN::from_array(
            &world.env,
            &key().verifying_key().to_bytes(),
        )),
        ..Key::Ed25519(1).admin(&world.env)
    };
    let verdict: Verdict<u32> = world.owner("add", (same, world.no_policies()));
    assert_eq!(verdict, Err(Some(WalletError::DuplicateKey)));
}
