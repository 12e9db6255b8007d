use schemars::JsonSchema;
use serde::Serialize;

/// A moment in UTC, in microseconds since 1970-01-01, the resolution of every event table.
///
/// It serialises as RFC 3339 text (`2026-04-13T09:00:00Z`, with six digits of a second where there
/// is a fraction), so that reports can be read by people and compared as text. Sources refuse
/// moments outside the years 1970 to 2200; others show as the nearest moment that has a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const MICROSECONDS_A_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// The number of microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// The calendar day in UTC as `2026-04-13`.
    pub fn date(self) -> String {
        self.calendar().strftime("%Y-%m-%d").to_string()
    }

    fn calendar(self) -> jiff::Timestamp {
        let nearest = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(nearest)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let moment = self.calendar();
        if self.0 % MICROSECONDS_A_SECOND == 0 {
            write!(formatter, "{moment:.0}")
        } else {
            write!(formatter, "{moment:.6}")
        }
    }
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

    #[test]
    fn any_number_shows_as_some_moment() {
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-12-3"));
        assert!(Timestamp(i64::MIN).to_string().starts_with('-'));
    }
}
