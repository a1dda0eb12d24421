//! `rules` against definitions that try every set, and the same rules through `__check_auth`.

extern crate std;

use latchkey_interface::{testutils::Random, WalletError};
use std::vec::Vec;

use super::world::{Key, Verdict, World, OWNER};
use crate::rules::{able, check_present, reaches, satisfiable, Rule};

const MISSING: Verdict = Err(Some(WalletError::MissingSignature));
const UNNEEDED: Verdict = Err(Some(WalletError::UnneededSignature));

/// Whether the members of `set`, and nobody else, may act together.
fn is_enough(rules: &[Rule], admins: u32, needed: u32, set: u32) -> bool {
    let members = || (0..rules.len()).filter(|member| set >> member & 1 == 1);
    let have_co_signers = members().all(|member| {
        let present = members().filter(|other| rules[member].co_signers >> other & 1 == 1);
        present.count() >= rules[member].threshold as usize
    });
    let admin_count = members().filter(|member| admins >> member & 1 == 1).count();
    set != 0 && have_co_signers && (admin_count == 0 || admin_count >= needed as usize)
}

fn random_rules(random: &mut Random, count: u32) -> Vec<Rule> {
    (0..count)
        .map(|position| {
            let mask = ((1u64 << count) - 1) as u32;
            let co_signers = random.u32() & random.u32() & mask & !(1 << position);
            let threshold = random.below(co_signers.count_ones() + 1);
            Rule {
                threshold,
                co_signers,
            }
        })
        .collect()
}

#[test]
fn a_set_passes_if_it_is_enough_and_no_smaller_part_of_it_is() {
    let mut random = Random::new(1);
    let mut seen = [0; 3];
    for _ in 0..5_000 {
        let count = random.below(6) + 1;
        let rules = random_rules(&mut random, count);
        let admins = random.u32() & ((1 << count) - 1);
        let needed = random.below(4) + 1;
        let all = (1 << count) - 1;
        let enough = |set| is_enough(&rules, admins, needed, set);
        let expected = if !enough(all) {
            Err(WalletError::MissingSignature)
        } else if (1..all).any(enough) {
            Err(WalletError::UnneededSignature)
        } else {
            Ok(())
        };
        assert_eq!(check_present(&rules, admins, needed), expected);
        seen[expected.map_or_else(|error| error as usize - 130, |()| 0)] += 1;
    }
    assert!(seen.iter().all(|&count| count > 250), "{seen:?}");
}

#[test]
fn satisfiable_signers_are_those_of_any_set_that_satisfies_its_members() {
    let mut random = Random::new(2);
    let mut partial = 0;
    for _ in 0..1_000 {
        let count = random.below(8) + 1;
        let mut rules = random_rules(&mut random, count);
        for rule in &mut rules {
            // What a signer demands may have gone.
            rule.co_signers &= random.u32() | random.u32();
        }
        let sets = 1..1u32 << count;
        let expected = sets
            .filter(|&set| is_enough(&rules, 0, 0, set))
            .fold(0, |union, set| union | set);
        assert_eq!(satisfiable(&rules), expected);
        partial += usize::from(expected != 0 && expected != (1 << count) - 1);
    }
    assert!(partial > 100, "{partial}");
}

#[test]
fn thirty_two_signers_fit_in_a_set() {
    let mut rules = [Rule::default(); 32];
    assert_eq!(satisfiable(&rules), u32::MAX);
    rules[31] = Rule {
        threshold: 1,
        co_signers: 0,
    };
    assert_eq!(satisfiable(&rules), u32::MAX >> 1);
    assert_eq!(satisfiable(&[]), 0);
}

#[test]
fn a_signer_is_able_to_sign_if_those_that_it_needs_fit_with_it() {
    let chain = |length: usize| -> Vec<Rule> {
        let next = |position| {
            if position + 1 == length {
                0
            } else {
                2u32 << position
            }
        };
        (0..length)
            .map(|position| Rule {
                threshold: u32::from(position + 1 < length),
                co_signers: next(position),
            })
            .collect()
    };
    assert_eq!(able(&chain(8)), 0xff);
    assert_eq!(able(&chain(9)), 0x1fe);
    assert_eq!(able(&chain(16)), 0xff00);
    let all_of = |count: u32| -> Vec<Rule> {
        let rule = |position: u32| Rule {
            threshold: count - 1,
            co_signers: ((1 << count) - 1) & !(1 << position),
        };
        (0..count).map(rule).collect()
    };
    assert_eq!(able(&all_of(8)), 0xff);
    assert_eq!(able(&all_of(9)), 0);

    let mut random = Random::new(3);
    for _ in 0..500 {
        let count = random.below(12) + 1;
        let rules = random_rules(&mut random, count);
        // Whoever is able has a set, and whoever has none is not.
        let mut have_a_set = 0;
        for set in (1..1u32 << count).filter(|set| set.count_ones() <= 8) {
            if is_enough(&rules, 0, 0, set) {
                have_a_set |= set;
            }
        }
        assert_eq!(able(&rules) & !have_a_set, 0);
        if count <= 8 {
            assert_eq!(able(&rules), satisfiable(&rules));
        }
    }
}

