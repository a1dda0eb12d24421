//! The names and fields that indexers read, each decoded by the types of the specification.

extern crate std;

use latchkey_interface::{Role, Scheme, Signer, SignerKey};
use soroban_sdk::{
    testutils::{Address as _, Events as _},
    xdr::{ContractEventBody, ScMap, ScMapEntry, ScVal},
    Address, BytesN, Env, IntoVal, Map, Symbol, TryFromVal, Val,
};

use super::{
    contracts::Behaviour,
    world::{Key, World, OWNER},
};

const OTHER: Key = Key::Ed25519(1);

fn value(env: &Env, value: impl IntoVal<Env, Val>) -> ScVal {
    ScVal::try_from_val(env, &value.into_val(env)).unwrap()
}

type Event = (std::vec::Vec<ScVal>, ScVal);

/// What the wallet published in the last call.
fn events(world: &World) -> std::vec::Vec<Event> {
    let events = world.env.events().all().filter_by_contract(&world.wallet);
    let read = |event: &soroban_sdk::xdr::ContractEvent| {
        let ContractEventBody::V0(body) = &event.body;
        (body.topics.to_vec(), body.data.clone())
    };
    events.events().iter().map(read).collect()
}

fn event(env: &Env, name: &str, id: Option<u32>, fields: &[(&str, ScVal)]) -> Event {
    let mut topics = std::vec![ScVal::Symbol(name.try_into().unwrap())];
    topics.extend(id.map(|id| value(env, id)));
    let fields = fields.iter().map(|(name, value)| ScMapEntry {
        key: ScVal::Symbol((*name).try_into().unwrap()),
        val: value.clone(),
    });
    let fields: std::vec::Vec<ScMapEntry> = fields.collect();
    (topics, ScVal::Map(Some(ScMap(fields.try_into().unwrap()))))
}

/// One field of an event's data, as its type in the specification.
fn field<T: TryFromVal<Env, Val>>(env: &Env, event: &Event, name: &str) -> T {
    let data = Val::try_from_val(env, &event.1).unwrap();
    let fields: Map<Symbol, Val> = Map::try_from_val(env, &data).unwrap();
    let field = fields.get(Symbol::new(env, name)).unwrap();
    T::try_from_val(env, &field).ok().unwrap()
}

fn signer_event(world: &World, name: &str, id: u32, signer: &Signer) -> Event {
    let signer = value(&world.env, signer.clone());
    event(&world.env, name, Some(id), &[("signer", signer)])
}

fn configured(world: &World, threshold: u32, guardian: Option<Address>) -> Event {
    let fields = [
        ("admin_threshold", ScVal::U32(threshold)),
        ("recovery", value(&world.env, guardian)),
    ];
    event(&world.env, "configured", None, &fields)
}

#[test]
fn a_new_wallet_tells_all_that_it_is_made_of() {
    let mut made_of = None;
    let world = World::of(|env, init| {
        init.recovery = Some(Address::generate(env));
        init.signers.push_back(OTHER.admin(env));
        init.admin_threshold = 2;
        made_of = Some(init.clone());
    });
    // Registering the shop came after it, so the wallet is made once more.
    let init = made_of.unwrap();
    let world = world.with_wallet(init.clone());
    let signer = |id: u32| signer_event(&world, "signer_added", id, &init.signers.get(id).unwrap());
    let configured = configured(&world, 2, init.recovery.clone());
    let expected = [signer(0), signer(1), configured];
    assert_eq!(events(&world), expected);
}

#[test]
fn an_added_signer_can_be_added_again_from_its_event() {
    let world = World::new();
    let verifier = world.verifier();
    let keys = [
        Key::Passkey(1),
        OTHER,
        Key::Account(world.shop.clone()),
        Key::PostQuantum(2, Scheme::SlhDsaSha2128s, verifier),
    ];
    let mut others = std::vec![];
    for key in keys {
        let session = world.session(&key, 100);
        let session = if others.is_empty() {
            session
        } else {
            world.with(session, &others, 1)
        };
        let policies = world.no_policies();
        let id: u32 = world.owner("add", (session.clone(), policies)).unwrap();
        let published = events(&world);
        assert_eq!(
            published,
            [signer_event(&world, "signer_added", id, &session)]
        );
        let signer: Signer = field(&world.env, &published[0], "signer");
        assert_eq!(signer, session);
        assert!(world.add(signer) > id);
        others.push(id);
    }
}

