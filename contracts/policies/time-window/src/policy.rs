//! The policy contract. A signer may authorize from one moment until another, within them at some
//! time of the day and on some days of the week, all in UTC.
//!
//! Time is the ledger's close time, on which validators agree: it can be some seconds off, and a
//! signature given in time may reach a ledger too late. Not checked: what is called.

use latchkey_policy_installation::{calls, changes_this_policy, Installation};
use soroban_sdk::{
    auth::Context, contract, contracterror, contractevent, contractimpl, contracttype, Address,
    Env, Vec,
};

const DAY_SECONDS: u32 = 86_400;
const ALL_WEEKDAYS: u32 = 0b111_1111;
/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: u64 = 3;

#[contracterror]
#[derive(Copy, Clone, Debug, Eq, PartialEq, PartialOrd, Ord)]
#[repr(u32)]
pub enum TimeWindowError {
    /// The window ends before it starts, the daily times are equal or no seconds of a day, or the
    /// weekdays are none or more than seven.
    InvalidWindow = 220,
    /// The wallet's signer has no window here.
    NotInstalled = 221,
    /// It is not the time.
    OutsideWindow = 222,
    /// The call would change this policy.
    CallNotAllowed = 223,
}

#[contracttype]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Times {
    /// Second of the day from which, 0 to 86,399.
    pub daily_from_seconds: u32,
    /// Second of the day before which, 1 to 86,400. Before `daily_from_seconds` it is of the next
    /// day, which then counts as the weekday on which the night began.
    pub daily_until_seconds: u32,
    pub from_unix_seconds: u64,
    /// The first second that is too late.
    pub until_unix_seconds: u64,
    /// Bit 0 is Monday, bit 6 is Sunday; 127 is every day.
    pub weekdays: u32,
}

#[contractevent(sparse = false)]
pub struct TimeWindowInstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub times: Times,
}

#[contract]
pub struct TimeWindow;

#[contractimpl]
impl TimeWindow {
    /// Replaces a window that is there.
    pub fn install(
        env: Env,
        wallet: Address,
        signer: u32,
        parameters: Times,
    ) -> Result<(), TimeWindowError> {
        let installation = Installation::authorized(&env, wallet, signer);
        if !parameters.are_valid() {
            return Err(TimeWindowError::InvalidWindow);
        }
        installation.save(&parameters);
        installation.extend_ttl();
        TimeWindowInstalled {
            wallet: installation.wallet,
            signer,
            times: parameters,
        }
        .publish(&env);
        Ok(())
    }

    pub fn enforce(
        env: Env,
        wallet: Address,
        signer: u32,
        contexts: Vec<Context>,
    ) -> Result<bool, TimeWindowError> {
        let installation = Installation::authorized(&env, wallet, signer);
        let times: Times = installation.load().ok_or(TimeWindowError::NotInstalled)?;
        if !times.include(env.ledger().timestamp()) {
            return Err(TimeWindowError::OutsideWindow);
        }
        if calls(&env, &contexts)
            .flatten()
            .any(|call| changes_this_policy(&env, &call))
        {
            return Err(TimeWindowError::CallNotAllowed);
        }
        installation.extend_ttl();
        Ok(true)
    }

    pub fn uninstall(env: Env, wallet: Address, signer: u32) {
        Installation::authorized(&env, wallet, signer).remove();
    }

    pub fn times(env: Env, wallet: Address, signer: u32) -> Option<Times> {
        Installation::new(&env, wallet, signer).load()
    }
}

impl Times {
    fn are_valid(&self) -> bool {
        self.from_unix_seconds < self.until_unix_seconds
            && self.daily_from_seconds < DAY_SECONDS
            && (1..=DAY_SECONDS).contains(&self.daily_until_seconds)
            && self.daily_from_seconds != self.daily_until_seconds
            && (1..=ALL_WEEKDAYS).contains(&self.weekdays)
    }

    pub(crate) fn include(&self, unix_seconds: u64) -> bool {
        let is_past_midnight = self.daily_until_seconds < self.daily_from_seconds;
        let second = (unix_seconds % u64::from(DAY_SECONDS)) as u32;
        let day = unix_seconds / u64::from(DAY_SECONDS);
        let has_begun = second >= self.daily_from_seconds;
        let has_not_ended = second < self.daily_until_seconds;
        let (is_time_of_day, first_day) = if is_past_midnight {
            // 6 days on is the same weekday as the day before.
            (
                has_begun || has_not_ended,
                if has_begun { day } else { day + 6 },
            )
        } else {
            (has_begun && has_not_ended, day)
        };
        let weekday = (first_day + FIRST_WEEKDAY) % 7;
        (self.from_unix_seconds..self.until_unix_seconds).contains(&unix_seconds)
            && is_time_of_day
            && self.weekdays >> weekday & 1 == 1
    }
}
