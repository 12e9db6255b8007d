//! The report for a person at a terminal.
//!
//! It reads from the outside in: a headline, a table of all findings, the first findings explained,
//! and then what the answer rests on: what was seen, what was not, what was wrong with the input.
//! A page is lines of spans: a span is cleaned of secrets and hidden characters when it is made, so
//! no section can forget to, and colours are applied when the page is printed, so no width is ever
//! counted wrong.

mod answer;
mod blind;
mod endpoint;
mod explanation;
mod faults;
mod findings;
mod frequency;
mod headline;
pub(crate) mod measures;
mod page;
mod rhythm;
mod rule_summary;
mod seen;
mod shorten;
mod span;
mod table;

pub use answer::answer;
pub use rule_summary::{RuleSummaryOptions, rule_summary};
use std::io::Write;

use coldtrail_model::Report;

use crate::Error;
use page::Page;
use span::Line;

/// Settings of [`text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// The columns of the terminal; no line is longer. Fewer than 40 count as 40.
    pub width: usize,
    /// Whether to write ANSI colours.
    pub colour: bool,
    /// How many findings are explained below the table.
    pub top: usize,
    /// Whether their rhythms are told in full: intervals, terms and what was collapsed.
    pub rhythms: bool,
}

impl Default for TextOptions {
    /// A plain page of 100 columns that explains five findings.
    fn default() -> TextOptions {
        TextOptions { width: 100, colour: false, top: 5, rhythms: false }
    }
}

/// Writes a report for a person.
///
/// # Errors
///
/// When the writer fails.
pub fn text(report: &Report, options: &TextOptions, writer: &mut dyn Write) -> Result<(), Error> {
    let mut page = Page::new(options.width);
    headline::headline(report, &mut page);
    findings::table(&report.findings, &mut page);
    explanation::explain(&report.findings, &report.baseline, options, &mut page);
    if let Some(rules) = &report.rules {
        rule_summary::section(rules, rule_summary::MOST_ROWS, &mut page);
    }
    seen::seen(&report.seen, &mut page);
    blind::not_seen(report, &mut page);
    faults::unread(&report.faults, &mut page);
    faults::anomalies(&report.faults, &mut page);
    blind::not_run(&report.not_run, &mut page);
    page.blank();
    page.paragraph(Line::new().secondary(format!(
        "{}, generated {} UTC.",
        report.schema,
        measures::second(report.generated)
    )));
    page.print(options.colour, writer).map_err(Error::WriteText)
}
