//! Upgrades of the built wallet: from the previous release, to a later one, and by whom.

extern crate std;

use latchkey_interface::{testutils::SoftwareAuthenticator, Passkey, Settings, WalletError};
use soroban_sdk::{
    contracttype, symbol_short, testutils::Address as _, Address, BytesN, Env, Executable, IntoVal,
    Map, Symbol, Val, Vec,
};

use super::world::{env, Key, Verdict, World, OWNER, WALLET_WASM};

const PREVIOUS_WASM: &[u8] = include_bytes!("previous/wallet-0.1.0.wasm");

/// What the constructor of 0.1.0 took.
#[contracttype]
#[derive(Clone)]
pub struct PreviousInit {
    pub guardian: Option<Address>,
    pub rotation_delay_seconds: u64,
    pub signer: Passkey,
}

fn code_of(world: &World) -> BytesN<32> {
    match world.wallet.executable() {
        Some(Executable::Wasm(hash)) => hash,
        other => panic!("not wasm: {other:?}"),
    }
}

/// The same interface under another hash: a custom section more.
pub fn next_version(env: &Env) -> BytesN<32> {
    let mut wasm = WALLET_WASM.to_vec();
    wasm.extend(b"\x00\x05\x04next");
    env.deployer().upload_contract_wasm(wasm.as_slice())
}

fn previous(guardian: impl FnOnce(&Env) -> Option<Address>, delay_seconds: u64) -> World {
    let env = env();
    let init = PreviousInit {
        guardian: guardian(&env),
        rotation_delay_seconds: delay_seconds,
        signer: SoftwareAuthenticator::new(9).passkey(&env),
    };
    let wallet = env.register(PREVIOUS_WASM, (init,));
    World::around(env, wallet)
}

/// By a signature of the previous form: one passkey's, without its id.
fn upgrade_previous(world: &World) {
    let wasm_hash = world.env.deployer().upload_contract_wasm(WALLET_WASM);
    let arguments: Vec<Val> = (wasm_hash.clone(),).into_val(&world.env);
    let passkey = SoftwareAuthenticator::new(9);
    let entry = world.entry(&world.wallet, "upgrade", &arguments, |payload| {
        passkey.sign(payload)
    });
    world.env.set_auths(&[entry]);
    world
        .invoke::<()>(&world.wallet, "upgrade", arguments)
        .unwrap();
    assert_eq!(code_of(world), wasm_hash);
}

fn assert_reads_on(world: &World, guardian: Option<Address>) {
    assert_eq!(world.signers().len(), 1);
    assert_eq!(world.signer(0).unwrap().signer, OWNER.admin(&world.env));
    let settings = Settings {
        admin_threshold: 1,
        recovery: guardian,
        state_version: 2,
    };
    assert_eq!(world.settings(), settings);
}

