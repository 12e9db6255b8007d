//! Reports in words and in colours; the only home of both.
//!
//! A [`Report`] is data. Here it becomes [`text()`] for a person at a terminal, or [`json()`] for a
//! program, under the contract that [`schema`] describes. Three rules hold in every format:
//!
//! * Log content is written by attackers, so nothing of it reaches a terminal as a control
//!   character, an escape sequence or an invisible letter.
//! * Bearer secrets that a log quotes (function keys, signatures, webhook tokens) are blanked; who
//!   needs one finds it in the original record.
//! * The same report gives the same bytes.
//!
//! ```
//! use coldtrail_model::{Report, SCHEMA, Timestamp, Window};
//! use coldtrail_present::{Format, TextOptions, write};
//!
//! let report = Report {
//!     schema: SCHEMA.to_owned(),
//!     generated: Timestamp(0),
//!     window: Window::default(),
//!     findings: Vec::new(),
//!     baseline: Default::default(),
//!     rules: None,
//!     seen: Vec::new(),
//!     not_run: Vec::new(),
//!     faults: Vec::new(),
//! };
//! let mut page = Vec::new();
//! write(&report, Format::Text, &TextOptions::default(), &mut page).expect("memory takes it");
//! assert!(page.starts_with(b"No findings"));
//! ```

mod escape;
mod html;
mod json;
mod level;
mod navigator;
mod problem;
mod redact;
mod sarif;
mod sums;
mod text;
mod timeline;

use std::io::{self, Write};

use coldtrail_model::Report;

pub use html::html;
pub use json::{json, schema};
pub use navigator::navigator;
pub use problem::{Excerpt, problem};
pub use sarif::sarif;
pub use text::{RuleSummaryOptions, TextOptions, answer, rule_summary, text};
pub use timeline::{MatchFormat, MatchWriter};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Text,
    /// For a program: the contract `coldtrail.report/1`.
    Json,
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer took no more text; a closed pipe is among the reasons.
    #[error("cannot write the report as text")]
    WriteText(#[source] io::Error),
    /// The writer took no more JSON; a closed pipe is among the reasons.
    #[error("cannot write the report as JSON")]
    WriteJson(#[source] io::Error),
    /// The writer took no more lines of a timeline; a closed pipe is among the reasons.
    #[error("cannot write the timeline")]
    WriteTimeline(#[source] io::Error),
    /// The writer took no more HTML.
    #[error("cannot write the report as HTML")]
    WriteHtml(#[source] io::Error),
    /// The writer took no more of a layer.
    #[error("cannot write the layer of ATT&CK Navigator")]
    WriteNavigator(#[source] io::Error),
    /// The writer took no more SARIF.
    #[error("cannot write the matches as SARIF")]
    WriteSarif(#[source] io::Error),
}

/// A text out of a log, fit to be shown: without bearer secrets, and without characters that speak to
/// the terminal.
pub fn redacted(text: &str) -> String {
    escape::escape(&redact::redact(text)).into_owned()
}

/// A text without bearer secrets, and otherwise as it is: for programs, and for formats that escape by
/// themselves.
pub fn blanked(text: &str) -> String {
    redact::redact(text).into_owned()
}

/// Writes a report in a format. `options` matter to text alone.
///
/// # Errors
///
/// When the writer fails.
pub fn write(
    report: &Report,
    format: Format,
    options: &TextOptions,
    writer: &mut dyn Write,
) -> Result<(), Error> {
    match format {
        Format::Text => text(report, options, writer),
        Format::Json => json(report, writer),
    }
}
