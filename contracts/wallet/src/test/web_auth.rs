//! SEP-45: a wallet proves by `web_auth_verify` that it wants to log in somewhere.

extern crate std;

use soroban_sdk::{Address, IntoVal, Map, String, Symbol, Val, Vec};

use super::{
    contracts::WebAuth,
    world::{Key, Verdict, World, OWNER},
};

const SESSION: Key = Key::Ed25519(1);

fn arguments(world: &World) -> Map<Symbol, String> {
    let env = &world.env;
    let mut arguments = Map::new(env);
    for (name, value) in [
        ("account", world.wallet.to_string()),
        ("home_domain", String::from_str(env, "anchor.example")),
        ("nonce", String::from_str(env, "48a1c6")),
        (
            "web_auth_domain",
            String::from_str(env, "auth.anchor.example"),
        ),
    ] {
        arguments.set(Symbol::new(env, name), value);
    }
    arguments
}

fn log_in(world: &World, contract: &Address, signers: &[(u32, &Key)]) -> Verdict {
    world.call_on(contract, signers, "web_auth_verify", (arguments(world),))
}

#[test]
fn an_admin_logs_in() {
    let world = World::new();
    let web_auth = world.env.register(WebAuth, ());
    assert_eq!(log_in(&world, &web_auth, &[(0, &OWNER)]), Ok(()));
}

#[test]
fn a_stranger_does_not_log_in() {
    let world = World::new();
    let web_auth = world.env.register(WebAuth, ());
    assert_eq!(
        log_in(&world, &web_auth, &[(0, &Key::Passkey(1))]),
        Err(None)
    );
    let arguments: Vec<Val> = (arguments(&world),).into_val(&world.env);
    world.env.set_auths(&[]);
    let nobody: Verdict = world.invoke(&web_auth, "web_auth_verify", arguments);
    assert_eq!(nobody, Err(None));
}

#[test]
fn a_session_logs_in_only_where_it_is_for_that_contract() {
    let world = World::new();
    let [named, other] = [(); 2].map(|()| world.env.register(WebAuth, ()));
    let id = world.add(world.session_for(&SESSION, &[&named], 100));
    assert_eq!(log_in(&world, &named, &[(id, &SESSION)]), Ok(()));
    assert_eq!(log_in(&world, &other, &[(id, &SESSION)]), Err(None));
}

#[test]
fn a_log_in_at_one_contract_is_none_at_another() {
    let world = World::new();
    let [asked, other] = [(); 2].map(|()| world.env.register(WebAuth, ()));
    let arguments: Vec<Val> = (arguments(&world),).into_val(&world.env);
    let entry = world.entry(&asked, "web_auth_verify", &arguments, |payload| {
        super::world::signature(payload, &[(0, &OWNER)])
    });
    world.env.set_auths(&[entry.clone()]);
    let elsewhere: Verdict = world.invoke(&other, "web_auth_verify", arguments.clone());
    assert_eq!(elsewhere, Err(None));
    world.env.set_auths(&[entry]);
    assert_eq!(world.invoke(&asked, "web_auth_verify", arguments), Ok(()));
}
