//! Rotations of real wallets through the recovery contract: who may do what, and when.

extern crate std;

use latchkey_interface::{
    testutils::SoftwareAuthenticator, Role, Signer, SignerKey, WalletClient, WalletInit,
};
use latchkey_wallet::Wallet;
use soroban_sdk::{
    testutils::{Address as _, EnvTestConfig, Events as _, Ledger as _, MockAuth, MockAuthInvoke},
    Address, Env, IntoVal, Val, Vec,
};

use crate::{
    PendingRotation, Recovery, RecoveryClient, RecoveryError, EXECUTABLE_SECONDS, MAX_DELAY_SECONDS,
};

const NOW: u64 = 1_800_000_000;
const DELAY_SECONDS: u64 = 259_200;

struct World {
    env: Env,
    guardian: Address,
    recovery: Address,
    wallet: Address,
}

fn env() -> Env {
    Env::new_with_config(EnvTestConfig {
        capture_snapshot_at_drop: false,
    })
}

fn key(env: &Env, seed: u8) -> SignerKey {
    SignerKey::Passkey(SoftwareAuthenticator::new(seed).passkey(env))
}

impl World {
    fn new() -> Self {
        let env = env();
        env.ledger().set_timestamp(NOW);
        env.ledger().set_sequence_number(1_000);
        let guardian = Address::generate(&env);
        let recovery = env.register(Recovery, (guardian.clone(), DELAY_SECONDS));
        let wallet = wallet(&env, Some(recovery.clone()));
        Self {
            env,
            guardian,
            recovery,
            wallet,
        }
    }

    fn client(&self) -> RecoveryClient<'_> {
        RecoveryClient::new(&self.env, &self.recovery)
    }

    fn by<A: IntoVal<Env, Vec<Val>>>(
        &self,
        address: &Address,
        function: &'static str,
        arguments: A,
    ) -> RecoveryClient<'_> {
        self.env.mock_auths(&[MockAuth {
            address,
            invoke: &MockAuthInvoke {
                contract: &self.recovery,
                fn_name: function,
                args: arguments.into_val(&self.env),
                sub_invokes: &[],
            },
        }]);
        self.client()
    }

    fn propose(
        &self,
        by: &Address,
        id: u32,
        key: &SignerKey,
    ) -> Result<u64, Option<RecoveryError>> {
        let arguments = (self.wallet.clone(), id, key.clone());
        let client = self.by(by, "propose", arguments);
        match client.try_propose(&self.wallet, &id, key) {
            Ok(executable_at) => Ok(executable_at.unwrap()),
            Err(error) => Err(error.ok()),
        }
    }

    fn execute(&self) -> Result<(), Option<RecoveryError>> {
        self.env.mock_auths(&[]);
        match self.client().try_execute(&self.wallet) {
            Ok(done) => Ok(done.unwrap()),
            Err(error) => Err(error.ok()),
        }
    }

    /// By whoever it asks, who has to be the wallet.
    fn cancel(&self) -> Result<(), Option<RecoveryError>> {
        self.env.mock_all_auths();
        let cancelled = self.client().try_cancel(&self.wallet);
        let asked = self.env.auths();
        assert!(asked.iter().all(|(address, _)| *address == self.wallet));
        match cancelled {
            Ok(done) => {
                assert_eq!(asked.len(), 1);
                Ok(done.unwrap())
            }
            Err(error) => Err(error.ok()),
        }
    }

    fn pass_seconds(&self, seconds: u64) {
        let now = self.env.ledger().timestamp();
        self.env.ledger().set_timestamp(now + seconds);
    }

    fn owner_key(&self) -> SignerKey {
        WalletClient::new(&self.env, &self.wallet)
            .signer(&0)
            .signer
            .key
    }
}

fn wallet(env: &Env, recovery: Option<Address>) -> Address {
    let owner = Signer {
        co_signers: Vec::new(env),
        key: key(env, 1),
        role: Role::Admin,
        threshold: 0,
    };
    let init = WalletInit {
        admin_threshold: 1,
        recovery,
        signers: Vec::from_array(env, [owner]),
    };
    env.register(Wallet, (init,))
}

#[test]
fn a_rotation_takes_effect_after_its_delay_and_not_before() {
    let world = World::new();
    let successor = key(&world.env, 2);
    let executable_at = NOW + DELAY_SECONDS;
    assert_eq!(
        world.propose(&world.guardian, 0, &successor),
        Ok(executable_at)
    );
    assert_eq!(world.env.events().all().events().len(), 1);
    let pending = PendingRotation {
        executable_at,
        id: 0,
        key: successor.clone(),
    };
    assert_eq!(world.client().pending(&world.wallet), Some(pending));

    world.pass_seconds(DELAY_SECONDS - 1);
    let early = world.execute();
    assert_eq!(early, Err(Some(RecoveryError::RotationNotYetExecutable)));
    assert_eq!(world.owner_key(), key(&world.env, 1));
    world.pass_seconds(1);
    assert_eq!(world.execute(), Ok(()));
    assert_eq!(world.owner_key(), successor);
    assert_eq!(world.client().pending(&world.wallet), None);
    let again = world.execute();
    assert_eq!(again, Err(Some(RecoveryError::NoPendingRotation)));
}

