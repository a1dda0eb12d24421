//! The window against a list of everything that was ever spent.

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;

use crate::rolling_window::{RollingWindow, Spent, MAX_SPENT_BYTES, PARTS};

/// What was spent in the last `ledgers` ledgers, `now` included.
fn spent_within(history: &[(u32, i128)], now: u32, ledgers: u64) -> i128 {
    history
        .iter()
        .filter(|(ledger, _)| u64::from(*ledger) + ledgers > u64::from(now))
        .map(|(_, amount)| amount)
        .sum()
}

fn window_lengths() -> impl Strategy<Value = u32> {
    prop_oneof![
        1..=PARTS,
        PARTS..200u32,
        Just(17_280),
        Just(u32::MAX),
        1..u32::MAX
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_counts_less_than_the_truth_nor_more_than_one_part_more(
        ledgers in window_lengths(),
        start in prop_oneof![0..100u32, 0..u32::MAX / 2],
        limit in 0..1_000i128,
        // Gaps as shares of a window, so that every length sees amounts come and go.
        steps in proptest::collection::vec((0..1_500u64, 0..400i128), 1..40),
    ) {
        let mut spent = Spent::NOTHING;
        let mut history: Vec<(u32, i128)> = Vec::new();
        let mut now = start;
        let part_ledgers = ledgers.div_ceil(PARTS);
        for (gap, amount) in steps {
            now = now.saturating_add((u64::from(ledgers) * gap / 4_000) as u32);
            let window = RollingWindow { ledgers, now };
            let truth = spent_within(&history, now, ledgers.into());
            let most = spent_within(&history, now, u64::from(ledgers) + u64::from(part_ledgers) - 1);
            let counted = window.sum(&spent);
            prop_assert!(truth <= counted && counted <= most, "{truth} {counted} {most}");
            if ledgers <= PARTS {
                prop_assert_eq!(counted, truth);
            }
            let before = spent.clone();
            match window.add(&mut spent, amount, limit) {
                Some(()) => {
                    prop_assert!(truth + amount <= limit);
                    history.push((now, amount));
                    prop_assert_eq!(window.sum(&spent), counted + amount);
                }
                None => {
                    prop_assert!(counted + amount > limit);
                    prop_assert_eq!(&spent, &before);
                }
            }
            let encoded = spent.encode(&mut [0; MAX_SPENT_BYTES]).to_vec();
            prop_assert_eq!(&Spent::decode(&encoded), &spent);
        }
    }
}

#[test]
fn an_amount_leaves_after_exactly_the_window() {
    let mut spent = Spent::NOTHING;
    let window = |now| RollingWindow { ledgers: 24, now };
    window(100).add(&mut spent, 5, 5).unwrap();
    assert_eq!(window(123).sum(&spent), 5);
    assert_eq!(window(123).add(&mut spent, 1, 5), None);
    assert_eq!(window(124).sum(&spent), 0);
    window(124).add(&mut spent, 5, 5).unwrap();
    assert_eq!(spent.kept().len(), 1);
}

#[test]
fn spending_in_every_ledger_fills_25_parts() {
    let mut spent = Spent::NOTHING;
    let mut most_parts = 0;
    for now in 0..300 {
        let window = RollingWindow { ledgers: 96, now };
        window.add(&mut spent, 1, 1_000).unwrap();
        most_parts = most_parts.max(spent.kept().len());
    }
    assert_eq!(most_parts, 25);
}
