//! What the clock on a wall says, and what moment that is.
//!
//! Time zones are those of the IANA database that is built in; the system's are not looked at, so that every
//! machine answers alike. A clock that goes forward leaves out an hour, one that goes back shows one twice: of
//! the moments that could be meant, the earlier is.
//!
//! <https://learn.microsoft.com/kusto/query/datetime-local-to-utc-function>,
//! <https://learn.microsoft.com/kusto/query/datetime-utc-to-local-function>

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::super::arguments::{Arguments, array, text};
use super::super::{Accepts, Function};
use super::{cell, moment};
use crate::kql::{DateTime, TimeSpan, Type, Value};

const PARAMETERS: &[Accepts] = &[Accepts::Only(Type::DateTime), Accepts::Only(Type::String)];

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("datetime_local_to_utc", PARAMETERS, Type::DateTime, local_to_utc),
    Function::define("datetime_utc_to_local", PARAMETERS, Type::DateTime, utc_to_local),
    Function::define("datetime_list_timezones", &[], Type::Dynamic, list_timezones),
];

/// Whether there is a time zone of that name.
pub(in crate::kql) fn is_zone(name: &str) -> bool {
    ZONES.get(name).is_ok()
}

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

fn local_to_utc(arguments: &[Value]) -> Value {
    let utc = |moment: DateTime| {
        let earlier = zone(arguments)?.to_ambiguous_timestamp(moment.civil()).earlier().ok()?;
        moment_of(earlier)
    };
    cell(moment(arguments, 0).and_then(utc))
}

fn utc_to_local(arguments: &[Value]) -> Value {
    let local = |moment: DateTime| {
        let offset = zone(arguments)?.to_offset(timestamp(moment)?);
        DateTime::of_ticks(moment.0 + i64::from(offset.seconds()) * TimeSpan::SECOND)
    };
    cell(moment(arguments, 0).and_then(local))
}

fn list_timezones(_: &[Value]) -> Value {
    let mut names: Vec<_> = ZONES.available().map(|name| name.to_string()).collect();
    names.sort_unstable();
    array(names.into_iter().map(text).collect())
}

fn zone(arguments: &[Value]) -> Option<TimeZone> {
    ZONES.get(arguments.text(1)).ok()
}

fn timestamp(moment: DateTime) -> Option<Timestamp> {
    let ticks = moment.0 - DateTime::EPOCH;
    let fraction = i32::try_from(ticks.rem_euclid(TimeSpan::SECOND) * 100).ok()?;
    Timestamp::new(ticks.div_euclid(TimeSpan::SECOND), fraction).ok()
}

fn moment_of(timestamp: Timestamp) -> Option<DateTime> {
    let fraction = i64::from(timestamp.subsec_nanosecond()).div_euclid(100);
    let ticks = timestamp.as_second() * TimeSpan::SECOND + fraction;
    DateTime::of_ticks(ticks + DateTime::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;
    use crate::kql::Dynamic;

    fn utc(local: &str, zone: &str) -> Value {
        local_to_utc(&[at(local), Value::String(zone.to_owned())])
    }

    fn local(utc: &str, zone: &str) -> Value {
        utc_to_local(&[at(utc), Value::String(zone.to_owned())])
    }

    #[test]
    fn clocks_go_differently() {
        let clock = "2020-02-02 20:02:20";
        assert_eq!(utc(clock, "US/Pacific"), at("2020-02-03 04:02:20"));
        assert_eq!(utc(clock, "America/Chicago"), at("2020-02-03 02:02:20"));
        assert_eq!(utc(clock, "Europe/Paris"), at("2020-02-02 19:02:20"));
        let moment = "2022-07-11 22:18:48.4678620";
        assert_eq!(local(moment, "US/Pacific"), at("2022-07-11 15:18:48.4678620"));
        assert_eq!(local(moment, "Australia/Canberra"), at("2022-07-12 08:18:48.4678620"));
        assert_eq!(local("1900-01-01 00:00:00.5", "UTC"), at("1900-01-01 00:00:00.5"));
    }

    #[test]
    fn of_an_hour_that_is_left_out_or_comes_twice_the_earlier_moment_counts() {
        assert_eq!(utc("2022-03-27 02:00", "Europe/Brussels"), at("2022-03-27 00:00"));
        assert_eq!(utc("2022-03-27 03:00", "Europe/Brussels"), at("2022-03-27 01:00"));
        assert_eq!(utc("2022-10-30 02:30", "Europe/Brussels"), at("2022-10-30 00:30"));
    }

    #[test]
    fn what_is_no_zone_or_beyond_the_calendar_is_null() {
        assert_eq!(utc("2020-02-02", "Middle/Earth"), Value::Null);
        assert_eq!(local("9999-12-31 23:59", "Asia/Tokyo"), Value::Null);
        assert_eq!(utc("0001-01-01", "Asia/Tokyo"), Value::Null);
        let Value::Dynamic(Dynamic::Array(names)) = list_timezones(&[]) else { panic!("no list") };
        assert!(names.len() > 400);
        assert!(names.contains(&text("Europe/Paris")));
    }
}
