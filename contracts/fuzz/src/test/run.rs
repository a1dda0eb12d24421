//! The run itself, and what came out of it.

use std::{
    collections::BTreeMap,
    env::var,
    time::{Duration, Instant},
};

use latchkey_interface::{testutils::Random, WalletError};
use soroban_sdk::{
    xdr::{ScErrorCode, ScErrorType},
    Error,
};

use super::{input::random_input, wallets::Wallets};

/// A new pair of wallets after so many inputs, since the host keeps what it was given.
const INPUTS_PER_WALLETS: u64 = 200;
const SHORT_RUN_INPUTS: u64 = 600;

fn outcome(verdict: &Result<(), Error>) -> String {
    match verdict {
        Ok(()) => "authorized".into(),
        Err(error) => match WalletError::try_from(*error) {
            Ok(code) => format!("{code:?}"),
            Err(_) => format!("{error:?}"),
        },
    }
}

/// An error code, or the host's refusal of a signature or of an account's authorization.
fn is_refusal(error: &Error) -> bool {
    let host = |error_type, code| *error == Error::from_type_and_code(error_type, code);
    WalletError::try_from(*error).is_ok()
        || host(ScErrorType::Crypto, ScErrorCode::InvalidInput)
        || host(ScErrorType::Auth, ScErrorCode::InvalidAction)
        // To a delegate, where no transaction's authorization is being checked.
        || host(ScErrorType::Auth, ScErrorCode::InternalError)
}

fn run(seed: u64, is_over: impl Fn(u64) -> bool) -> BTreeMap<String, u64> {
    let mut outcomes = BTreeMap::new();
    let mut count = 0;
    let mut wallets = [1, 2].map(Wallets::new);
    while !is_over(count) {
        if count % INPUTS_PER_WALLETS == 0 {
            wallets = [1, 2].map(Wallets::new);
        }
        let seed = seed.wrapping_add(count);
        let input = random_input(&mut Random::new(seed));
        let wallets = &wallets[input.admin_threshold as usize - 1];
        let [native, built] = wallets.verdicts(&input.blob, input.calls);
        let what = || {
            let hex: String = input
                .blob
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("LATCHKEY_FUZZ_SEED={seed}, {:?}, {hex}", input.calls)
        };
        assert_eq!(outcome(&native), outcome(&built), "{}", what());
        assert_eq!(native.is_ok(), input.is_authorized, "{native:?} {}", what());
        if let Err(error) = &native {
            assert!(is_refusal(error), "{error:?} {}", what());
        }
        *outcomes.entry(outcome(&native)).or_default() += 1;
        count += 1;
    }
    outcomes
}

#[test]
fn no_input_is_authorized_that_is_not_genuine_and_none_traps() {
    let seed = var("LATCHKEY_FUZZ_SEED").map_or(1, |seed| seed.parse().unwrap());
    let seconds = var("LATCHKEY_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let start = Instant::now();
    let outcomes = run(seed, |count| match seconds {
        Some(seconds) => start.elapsed() >= seconds,
        None => count == SHORT_RUN_INPUTS,
    });
    for (outcome, count) in &outcomes {
        println!("{count:>9}  {outcome}");
    }
    println!(
        "{:>9}  inputs, {} outcomes",
        outcomes.values().sum::<u64>(),
        outcomes.len()
    );
    assert!(outcomes.len() >= 12, "{outcomes:?}");
}
