use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Finding, RuleSummary, Timestamp};

/// The name and version of the JSON contract.
pub const SCHEMA: &str = "coldtrail.report/1";

/// What a hunt hands over.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Always `coldtrail.report/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The time of the run: `--now`, or the clock.
    pub generated: Timestamp,
    /// The time that was looked at.
    pub window: Window,
    /// The findings, most urgent first.
    pub findings: Vec<Finding>,
    /// What the findings were compared with, and how far back that reaches.
    pub baseline: Baseline,
    /// What Sigma rules matched; absent where none were run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<RuleSummary>,
    /// What was read, in order of name.
    pub seen: Vec<Seen>,
    /// Detections that could not run, or not on all of the input, and why.
    pub not_run: Vec<NotRun>,
    /// What was wrong with the input.
    pub faults: Vec<Fault>,
}

/// A span of time; an open end reaches as far as the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Window {
    /// The first moment looked at.
    pub since: Option<Timestamp>,
    /// The moment after the last one looked at.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether a moment lies inside.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= moment)
            && self.until.is_none_or(|until| moment < until)
    }
}

/// What findings were compared with: how many hosts there are, who knows which tenant since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Baseline {
    /// How many hosts were active.
    pub active_hosts: u64,
    /// How far back it reaches: the first event, whatever part of the time is looked at.
    pub reaches_back_to: Option<Timestamp>,
    /// The last event.
    pub reaches_to: Option<Timestamp>,
    /// What is usual for the hosts of findings, by host, where a store has their history.
    pub hosts: BTreeMap<String, HostProfile>,
}

/// What a host usually does, over all the history that a store has of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HostProfile {
    /// Its first event.
    pub since: Timestamp,
    /// On how many days it was active.
    pub days: u64,
    /// The hours of the day, in UTC, in which it was active on at least half of these days.
    pub hours: Vec<u8>,
    /// Events on a day on which it was active, on average.
    pub events_a_day: u64,
    /// Bytes that it sent on such a day, on average, as far as connections are counted.
    pub sent_bytes_a_day: u64,
}

/// What was seen of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// The file, `!` before a member of an archive.
    pub source: String,
    /// The format, as recognised by content; absent when nothing recognised it.
    pub format: Option<String>,
    /// Rows per table.
    pub tables: BTreeMap<String, u64>,
    /// The earliest event.
    pub first: Option<Timestamp>,
    /// The latest event.
    pub last: Option<Timestamp>,
    /// Records read, with or without a place in a table.
    pub records: u64,
    /// Anomalies by code.
    pub anomalies: BTreeMap<String, u64>,
}

/// A detection that could not run, or not on all of the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NotRun {
    /// The detection's identifier.
    pub detection: String,
    /// What was missing.
    pub because: String,
}

/// Something wrong with the input, with the place where it was first met.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Fault {
    /// The file, `!` before a member of an archive.
    pub source: String,
    /// What sort of fault, such as `truncated-stream`.
    pub code: String,
    /// Byte offset in the decompressed file where it was first met, where that is known.
    pub offset: Option<u64>,
    /// How often it was met in this file.
    pub count: u64,
    /// What was wrong, in words.
    pub message: String,
    /// What to do about it.
    pub help: String,
}
