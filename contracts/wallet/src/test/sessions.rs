//! What a session may authorize: its contracts until it expires, and of the wallet its own removal.

extern crate std;

use latchkey_interface::{Role, Session, Signer, WalletError};
use soroban_sdk::{
    auth::{
        Context, ContractExecutable, CreateContractHostFnContext,
        CreateContractWithConstructorHostFnContext,
    },
    BytesN, Vec,
};

use super::{
    contracts::Shop,
    world::{Key, Verdict, World, OWNER},
};

const SESSION: Key = Key::Ed25519(1);
const OTHER: Key = Key::Ed25519(2);
const NOT_ALLOWED: Verdict = Err(Some(WalletError::CallNotAllowed));

fn wallet() -> World {
    let world = World::new();
    assert_eq!(world.add(world.session(&SESSION, 100)), 1);
    world
}

fn verdict(world: &World, calls: &[Context]) -> Verdict {
    world.verdict(&[(1, &SESSION)], calls)
}

#[test]
fn a_session_calls_its_contracts() {
    let world = wallet();
    assert_eq!(verdict(&world, &[world.purchase()]), Ok(()));
    let bought = world.call_on::<(), _>(
        &world.shop,
        &[(1, &SESSION)],
        "buy",
        (world.wallet.clone(), 1u32),
    );
    assert_eq!(bought, Ok(()));
}

#[test]
fn a_session_calls_each_of_eight_contracts() {
    let world = World::new();
    let shops = [(); 8].map(|()| world.env.register(Shop, ()));
    let contracts = shops.each_ref();
    assert_eq!(world.add(world.session_for(&SESSION, &contracts, 9)), 1);
    let calls = shops.each_ref().map(|shop| world.context(shop, "buy", ()));
    for call in &calls {
        assert_eq!(verdict(&world, core::slice::from_ref(call)), Ok(()));
    }
    assert_eq!(verdict(&world, &calls), Ok(()));
    assert_eq!(verdict(&world, &[world.purchase()]), NOT_ALLOWED);
}

#[test]
fn a_session_calls_no_other_contract() {
    let world = wallet();
    let other = world.env.register(Shop, ());
    let call = world.context(&other, "buy", (world.wallet.clone(), 1u32));
    assert_eq!(verdict(&world, core::slice::from_ref(&call)), NOT_ALLOWED);
    assert_eq!(
        verdict(&world, &[world.purchase(), call.clone()]),
        NOT_ALLOWED
    );
    assert_eq!(verdict(&world, &[call, world.purchase()]), NOT_ALLOWED);
}

#[test]
fn a_session_creates_no_contract() {
    let world = wallet();
    let salt = BytesN::from_array(&world.env, &[1; 32]);
    let executable = ContractExecutable::Wasm(salt.clone());
    let create = Context::CreateContractHostFn(CreateContractHostFnContext {
        executable: executable.clone(),
        salt: salt.clone(),
    });
    let construct =
        Context::CreateContractWithCtorHostFn(CreateContractWithConstructorHostFnContext {
            executable,
            salt,
            constructor_args: Vec::new(&world.env),
        });
    for creation in [create, construct] {
        let calls = [world.purchase(), creation.clone()];
        assert_eq!(verdict(&world, &calls), NOT_ALLOWED);
        assert_eq!(world.verdict(&[(0, &OWNER)], &[creation]), Ok(()));
    }
}

#[test]
fn a_session_removes_itself_and_no_other() {
    let world = wallet();
    assert_eq!(world.add(world.session(&OTHER, 100)), 2);
    for other in [0u32, 2] {
        let removed = world.call::<(), _>(&[(1, &SESSION)], "remove", (other,));
        assert_eq!(removed, Err(None), "{other}");
    }
    let removed = world.call::<(), _>(&[(1, &SESSION)], "remove", (1u32,));
    assert_eq!(removed, Ok(()));
    let unknown = Err(Some(WalletError::UnknownSigner));
    assert_eq!(verdict(&world, &[world.purchase()]), unknown);
}

#[test]
fn a_session_removes_itself_with_exactly_one_argument() {
    let world = wallet();
    let own = |function, arguments: &[u32]| {
        let arguments = arguments.iter().copied();
        let arguments: Vec<soroban_sdk::Val> =
            Vec::from_iter(&world.env, arguments.map(soroban_sdk::Val::from));
        verdict(&world, &[world.context(&world.wallet, function, arguments)])
    };
    assert_eq!(own("remove", &[1]), Ok(()));
    assert_eq!(own("remove", &[0]), NOT_ALLOWED);
    assert_eq!(own("remove", &[]), NOT_ALLOWED);
    assert_eq!(own("remove", &[1, 1]), NOT_ALLOWED);
    assert_eq!(own("removE", &[1]), NOT_ALLOWED);
    assert_eq!(own("signer", &[1]), NOT_ALLOWED);
    let as_u64 = world.context(&world.wallet, "remove", (1u64,));
    assert_eq!(verdict(&world, &[as_u64]), NOT_ALLOWED);
}

#[test]
fn a_session_calls_nothing_else_of_the_wallet() {
    let world = wallet();
    for function in [
        "add",
        "update_signer",
        "configure",
        "rotate_signer",
        "update",
        "__check_auth",
    ] {
        let call = world.context(&world.wallet, function, (1u32,));
        assert_eq!(verdict(&world, &[call]), NOT_ALLOWED, "{function}");
    }
    let role = Role::Session(Session {
        contracts: Vec::from_array(&world.env, [world.shop.clone()]),
        expires_at_ledger: 90_000,
    });
    let widened = world.update_by(&[(1, &SESSION)], 1, &role, &[], 0);
    assert_eq!(widened, Err(None));
    let arguments = (OTHER.admin(&world.env), world.no_policies());
    let added = world.call::<u32, _>(&[(1, &SESSION)], "add", arguments);
    assert_eq!(added, Err(None));
}

