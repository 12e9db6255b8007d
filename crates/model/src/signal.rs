use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Axis, Conversation, Severity};

/// What one detection says about some events: who, which endpoint, when, how strongly, why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Signal {
    /// The detection's identifier, such as `endpoint.script_host`.
    pub detection: String,
    /// ATT&CK techniques this behaviour belongs to.
    pub attack: Vec<String>,
    /// How strongly the detection holds, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub strength: f64,
    /// One sentence that can be understood alone.
    pub summary: String,
    /// Original records, in order of time; a sample where there are many.
    pub records: Vec<RecordReference>,
    /// Which of the two scores the signal adds to.
    #[serde(skip)]
    pub axis: Axis,
    /// The points that it adds at full strength.
    #[serde(skip)]
    pub weight: u8,
    /// What the signal is about; a finding tells it once.
    #[serde(skip)]
    pub conversation: Conversation,
    /// The measured rhythm, when the detection is about timing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<Rhythm>,
    /// The rule that says it, when it is none of our detections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleSource>,
}

/// What the author of a rule says about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleSource {
    /// What the rule is called.
    pub name: String,
    /// The file that it is in.
    pub file: String,
    /// Who wrote it; empty if the file does not say.
    pub author: String,
    /// Under which terms it may be used; empty if the file does not say.
    pub license: String,
    /// How grave its author calls a hit.
    pub severity: Option<Severity>,
    /// ATT&CK tactics as the rule names them.
    pub tactics: Vec<String>,
}

/// The measures of a rhythm that a person needs to judge it, and what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Rhythm {
    /// The period in seconds.
    pub period_seconds: f64,
    /// How regular, from 0 to 1, before shrinkage by the amount of evidence.
    pub regularity: f64,
    /// Polls after bursts were collapsed.
    pub polls: u64,
    /// The share of expected polls that are missing inside active runs, from 0 to 1.
    pub miss_rate: f64,
    /// The strength after shrinkage, from 0 to 1.
    pub strength: f64,
    /// Events before bursts were collapsed; what happened at the same moment counts once.
    pub requests: u64,
    /// Events at most this far apart were taken as one poll, in seconds.
    pub burst_gap_seconds: f64,
    /// The share of intervals that are gaps, such as nights, from 0 to 1.
    pub gap_share: f64,
    /// The share of hours in which a poll was possible and took place, from 0 to 1.
    pub duty: f64,
    /// Days of 24 hours, counted from the first poll, in which there was a poll.
    pub active_days: u64,
    /// The share of all bytes that were sent, from 0 to 1; absent where nobody counted bytes.
    pub upload_ratio: Option<f64>,
    /// What the regularity is made of: the contributions sum to it.
    pub terms: Vec<RhythmTerm>,
    /// How long the intervals between polls were: spans that follow each other, shortest first.
    pub intervals: Vec<IntervalCount>,
}

/// One reason for a regularity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RhythmTerm {
    /// `concentration`, `dispersion` or `phase`.
    pub name: String,
    /// What was measured, from 0 to 1.
    pub value: f64,
    /// What chance reaches on the same scale; a value at or below it contributes nothing.
    pub chance: f64,
    /// The part of the regularity that this term accounts for, from 0 to 1.
    pub contribution: f64,
}

/// How many intervals between polls were about so long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct IntervalCount {
    /// The shortest, in seconds.
    pub from_seconds: f64,
    /// The end of the span, in seconds.
    pub to_seconds: f64,
    /// How many.
    pub count: u64,
}

/// Where the original bytes of a record are.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct RecordReference {
    /// The file as it was named, `!` before a member of an archive: `logs.zip!/dns.log`.
    pub source: String,
    /// Byte offset in the decompressed file.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256 of those bytes, hexadecimal; absent in low findings, and where the bytes could not be
    /// read again, as from standard input.
    pub sha256: Option<String>,
}
