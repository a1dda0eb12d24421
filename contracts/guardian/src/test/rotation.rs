//! The members with the built wallet and the built recovery contract.

extern crate std;

use latchkey_interface::{
    testutils::SoftwareAuthenticator, Role, Signer, SignerKey, WalletClient, WalletInit,
};
use soroban_sdk::{
    contractclient, testutils::Ledger as _, vec, xdr::ScVal, Address, Env, IntoVal, TryFromVal, Val,
};

use super::world::{invocation, World};

const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");
const RECOVERY_WASM: &[u8] = include_bytes!("../../../wasm/recovery.wasm");
const DELAY_SECONDS: u64 = 3_600;

#[contractclient(name = "RecoveryClient")]
#[allow(dead_code)]
trait Recovery {
    fn execute(env: Env, wallet: Address);
}

fn key(world: &World, seed: u8) -> SignerKey {
    SignerKey::Passkey(SoftwareAuthenticator::new(seed).passkey(&world.env))
}

fn wallet(world: &World, guardian: &Address) -> Address {
    world.env.cost_estimate().disable_resource_limits();
    let owner = Signer {
        co_signers: vec![&world.env],
        key: key(world, 9),
        role: Role::Admin,
        threshold: 0,
    };
    let init = WalletInit {
        admin_threshold: 1,
        recovery: Some(guardian.clone()),
        signers: vec![&world.env, owner],
    };
    world.env.register(WALLET_WASM, (init,))
}

fn present_key(world: &World, wallet: &Address) -> SignerKey {
    let client = WalletClient::new(&world.env, wallet);
    client.signer(&0).signer.key
}

fn value(world: &World, value: impl IntoVal<Env, Val>) -> ScVal {
    ScVal::try_from_val(&world.env, &value.into_val(&world.env)).unwrap()
}

#[test]
fn two_of_three_members_rotate_a_lost_passkey() {
    let world = World::new();
    let [a, b, _] = &world.members[..] else {
        unreachable!()
    };
    for is_delegated in [false, true] {
        let wallet = wallet(&world, &world.guardian);
        let arguments = [ScVal::U32(0), value(&world, key(&world, 10))];
        let call = invocation(&wallet, "rotate_signer", &arguments);
        let entries = |signers: &[_]| match is_delegated {
            false => world.entries(&call, signers, signers),
            true => world.delegated(&call, ScVal::Void, signers),
        };
        assert!(!world.invoke(&call, entries(&[a])));
        assert_eq!(present_key(&world, &wallet), key(&world, 9));
        assert!(world.invoke(&call, entries(&[a, b])));
        assert_eq!(present_key(&world, &wallet), key(&world, 10));
    }
}

#[test]
fn two_of_three_members_propose_a_rotation_that_has_to_wait() {
    let world = World::new();
    let [a, b, _] = &world.members[..] else {
        unreachable!()
    };
    let arguments = (world.guardian.clone(), DELAY_SECONDS);
    let recovery = world.env.register(RECOVERY_WASM, arguments);
    let wallet = wallet(&world, &recovery);
    let arguments = [
        ScVal::Address((&wallet).into()),
        ScVal::U32(0),
        value(&world, key(&world, 10)),
    ];
    let call = invocation(&recovery, "propose", &arguments);
    assert!(!world.invoke(&call, world.delegated(&call, ScVal::Void, &[a])));
    assert!(world.invoke(&call, world.delegated(&call, ScVal::Void, &[a, b])));
    assert_eq!(present_key(&world, &wallet), key(&world, 9));

    let client = RecoveryClient::new(&world.env, &recovery);
    assert!(client.try_execute(&wallet).is_err());
    let now = world.env.ledger().timestamp();
    world.env.ledger().set_timestamp(now + DELAY_SECONDS);
    client.execute(&wallet);
    assert_eq!(present_key(&world, &wallet), key(&world, 10));
}

#[test]
fn members_get_nothing_else_from_a_wallet() {
    let world = World::new();
    let [a, b, _] = &world.members[..] else {
        unreachable!()
    };
    let wallet = wallet(&world, &world.guardian);
    let call = invocation(&wallet, "set_recovery", &[ScVal::Void]);
    assert!(!world.invoke(&call, world.delegated(&call, ScVal::Void, &[a, b])));
    let settings = WalletClient::new(&world.env, &wallet).settings();
    assert_eq!(settings.recovery, Some(world.guardian.clone()));
}
