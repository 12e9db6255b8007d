use schemars::JsonSchema;
use serde::Serialize;

use crate::{RecordReference, RuleSource, Timestamp};

/// One event that a rule matches, or one moment at which a correlation holds: a line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuleMatch {
    /// When the event took place.
    pub timestamp: Timestamp,
    /// The identifier of the rule, or its title where it has none.
    pub rule: String,
    /// The host; empty where the event names none.
    pub host: String,
    /// The log that the event is from, such as a channel of Windows or `aws-cloudtrail`.
    pub channel: String,
    /// What happened, as the log numbers or names it, such as `1` or `Invoke`.
    pub event_id: String,
    /// What the rule's author would look at: names and values of fields, most telling first.
    pub details: Vec<(String, String)>,
    /// The original record; of a correlation the one that made it hold.
    pub record: RecordReference,
    /// How many events a correlation holds for; 1 otherwise.
    pub events: u64,
}

/// What rules said about logs, summed up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct RuleSummary {
    /// How many rules were loaded.
    pub loaded: u64,
    /// How many of them the logs at hand can feed.
    pub fed: u64,
    /// How many documents could not be loaded.
    pub broken: u64,
    /// How many events were shown to rules.
    pub events: u64,
    /// How many events at least one rule matched.
    pub matched_events: u64,
    /// The rules that matched: the gravest first, then those with most matches, then by title.
    pub rules: Vec<RuleCount>,
    /// The hosts: those with most matches first, then by name.
    pub hosts: Vec<HostCount>,
    /// The time between the first and the last match in spans of equal length, in order; no more than 60.
    pub spans: Vec<SpanCount>,
    /// Days with matches, in order.
    pub days: Vec<DayCount>,
}

/// How often a rule matched.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleSource,
    /// Its identifier, or its title where it has none.
    pub id: String,
    /// Its level as rules call it: `critical`, `high`, `medium`, `low`, `informational`; empty for none.
    pub level: String,
    /// Its tags, such as `attack.t1059.001`, in the order of the rule.
    pub tags: Vec<String>,
    /// Pages about it, in the order of the rule.
    pub references: Vec<String>,
    /// ATT&CK techniques among its tags, such as `T1059.001`.
    pub techniques: Vec<String>,
    /// How often it matched.
    pub matches: u64,
    /// On how many hosts.
    pub hosts: u64,
    /// The first match.
    pub first: Timestamp,
    /// The last match.
    pub last: Timestamp,
    /// Whether it matches so much that it tells little: more than one in a hundred of the events that feed it, and
    /// more than a hundred times.
    pub is_noisy: bool,
}

/// How often rules matched on a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HostCount {
    /// The host.
    pub host: String,
    /// How many matches, by level: critical, high, medium, low, informational or none.
    pub matches: [u64; 5],
    /// How many rules.
    pub rules: u64,
}

/// How often rules matched in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SpanCount {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment behind its last.
    pub to: Timestamp,
    /// How many matches, by level: critical, high, medium, low, informational or none.
    pub matches: [u64; 5],
}

/// How often rules matched on a day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DayCount {
    /// Its first moment.
    pub day: Timestamp,
    /// How many matches, by level: critical, high, medium, low, informational or none.
    pub matches: [u64; 5],
}
