//! Random changes of a wallet against `model`: after each of them the wallet lists what the model
//! has, and accepts the signatures that the model accepts. `LATCHKEY_SEEDS` is how many sequences.

extern crate std;

use std::vec::Vec;

use latchkey_interface::{testutils::Random, RegisteredSigner, Role, Signer, WalletInit};
use soroban_sdk::{testutils::Address as _, Address, Env};

use super::{
    model::{subsets, Model, ModelSigner},
    signers::stored_ids,
    upgrade::next_version,
    world::{Key, Verdict, World},
};

const STEPS: u32 = 24;
/// Few keys, so that they meet.
const SEEDS: u8 = 9;
const MOST_OF_A_ROLE: usize = 6;

fn key(seed: u8) -> Key {
    if seed == 0 {
        Key::Passkey(seed + 1)
    } else {
        Key::Ed25519(seed + 1)
    }
}

struct Run {
    world: World,
    model: Model,
    random: Random,
    guardian: Address,
    accepted: u32,
    refused: u32,
}

impl Run {
    fn new(seed: u64, of: fn(fn(&Env, &mut WalletInit)) -> World) -> Self {
        let world = of(|env, init| {
            init.signers = soroban_sdk::Vec::from_array(env, [key(0).admin(env)]);
            init.recovery = Some(Address::generate(env));
        });
        let guardian = world.settings().recovery.unwrap();
        let owner = ModelSigner {
            seed: 0,
            expiry: None,
            co_signers: Vec::new(),
            threshold: 0,
        };
        let model = Model {
            signers: [(0, owner)].into(),
            next_id: 1,
            admin_threshold: 1,
        };
        Self {
            world,
            model,
            random: Random::new(seed),
            guardian,
            accepted: 0,
            refused: 0,
        }
    }

    fn role(&self, expiry: Option<u32>) -> Role {
        let Some(expiry) = expiry else {
            return Role::Admin;
        };
        let mut role = self.world.session(&key(0), 1).role;
        let Role::Session(session) = &mut role else {
            panic!("a session")
        };
        session.expires_at_ledger = expiry;
        role
    }

    fn signer(&self, signer: &ModelSigner) -> Signer {
        let registered = Signer {
            role: self.role(signer.expiry),
            ..key(signer.seed).admin(&self.world.env)
        };
        let threshold = signer.threshold as u32;
        self.world.with(registered, &signer.co_signers, threshold)
    }

    /// Those who may change the wallet, or now and then others.
    fn signers(&mut self) -> Vec<u32> {
        if self.random.once_in(4) {
            return self.any_signers();
        }
        let admins = self.model.ids(true);
        let sets: Vec<_> = subsets(&admins)
            .filter(|set| self.model.may_sign(set, true))
            .collect();
        // A sound wallet always has some.
        self.random.pick(&sets).clone()
    }

    fn any_signers(&mut self) -> Vec<u32> {
        let ids: Vec<u32> = self.model.signers.keys().copied().collect();
        let mut some = self.random.some_of(&ids);
        while some.len() > 4 || (some.len() > 1 && self.random.once_in(3)) {
            some.remove(self.random.below(some.len() as u32) as usize);
        }
        some
    }

    /// Sessions may sign, but they change nothing.
    fn may_change(&self, signers: &[u32]) -> bool {
        let is_admin = |id: &u32| self.model.signers[id].expiry.is_none();
        signers.iter().all(is_admin) && self.model.may_sign(signers, true)
    }

    fn random_signer(&mut self) -> ModelSigner {
        let random = &mut self.random;
        let expiry =
            (!random.once_in(2)).then(|| self.world.env.ledger().sequence() + 1 + random.below(60));
        let known: Vec<u32> = (0..self.model.next_id + 1).collect();
        let mut co_signers = Vec::new();
        if random.once_in(2) {
            co_signers = self.model.ids(expiry.is_none());
            co_signers = random.some_of(&co_signers);
            if random.once_in(8) {
                co_signers.push(*random.pick(&known));
            }
        }
        let threshold = match co_signers.len() as u32 {
            0 => 0,
            count => 1 + random.below(count) as usize,
        };
        ModelSigner {
            seed: random.below(u32::from(SEEDS)) as u8,
            expiry,
            co_signers,
            threshold,
        }
    }

    /// Whether the parts of `signer` are in order, as the one with this id.
    fn is_well_formed(&self, id: u32, signer: &ModelSigner) -> bool {
        let is_admin = signer.expiry.is_none();
        let mut others = self.model.signers.iter().filter(|(other, _)| **other != id);
        let is_new_key = !others
            .any(|(_, other)| is_admin && other.expiry.is_none() && other.seed == signer.seed);
        let co_signers = &signer.co_signers;
        let is_fit = |co_signer: &u32| {
            let other = self.model.signers.get(co_signer);
            *co_signer != id
                && co_signers
                    .iter()
                    .filter(|other| *other == co_signer)
                    .count()
                    == 1
                && other.is_some_and(|other| {
                    other.expiry.is_none() == is_admin && other.seed != signer.seed
                })
        };
        is_new_key && co_signers.iter().all(is_fit)
    }