#[test]
fn only_the_guardian_proposes_and_only_the_wallet_cancels() {
    let world = World::new();
    let successor = key(&world.env, 2);
    let stranger = Address::generate(&world.env);
    assert_eq!(world.propose(&stranger, 0, &successor), Err(None));
    world.propose(&world.guardian, 0, &successor).unwrap();
    let client = world.by(&world.guardian, "cancel", (world.wallet.clone(),));
    assert!(client.try_cancel(&world.wallet).is_err());
    assert!(world.client().pending(&world.wallet).is_some());
    assert_eq!(world.cancel(), Ok(()));
    world.pass_seconds(DELAY_SECONDS);
    let executed = world.execute();
    assert_eq!(executed, Err(Some(RecoveryError::NoPendingRotation)));
    assert_eq!(world.owner_key(), key(&world.env, 1));
    let again = world.cancel();
    assert_eq!(again, Err(Some(RecoveryError::NoPendingRotation)));
}

#[test]
fn in_one_ledger_what_comes_first_decides() {
    let world = World::new();
    let successor = key(&world.env, 2);
    world.propose(&world.guardian, 0, &successor).unwrap();
    world.pass_seconds(DELAY_SECONDS);
    assert_eq!(world.cancel(), Ok(()));
    let executed = world.execute();
    assert_eq!(executed, Err(Some(RecoveryError::NoPendingRotation)));

    world.propose(&world.guardian, 0, &successor).unwrap();
    world.pass_seconds(DELAY_SECONDS);
    assert_eq!(world.execute(), Ok(()));
    let cancelled = world.cancel();
    assert_eq!(cancelled, Err(Some(RecoveryError::NoPendingRotation)));
    assert_eq!(world.owner_key(), successor);
}

#[test]
fn a_newer_proposal_restarts_the_delay() {
    let world = World::new();
    world
        .propose(&world.guardian, 0, &key(&world.env, 2))
        .unwrap();
    world.pass_seconds(DELAY_SECONDS - 1);
    world
        .propose(&world.guardian, 0, &key(&world.env, 3))
        .unwrap();
    world.pass_seconds(1);
    let executed = world.execute();
    assert_eq!(executed, Err(Some(RecoveryError::RotationNotYetExecutable)));
    world.pass_seconds(DELAY_SECONDS);
    assert_eq!(world.execute(), Ok(()));
    assert_eq!(world.owner_key(), key(&world.env, 3));
}

#[test]
fn a_forgotten_proposal_ends() {
    for (seconds, expected) in [
        (EXECUTABLE_SECONDS, Ok(())),
        (
            EXECUTABLE_SECONDS + 1,
            Err(Some(RecoveryError::RotationExpired)),
        ),
    ] {
        let world = World::new();
        world
            .propose(&world.guardian, 0, &key(&world.env, 2))
            .unwrap();
        world.pass_seconds(DELAY_SECONDS + seconds);
        assert_eq!(world.execute(), expected, "{seconds}");
    }
}

#[test]
fn a_wallet_that_names_another_guardian_is_out_of_reach() {
    let mut world = World::new();
    world
        .propose(&world.guardian, 0, &key(&world.env, 2))
        .unwrap();
    world.env.mock_all_auths();
    WalletClient::new(&world.env, &world.wallet).configure(&1, &None);
    world.pass_seconds(DELAY_SECONDS);
    assert_eq!(world.execute(), Err(None));
    assert_eq!(world.owner_key(), key(&world.env, 1));

    world.wallet = wallet(&world.env, None);
    let proposed = world.propose(&world.guardian, 0, &key(&world.env, 2));
    assert_eq!(proposed, Err(Some(RecoveryError::NotTheGuardian)));
}

#[test]
fn a_wallet_behind_its_own_recovery_is_refused() {
    let mut world = World::new();
    let env = &world.env;
    let wallet = wallet(env, None);
    let recovery = env.register(Recovery, (wallet.clone(), DELAY_SECONDS));
    env.mock_all_auths();
    WalletClient::new(env, &wallet).configure(&1, &Some(recovery.clone()));
    (world.wallet, world.recovery) = (wallet.clone(), recovery);
    let proposed = world.propose(&wallet, 0, &key(&world.env, 2));
    assert_eq!(proposed, Err(Some(RecoveryError::NotTheGuardian)));
}

#[test]
fn a_key_that_cannot_be_installed_is_refused_at_once() {
    let world = World::new();
    for (id, key) in [(0, key(&world.env, 1)), (1, key(&world.env, 2))] {
        let proposed = world.propose(&world.guardian, id, &key);
        assert_eq!(proposed, Err(Some(RecoveryError::InvalidSuccessor)));
    }
}

#[test]
#[should_panic]
fn a_delay_of_0_needs_no_contract() {
    let env = env();
    env.register(Recovery, (Address::generate(&env), 0u64));
}

#[test]
fn a_delay_has_a_limit() {
    let env = env();
    let guardian = Address::generate(&env);
    env.register(Recovery, (guardian.clone(), MAX_DELAY_SECONDS));
    let too_long = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        env.register(Recovery, (guardian, MAX_DELAY_SECONDS + 1))
    }));
    assert!(too_long.is_err());
}
