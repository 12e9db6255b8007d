//! How often rules matched: where, and when.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use coldtrail_model::{DayCount, HostCount, SpanCount, Timestamp};
use coldtrail_rules::sigma::{Level, LogSource, Telemetry};

/// So many hosts are told apart; of more, the last ones in order are left out of tables.
const MOST_HOSTS: usize = 100_000;
/// So many spans are kept apart while counting.
const MOST_SPANS: usize = 4096;
/// So many spans are told.
const TOLD_SPANS: i64 = 60;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Matches by level: critical, high, medium, low, informational or none.
pub(crate) type ByLevel = [u64; 5];

/// How often rules matched.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// How many events were shown to rules, by what they are called.
    events: BTreeMap<String, Seen>,
    /// How many events at least one rule matched.
    pub(crate) matched_events: u64,
    /// By rule: its place in the rule set.
    pub(crate) rules: BTreeMap<usize, RuleTally>,
    hosts: BTreeMap<String, HostTally>,
    days: BTreeMap<i64, ByLevel>,
    spans: Spans,
}

/// How many events of a sort were seen.
#[derive(Debug)]
struct Seen {
    telemetry: Arc<Telemetry>,
    events: u64,
}

/// How often a rule matched.
#[derive(Debug)]
pub(crate) struct RuleTally {
    pub(crate) matches: u64,
    pub(crate) hosts: BTreeSet<String>,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

#[derive(Debug, Default)]
struct HostTally {
    matches: ByLevel,
    rules: BTreeSet<usize>,
}

/// Matches in spans whose length doubles until few enough are left.
#[derive(Debug)]
struct Spans {
    length: i64,
    counts: BTreeMap<i64, ByLevel>,
}

impl Default for Spans {
    fn default() -> Self {
        Self { length: SECOND, counts: BTreeMap::new() }
    }
}

impl Counts {
    /// Counts an event that was shown to rules.
    pub(crate) fn see(&mut self, telemetry: &Arc<Telemetry>) {
        match self.events.get_mut(&telemetry.name) {
            Some(seen) => seen.events += 1,
            None => {
                let seen = Seen { telemetry: Arc::clone(telemetry), events: 1 };
                self.events.insert(telemetry.name.clone(), seen);
            }
        }
    }

    /// How many events were shown to rules of a log source.
    pub(crate) fn shown_to(&self, log_source: &LogSource) -> u64 {
        let feeds = |seen: &&Seen| {
            seen.telemetry.log_sources.iter().any(|given| log_source.is_fed_by(given))
        };
        self.events.values().filter(feeds).map(|seen| seen.events).sum()
    }

    /// What sorts of events were seen.
    pub(crate) fn telemetries(&self) -> impl Iterator<Item = (&Arc<Telemetry>, u64)> {
        self.events.values().map(|seen| (&seen.telemetry, seen.events))
    }

    /// Counts a match.
    pub(crate) fn count(&mut self, rule: usize, level: Option<Level>, host: &str, moment: i64) {
        let tally = self.rules.entry(rule).or_insert_with(|| RuleTally {
            matches: 0,
            hosts: BTreeSet::new(),
            first: moment,
            last: moment,
        });
        tally.matches += 1;
        tally.first = tally.first.min(moment);
        tally.last = tally.last.max(moment);
        if !host.is_empty() {
            add_bounded(&mut tally.hosts, host);
            if !self.hosts.contains_key(host) {
                self.hosts.insert(host.to_owned(), HostTally::default());
            }
            if let Some(known) = self.hosts.get_mut(host) {
                one_more(&mut known.matches, level);
                known.rules.insert(rule);
            }
            if self.hosts.len() > MOST_HOSTS {
                self.hosts.pop_last();
            }
        }
        one_more(self.days.entry(moment.div_euclid(DAY)).or_default(), level);
        one_more(self.spans.at(moment), level);
    }

    /// Takes over what another thread counted.
    pub(crate) fn merge(&mut self, other: Counts) {
        for (name, theirs) in other.events {
            match self.events.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(theirs);
                }
                Entry::Occupied(mut entry) => entry.get_mut().events += theirs.events,
            }
        }
        self.matched_events += other.matched_events;
        for (rule, theirs) in other.rules {
            match self.rules.entry(rule) {
                Entry::Vacant(entry) => {
                    entry.insert(theirs);
                }
                Entry::Occupied(mut entry) => {
                    let ours = entry.get_mut();
                    ours.matches += theirs.matches;
                    ours.first = ours.first.min(theirs.first);
                    ours.last = ours.last.max(theirs.last);
                    for host in &theirs.hosts {
                        add_bounded(&mut ours.hosts, host);
                    }
                }
            }
        }
        for (host, theirs) in other.hosts {
            let ours = self.hosts.entry(host).or_default();
            add(&mut ours.matches, &theirs.matches);
            ours.rules.extend(theirs.rules);
        }
        while self.hosts.len() > MOST_HOSTS {
            self.hosts.pop_last();
        }
        for (day, theirs) in other.days {
            add(self.days.entry(day).or_default(), &theirs);
        }
        self.spans.merge(other.spans);
    }

    /// How many events were shown to rules.
    pub(crate) fn shown(&self) -> u64 {
        self.events.values().map(|seen| seen.events).sum()
    }

    /// Hosts, those with most matches first.
    pub(crate) fn hosts(&self) -> Vec<HostCount> {
        let mut hosts: Vec<HostCount> = self
            .hosts
            .iter()
            .map(|(host, tally)| HostCount {
                host: host.clone(),
                matches: tally.matches,
                rules: tally.rules.len() as u64,
            })
            .collect();
        hosts.sort_by_key(|host| std::cmp::Reverse(host.matches.iter().sum::<u64>()));
        hosts
    }

    /// Days with matches, in order.
    pub(crate) fn days(&self) -> Vec<DayCount> {
        let days = self.days.iter();
        days.map(|(day, matches)| DayCount {
            day: Timestamp(day.saturating_mul(DAY)),
            matches: *matches,
        })
        .collect()
    }

    /// The time from the first to the last match in equal spans.
    pub(crate) fn spans(&self) -> Vec<SpanCount> {
        self.spans.told()
    }
}