    /// The model after a change, if the wallet has to accept it.
    fn if_sound(&self, changed: Model) -> Option<Model> {
        let no_more_stuck = changed.stuck(false) <= self.model.stuck(false);
        (changed.is_sound() && no_more_stuck).then_some(changed)
    }

    fn expect<T>(&mut self, expected: Option<Model>, may_sign: bool, verdict: Verdict<T>) {
        match (expected, verdict) {
            (Some(changed), Ok(_)) if may_sign => {
                self.model = changed;
                self.accepted += 1;
            }
            (None, Err(_)) => self.refused += 1,
            (Some(_), Err(None)) if !may_sign => self.refused += 1,
            (expected, verdict) => panic!(
                "expected {expected:?} by signers who may: {may_sign}, but {:?} of {:?}",
                verdict.map(|_| ()),
                self.model
            ),
        }
    }

    fn step(&mut self) {
        let step = self.random.below(12);
        let signers = self.signers();
        let may_sign = self.may_change(&signers);
        let keys: Vec<Key> = signers
            .iter()
            .map(|id| key(self.model.signers[id].seed))
            .collect();
        let by: Vec<(u32, &Key)> = signers.iter().copied().zip(&keys).collect();
        let mut changed = self.model.clone();
        let ids: Vec<u32> = self.model.signers.keys().copied().collect();
        match step {
            0..4 => {
                let signer = self.random_signer();
                let id = self.model.next_id;
                if self.model.ids(signer.expiry.is_none()).len() == MOST_OF_A_ROLE {
                    return;
                }
                changed.next_id += 1;
                changed.signers.insert(id, signer.clone());
                let expected = self.is_well_formed(id, &signer).then_some(changed);
                let expected = expected.and_then(|changed| self.if_sound(changed));
                let arguments = (self.signer(&signer), self.world.no_policies());
                let verdict: Verdict<u32> = self.world.call(&by, "add", arguments);
                assert!(verdict.is_err() || verdict == Ok(id));
                self.expect(expected, may_sign, verdict);
            }
            4..6 => {
                let id = *self.random.pick(&ids);
                let mut signer = self.random_signer();
                signer.seed = self.model.signers[&id].seed;
                if self.model.ids(signer.expiry.is_none()).len() == MOST_OF_A_ROLE {
                    return;
                }
                changed.signers.insert(id, signer.clone());
                let expected = self.is_well_formed(id, &signer).then_some(changed);
                let expected = expected.and_then(|changed| self.if_sound(changed));
                let (role, threshold) = (self.role(signer.expiry), signer.threshold as u32);
                let verdict = self
                    .world
                    .update_by(&by, id, &role, &signer.co_signers, threshold);
                self.expect(expected, may_sign, verdict);
            }
            6..8 => {
                let id = self.random.below(self.model.next_id + 1);
                let is_own = signers == [id]
                    && self.model.signers[&id].expiry.is_some()
                    && self.model.may_sign(&signers, true);
                let expected = changed.signers.remove(&id).map(|_| changed);
                let expected = expected.and_then(|changed| self.if_sound(changed));
                let verdict: Verdict = self.world.call(&by, "remove", (id,));
                self.expect(expected, may_sign || is_own, verdict);
            }
            8 => {
                let threshold = self.random.below(5);
                changed.admin_threshold = threshold as usize;
                let expected = self.if_sound(changed);
                let guardian = Some(self.guardian.clone());
                let verdict = self.world.configure(&by, threshold, guardian);
                self.expect(expected, may_sign, verdict);
            }
            9 => {
                let id = *self.random.pick(&ids);
                let seed = self.random.below(u32::from(SEEDS)) as u8;
                let signer = changed.signers.get_mut(&id).unwrap();
                let is_new = !self
                    .model
                    .signers
                    .values()
                    .any(|other| other.expiry.is_none() && other.seed == seed);
                let is_admin = signer.expiry.is_none();
                signer.seed = seed;
                let expected = (is_new && is_admin).then_some(changed);
                let arguments = (id, key(seed).registered(&self.world.env));
                let verdict: Verdict =
                    self.world
                        .mocked(&self.guardian, "rotate_signer", arguments);
                self.expect(expected, true, verdict);
            }
            10 => {
                let ledgers = 1 + self.random.below(25);
                self.world.pass_ledgers(ledgers);
            }
            _ => {
                let stranger = Address::generate(&self.world.env);
                let arguments = (0u32, key(8).registered(&self.world.env));
                let verdict: Verdict = self.world.mocked(&stranger, "rotate_signer", arguments);
                assert_eq!(verdict, Err(None));
            }
        }
    }

