//! Parts of a time are found in times with a space and a fraction, as Sysmon writes them.
//!
//! The library reads `2024-05-06T07:08:09.5Z` and `2024-05-06 07:08:09`, but not `2024-05-06 07:08:09.123`.

use rsigma_ir::{IrMatcher, IrTimePart};

use super::super::detection::literal;

/// The comparison with a part of a time.
pub(in super::super) fn matcher(part: IrTimePart, number: f64) -> IrMatcher {
    let inner = Box::new(IrMatcher::NumericEq(literal(number)));
    let parsed = IrMatcher::TimestampPart { part, inner };
    let two = r"\d\d";
    let (mut year, mut month, mut day, mut hour, mut minute) =
        (r"\d{4}".to_owned(), two.to_owned(), two.to_owned(), two.to_owned(), two.to_owned());
    match part {
        IrTimePart::Year => year = format!("{number:04}"),
        IrTimePart::Month => month = format!("{number:02}"),
        IrTimePart::Day => day = format!("{number:02}"),
        IrTimePart::Hour => hour = format!("{number:02}"),
        IrTimePart::Minute => minute = format!("{number:02}"),
        // A week is not written in a time.
        IrTimePart::Week => return parsed,
    }
    let pattern = format!(r"(?:)^{year}-{month}-{day} {hour}:{minute}:\d\d\.\d+$");
    let written = IrMatcher::Regex {
        pattern,
        case_insensitive: false,
        multiline: false,
        dotall: false,
        cased: true,
    };
    IrMatcher::AnyOf(vec![parsed, written])
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::holds;

    #[test]
    fn parts_of_a_time_are_compared() {
        for (part, right, wrong) in
            [("minute", 8, 7), ("hour", 7, 8), ("day", 6, 5), ("month", 5, 6), ("year", 2024, 2025)]
        {
            let detection = |number| format!("{{s: {{T|{part}: {number}}}, condition: s}}");
            for time in ["2024-05-06T07:08:09Z", "2024-05-06 07:08:09", "2024-05-06 07:08:09.123"] {
                assert!(holds(&detection(right), &[("T", time)]), "{part} of {time}");
                assert!(!holds(&detection(wrong), &[("T", time)]), "{part} of {time}");
            }
            assert!(!holds(&detection(right), &[("T", "yesterday")]));
        }
        assert!(holds("{s: {T|week: 19}, condition: s}", &[("T", "2024-05-06T07:08:09Z")]));
    }
}
