use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Axis, Conversation};

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
    #[serde(skip)]
    pub rhythm: Option<Rhythm>,
}

/// The measures of a rhythm that a person needs to judge it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
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