#[test]
fn an_updated_signer_is_told_whole() {
    let world = World::new();
    let other = world.add(OTHER.admin(&world.env));
    let third = world.add(Key::Passkey(3).admin(&world.env));
    for (role, ids) in [
        (Role::Admin, &[other, 0][..]),
        (world.session(&OWNER, 100).role, &[]),
    ] {
        let threshold = ids.len() as u32;
        assert_eq!(world.update(third, &role, ids, threshold), Ok(()));
        let signer = Signer {
            role,
            ..world.with(Key::Passkey(3).admin(&world.env), ids, threshold)
        };
        let expected = signer_event(&world, "signer_updated", third, &signer);
        let published = events(&world);
        assert_eq!(published, [expected]);
        let read: Signer = field(&world.env, &published[0], "signer");
        assert_eq!(read, signer);
    }
}

#[test]
fn policies_come_and_go_with_events() {
    let world = World::new();
    let [first, second] = [(); 2].map(|()| world.policy(Behaviour::TrapOnUninstall));
    let policy_event = |name, policy: &Address| {
        let policy = [("policy", value(&world.env, policy.clone()))];
        event(&world.env, name, Some(1), &policy)
    };
    let policies = [
        (first.clone(), Val::from(1u32)),
        (second.clone(), Val::from(1u32)),
    ];
    let policies = Map::from_array(&world.env, policies);
    let keys = policies.keys();
    let signer = OTHER.admin(&world.env);
    let id: u32 = world.owner("add", (signer.clone(), policies)).unwrap();
    let mut expected = std::vec![signer_event(&world, "signer_added", id, &signer)];
    expected.extend(
        keys.iter()
            .map(|policy| policy_event("policy_added", &policy)),
    );
    assert_eq!(events(&world), expected);

    let updated = || signer_event(&world, "signer_updated", id, &signer);
    let put = |policy: &Address| {
        let set = world.set_policies(id, &[(policy, 2u32.into())]);
        assert_eq!(set, Ok(()));
    };
    put(&first);
    let expected = [
        policy_event("policy_removed", &second),
        policy_event("policy_added", &first),
        updated(),
    ];
    assert_eq!(events(&world), expected);
    put(&first);
    assert_eq!(events(&world), expected[1..]);

    world.owner::<(), _>("remove", (id,)).unwrap();
    let expected = [
        policy_event("policy_removed", &first),
        event(&world.env, "signer_removed", Some(id), &[]),
    ];
    assert_eq!(events(&world), expected);
}

#[test]
fn a_rotation_tells_the_new_key() {
    let world = World::of(|env, init| init.recovery = Some(Address::generate(env)));
    let guardian = world.settings().recovery.unwrap();
    let key = Key::Passkey(10).registered(&world.env);
    let arguments = (0u32, key.clone());
    world
        .mocked::<(), _>(&guardian, "rotate_signer", arguments)
        .unwrap();
    let published = events(&world);
    let fields = [("key", value(&world.env, key.clone()))];
    assert_eq!(
        published,
        [event(&world.env, "signer_rotated", Some(0), &fields)]
    );
    let read: SignerKey = field(&world.env, &published[0], "key");
    assert_eq!(read, key);
}

#[test]
fn thresholds_and_guardians_are_told() {
    let world = World::new();
    world.add(OTHER.admin(&world.env));
    for (threshold, guardian) in [(1u32, Some(world.shop.clone())), (1, None), (2, None)] {
        let set = world.configure(&[(0, &OWNER)], threshold, guardian.clone());
        assert_eq!(set, Ok(()));
        let expected = configured(&world, threshold, guardian.clone());
        let published = events(&world);
        assert_eq!(published, [expected]);
        let read: Option<Address> = field(&world.env, &published[0], "recovery");
        assert_eq!(read, guardian);
    }
}

#[test]
fn an_update_of_the_code_tells_its_hash() {
    let world = World::built(|_, _| {});
    let next = super::upgrade::next_version(&world.env);
    world.owner::<(), _>("update", (next.clone(),)).unwrap();
    let published = events(&world);
    let fields = [("wasm_hash", value(&world.env, next.clone()))];
    assert_eq!(published, [event(&world.env, "updated", None, &fields)]);
    let read: BytesN<32> = field(&world.env, &published[0], "wasm_hash");
    assert_eq!(read, next);
}

#[test]
fn what_is_refused_or_only_looks_is_not_told() {
    let world = World::new();
    let refused = world.owner::<(), _>("remove", (0u32,));
    assert!(refused.is_err());
    assert_eq!(events(&world), []);
    world.settings();
    assert_eq!(events(&world), []);
    assert!(world.accepts(&[(0, &OWNER)]));
    assert_eq!(events(&world), []);
}
