//! Which log sources a record is of, and what its fields are called in rules.
//!
//! The names of log sources and fields are SigmaHQ's
//! (<https://sigmahq.io/docs/basics/log-sources.html>,
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-taxonomy.md>); which
//! channel of Windows is which service, which format of ours is which product, and which column of our tables
//! is which field, is data: `crates/rules/taxonomy/*.toml`.

use std::sync::Arc;

/// Where records come from, in the words of rules. Empty stands for "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogSource {
    /// What records tell, such as `process_creation`.
    pub category: String,
    /// Whose records they are, such as `windows`.
    pub product: String,
    /// Which of the product's logs, such as `security`.
    pub service: String,
}

/// What sort of record something is: all that a taxonomy knows of it.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// What it is called in reports, such as `windows Sysmon 22` or `dns rows`.
    pub name: String,
    /// The log sources that it is of, each with all that is known of it: a rule is fed by it if each word of
    /// the rule's log source is that of one of these.
    pub log_sources: Vec<LogSource>,
    /// What rules call a field, and what the record calls it, which may be several.
    pub aliases: Vec<(String, Vec<String>)>,
    /// All fields that such a record can have, as rules call them, in order of name; nothing where anything
    /// is possible.
    pub fields: Option<Vec<String>>,
}

/// What is known of log sources.
#[derive(Debug, Default)]
pub struct Taxonomy {}

impl LogSource {
    /// Whether a rule of this log source is fed by a record of that one.
    pub fn is_fed_by(&self, other: &LogSource) -> bool {
        let is =
            |wanted: &str, given: &str| wanted.is_empty() || wanted.eq_ignore_ascii_case(given);
        is(&self.category, &other.category)
            && is(&self.product, &other.product)
            && is(&self.service, &other.service)
    }
}

impl std::fmt::Display for LogSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = [&self.product, &self.category, &self.service];
        let words: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        formatter.write_str(&if words.is_empty() { "any".to_owned() } else { words.join("/") })
    }
}

impl Taxonomy {
    /// The taxonomy that comes with Coldtrail.
    pub fn builtin() -> &'static Taxonomy {
        static BUILTIN: Taxonomy = Taxonomy {};
        &BUILTIN
    }

    /// What an event of Windows is, by its channel, its provider (where the channel is empty) and its number.
    pub fn windows(&self, _channel: &str, _provider: &str, _event_id: u32) -> Arc<Telemetry> {
        Arc::default()
    }

    /// What a record of a format is, by the name that `coldtrail sources list` has for the format, given its
    /// fields; `None` for a format whose records are known by their rows in our tables alone.
    pub fn record<'f>(
        &self,
        _format: &str,
        _field: &dyn Fn(&str) -> Option<&'f str>,
    ) -> Option<Arc<Telemetry>> {
        None
    }

    /// The formats whose records rules can be run over as they are: those of [`record`](Self::record), and
    /// the framings of events of Windows.
    pub fn whole_formats(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// What a row of one of our tables is, by the name of the table and the row's `event_dataset`.
    pub fn row(&self, _table: &str, _dataset: &str) -> Option<Arc<Telemetry>> {
        None
    }

    /// Every telemetry that can feed a rule of a log source, whatever the logs at hand.
    pub fn feeding(&self, _log_source: &LogSource) -> Vec<Arc<Telemetry>> {
        Vec::new()
    }
}