#[test]
fn a_wallet_of_the_previous_release_reads_on() {
    let world = previous(|_| None, 0);
    upgrade_previous(&world);
    assert_reads_on(&world, None);
    assert_reads_on(&world, None);
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn the_first_authorization_after_an_upgrade_migrates() {
    let world = previous(|_| None, 0);
    upgrade_previous(&world);
    let bought: Verdict = world.call_on(
        &world.shop,
        &[(0, &OWNER)],
        "buy",
        (world.wallet.clone(), 1u32),
    );
    assert_eq!(bought, Ok(()));
    assert_reads_on(&world, None);
}

#[test]
fn the_first_change_after_an_upgrade_migrates() {
    let world = previous(|_| None, 0);
    upgrade_previous(&world);
    assert_eq!(world.add(Key::Ed25519(1).admin(&world.env)), 1);
    assert!(world.accepts(&[(0, &OWNER)]) && world.accepts(&[(1, &Key::Ed25519(1))]));
}

#[test]
fn a_refused_signature_migrates_nothing_and_harms_nothing() {
    let world = previous(|_| None, 0);
    upgrade_previous(&world);
    assert!(!world.accepts(&[(0, &Key::Passkey(1))]));
    assert!(!world.accepts(&[(1, &OWNER)]));
    // The previous form is no longer one.
    let raw = SoftwareAuthenticator::new(9).sign(&super::world::PAYLOAD);
    assert!(world.check(&super::world::PAYLOAD, &raw, &[]).is_err());
    assert!(world.accepts(&[(0, &OWNER)]));
}

#[test]
fn the_previous_releases_guardian_is_left_behind_with_what_it_proposed() {
    for delay_seconds in [0, 60] {
        let world = previous(|env| Some(Address::generate(env)), delay_seconds);
        let recovery: Option<Map<Symbol, Val>> = world.anyone("recovery", ()).unwrap();
        let guardian = Symbol::new(&world.env, "guardian");
        let guardian = recovery.unwrap().get(guardian).unwrap();
        let guardian: Address = guardian.into_val(&world.env);
        let successor = SoftwareAuthenticator::new(10).passkey(&world.env);
        let proposed: Verdict<u64> = world.mocked(&guardian, "propose_rotation", (successor,));
        assert!(proposed.is_ok());
        upgrade_previous(&world);
        let rotate = || -> Verdict {
            let arguments = (0u32, Key::Passkey(10).registered(&world.env));
            world.mocked(&guardian, "rotate_signer", arguments)
        };
        assert_eq!(rotate(), Err(Some(WalletError::NoGuardian)));
        assert_reads_on(&world, None);
        assert_eq!(world.set_guardian(Some(guardian.clone())), Ok(()));
        assert_eq!(rotate(), Ok(()));
        assert!(world.accepts(&[(0, &Key::Passkey(10))]) && !world.accepts(&[(0, &OWNER)]));
    }
}

/// State as 0.1.0 left it, in a wallet of the native code.
fn native_of_previous_state() -> World {
    let world = World::new();
    let passkey = SoftwareAuthenticator::new(9).passkey(&world.env);
    world.env.as_contract(&world.wallet, || {
        let instance = world.env.storage().instance();
        let mut signer: soroban_sdk::Bytes = passkey.public_key.into();
        signer.append(&passkey.rp_id_hash.into());
        signer.append(&passkey.origin.to_bytes());
        instance.set(&symbol_short!("signer"), &signer);
        instance.set(&symbol_short!("cred_id"), &passkey.credential_id);
    });
    world
}

#[test]
fn state_of_the_previous_release_is_read_by_every_first_call() {
    let calls: [&dyn Fn(&World); 6] = [
        &|world| assert_eq!(world.settings().recovery, None),
        &|world| assert_eq!(world.signers().len(), 1),
        &|world| assert!(world.accepts(&[(0, &OWNER)])),
        &|world| assert_eq!(world.set_threshold(1), Ok(())),
        &|world| {
            let added = world.add(Key::Ed25519(1).admin(&world.env));
            assert_eq!(world.owner("remove", (added,)), Ok(()));
        },
        &|world| {
            let arguments = (0u32, Key::Passkey(10).registered(&world.env));
            let rotated: Verdict = world.anyone("rotate_signer", arguments);
            assert_eq!(rotated, Err(Some(WalletError::NoGuardian)));
        },
    ];
    for call in calls {
        let world = native_of_previous_state();
        call(&world);
        assert_reads_on(&world, None);
    }
}

#[test]
fn an_admin_updates_the_code_and_everything_reads_on() {
    let guardian = |world: &World| world.settings().recovery;
    let world = World::built(|env, init| init.recovery = Some(Address::generate(env)));
    let session = world.add(world.session(&Key::Ed25519(1), 100));
    let (signers, recovery) = (world.signers(), guardian(&world));
    let next = next_version(&world.env);
    assert_eq!(world.owner("update", (next.clone(),)), Ok(()));
    assert_eq!(code_of(&world), next);
    assert_eq!((world.signers(), guardian(&world)), (signers, recovery));
    assert!(world.accepts(&[(0, &OWNER)]));
    assert!(world.accepts(&[(session, &Key::Ed25519(1))]));
}

#[test]
fn nobody_but_admins_updates_the_code() {
    let world = World::built(|env, init| {
        init.recovery = Some(Address::generate(env));
        init.signers.push_back(Key::Ed25519(1).admin(env));
        init.admin_threshold = 2;
    });
    let both = [(0, &OWNER), (1, &Key::Ed25519(1))];
    let session = (world.session(&Key::Ed25519(2), 100), world.no_policies());
    assert_eq!(world.call(&both, "add", session), Ok(2u32));
    let before = code_of(&world);
    let next = next_version(&world.env);
    let guardian = world.settings().recovery.unwrap();
    let refused: [Verdict; 5] = [
        world.anyone("update", (next.clone(),)),
        world.mocked(&guardian, "update", (next.clone(),)),
        world.call(&both[..1], "update", (next.clone(),)),
        world.call(&[(2, &Key::Ed25519(2))], "update", (next.clone(),)),
        world.call(&[(0, &Key::Passkey(1)), both[1]], "update", (next.clone(),)),
    ];
    assert_eq!(refused, [Err(None); 5]);
    assert_eq!(code_of(&world), before);
    assert_eq!(world.call(&both, "update", (next.clone(),)), Ok(()));
    assert_eq!(code_of(&world), next);
}

#[test]
fn code_that_was_not_uploaded_is_refused() {
    let world = World::built(|_, _| {});
    let unknown = BytesN::from_array(&world.env, &[1; 32]);
    assert_eq!(world.owner::<(), _>("update", (unknown,)), Err(None));
    assert!(world.accepts(&[(0, &OWNER)]));
}
