//! Records as they are, passed on one by one while they are read.
//!
//! A rule that was written for one product asks for that product's fields, whichever they are. Where a
//! format would make rows of a record, [`Collector::pass_on`](crate::Collector::pass_on) hands over the
//! record itself, if [that is wanted](crate::Selection::whole).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The most names and values of one record; no product writes as many. Those beyond are left out, and
/// the record is counted as one with too many fields.
const MOST_PAIRS: usize = 4096;

/// A record with all that is in it.
#[derive(Clone, Debug)]
pub struct WholeRecord<'r> {
    /// The name of its format, as in [`formats()`](crate::formats).
    pub format: &'static str,
    /// The name of its source.
    pub source: &'r str,
    /// The offset of its first byte in the unpacked source.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
    /// When it took place, in microseconds since 1970, UTC, where that can be told.
    pub moment: Option<i64>,
    /// What only events of Windows have.
    pub windows: Option<WindowsEvent<'r>>,
    /// Names and values, in the order of the record, of a record that is flat. A name may occur more than once.
    ///
    /// Events of Windows have here the elements below `System` by their names, attributes of an element as
    /// `<element>_<attribute>` (`Provider_Name`, `TimeCreated_SystemTime`, `Execution_ProcessID`), and everything
    /// below `EventData` and `UserData` by its own name without spaces, whatever framing they came in; what
    /// happened in words is `Message`. Records of Zeek in tabs have their fields by the names of the header,
    /// without those that are unset; all records of Zeek have the path of their log as `_path`.
    ///
    /// There are 4096 pairs at most; the rest of a record is left out, which is an
    /// [anomaly](coldtrail_diagnostics::Anomaly::TooManyFields).
    pub pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    /// The record, where it is an object of JSON.
    pub object: Option<&'r Map<String, Value>>,
}

/// What tells events of Windows from one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowsEvent<'r> {
    /// The log that it was written to; empty where the record does not say.
    pub channel: Cow<'r, str>,
    /// Who wrote it; empty where the record does not say.
    pub provider: Cow<'r, str>,
    /// What happened.
    pub event_id: u32,
    /// The host, as it is written.
    pub computer: Cow<'r, str>,
}

/// What is in a record, before it is said where it lies.
#[derive(Default)]
pub(crate) struct Contents<'r> {
    pub(crate) moment: Option<i64>,
    pub(crate) windows: Option<WindowsEvent<'r>>,
    pub(crate) pairs: Pairs<'r>,
    pub(crate) object: Option<&'r Map<String, Value>>,
}

/// Names and values, up to as many as one record may have.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'r> {
    kept: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    left_out: usize,
}

impl<'r> Pairs<'r> {
    /// None yet, with room for so many.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { kept: Vec::with_capacity(capacity), left_out: 0 }
    }

    /// Adds a pair, or counts it where there are too many.
    pub(crate) fn push(
        &mut self,
        name: impl Into<Cow<'r, str>>,
        value: impl Into<Cow<'r, str>>,
    ) {
        if self.kept.len() < MOST_PAIRS {
            self.kept.push((name.into(), value.into()));
        } else {
            self.left_out += 1;
        }
    }

    /// How many were left out.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The pairs themselves.
    pub(crate) fn into_kept(self) -> Vec<(Cow<'r, str>, Cow<'r, str>)> {
        self.kept
    }
}
