//! The policy contract. A signer may authorize calls of the listed contracts, within what their
//! limits say of function, arguments and amounts, and nothing else: no other contract, no creation
//! of one, and no call by which a policy is changed. What a call requires of the wallet further down
//! is a call of its own and has to be within the limits too.
//!
//! Not seen: what others do with allowances that the wallet gave, and in whose favour a permitted
//! contract uses a call, unless an argument says so.

use latchkey_interface::{
    memory::{copy_all, room, Room},
    stored,
    xdr::{Reader, Writer},
    Storage,
};
use soroban_sdk::{
    auth::Context,
    contract, contractimpl,
    unwrap::UnwrapOptimized,
    xdr::{FromXdr, ToXdr},
    Address, Bytes, Env, TryFromVal, Val, Vec,
};

use crate::{
    call::read_call,
    compile::compile,
    enforcement::check,
    events,
    expand::{expand, MAX_INSTALLED_BYTES},
    state::{MAX_LIMITS_BYTES, MAX_STATE_BYTES},
    values::{Installed, Limit},
    CallLimitsError,
};

/// Of the calls' XDR; the wallet asks about no more.
const MAX_CALLS_BYTES: usize = 8192;
/// An encoded address and the signer's id.
const MAX_KEY_BYTES: usize = 44 + 4;

/// As in the wallet: below 7 days at 5 seconds a ledger, to the network's own maximum, which the
/// host clamps to.
const EXTEND_BELOW_LEDGERS: u32 = 120_960;
const EXTEND_TO_LEDGERS: u32 = 1_000_000_000;

#[contract]
pub struct CallLimits;

#[contractimpl]
impl CallLimits {
    /// Replaces limits that are there. `parameters` are 1 to 8, for different contracts. What was
    /// spent of a token still counts if the window of its cap is the same, since a wallet installs
    /// again whenever it updates the signer.
    pub fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: Vec<Limit>,
    ) -> Result<(), CallLimitsError> {
        wallet.require_auth();
        let mut memory = room::<MAX_KEY_BYTES>();
        let key = Key::new(&env, &wallet, signer, &mut memory);
        let mut memory = room::<MAX_LIMITS_BYTES>();
        let encoded = copy_all(&env, &parameters.to_xdr(&env), &mut memory)
            .ok_or(CallLimitsError::InvalidLimits)?;
        let mut memory = room::<MAX_STATE_BYTES>();
        let before: &[u8] = match key.load(&mut memory) {
            Some(state) => state,
            None => &[],
        };
        let mut memory = room::<MAX_STATE_BYTES>();
        let mut state = Writer::new(&mut memory);
        compile(&mut Reader::new(encoded), before, &mut state)?;
        key.save(state.written());
        key.extend_ttl();
        events::installed(&env, key.wallet, signer, encoded);
        Ok(())
    }

    /// Counts what `contexts` spend, or refuses all of them with an error.
    pub fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, CallLimitsError> {
        wallet.require_auth();
        let mut memory = room::<MAX_KEY_BYTES>();
        let key = Key::new(&env, &wallet, signer, &mut memory);
        let mut memory = room::<MAX_STATE_BYTES>();
        let state = key.load(&mut memory).ok_or(CallLimitsError::NotInstalled)?;
        let mut memory = room::<MAX_CALLS_BYTES>();
        let encoded = copy_all(&env, &contexts.to_xdr(&env), &mut memory)
            .ok_or(CallLimitsError::CallsTooLong)?;
        let ledger = env.ledger().sequence();
        let mut contexts = Reader::new(encoded);
        let mut has_changed = false;
        for _ in 0..contexts.vec() {
            let call = read_call(&mut contexts);
            if contexts.has_failed() {
                return Err(CallLimitsError::CallNotAllowed);
            }
            has_changed |= check(state, ledger, &call)?;
        }
        if has_changed {
            key.save(state);
        }
        key.extend_ttl();
        Ok(true)
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        wallet.require_auth();
        let mut memory = room::<MAX_KEY_BYTES>();
        let key = Key::new(&env, &wallet, signer, &mut memory);
        let storage = env.storage().persistent();
        if storage.has(&key.bytes) {
            storage.remove(&key.bytes);
            events::uninstalled(&env, key.wallet, signer);
        }
    }

    /// The limits of a wallet's signer, and what it has spent under them.
    pub fn installed(env: Env, wallet: Address, signer: u32) -> Option<Installed> {
        let mut memory = room::<MAX_KEY_BYTES>();
        let key = Key::new(&env, &wallet, signer, &mut memory);
        let mut memory = room::<MAX_STATE_BYTES>();
        let state = key.load(&mut memory)?;
        let mut memory = room::<MAX_INSTALLED_BYTES>();
        let mut installed = Writer::new(&mut memory);
        expand(state, env.ledger().sequence(), &mut installed);
        let installed = Bytes::from_slice(&env, installed.written());
        let installed = Val::from_xdr(&env, &installed).unwrap_optimized();
        Some(Installed(installed))
    }
}

/// Under which the policy keeps what it knows of one signer of one wallet: the wallet's encoded
/// address and the signer's id.
struct Key<'a> {
    env: &'a Env,
    bytes: Bytes,
    wallet: &'a [u8],
}

impl<'a> Key<'a> {
    #[inline(always)]
    fn new(
        env: &'a Env,
        wallet: &Address,
        signer: u32,
        memory: &'a mut Room<MAX_KEY_BYTES>,
    ) -> Self {
        let encoded = wallet.to_xdr(env);
        let wallet_bytes = encoded.len() as usize;
        let mut key = Writer::new(&mut *memory);
        key.copy(env, &encoded, 0, wallet_bytes);
        key.word(signer);
        let bytes = Bytes::from_slice(env, key.written());
        Self {
            env,
            bytes,
            wallet: key.into_written().split_at(wallet_bytes).0,
        }
    }

    /// `None` if nothing is installed.
    #[inline(always)]
    fn load<'b>(&self, memory: &'b mut Room<MAX_STATE_BYTES>) -> Option<&'b mut [u8]> {
        if !self.env.storage().persistent().has(&self.bytes) {
            return None;
        }
        let state = stored(self.env, self.bytes.to_val(), Storage::Persistent);
        let state = Bytes::try_from_val(self.env, &state).unwrap_optimized();
        copy_all(self.env, &state, memory)
    }

    fn save(&self, state: &[u8]) {
        let state = Bytes::from_slice(self.env, state);
        self.env.storage().persistent().set(&self.bytes, &state);
    }

    fn extend_ttl(&self) {
        let storage = self.env.storage();
        storage
            .persistent()
            .extend_ttl(&self.bytes, EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
        storage
            .instance()
            .extend_ttl(EXTEND_BELOW_LEDGERS, EXTEND_TO_LEDGERS);
    }
}
