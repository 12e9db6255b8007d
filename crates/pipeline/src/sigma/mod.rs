//! Sigma rules over logs as they are, or over a store.
//!
//! Records of formats that rules know by their own fields are shown to rules whole, while they are read: events
//! of Windows with all of their values, CloudTrail, Zeek and others. Of all other formats rules see the rows of
//! our tables. Connections of Sysmon wait until all names are known that processes were
//! told; matches that correlations are made of wait until all are known, and are taken in order of time.

mod classes;
mod counts;
mod explained;
mod groups;
mod hit;
mod judge;
mod names;
mod rows;
mod spilled;

use std::collections::VecDeque;
use std::io;
use std::num::NonZero;
use std::sync::Arc;

use coldtrail_engine::Progress;
use coldtrail_model::{
    NotRun, RuleCount, RuleMatch, RuleSource, RuleSummary, Severity, Signal, Table, Timestamp,
    Window,
};
use coldtrail_rules::sigma::{
    BaseMatch, Correlated, Correlator, Level, Rule, RuleKind, RuleSet, Taxonomy, Telemetry,
};
use coldtrail_sources::{Input, Mapping, ReadAll, ReaderDied, Selection, SourceTally, read_all};

pub use self::explained::{ExplainedEvent, explained};
use self::hit::{Hit, Place};
use self::judge::{Found, Judge};
use self::names::ToldNames;
use self::spilled::{Gathered, InOrder};
use crate::query::{QueryEngine, QueryError};

/// So many events are remembered while correlations are made of them: a correlation names those of its events
/// that are among the last ones.
const MOST_REMEMBERED: usize = 100_000;

const TOO_MANY_NAMES: &str = "processes were told more names than are remembered: some connections have the \
                              reverse name alone";
const TOO_MANY_GROUPS: &str =
    "correlations had more groups than are kept at a time: some may be missing";
const TOO_MANY_ACTORS: &str = "there are more hosts and programs than findings can be made of: the summary \
                               counts all, findings are those of the gravest rules";

