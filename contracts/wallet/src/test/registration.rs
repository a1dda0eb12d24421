extern crate std;

use std::panic::{catch_unwind, AssertUnwindSafe};

use soroban_sdk::{testutils::Address as _, Address, String};

use super::world::{env, init, World, DELAY_SECONDS, OWNER};
use crate::{Recovery, Wallet};

#[test]
fn a_wallet_keeps_what_it_was_made_of() {
    let world = World::with_delay(DELAY_SECONDS);
    assert_eq!(world.client().signer(), world.passkey(OWNER));
    let guardian = world.guardian.clone();
    let recovery = Recovery {
        guardian,
        rotation_delay_seconds: DELAY_SECONDS,
    };
    assert_eq!(world.client().recovery(), Some(recovery));
    assert_eq!(world.client().pending_rotation(), None);
}

#[test]
fn a_wallet_can_be_made_without_a_guardian() {
    assert_eq!(World::without_guardian().client().recovery(), None);
}

#[test]
fn no_wallet_is_made_of_bad_parts() {
    let env = env();
    let wallet = Address::generate(&env);
    let good = init(&env, None, 0);
    let mut bad = good.clone();
    bad.signer.origin = String::from_str(&env, "");
    let register = |init| {
        catch_unwind(AssertUnwindSafe(|| {
            env.register_at(&wallet, Wallet, (init,))
        }))
        .is_ok()
    };
    assert!(!register(bad));
    assert!(register(good));
}
