//! What rules matched, line by line, for spreadsheets and for programs.
//!
//! A timeline may have millions of lines, so nothing here keeps one: a [`MatchWriter`] writes each match
//! as it comes, and looks up what its rule's author says in the summary.

mod csv;
mod json_lines;

use std::collections::BTreeMap;
use std::io::Write;

use coldtrail_model::{RuleCount, RuleMatch, RuleSummary};

use crate::Error;

/// How a timeline is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchFormat {
    /// Comma-separated values (RFC 4180) with a header. No cell is a formula to a spreadsheet: one that
    /// would be starts with an apostrophe.
    #[default]
    Csv,
    /// A JSON object a line.
    JsonLines,
}

/// Writes a timeline, one match after the other.
pub struct MatchWriter<'r, W: Write> {
    rules: Rules<'r>,
    output: Output<W>,
}

enum Output<W: Write> {
    Csv(Box<::csv::Writer<W>>),
    JsonLines(W),
}

impl<'r, W: Write> MatchWriter<'r, W> {
    /// A timeline of matches of the rules of a summary; the header is written at once.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn new(format: MatchFormat, summary: &'r RuleSummary, writer: W) -> Result<Self, Error> {
        let output = match format {
            MatchFormat::Csv => csv::start(writer).map(|csv| Output::Csv(Box::new(csv))),
            MatchFormat::JsonLines => Ok(Output::JsonLines(writer)),
        };
        let output = output.map_err(Error::WriteTimeline)?;
        Ok(MatchWriter { rules: Rules::of(summary), output })
    }

    /// Writes a match.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn write(&mut self, one: &RuleMatch) -> Result<(), Error> {
        let rule = self.rules.get(&one.rule);
        let written = match &mut self.output {
            Output::Csv(csv) => csv::line(one, rule, csv),
            Output::JsonLines(writer) => json_lines::line(one, rule, writer),
        };
        written.map_err(Error::WriteTimeline)
    }

    /// Hands back the writer, to which everything was written.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn finish(self) -> Result<W, Error> {
        let finished = match self.output {
            Output::Csv(csv) => csv.into_inner().map_err(|error| error.into_error()),
            Output::JsonLines(mut writer) => writer.flush().map(|()| writer),
        };
        finished.map_err(Error::WriteTimeline)
    }
}

/// The rules of a summary by their identifiers.
pub(crate) struct Rules<'r>(BTreeMap<&'r str, &'r RuleCount>);

impl<'r> Rules<'r> {
    pub(crate) fn of(summary: &'r RuleSummary) -> Rules<'r> {
        Rules(summary.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect())
    }

    pub(crate) fn get(&self, id: &str) -> Option<&'r RuleCount> {
        self.0.get(id).copied()
    }
}

/// What a match's rule is called: its identifier, where nothing else is known of it.
pub(crate) fn title<'m>(one: &'m RuleMatch, rule: Option<&'m RuleCount>) -> &'m str {
    rule.map(|rule| rule.rule.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&one.rule)
}
