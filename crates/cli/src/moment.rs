//! Moments as people type them.

use coldtrail_model::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Reads `2026-04-13T10:00:00Z`, with any offset; `2026-04-13T10:00` and `2026-04-13` are UTC.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(moment.as_microsecond()));
    }
    let civil = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
        .map_err(|_| "write a time as 2026-04-13T10:00:00Z, or a date as 2026-04-13".to_owned())?;
    let zoned = civil.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(Timestamp(zoned.timestamp().as_microsecond()))
}

/// A moment, or a span before `--now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// That moment.
    At(Timestamp),
    /// That many microseconds before `--now`.
    Before(i64),
}

impl Edge {
    /// Reads a moment, or a span such as `90m`, `24h`, `7d`, `2w`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match span(text) {
            Some(microseconds) => Ok(Edge::Before(microseconds)),
            None => moment(text)
                .map(Edge::At)
                .map_err(|error| format!("{error}, or a span before --now as 24h or 7d")),
        }
    }

    /// The moment that is meant.
    pub(crate) fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Edge::At(moment) => moment,
            Edge::Before(microseconds) => Timestamp(now.0.saturating_sub(microseconds)),
        }
    }
}

fn span(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let count: i64 = text.strip_suffix(unit)?.parse().ok().filter(|count| *count >= 0)?;
    count.checked_mul(seconds)?.checked_mul(1_000_000)
}

/// The clock: read at this edge alone, and passed on as a value.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_microsecond())
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Timestamp;

    use super::{Edge, moment};

    #[test]
    fn reads_what_people_type() {
        let ten = Timestamp(1_776_074_400_000_000);
        assert_eq!(moment("2026-04-13T10:00:00Z"), Ok(ten));
        assert_eq!(moment("2026-04-13T12:00:00+02:00"), Ok(ten));
        assert_eq!(moment("2026-04-13T10:00"), Ok(ten));
        assert_eq!(
            Edge::parse("24h").map(|edge| edge.resolve(ten).date()),
            Ok("2026-04-12".into())
        );
        assert!(Edge::parse("yesterday").is_err());
        assert!(Edge::parse("99999999999999999w").is_err());
    }
}
