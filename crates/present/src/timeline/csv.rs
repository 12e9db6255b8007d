//! The timeline as comma-separated values.
//!
//! Spreadsheets run a cell that begins like a formula (CWE-1236), and attackers choose what stands in
//! logs. A cell that begins with `=`, `+`, `-`, `@` or one of their full-width forms, be it behind
//! blanks or quotes, gets an apostrophe in front, which spreadsheets take for "this is text". Negative
//! numbers get it too: `'-5` is still read as what it is. Line breaks, tabs and other hidden characters
//! are shown by their code points, so that a line of the file is a line of the timeline.
//!
//! The separator is the comma. A spreadsheet must be told so where its own is another one: it would
//! divide cells elsewhere.

use std::io::{self, Write};

use coldtrail_model::{RuleCount, RuleMatch};
use csv::Writer;

use super::title;
use crate::escape::escape;
use crate::redact::{redact, redact_field};

const HEADER: [&str; 14] = [
    "timestamp",
    "level",
    "rule",
    "title",
    "host",
    "channel",
    "event_id",
    "details",
    "author",
    "license",
    "source",
    "offset",
    "length",
    "rule_file",
];

/// What stands between two details.
const SEPARATOR: &str = " | ";

/// A writer that has written the header.
pub(super) fn start<W: Write>(writer: W) -> io::Result<Writer<W>> {
    let mut csv = Writer::from_writer(writer);
    csv.write_record(HEADER)?;
    Ok(csv)
}

/// Writes a match.
pub(super) fn line<W: Write>(
    one: &RuleMatch,
    rule: Option<&RuleCount>,
    csv: &mut Writer<W>,
) -> io::Result<()> {
    let source = rule.map(|rule| &rule.rule);
    let cells: [&str; HEADER.len()] = [
        &one.timestamp.to_string(),
        rule.map_or("", |rule| &rule.level),
        &one.rule,
        title(one, rule),
        &one.host,
        &one.channel,
        &one.event_id,
        "",
        source.map_or("", |source| &source.author),
        source.map_or("", |source| &source.license),
        &one.record.source,
        &one.record.offset.to_string(),
        &one.record.length.to_string(),
        source.map_or("", |source| &source.file),
    ];
    let details = details(one);
    let cells = HEADER.into_iter().zip(cells).map(|(name, cell)| match name {
        "details" => harmless(&details),
        _ => harmless(&redact(cell)),
    });
    Ok(csv.write_record(cells)?)
}

/// `Image=C:\a.exe | User=alice`, without secrets.
fn details(one: &RuleMatch) -> String {
    let details = one.details.iter();
    let details = details.map(|(name, value)| format!("{name}={}", redact_field(name, value)));
    details.collect::<Vec<_>>().join(SEPARATOR)
}

/// A cell that no spreadsheet runs, and that has one line.
fn harmless(text: &str) -> String {
    let shown = escape(text);
    let is_skipped = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '`' | '“' | '”' | '‘' | '’')
    };
    match shown.trim_start_matches(is_skipped).starts_with(begins_formula) {
        true => format!("'{shown}"),
        false => shown.into_owned(),
    }
}

/// Whether spreadsheets take a cell that begins so for a formula.
fn begins_formula(character: char) -> bool {
    // The small and the full-width forms become the ASCII ones when a cell is typed or imported.
    matches!(
        character,
        '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−'
    )
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_become_text() {
        for formula in
            ["=1+1", "+1", "-5", "@SUM(A1)", "＝cmd", "  =1", "\"=1", "' \"@x", "’-1", "−1"]
        {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("\t=1"), "\\t=1");
        assert_eq!(harmless("\r=1"), "\\r=1");
    }

    #[test]
    fn ordinary_cells_are_left_alone() {
        for cell in ["", "a=1", "C:\\a -b", "2026-04-13T08:00:00Z", "it's", "'quoted'"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}
