//! Cuts a byte stream into records of bounded size, and knows where each one is.
//!
//! Every framing reads through one [`window::Window`], holds at most one record in memory, and after
//! damage finds the beginning of the next record by itself, so that a parser only ever sees whole
//! records and the places of those that had to be left out.
//!
//! What is inside one line is framing, too, as long as many products write it: [`syslog`] headers,
//! [`cef`] and [`leef`], [`key_values`], [`delimited`] cells, and the [`columns`] that a header names,
//! such as that of [`w3c`]. None of these fails; where a line is not of the kind, there is none.

pub(crate) mod base64;
pub(crate) mod blocks;
pub(crate) mod cef;
pub(crate) mod columns;
pub(crate) mod csv_blocks;
pub(crate) mod csv_rows;
pub(crate) mod delimited;
pub(crate) mod json_rows;
pub(crate) mod json_values;
pub(crate) mod key_values;
pub(crate) mod leef;
pub(crate) mod lines;
pub(crate) mod syslog;
pub(crate) mod w3c;
mod window;
pub(crate) mod xml_elements;

use coldtrail_diagnostics::Anomaly;

use crate::Collector;

/// The longest record that is kept in memory, in bytes; longer ones are skipped and counted. It
/// leaves room for the longest event that Windows writes (64 KiB) and for the largest rows that the
/// products export, many times over.
pub(crate) const LONGEST_RECORD: usize = 16 << 20;

/// What a framing found next: a whole record, or a stretch that holds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed<R> {
    /// A whole record.
    Record(R),
    /// A stretch that was left out.
    Skipped(Skipped),
}

/// A stretch of the stream that was left out, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Where it begins in the decompressed stream.
    pub(crate) offset: u64,
    /// How many bytes it has.
    pub(crate) length: u64,
    /// What is wrong with it.
    pub(crate) anomaly: Anomaly,
}

impl Skipped {
    /// Counts it as a record that makes no rows, with its anomaly.
    pub(crate) fn tell(self, collector: &mut Collector<'_>) {
        let Skipped { offset, length, anomaly } = self;
        collector.record(offset, length);
        if anomaly == Anomaly::TruncatedRecord {
            collector.unfinished();
        }
        collector.anomaly(anomaly, &format!("{length} bytes were skipped"));
    }
}
