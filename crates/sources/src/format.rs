//! What a log format is to the rest of the crate.

use std::io::Read;

use serde_json::{Map, Value};

use crate::Collector;
use crate::framing::columns::Columns;
use crate::line_format::{Crew, LineFormat, read_blocks};
use crate::log_lines::LogLine;
use crate::moment;
use crate::whole::Contents;

/// A log format: how to recognise it by content, and how to make rows of its records.
pub(crate) trait Format: Send + Sync {
    /// The name shown in reports, such as `zeek-tsv`.
    fn name(&self) -> &'static str;

    /// Whether the first bytes of the decompressed stream (up to 64 KiB) look like this format.
    ///
    /// File names and extensions play no part.
    fn recognises(&self, head: &[u8]) -> bool;

    /// Reads the stream to its end. Whatever is wrong with a record is told to the collector as an
    /// anomaly; nothing stops the reading but the end of the stream or a receiver that has enough.
    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped>;

    /// The format as one whose records are lines, so that several threads can read one stream.
    fn lines(&self) -> Option<&dyn LineFormat> {
        None
    }

    /// As [`Format::read`], with the help of a crew in a format whose streams have parts.
    fn read_with(
        &self,
        stream: &mut dyn Read,
        collector: &mut Collector<'_>,
        crew: Option<&Crew>,
    ) -> Result<(), Stopped> {
        match self.lines() {
            Some(lines) => read_blocks(lines, stream, collector, crew),
            None => self.read(stream, collector),
        }
    }
}

/// A shape that a product gives to its JSON records.
///
/// Framing (lines, arrays, envelopes) is the business of [`crate::json`]; a shape sees one object.
pub(crate) trait JsonShape: Send + Sync {
    /// The name shown in reports, such as `zeek-json`.
    fn name(&self) -> &'static str;

    /// Whether the object has this shape; it looks at a few keys, so it is cheap.
    fn claims(&self, object: &Map<String, Value>) -> bool;

    /// Makes rows of an object that was claimed.
    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped>;

    /// Passes on an object that was claimed, as it is.
    fn pass_on(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let moment = moment::of_object(object, collector);
        let contents = Contents { moment, object: Some(object), ..Contents::default() };
        collector.pass_on(self.name(), contents)
    }
}

/// A shape that a product gives to its lines.
///
/// Framing (lines, syslog headers, wrappings of collectors) is the business of [`crate::log_lines`]; a
/// shape sees one line. No two shapes may claim one line, so that the order in which they are asked
/// makes no difference.
pub(crate) trait LineShape: Send + Sync {
    /// The name shown in reports, such as `squid`.
    fn name(&self) -> &'static str;

    /// Whether the line has this shape. Every line of a stream is asked, so this is cheap.
    fn claims(&self, line: &LogLine<'_>) -> bool;

    /// Makes rows of a line that was claimed.
    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped>;

    /// The columns that hold behind a line, if it is a header of this shape, given those before it. Asked
    /// of lines that begin with `#`, of the first line of a stream, and of lines that begin like a
    /// header before them. The shape then finds the columns in [`LogLine::columns`].
    fn header(&self, _line: &str, _before: Option<&Columns>) -> Option<Columns> {
        None
    }

    /// The date in a line that was claimed, if it is all numbers and ends with the year. Those of the
    /// first lines tell [`LogLine::date_order`].
    fn numeric_date<'l>(&self, _line: &LogLine<'l>) -> Option<&'l str> {
        None
    }

    /// Logs of one record each, with a header in front where the shape has one. Tests check with them
    /// that no other shape claims their lines, and that a damaged line between them harms neither.
    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str];
}

/// The receiver wants no more rows: reading ends early, which is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;
