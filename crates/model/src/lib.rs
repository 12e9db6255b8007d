//! The vocabulary of Coldtrail: few nouns, one flow.
//!
//! * An **event** is one row of a normalised [`Table`]; its columns are [`Field`]s, named after the
//!   Elastic Common Schema with dots as underscores.
//! * A [`Conversation`] is all that one actor said to one tenant: what detections judge.
//! * A [`Signal`] is what one detection says about some events.
//! * A [`Finding`] is a story about one [`Actor`] and one [`Endpoint`]: its signals, its score with
//!   named contributions, severity and confidence apart.
//! * A [`Report`] holds the findings, what was seen, what could not run and what was wrong with the
//!   input. Absence of telemetry is never evidence of innocence, nor of guilt.
//!
//! Nothing here reads, writes, or knows the time.
//!
//! ```
//! use coldtrail_model::{Field, Table};
//!
//! let schema = Table::Tls.schema();
//! assert!(schema.field_with_name(Field::TlsClientServerName.name()).is_ok());
//! ```

mod conversation;
mod endpoint;
mod event;
mod finding;
mod installed;
mod links;
mod report;
mod rule_matches;
mod signal;
mod time;

pub use conversation::{Actor, Conversation};
pub use endpoint::{Endpoint, Kind, Reach, Via};
pub use event::{Field, FieldType, Table};
pub use finding::{
    Action, Answer, Axis, Confidence, Contribution, Decision, Escalation, Finding, Question,
    Scores, Severity,
};
pub use installed::{INSTALLED, is_installed};
pub use links::{Links, NotLinks};
pub use report::{Baseline, Fault, HostProfile, NotRun, Report, SCHEMA, Seen, Window};
pub use rule_matches::{DayCount, HostCount, RuleCount, RuleMatch, RuleSummary, SpanCount};
pub use signal::{IntervalCount, RecordReference, Rhythm, RhythmTerm, RuleSource, Signal};
pub use time::Timestamp;
