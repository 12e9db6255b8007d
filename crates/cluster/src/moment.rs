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

/// The clock: read at this edge alone, and passed on as a value.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_microsecond())
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Timestamp;

    use super::moment;

    #[test]
    fn reads_what_people_type() {
        let ten = Timestamp(1_776_074_400_000_000);
        assert_eq!(moment("2026-04-13T10:00:00Z"), Ok(ten));
        assert_eq!(moment("2026-04-13T12:00:00+02:00"), Ok(ten));
        assert_eq!(moment("2026-04-13T10:00"), Ok(ten));
        assert_eq!(moment("2026-04-14").map(|moment| moment.date()), Ok("2026-04-14".into()));
        assert!(moment("yesterday").is_err());
    }
}
