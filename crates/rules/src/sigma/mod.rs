//! Sigma, version 2.1 of its specification: rules, filters and correlations in YAML, over events of any log.
//!
//! * [`RuleSet::load`] reads files of rules, repairs what the library is known to get wrong (`repair`),
//!   and compiles what is left, an engine for each log source that rules name.
//! * A [`Taxonomy`] says which log sources an event is of, and what its fields are called in rules.
//! * An [`Event`] is a record with the names and values of its own.
//! * [`RuleSet::evaluate`] tells which rules match an event; a [`Correlator`] takes what matched, in order of
//!   time, and tells which correlations hold.
//! * [`builtin_pack`] gives out the rules that come with Coldtrail.
//! * [`lint()`] tells what is wrong with a rule, and [`explain()`] why it matches an event, or does not.
//!
//! This is the only place that knows the library (`rsigma-*`, MIT). The specification:
//! <https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html>.

mod correlation;
mod correlator;
mod cost;
mod detection;
mod document;
mod event;
mod explain;
mod lint;
mod pack;
mod repair;
mod rule;
mod rule_set;
mod taxonomy;
#[cfg(test)]
mod tests;

pub use correlator::{BaseMatch, Correlated, Correlator};
pub use event::{Event, Value};
pub use explain::{Explanation, Step, explain};
pub use lint::{Lint, LintCode, Weight, lint};
pub use pack::builtin_pack;
pub use rule::{Level, Rule, RuleKind, Status};
pub use rule_set::{Feed, Limits, RuleSet, RuleText};
pub use taxonomy::{Derivation, LogSource, Meaning, Platform, Taxonomy, Telemetry, Way};
