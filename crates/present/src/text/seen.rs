//! What was seen, by format: there may be hundreds of files.

use std::collections::BTreeMap;

use coldtrail_model::{Seen, Timestamp};

use super::measures::{number, span};
use super::page::Page;
use super::span::{Line, Span};
use super::table::{Align, Column, Table};

/// A table with a line per format and table of events.
pub(crate) fn seen(seen: &[Seen], page: &mut Page) {
    page.rule(Line::new().title("What was seen"), "");
    if seen.is_empty() {
        page.paragraph(Line::new().plain("Nothing was read."));
        return;
    }
    let mut table = Table::new([
        Column::text("FORMAT", 0, 12),
        Column::whole("FILES", Align::Right, 1),
        Column::whole("RECORDS", Align::Right, 2),
        Column::text("TABLE", 3, 7),
        Column::whole("ROWS", Align::Right, 4),
        Column::whole("FIRST – LAST (UTC)", Align::Left, 5),
    ]);
    for (format, summary) in by_format(seen) {
        for row in summary.rows(format) {
            table.row(row);
        }
    }
    page.table(&table);
}

/// The first and the last event of some files.
pub(crate) fn extent<'a>(
    seen: impl IntoIterator<Item = &'a Seen>,
) -> Option<(Timestamp, Timestamp)> {
    let extents = seen.into_iter().filter_map(|seen| Some((seen.first?, seen.last?)));
    extents.reduce(|(first, last), next| (first.min(next.0), last.max(next.1)))
}

/// What was seen of one format.
#[derive(Default)]
struct Summary<'a> {
    files: Vec<&'a Seen>,
    records: u64,
    tables: BTreeMap<&'a str, u64>,
}

/// Formats by name; what no format was recognised in comes last.
fn by_format(seen: &[Seen]) -> Vec<(&str, Summary<'_>)> {
    let mut formats: BTreeMap<(bool, &str), Summary<'_>> = BTreeMap::new();
    for file in seen {
        let key = match &file.format {
            Some(format) => (false, format.as_str()),
            None => (true, "not recognised"),
        };
        let summary = formats.entry(key).or_default();
        summary.files.push(file);
        summary.records = summary.records.saturating_add(file.records);
        for (table, rows) in &file.tables {
            let sum = summary.tables.entry(table).or_default();
            *sum = sum.saturating_add(*rows);
        }
    }
    formats.into_iter().map(|((_, format), summary)| (format, summary)).collect()
}

impl Summary<'_> {
    /// A row for the format with its first table, then one for each other table.
    fn rows(&self, format: &str) -> Vec<[Span; 6]> {
        let extent = extent(self.files.iter().copied()).map(|(first, last)| span(first, last));
        let mut tables = self.tables.iter().map(|(table, rows)| (*table, number(*rows)));
        let (table, rows) = tables.next().unwrap_or_default();
        let first = [
            Span::plain(format),
            Span::plain(number(self.files.len())),
            Span::plain(number(self.records)),
            Span::plain(table),
            Span::plain(rows),
            Span::plain(extent.unwrap_or_default()),
        ];
        let others = tables.map(|(table, rows)| ["", "", "", table, &rows, ""].map(Span::plain));
        std::iter::once(first).chain(others).collect()
    }
}