impl Spans {
    fn at(&mut self, moment: i64) -> &mut ByLevel {
        while self.counts.len() >= MOST_SPANS {
            self.double();
        }
        self.counts.entry(moment.div_euclid(self.length)).or_default()
    }

    fn double(&mut self) {
        self.length = self.length.saturating_mul(2);
        for (span, matches) in std::mem::take(&mut self.counts) {
            add(self.counts.entry(span.div_euclid(2)).or_default(), &matches);
        }
    }

    fn merge(&mut self, mut other: Spans) {
        while other.length < self.length {
            other.double();
        }
        while self.length < other.length {
            self.double();
        }
        for (span, matches) in other.counts {
            add(self.counts.entry(span).or_default(), &matches);
        }
        while self.counts.len() >= MOST_SPANS {
            self.double();
        }
    }

    fn told(&self) -> Vec<SpanCount> {
        let (Some((first, _)), Some((last, _))) =
            (self.counts.first_key_value(), self.counts.last_key_value())
        else {
            return Vec::new();
        };
        let width = (last - first) / TOLD_SPANS + 1;
        let mut told: Vec<SpanCount> = Vec::new();
        let mut from = *first;
        while from <= *last {
            let mut matches = ByLevel::default();
            for count in self.counts.range(from..from.saturating_add(width)).map(|(_, it)| it) {
                add(&mut matches, count);
            }
            let at = |span: i64| Timestamp(span.saturating_mul(self.length));
            told.push(SpanCount { from: at(from), to: at(from + width), matches });
            from += width;
        }
        told
    }
}

/// Which of two equal hosts is left out makes no difference, whatever the order in which they come.
fn add_bounded(hosts: &mut BTreeSet<String>, host: &str) {
    if !hosts.contains(host) {
        hosts.insert(host.to_owned());
        if hosts.len() > MOST_HOSTS {
            hosts.pop_last();
        }
    }
}

fn one_more(matches: &mut ByLevel, level: Option<Level>) {
    let place = match level {
        Some(Level::Critical) => 0,
        Some(Level::High) => 1,
        Some(Level::Medium) => 2,
        Some(Level::Low) => 3,
        Some(Level::Informational) | None => 4,
    };
    if let Some(count) = matches.get_mut(place) {
        *count += 1;
    }
}

fn add(ours: &mut ByLevel, theirs: &ByLevel) {
    for (our, their) in ours.iter_mut().zip(theirs) {
        *our += their;
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::sigma::Level;

    use super::{Counts, SECOND};

    #[test]
    fn counts_do_not_depend_on_who_counted() {
        let matches: Vec<(usize, i64)> =
            (0..20_000).map(|it| (it % 7, (it as i64 * 7919 % 20_011) * SECOND)).collect();
        let count = |threads: usize| {
            let mut parts: Vec<Counts> = (0..threads).map(|_| Counts::default()).collect();
            for (place, (rule, moment)) in matches.iter().enumerate() {
                let host = format!("ws{}", moment % 3);
                parts[place % threads].count(*rule, Some(Level::High), &host, *moment);
            }
            let mut all = Counts::default();
            for part in parts {
                all.merge(part);
            }
            all
        };
        let (one, three) = (count(1), count(3));
        assert_eq!(one.spans(), three.spans());
        assert_eq!(one.hosts(), three.hosts());
        assert_eq!(one.days(), three.days());
        assert!(one.spans().len() <= 60);
        let sum: u64 = one.spans().iter().flat_map(|span| span.matches).sum();
        assert_eq!(sum, 20_000);
    }

    #[test]
    fn a_match_at_the_end_of_time_harms_nothing() {
        let mut counts = Counts::default();
        counts.count(0, None, "", i64::MAX);
        counts.count(0, None, "", i64::MIN);
        assert!(counts.spans().len() <= 60);
        assert_eq!(counts.days().len(), 2);
    }
}
