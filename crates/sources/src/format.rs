//! What a log format is to the rest of the crate.

use std::io::Read;

use serde_json::{Map, Value};

use crate::Collector;
use crate::line_format::LineFormat;

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
}

/// The receiver wants no more rows: reading ends early, which is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;
