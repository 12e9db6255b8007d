//! Moments and lengths of time in the forms in which they are printed.

/// Ticks of 100 ns in a second.
const SECOND: i64 = 10_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Whether two texts say one moment, or one length of time.
pub(super) fn are_equal(one: &str, other: &str) -> bool {
    let are_some = |one: Option<i64>, other| one.is_some() && one == other;
    are_some(moment(one), moment(other)) || are_some(length(one), length(other))
}

/// Ticks of a moment: `2020-01-31 10:00:00.0000000`, `2020-01-31T10:00:00Z`, `1/31/2020, 10:00:00.000 AM`.
pub(super) fn moment(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date.trim_end_matches(','), time.trim()),
        None => (text, ""),
    };
    let days = days(date)?;
    let ticks = if time.is_empty() { 0 } else { of_day(time)? };
    Some(days * DAY + ticks)
}

/// Ticks of a length of time: `1.02:03:04.5`, `-00:00:01`.
pub(super) fn length(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (days, time) = match text.split_once('.') {
        Some((days, time)) if !days.contains(':') => (days.parse().ok()?, time),
        _ => (0, text),
    };
    Some(sign * (DAY.checked_mul(days)? + clock(time)?))
}

/// Days since some day long ago.
fn days(date: &str) -> Option<i64> {
    let numbers = |separator| {
        let parts: Option<Vec<i64>> = date.split(separator).map(|part| part.parse().ok()).collect();
        parts.and_then(|parts| <[i64; 3]>::try_from(parts).ok())
    };
    let (year, month, day) = match (numbers('-'), numbers('/')) {
        (Some([year, month, day]), _) => (year, month, day),
        (_, Some([month, day, year])) => (year, month, day),
        _ => return None,
    };
    let date =
        jiff::civil::Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    let since = date.ok()?.since(jiff::civil::Date::constant(1, 1, 1)).ok()?;
    Some(i64::from(since.get_days()))
}

/// Ticks since midnight, with or without `AM` and `PM`.
fn of_day(time: &str) -> Option<i64> {
    let upper = time.to_uppercase();
    let (time, noon) = if let Some(time) = upper.strip_suffix("PM") {
        (time, Some(12))
    } else if let Some(time) = upper.strip_suffix("AM") {
        (time, Some(0))
    } else {
        (upper.trim_end_matches("+00:00"), None)
    };
    let ticks = clock(time.trim())?;
    let hour = 3600 * SECOND;
    Some(noon.map_or(ticks, |noon| ticks % (12 * hour) + noon * hour))
}

/// Ticks of `hh:mm`, `hh:mm:ss` and `hh:mm:ss.fffffff`.
fn clock(time: &str) -> Option<i64> {
    let mut parts = time.split(':');
    let mut whole = |most: i64| -> Option<i64> {
        let part = parts.next()?;
        let number: i64 = part.parse().ok()?;
        (part.len() <= 2 && number <= most).then_some(number)
    };
    let minutes = whole(24)? * 60 + whole(59)?;
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "0")),
        None => ("0", "0"),
    };
    if parts.next().is_some() || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let digits = format!("{fraction:0<7}");
    let fraction: i64 = digits.get(..7)?.parse().ok()?;
    Some((minutes * 60 + seconds.parse::<u8>().ok().map(i64::from)?) * SECOND + fraction)
}

#[cfg(test)]
mod tests {
    use super::are_equal;

    #[test]
    fn one_moment_has_many_forms() {
        let moment = "2016-02-17T08:40:01.0000000Z";
        for form in [
            "2016-02-17 08:40:01.0000000",
            "2016-02-17T08:40:01Z",
            "02/17/2016 08:40:01",
            "2/17/2016, 8:40:01.000 AM",
        ] {
            assert!(are_equal(moment, form), "{form}");
        }
        assert!(are_equal("2016-02-17 00:00:00.0000000", "2016-02-17"));
        assert!(are_equal("2016-02-17 20:00", "2/17/2016 8:00:00 PM"));
        assert!(!are_equal(moment, "2016-02-17 08:40:01.0000001"));
        assert!(!are_equal("2016-13-17", "2016-13-17"), "there is no such month");
    }

    #[test]
    fn one_length_of_time_has_some() {
        assert!(are_equal("00:03:00", "0.00:03:00.0000000"));
        assert!(are_equal("-1.00:00:00.5", "-1.00:00:00.5000000"));
        assert!(!are_equal("00:03:00", "00:00:03"));
        assert!(!are_equal("1.5", "1.50"), "a number is no length of time");
    }
}
