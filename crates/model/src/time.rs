use schemars::JsonSchema;
use serde::Serialize;

/// A moment in UTC, in microseconds since 1970-01-01, the resolution of every event table.
///
/// It serialises as RFC 3339 text (`2026-04-13T09:00:00.000000Z`), so that reports can be read by
/// people and compared as text. Years outside 0–9999 do not occur: sources refuse them as anomalies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const MICROSECONDS_A_SECOND: i64 = 1_000_000;
const SECONDS_A_DAY: i64 = 86_400;

impl Timestamp {
    /// The number of microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// The days, hours, minutes, seconds and microseconds of this moment, as civil UTC time.
    fn civil(self) -> (i64, u32, u32, i64, i64, i64, i64) {
        let seconds = self.0.div_euclid(MICROSECONDS_A_SECOND);
        let microseconds = self.0.rem_euclid(MICROSECONDS_A_SECOND);
        let days = seconds.div_euclid(SECONDS_A_DAY);
        let second_of_day = seconds.rem_euclid(SECONDS_A_DAY);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) =
            (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        (year, month, day, hour, minute, second, microseconds)
    }

    /// The calendar day in UTC as `2026-04-13`.
    pub fn date(self) -> String {
        let (year, month, day, ..) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day, hour, minute, second, microseconds) = self.civil();
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if microseconds != 0 {
            write!(formatter, ".{microseconds:06}")?;
        }
        formatter.write_str("Z")
    }
}

/// Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>):
/// proleptic Gregorian year, month and day of a day number counted from 1970-01-01.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_index + 2) / 5 + 1) as u32;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment in UTC, RFC 3339."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn shows_rfc_3339() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(951_782_400_000_000).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999999Z");
        assert_eq!(Timestamp(1_775_034_000_500_000).date(), "2026-04-01");
    }
}
