//! What became of rules that people wrote.

use coldtrail_correlate::findings;
use coldtrail_model::{NotRun, Report, RuleSummary, SCHEMA, Signal, Timestamp, Window};
use coldtrail_sources::SourceTally;
use coldtrail_triage::Context;

use crate::hunt::{is_browser, known_service};
use crate::parts;
use crate::sigma::Told;

/// What became of rules.
#[derive(Debug, Default)]
pub struct RuleHits {
    /// What they say, rule by rule.
    pub signals: Vec<Signal>,
    /// Rules that could not run.
    pub not_run: Vec<NotRun>,
    /// How many rows each query gave, and which.
    pub rows: Vec<(String, u64)>,
    /// What Sigma rules say, summed up.
    pub summary: Option<RuleSummary>,
    /// What was counted of the logs.
    pub tallies: Vec<SourceTally>,
}

impl RuleHits {
    /// Adds what Sigma rules told.
    pub fn add(&mut self, told: Told) {
        self.signals.extend(told.signals);
        self.not_run.extend(told.not_run);
        self.summary = Some(told.summary);
        // They read all of the logs, where queries read what they ask for.
        self.tallies = told.tallies;
    }

    /// Adds what queries gave.
    pub fn join(&mut self, queries: RuleHits) {
        self.signals.extend(queries.signals);
        self.not_run.extend(queries.not_run);
        self.rows.extend(queries.rows);
        if self.tallies.is_empty() {
            self.tallies = queries.tallies;
        }
    }

    /// A report of what rules say, with nothing of our own detections.
    pub fn report(self, now: Timestamp, window: Window, context: &Context) -> Report {
        let mut report = Report {
            schema: SCHEMA.to_owned(),
            generated: now,
            window,
            findings: findings(&self.signals, is_browser, known_service, context),
            baseline: Default::default(),
            seen: parts::seen(&self.tallies),
            rules: self.summary,
            not_run: self.not_run,
            faults: parts::faults_of(self.tallies),
        };
        let records = parts::records_that_matter(&report);
        let originals = coldtrail_sources::fetch(&records);
        parts::note_hashes(&mut report, records, originals);
        report
    }
}
