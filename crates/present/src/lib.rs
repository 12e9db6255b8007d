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
mod json;
mod problem;
mod redact;
mod text;

use std::io::{self, Write};

use coldtrail_model::Report;

pub use json::{json, schema};
pub use problem::{Excerpt, problem};
pub use text::{TextOptions, answer, text};

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
