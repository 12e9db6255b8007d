//! When a rule was written and changed.

use jiff::civil::Date;

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};

/// Tells of dates that are none, or written as they used to be.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let mut dates = Vec::new();
    for key in ["date", "modified"] {
        let Some(node) = document.root.get(key) else { continue };
        let written = node.written();
        let text = quote(&written);
        if let Some(date) = date(&written, '-') {
            dates.push((key, date, node));
        } else if let Some(date) = date(&written, '/') {
            let reason = format!("`{key}: {text}` is written as before Sigma 2.0");
            findings.add(
                LintCode::OldDate,
                node.span.clone(),
                reason,
                format!("write `{key}: {date}`"),
            );
            dates.push((key, date, node));
        } else {
            let reason = format!("`{key}: {text}` is no date");
            findings.add(
                LintCode::InvalidDate,
                node.span,
                reason,
                "write year, month and day, such as `2026-04-13`",
            );
        }
    }
    if let [(_, written, _), (_, changed, node)] = dates.as_slice()
        && changed < written
    {
        let reason = format!("changed on {changed}, before it was written, on {written}");
        findings.add(
            LintCode::ModifiedBeforeDate,
            node.span.clone(),
            reason,
            "correct one of the two dates",
        );
    }
}

/// The date of a text of year, month and day.
fn date(text: &str, between: char) -> Option<Date> {
    let mut parts = text.split(between);
    let mut part = |length: usize| {
        let digits = parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        digits.filter(|digits| digits.len() == length || between == '/' && digits.len() == 1)
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    #[test]
    fn dates_and_what_is_wrong_with_them() {
        let codes = ["invalid-date", "old-date", "modified-before-date"];
        let text = rule("selection:\n  Image: a\ncondition: selection");
        for (dates, expected) in [
            ("date: 2026-04-13", &[][..]),
            ("date: '2026-04-13'\nmodified: 2026-04-13", &[]),
            ("date: 2026/04/13", &["old-date"]),
            ("date: 2026-02-30", &["invalid-date"]),
            ("date: 13.04.2026", &["invalid-date"]),
            ("date: 2026-04-13\nmodified: 2026-04-12", &["modified-before-date"]),
            ("date: 2026-04-13\nmodified: 2026/4/12", &["old-date", "modified-before-date"]),
        ] {
            assert_eq!(
                codes_of(&text.replace("date: 2026-04-13", dates), &codes),
                expected,
                "{dates}"
            );
        }
        let lint = &found(&text.replace("2026-04-13", "2026/04/13"), "old-date")[0];
        assert_eq!((lint.line, lint.column), (4, 7));
        assert_eq!(lint.help, "write `date: 2026-04-13`");
    }
}