/// Why rules could not be run.
#[derive(Debug, thiserror::Error)]
pub enum SigmaError {
    /// A thread died.
    #[error("cannot read the logs")]
    Read(#[from] ReaderDied),
    /// The store could not be queried.
    #[error("cannot read the store")]
    Store(#[source] Box<QueryError>),
    /// Matches that wait in temporary files were lost.
    #[error("cannot keep matches in a temporary file")]
    Keep(#[source] io::Error),
}

/// How to run rules.
pub struct SigmaRun<'r> {
    /// The rules.
    pub rules: &'r RuleSet,
    /// The time to look at.
    pub window: Window,
    /// How many threads read and evaluate.
    pub threads: NonZero<usize>,
    /// Descriptions of logs that no format knows.
    pub mappings: Arc<[Mapping]>,
    /// Is told how many bytes were read.
    pub progress: Progress,
    /// Whether each match is told, and not only how many there are.
    pub is_timeline: bool,
}

/// What rules said about logs.
pub struct Told {
    /// What is said about whom.
    pub signals: Vec<Signal>,
    /// It summed up.
    pub summary: RuleSummary,
    /// What was counted of the logs.
    pub tallies: Vec<SourceTally>,
    /// What could not run, or not on everything.
    pub not_run: Vec<NotRun>,
    /// What sorts of events there were, each with how many, in order of name.
    pub sorts: Vec<(Arc<Telemetry>, u64)>,
    /// Each match, if that is wanted.
    pub timeline: Timeline,
}

/// Matches in order of time.
#[derive(Default)]
pub struct Timeline {
    hits: InOrder<Hit>,
    /// What rules are known by.
    keys: Vec<String>,
}

impl Iterator for Timeline {
    type Item = Result<RuleMatch, SigmaError>;

    fn next(&mut self) -> Option<Self::Item> {
        let hit = match self.hits.next()? {
            Ok(hit) => hit,
            Err(error) => return Some(Err(SigmaError::Keep(error))),
        };
        Some(Ok(RuleMatch {
            timestamp: hit.moment(),
            rule: self.keys.get(hit.rule).cloned().unwrap_or_default(),
            host: hit.about.host,
            channel: hit.channel,
            event_id: hit.event_id,
            details: hit.details,
            record: hit.place.reference(),
            events: hit.events,
        }))
    }
}

impl<'r> SigmaRun<'r> {
    /// Runs the rules over logs.
    ///
    /// # Errors
    ///
    /// When a thread dies, or a temporary file cannot be written.
    pub fn over(&self, inputs: &[Input]) -> Result<Told, SigmaError> {
        let taxonomy = Taxonomy::builtin();
        let selection = Selection::everything()
            .whole(&taxonomy.whole_formats())
            .within(self.window)
            .mapped(Arc::clone(&self.mappings));
        let judges: Vec<Judge<'_>> =
            (0..self.threads.get()).map(|_| self.judge(taxonomy)).collect();
        let ReadAll { tallies, receivers } =
            read_all(inputs, &Arc::new(selection), judges, self.progress.as_ref())?;
        let found = receivers.into_iter().map(|judge| judge.found).collect();
        self.told(found, tallies)
    }

    /// Runs the rules over the tables of a store, which have what all products have in common.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or a temporary file cannot be written.
    pub fn over_store(&self, store: &QueryEngine) -> Result<Told, SigmaError> {
        let mut judge = self.judge(Taxonomy::builtin());
        for table in Table::ALL {
            let query = format!("SELECT * FROM {}", table.name());
            let failed = |error| SigmaError::Store(Box::new(error));
            let prepared = store.sql(&query).map_err(failed)?;
            let window = self.window;
            let mut take = |batch| {
                judge.rows(table, &rows::within(table, &batch, window)?);
                Ok(())
            };
            store.run(&prepared, &mut take).map_err(failed)?;
        }
        self.told(vec![judge.found], Vec::new())
    }

    fn judge(&self, taxonomy: &'r Taxonomy) -> Judge<'r> {
        Judge::new(self.rules, taxonomy, self.is_timeline)
    }

    /// Puts together what threads found: shows rules the connections that waited, and makes correlations.
    fn told(&self, found: Vec<Found>, tallies: Vec<SourceTally>) -> Result<Told, SigmaError> {
        let mut last = self.judge(Taxonomy::builtin());
        let (mut connections, mut hits) = (Vec::new(), Vec::new());
        let mut names = ToldNames::default();
        for part in found {
            names.merge(part.names);
            last.found.counts.merge(part.counts);
            last.found.groups.merge(part.groups);
            connections.push(part.connections);
            hits.push(part.hits);
        }
        for connection in Gathered::in_order(connections).map_err(SigmaError::Keep)? {
            last.connection(connection.map_err(SigmaError::Keep)?, &names);
        }
        let Found { mut counts, mut groups, hits: of_connections, .. } = last.found;
        hits.push(of_connections);
        let mut correlations = Correlations::new(self.rules);
        let mut timeline = Gathered::default();
        for hit in Gathered::in_order(hits).map_err(SigmaError::Keep)? {
            let hit = hit.map_err(SigmaError::Keep)?;
            for (correlated, events) in correlations.take(&hit) {
                let Some(rule) = self.rules.rules().get(correlated.rule) else { continue };
                if !self.rules.is_told(correlated.rule) {
                    continue;
                }
                let (host, moment) = (&correlated.about.host, correlated.timestamp);
                counts.count(correlated.rule, rule.level, host, moment);
                groups.add(rule, &correlated, &events);
                self.keep(correlated, &mut timeline);
            }
            if self.rules.is_told(hit.rule) {
                self.keep(hit, &mut timeline);
            }
        }
        let lost = [
            (names.forgotten() > 0, TOO_MANY_NAMES),
            (correlations.have_dropped(), TOO_MANY_GROUPS),
            (groups.left_out(), TOO_MANY_ACTORS),
        ];
        let not_run = lost.iter().filter(|(is_lost, _)| *is_lost).map(|(_, because)| NotRun {
            detection: "rules".to_owned(),
            because: (*because).to_owned(),
        });
        let rules = self.rules.rules();
        Ok(Told {
            summary: summary(self.rules, &counts),
            signals: groups.signals(rules),
            tallies,
            not_run: not_run.collect(),
            sorts: counts.telemetries().map(|(it, events)| (Arc::clone(it), events)).collect(),
            timeline: Timeline {
                hits: Gathered::in_order(vec![timeline]).map_err(SigmaError::Keep)?,
                keys: rules.iter().map(|rule| rule.key().to_owned()).collect(),
            },
        })
    }

    fn keep(&self, hit: Hit, timeline: &mut Gathered<Hit>) {
        if self.is_timeline {
            let bytes = hit.bytes();
            timeline.push(hit, bytes);
        }
    }
}

/// What correlations are made of.
struct Correlations<'r> {
    rules: &'r RuleSet,
    correlator: Correlator<'r>,
    /// The number of the next event.
    next: u64,
    /// Where the last events are.
    places: VecDeque<Place>,
}

impl<'r> Correlations<'r> {
    fn new(rules: &'r RuleSet) -> Self {
        let correlator = Correlator::new(rules);
        Self { rules, correlator, next: 0, places: VecDeque::new() }
    }

    /// Takes a match; the correlations that hold because of it, with the places of their events.
    fn take(&mut self, hit: &Hit) -> Vec<(Hit, Vec<Place>)> {
        if !self.rules.is_correlated(hit.rule) {
            return Vec::new();
        }
        let matched = BaseMatch {
            timestamp: hit.timestamp,
            rule: hit.rule,
            values: hit.kept.clone(),
            event: self.next,
        };
        self.next += 1;
        self.places.push_back(hit.place.clone());
        if self.places.len() > MOST_REMEMBERED {
            self.places.pop_front();
        }
        let correlated = self.correlator.take(&matched);
        correlated.into_iter().map(|it| self.hit(hit, it)).collect()
    }

    fn hit(&self, last: &Hit, correlated: Correlated) -> (Hit, Vec<Place>) {
        let first = self.next.saturating_sub(self.places.len() as u64);
        let place = |event: &u64| {
            let place = usize::try_from(event.checked_sub(first)?).ok()?;
            self.places.get(place).cloned()
        };
        let mut places: Vec<Place> = correlated.events.iter().filter_map(place).collect();
        if places.is_empty() {
            places.push(last.place.clone());
        }
        let mut details = correlated.group;
        details.push(("value".to_owned(), correlated.value.to_string()));
        details.push(("within".to_owned(), format!("{} s", correlated.seconds)));
        let hit = Hit {
            timestamp: correlated.timestamp,
            rule: correlated.rule,
            details,
            events: (correlated.events.len() as u64).max(1),
            kept: Vec::new(),
            ..last.clone()
        };
        (hit, places)
    }

    /// Whether some may be missing.
    fn have_dropped(&self) -> bool {
        self.correlator.has_dropped()
    }
}

fn summary(rules: &RuleSet, counts: &counts::Counts) -> RuleSummary {
    let mut fed = 0;
    let mut matched = Vec::new();
    for (place, rule) in rules.rules().iter().enumerate() {
        let shown = counts.shown_to(&rule.log_source);
        fed += u64::from(rule.kind == RuleKind::Detection && shown > 0);
        let Some(tally) = counts.rules.get(&place) else { continue };
        let is_noisy = rule.kind == RuleKind::Detection
            && tally.matches > 100
            && tally.matches.saturating_mul(100) > shown;
        matched.push((
            place,
            RuleCount {
                rule: source(rule),
                id: rule.key().to_owned(),
                level: rule.level.map_or("", Level::name).to_owned(),
                tags: rule.tags.clone(),
                references: rule.references.clone(),
                techniques: rule.techniques(),
                matches: tally.matches,
                hosts: tally.hosts.len() as u64,
                first: Timestamp(tally.first),
                last: Timestamp(tally.last),
                is_noisy,
            },
        ));
    }
    let level = |place: usize| rules.rules().get(place).and_then(|rule| rule.level);
    matched.sort_by(|(one, ours), (other, theirs)| {
        level(*other)
            .cmp(&level(*one))
            .then(theirs.matches.cmp(&ours.matches))
            .then_with(|| ours.rule.name.cmp(&theirs.rule.name))
            .then(one.cmp(other))
    });
    let is_loaded = |rule: &&Rule| rule.kind != RuleKind::Filter;
    RuleSummary {
        loaded: rules.rules().iter().filter(is_loaded).count() as u64,
        fed,
        broken: rules.problems().iter().filter(|problem| !problem.is_used).count() as u64,
        events: counts.shown(),
        matched_events: counts.matched_events,
        rules: matched.into_iter().map(|(_, count)| count).collect(),
        hosts: counts.hosts(),
        spans: counts.spans(),
        days: counts.days(),
    }
}

/// What reports say of a rule.
fn source(rule: &Rule) -> RuleSource {
    RuleSource {
        name: rule.title.clone(),
        file: rule.file.display().to_string(),
        author: rule.author.clone(),
        license: rule.license.clone(),
        severity: rule.level.map(|level| match level {
            Level::Informational | Level::Low => Severity::Low,
            Level::Medium => Severity::Medium,
            Level::High => Severity::High,
            Level::Critical => Severity::Critical,
        }),
        tactics: rule.tactics(),
    }
}
