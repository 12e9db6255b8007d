//! Records as they are, passed on one by one while they are read.

use std::borrow::Cow;

use serde_json::{Map, Value};

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
    /// below `EventData` and `UserData` by its own name without spaces, whatever framing they came in.
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
