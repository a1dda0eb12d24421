//! Which moments a window includes. The dates and weekdays are from a calendar, not computed.

extern crate std;

use crate::Times;

const HOUR: u32 = 3_600;
const DAY: u64 = 86_400;
/// 2026-11-23 00:00:00 UTC.
const MONDAY: u64 = 1_795_392_000;
const MONDAY_BIT: u32 = 1;
const WEDNESDAY_BIT: u32 = 4;
const SUNDAY_BIT: u32 = 64;

pub fn always() -> Times {
    Times {
        daily_from_seconds: 0,
        daily_until_seconds: 86_400,
        from_unix_seconds: 0,
        until_unix_seconds: u64::MAX,
        weekdays: 127,
    }
}

fn daily(from_seconds: u32, until_seconds: u32) -> Times {
    Times {
        daily_from_seconds: from_seconds,
        daily_until_seconds: until_seconds,
        ..always()
    }
}

fn at(day: u64, hour: u32, minute: u32, second: u32) -> u64 {
    MONDAY + day * DAY + u64::from(hour * HOUR + minute * 60 + second)
}

#[test]
fn a_window_includes_its_first_second_and_not_its_end() {
    let times = Times {
        from_unix_seconds: MONDAY,
        until_unix_seconds: MONDAY + 10,
        ..always()
    };
    let included = [MONDAY - 1, MONDAY, MONDAY + 9, MONDAY + 10].map(|now| times.include(now));
    assert_eq!(included, [false, true, true, false]);
}

#[test]
fn whole_days_have_no_gap_at_midnight() {
    for now in [
        0,
        1,
        DAY - 1,
        DAY,
        at(0, 23, 59, 59),
        at(1, 0, 0, 0),
        u64::MAX - 1,
    ] {
        assert!(always().include(now), "{now}");
    }
    assert!(!always().include(u64::MAX));
}

#[test]
fn a_daily_window_includes_its_first_second_and_not_its_end() {
    let times = daily(9 * HOUR, 17 * HOUR);
    for (now, is_included) in [
        (at(0, 0, 0, 0), false),
        (at(0, 8, 59, 59), false),
        (at(0, 9, 0, 0), true),
        (at(3, 16, 59, 59), true),
        (at(0, 17, 0, 0), false),
        (at(0, 23, 59, 59), false),
    ] {
        assert_eq!(times.include(now), is_included, "{now}");
    }
}

#[test]
fn a_daily_window_may_pass_midnight() {
    let times = daily(22 * HOUR, 6 * HOUR);
    for (now, is_included) in [
        (at(0, 0, 0, 0), true),
        (at(0, 5, 59, 59), true),
        (at(0, 6, 0, 0), false),
        (at(0, 21, 59, 59), false),
        (at(0, 22, 0, 0), true),
        (at(0, 23, 59, 59), true),
    ] {
        assert_eq!(times.include(now), is_included, "{now}");
    }
}

#[test]
fn weekdays_are_those_of_the_calendar() {
    for bit in 0..7 {
        let times = Times {
            weekdays: 1 << bit,
            ..always()
        };
        for day in 0..14 {
            let is_included = day % 7 == bit;
            assert_eq!(times.include(at(day, 0, 0, 0)), is_included, "{bit} {day}");
            assert_eq!(
                times.include(at(day, 23, 59, 59)),
                is_included,
                "{bit} {day}"
            );
        }
    }
    // 1970-01-01 was a Thursday, 2000-02-29 a Tuesday.
    for (now, bit) in [(0, 3), (951_782_400, 1)] {
        let times = Times {
            weekdays: 1 << bit,
            ..always()
        };
        assert!(times.include(now));
    }
}

#[test]
fn several_weekdays_may_be_set() {
    let times = Times {
        weekdays: MONDAY_BIT | WEDNESDAY_BIT,
        ..always()
    };
    let included = [0, 1, 2, 3, 4, 5, 6].map(|day| times.include(at(day, 12, 0, 0)));
    assert_eq!(included, [true, false, true, false, false, false, false]);
}

#[test]
fn a_night_belongs_to_the_weekday_on_which_it_began() {
    let monday_night = Times {
        weekdays: MONDAY_BIT,
        ..daily(22 * HOUR, 6 * HOUR)
    };
    assert!(!monday_night.include(at(0, 5, 0, 0)));
    assert!(monday_night.include(at(0, 22, 0, 0)));
    assert!(monday_night.include(at(1, 5, 59, 59)));
    assert!(!monday_night.include(at(1, 22, 0, 0)));
    let sunday_night = Times {
        weekdays: SUNDAY_BIT,
        ..daily(22 * HOUR, 6 * HOUR)
    };
    assert!(sunday_night.include(at(0, 5, 0, 0)));
    assert!(sunday_night.include(at(6, 23, 0, 0)));
    // The night that began on Wednesday, 1969-12-31.
    let wednesday_night = Times {
        weekdays: WEDNESDAY_BIT,
        ..daily(22 * HOUR, 6 * HOUR)
    };
    assert!(wednesday_night.include(0));
}

#[test]
fn all_conditions_have_to_hold() {
    let times = Times {
        weekdays: MONDAY_BIT,
        from_unix_seconds: MONDAY + DAY,
        ..daily(9 * HOUR, 17 * HOUR)
    };
    assert!(!times.include(at(0, 12, 0, 0)));
    assert!(!times.include(at(7, 8, 0, 0)));
    assert!(!times.include(at(8, 12, 0, 0)));
    assert!(times.include(at(7, 12, 0, 0)));
}