#[test]
fn a_threshold_is_reached_by_a_set_that_fits() {
    // Groups of this size, each member of which needs all others of its group.
    let groups = |count: usize, size: usize| -> Vec<Rule> {
        let rule = |position: usize| {
            let group = ((1u32 << size) - 1) << (position / size * size);
            Rule {
                threshold: size as u32 - 1,
                co_signers: group & !(1 << position),
            }
        };
        (0..count * size).map(rule).collect()
    };
    assert!(reaches(&groups(3, 3), 6));
    assert!(!reaches(&groups(3, 3), 7));
    assert!(reaches(&groups(4, 2), 8));
    assert!(reaches(&groups(2, 5), 5) && !reaches(&groups(2, 5), 6));
    assert!(reaches(&groups(16, 1), 8) && !reaches(&groups(16, 1), 9));
    assert!(reaches(&[], 0) && !reaches(&[], 1));

    let mut random = Random::new(5);
    let mut seen = [0; 2];
    for _ in 0..1_000 {
        let count = random.below(8) + 1;
        let rules = random_rules(&mut random, count);
        if able(&rules).count_ones() < count {
            continue;
        }
        let threshold = random.below(10);
        let sets = 0..1u32 << count;
        let expected = sets
            .filter(|&set| set == 0 || is_enough(&rules, 0, 0, set))
            .any(|set| set.count_ones() >= threshold);
        assert_eq!(reaches(&rules, threshold), expected);
        seen[usize::from(expected)] += 1;
    }
    assert!(seen.iter().all(|&count| count > 20), "{seen:?}");
}

fn keys(count: u8) -> Vec<Key> {
    (1..=count).map(Key::Ed25519).collect()
}

/// A wallet of `keys` with co-signers for some: `(id, co-signers, threshold)`.
fn wallet(keys: &[Key], admin_threshold: u32, rules: &[(u32, &[u32], u32)]) -> World {
    World::of(|env, init| {
        init.admin_threshold = admin_threshold;
        let mut signers: Vec<_> = keys.iter().map(|key| key.admin(env)).collect();
        for (id, co_signers, threshold) in rules {
            let signer = &mut signers[*id as usize];
            signer.co_signers = soroban_sdk::Vec::from_slice(env, co_signers);
            signer.threshold = *threshold;
        }
        init.signers = soroban_sdk::Vec::from_iter(env, signers);
    })
}

/// The verdict on the keys at these positions, for a call of the shop and one of the wallet.
fn verdicts(world: &World, keys: &[Key], signers: &[u32]) -> [Verdict; 2] {
    let signers: Vec<_> = signers.iter().map(|&id| (id, &keys[id as usize])).collect();
    [world.purchase(), world.own_call()].map(|call| world.verdict(&signers, &[call]))
}

#[test]
fn one_admin_is_enough_for_anything() {
    let keys = keys(2);
    let world = wallet(&keys, 1, &[]);
    assert_eq!(verdicts(&world, &keys, &[0]), [Ok(()); 2]);
    assert_eq!(verdicts(&world, &keys, &[1]), [Ok(()); 2]);
    assert_eq!(verdicts(&world, &keys, &[0, 1]), [UNNEEDED; 2]);
}

#[test]
fn a_threshold_holds_for_calls_of_the_wallet_and_for_no_others() {
    let keys = keys(3);
    let world = wallet(&keys, 2, &[]);
    assert_eq!(verdicts(&world, &keys, &[0]), [Ok(()), MISSING]);
    assert_eq!(verdicts(&world, &keys, &[0, 2]), [UNNEEDED, Ok(())]);
    assert_eq!(verdicts(&world, &keys, &[0, 1, 2]), [UNNEEDED; 2]);
}