#[test]
fn a_session_signs_in_its_last_ledger_and_not_after_it() {
    let world = wallet();
    world.pass_ledgers(100);
    assert_eq!(verdict(&world, &[world.purchase()]), Ok(()));
    assert!(world.signer(1).is_ok());
    world.pass_ledgers(1);
    let unknown = Err(Some(WalletError::UnknownSigner));
    assert_eq!(verdict(&world, &[world.purchase()]), unknown);
    assert_eq!(world.signer(1), Err(Some(WalletError::UnknownSigner)));
    assert_eq!(world.signers().len(), 1);
}

#[test]
fn sessions_sign_whatever_the_admin_threshold_is() {
    let world = World::of_admins(&[&OWNER, &OTHER], 2);
    let session = world.session(&SESSION, 100);
    let both = [(0, &OWNER), (1, &OTHER)];
    let id = world.call(&both, "add", (session, world.no_policies()));
    assert_eq!(id, Ok(2u32));
    let verdict = |call| world.verdict(&[(2, &SESSION)], &[call]);
    assert_eq!(verdict(world.purchase()), Ok(()));
    let removal = world.context(&world.wallet, "remove", (2u32,));
    assert_eq!(verdict(removal), Ok(()));
}

#[test]
fn an_admin_and_a_session_never_sign_together() {
    let world = wallet();
    let both = [(0, &OWNER), (1, &SESSION)];
    let unneeded = Err(Some(WalletError::UnneededSignature));
    for call in [world.purchase(), world.own_call()] {
        assert_eq!(world.verdict(&both, &[call]), unneeded);
    }
}

fn pair(world: &World) -> [Signer; 2] {
    [
        world.session(&SESSION, 50),
        world.with(world.session(&OTHER, 100), &[1], 1),
    ]
}

#[test]
fn a_session_may_need_another_session() {
    let world = World::new();
    let [first, second] = pair(&world);
    assert_eq!((world.add(first), world.add(second)), (1, 2));
    let missing = Err(Some(WalletError::MissingSignature));
    let verdict = |signers: &[(u32, &Key)]| world.verdict(signers, &[world.purchase()]);
    assert_eq!(verdict(&[(2, &OTHER)]), missing);
    assert_eq!(verdict(&[(0, &OWNER), (2, &OTHER)]), missing);
    assert_eq!(verdict(&[(1, &SESSION)]), Ok(()));
    world.pass_ledgers(51);
    assert_eq!(verdict(&[(2, &OTHER)]), missing);
}

#[test]
fn two_sessions_call_what_both_may_call() {
    let world = World::new();
    let other = world.env.register(Shop, ());
    let (first, second) = (
        world.session(&SESSION, 100),
        world.session_for(&OTHER, &[&world.shop, &other], 100),
    );
    assert_eq!(world.add(first), 1);
    assert_eq!(world.add(world.with(second, &[1], 1)), 2);
    let role = world.signer(1).unwrap().signer.role;
    assert_eq!(world.update(1, &role, &[2], 1), Ok(()));
    let both = [(1, &SESSION), (2, &OTHER)];
    assert_eq!(world.verdict(&both, &[world.purchase()]), Ok(()));
    let call = world.context(&other, "buy", ());
    assert_eq!(world.verdict(&both, &[call]), NOT_ALLOWED);
}

#[test]
fn a_session_of_a_passkey_is_limited_too() {
    let world = World::new();
    let passkey = Key::Passkey(30);
    assert_eq!(world.add(world.session(&passkey, 100)), 1);
    let verdict = |call| world.verdict(&[(1, &passkey)], &[call]);
    assert_eq!(verdict(world.purchase()), Ok(()));
    assert_eq!(verdict(world.own_call()), NOT_ALLOWED);
}

/// Whoever found a session's key must be locked out, whatever happened to other sessions.
#[test]
fn sessions_whose_co_signers_expired_keep_no_session_from_being_removed() {
    let world = World::new();
    let brief = world.add(world.session(&Key::Ed25519(10), 10));
    let stuck = [11, 12].map(|seed| {
        let session = world.session(&Key::Ed25519(seed), 1_000);
        world.add(world.with(session, &[brief], 1))
    });
    let found = world.add(world.session(&Key::Ed25519(13), 1_000));
    world.pass_ledgers(11);
    for id in [found, stuck[0], stuck[1]] {
        assert_eq!(world.owner::<(), _>("remove", (id,)), Ok(()), "{id}");
    }
}

#[test]
fn sessions_whose_co_signers_expired_keep_no_session_from_being_added_or_changed() {
    let world = World::new();
    let brief = world.add(world.session(&Key::Ed25519(10), 10));
    let stuck = world.add(world.with(world.session(&OTHER, 1_000), &[brief], 1));
    world.pass_ledgers(11);
    let first = world.add(world.session(&SESSION, 100));
    let second = world.session(&Key::Ed25519(14), 100);
    let second = world.add(world.with(second, &[first], 1));
    let role = world.signer(second).unwrap().signer.role;
    assert_eq!(world.update(second, &role, &[], 0), Ok(()));
    let unsatisfiable = Err(Some(WalletError::UnsatisfiableRule));
    assert_eq!(world.update(second, &role, &[stuck], 1), unsatisfiable);
    // Neither does an admin become a session that could never sign.
    let admin = world.add(Key::Ed25519(15).admin(&world.env));
    assert_eq!(world.update(admin, &role, &[stuck], 1), unsatisfiable);
    assert_eq!(world.update(admin, &role, &[first], 1), Ok(()));
}
