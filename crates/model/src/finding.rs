use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Actor, Endpoint, RecordReference, Signal, Timestamp};

/// A story about one actor and one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// Stable over runs on the same input: a hash of actor and endpoint.
    pub id: String,
    /// One line that can be understood alone.
    pub title: String,
    /// 0 to 100: the sum of `contributions`, bounded.
    #[schemars(range(max = 100))]
    pub score: u8,
    /// How bad it would be, by the matrix of rhythm and context.
    pub severity: Severity,
    /// How well the telemetry at hand supports it.
    pub confidence: Confidence,
    /// What was contacted.
    pub endpoint: Endpoint,
    /// Who contacted it.
    pub actor: Actor,
    /// The first event.
    pub first_seen: Timestamp,
    /// The last event.
    pub last_seen: Timestamp,
    /// How many events.
    pub events: u64,
    /// The two scores; legitimate pollers beat as regularly as implants, and only context tells.
    pub scores: Scores,
    /// Named reasons whose points sum to the score.
    pub contributions: Vec<Contribution>,
    /// What the detections said.
    pub signals: Vec<Signal>,
    /// The analysis questions, answered from data.
    pub questions: Vec<Question>,
    /// Whether to hand it on.
    pub escalation: Escalation,
    /// What to do next.
    pub actions: Vec<Action>,
}

/// The two scores of a finding, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scores {
    /// Timing, size, persistence; absent where no rhythm could be measured.
    #[schemars(range(max = 100))]
    pub rhythm: Option<u8>,
    /// Process, prevalence, novelty, role, sanction, intelligence.
    #[schemars(range(max = 100))]
    pub context: u8,
}

/// One named reason for a score.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Contribution {
    /// The reason's name, such as `script host`.
    pub name: String,
    /// Which of the two scores it belongs to.
    pub axis: Axis,
    /// Points added (or taken away).
    pub points: i16,
    /// Why, in words with the numbers.
    pub because: String,
}

/// Which of the two scores a contribution belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Timing, size, persistence.
    Rhythm,
    /// Process, prevalence, novelty, role, sanction, intelligence.
    Context,
}

/// How bad a finding would be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth a look in the queue.
    Medium,
    /// Worth a look today.
    High,
    /// Worth a look now.
    Critical,
}

impl Severity {
    /// The word that reports have for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How well the telemetry at hand supports a finding; absent telemetry moves this, never the score.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One kind of evidence, or little of it.
    Low,
    /// Some of what one would want.
    Medium,
    /// Process, tenant and enough events are known.
    High,
}

/// One analysis question of the triage playbook, answered from data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Question {
    /// Stable identifier.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub because: String,
    /// The records that the answer rests on.
    pub records: Vec<RecordReference>,
}

/// An answer to an analysis question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Answer {
    /// The data says so.
    #[serde(rename = "yes")]
    Yes,
    /// The data says otherwise.
    #[serde(rename = "no")]
    No,
    /// The data cannot say.
    #[serde(rename = "not answerable")]
    NotAnswerable,
}

/// Whether to hand a finding on, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Escalation {
    /// What to do.
    pub decision: Decision,
    /// Why.
    pub because: String,
}

/// The decisions that the triage playbook knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Hand to tier 2.
    Escalate,
    /// Keep an eye on it.
    Monitor,
    /// Nothing more to do.
    Close,
}

/// Advice; Coldtrail never acts by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Action {
    /// What to do.
    pub action: String,
    /// How many other local hosts the action would touch, where that was counted.
    pub collateral: Option<u64>,
}