    /// The wallet and the model say the same, and nothing is kept twice.
    fn compare(&mut self) {
        let listed = |(id, signer): (&u32, &ModelSigner)| RegisteredSigner {
            id: *id,
            policies: soroban_sdk::Vec::new(&self.world.env),
            signer: self.signer(signer),
        };
        let mut expected: Vec<_> = self.model.signers.iter().map(listed).collect();
        let mut signers = self.world.signers();
        expected.sort_by_key(|signer| signer.id);
        signers.sort_by_key(|signer| signer.id);
        assert_eq!(signers, expected);
        let threshold = self.world.settings().admin_threshold as usize;
        assert_eq!(threshold, self.model.admin_threshold);
        assert!(self.model.is_sound());

        let (mut admins, mut sessions) = stored_ids(&self.world, self.model.next_id);
        admins.sort();
        // What expired goes with its entry or with the next change.
        sessions.retain(|id| self.model.signers.contains_key(id));
        assert_eq!(admins, self.model.ids(true));
        assert_eq!(sessions, self.model.ids(false));
    }

    /// Some signers sign a call of the shop, a change, and a call of another contract.
    fn sign(&mut self) {
        let signers = self.any_signers();
        let keys: Vec<Key> = signers
            .iter()
            .map(|id| key(self.model.signers[id].seed))
            .collect();
        let by: Vec<(u32, &Key)> = signers.iter().copied().zip(&keys).collect();
        let is_session = |id: &u32| self.model.signers[id].expiry.is_some();
        let has_session = signers.iter().any(is_session);
        let world = &self.world;
        let may_buy = self.model.may_sign(&signers, false);
        assert_eq!(world.verdict(&by, &[world.purchase()]).is_ok(), may_buy);
        let may_change = self.may_change(&signers);
        assert_eq!(world.verdict(&by, &[world.own_call()]).is_ok(), may_change);
        let elsewhere = world.context(&self.guardian, "buy", ());
        let may_elsewhere = may_buy && !has_session;
        assert_eq!(world.verdict(&by, &[elsewhere]).is_ok(), may_elsewhere);
    }

    fn go(mut self, steps: u32) -> (u32, u32) {
        for _ in 0..steps {
            let ledger = self.world.env.ledger().sequence();
            self.model.forget_expired(ledger);
            self.step();
            let ledger = self.world.env.ledger().sequence();
            self.model.forget_expired(ledger);
            self.compare();
            self.sign();
        }
        (self.accepted, self.refused)
    }
}

/// How many sequences, unless the environment says another number.
fn seeds(default: u64) -> core::ops::Range<u64> {
    let seeds = std::env::var("LATCHKEY_SEEDS");
    0..seeds.map_or(default, |seeds| seeds.parse().unwrap())
}

#[test]
fn random_changes_do_to_a_wallet_what_they_do_to_the_model() {
    let (mut accepted, mut refused) = (0, 0);
    let seeds = seeds(10);
    for seed in seeds.clone() {
        std::println!("seed {seed}");
        let counts = Run::new(seed, |change| World::of(change)).go(STEPS);
        accepted += counts.0;
        refused += counts.1;
    }
    let least = 3 * seeds.count() as u32;
    assert!(accepted > least && refused > least, "{accepted} {refused}");
}

/// The same with the built contract, through an upgrade.
#[test]
fn random_changes_and_upgrades_do_the_same_to_the_built_wallet() {
    for seed in seeds(1) {
        std::println!("seed {seed}");
        let mut run = Run::new(1_000 + seed, |change| World::built(change));
        for step in 0..STEPS {
            let ledger = run.world.env.ledger().sequence();
            run.model.forget_expired(ledger);
            if step == STEPS / 2 {
                let next = next_version(&run.world.env);
                let admins = run.model.ids(true);
                let sets = subsets(&admins).filter(|set| run.model.may_sign(set, true));
                let set = sets.last().unwrap();
                let keys: Vec<Key> = set
                    .iter()
                    .map(|id| key(run.model.signers[id].seed))
                    .collect();
                let by: Vec<(u32, &Key)> = set.iter().copied().zip(&keys).collect();
                let updated: Verdict = run.world.call(&by, "update", (next,));
                assert_eq!(updated, Ok(()));
            }
            run.step();
            let ledger = run.world.env.ledger().sequence();
            run.model.forget_expired(ledger);
            run.compare();
            run.sign();
        }
    }
}