#[test]
fn a_threshold_holds_if_any_of_the_calls_is_the_wallets() {
    let keys = keys(2);
    let world = wallet(&keys, 2, &[]);
    for calls in [
        [world.own_call(), world.purchase()],
        [world.purchase(), world.own_call()],
    ] {
        assert_eq!(world.verdict(&[(0, &keys[0])], &calls), MISSING);
        let both = [(0, &keys[0]), (1, &keys[1])];
        assert_eq!(world.verdict(&both, &calls), Ok(()));
    }
}

#[test]
fn a_sole_passkey_does_not_pass_a_threshold() {
    let world = World::of_admins(&[&OWNER, &Key::Ed25519(1)], 2);
    assert_eq!(world.verdict(&[(0, &OWNER)], &[world.own_call()]), MISSING);
    assert_eq!(world.verdict(&[(0, &OWNER)], &[world.purchase()]), Ok(()));
}

#[test]
fn a_sole_passkey_does_not_pass_its_co_signers() {
    let world = World::of_admins(&[&OWNER, &Key::Ed25519(1)], 1);
    let alone = |world: &World| world.verdict(&[(0, &OWNER)], &[world.purchase()]);
    assert_eq!(alone(&world), Ok(()));
    let role = latchkey_interface::Role::Admin;
    let by = [(1, &Key::Ed25519(1))];
    let update = |ids: &[u32], threshold| world.update_by(&by, 0, &role, ids, threshold);
    assert_eq!(update(&[1], 1), Ok(()));
    assert_eq!(alone(&world), MISSING);
    assert_eq!(update(&[], 0), Ok(()));
    assert_eq!(alone(&world), Ok(()));
}

#[test]
fn a_hybrid_pair_signs_together_or_not_at_all() {
    let keys = keys(2);
    let world = wallet(&keys, 1, &[(0, &[1], 1), (1, &[0], 1)]);
    assert_eq!(verdicts(&world, &keys, &[0]), [MISSING; 2]);
    assert_eq!(verdicts(&world, &keys, &[1]), [MISSING; 2]);
    assert_eq!(verdicts(&world, &keys, &[0, 1]), [Ok(()); 2]);
}

#[test]
fn a_rule_binds_the_signer_that_has_it_and_not_its_co_signers() {
    let keys = keys(2);
    let world = wallet(&keys, 1, &[(0, &[1], 1)]);
    assert_eq!(verdicts(&world, &keys, &[0]), [MISSING; 2]);
    assert_eq!(verdicts(&world, &keys, &[1]), [Ok(()); 2]);
    // Admin 1 is enough without admin 0.
    assert_eq!(verdicts(&world, &keys, &[0, 1]), [UNNEEDED; 2]);
}

#[test]
fn k_of_n_co_signers_are_k_and_no_more() {
    let keys = keys(4);
    let others: [&[u32]; 4] = [&[1, 2, 3], &[0, 2, 3], &[0, 1, 3], &[0, 1, 2]];
    let rules: Vec<_> = (0..).zip(others).map(|(id, ids)| (id, ids, 2)).collect();
    let world = wallet(&keys, 1, &rules);
    for three in [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]] {
        assert_eq!(verdicts(&world, &keys, &three), [Ok(()); 2], "{three:?}");
        assert_eq!(verdicts(&world, &keys, &three[..2]), [MISSING; 2]);
        assert_eq!(verdicts(&world, &keys, &three[..1]), [MISSING; 2]);
    }
    assert_eq!(verdicts(&world, &keys, &[0, 1, 2, 3]), [UNNEEDED; 2]);
}

#[test]
fn co_signers_that_have_co_signers_bring_them() {
    let keys = keys(3);
    let world = wallet(&keys, 1, &[(0, &[1], 1), (1, &[2], 1), (2, &[0], 1)]);
    assert_eq!(verdicts(&world, &keys, &[0, 1]), [MISSING; 2]);
    assert_eq!(verdicts(&world, &keys, &[0, 1, 2]), [Ok(()); 2]);
}

#[test]
fn co_signers_and_a_threshold_add_up() {
    let keys = keys(4);
    let world = wallet(&keys, 3, &[(0, &[1], 1), (1, &[0], 1)]);
    assert_eq!(verdicts(&world, &keys, &[0, 1]), [Ok(()), MISSING]);
    assert_eq!(verdicts(&world, &keys, &[0, 1, 2]), [UNNEEDED, Ok(())]);
    assert_eq!(verdicts(&world, &keys, &[0, 2, 3]), [MISSING; 2]);
}
