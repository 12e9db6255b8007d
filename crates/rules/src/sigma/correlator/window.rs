//! What a correlation remembers of the time that it looks at, for one group.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use rsigma_parser::{ConditionExpr, CorrelationType, Quantifier, SelectorPattern};

use sha2::{Digest, Sha256};

use super::super::correlation::MOST_MATCHES;
use super::super::rule_set::Linked;
use super::BaseMatch;

/// So many values are remembered where all of them are compared with each other.
const MOST_COMPARED: usize = 10_000;

/// Of a longer text than this only a digest is remembered.
const LONGEST: usize = 128;

/// What is remembered, by the sort of correlation.
pub(super) enum Window {
    /// Events one by one, and what is worked out of them.
    Counted { entries: VecDeque<Entry>, measure: Measure, moment: (i64, HashSet<u64>) },
    /// When each rule matched last.
    Any(BTreeMap<usize, Entry>),
    /// The sequences that have begun.
    Ordered(Sequences),
}

/// An event, with what counts of it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    timestamp: i64,
    events: Vec<u64>,
    text: String,
    number: f64,
}

/// What is worked out of the values of events.
pub(super) enum Measure {
    Events,
    /// How often each value is there.
    Distinct(HashMap<String, usize>),
    Sum(f64),
    Average(f64),
    /// The numbers in order of size, and which percentile of them is meant.
    Percentile(Vec<f64>, f64),
}

/// Sequences of rules that have begun: for each number of rules, the one that began last, and what it was before the
/// moment that is looked at, whose events have no order among themselves.
#[derive(Default)]
pub(super) struct Sequences {
    begun: Vec<Option<Sequence>>,
    before: Vec<Option<Sequence>>,
    moment: i64,
    happened: BTreeMap<usize, Vec<(u64, Vec<u64>)>>,
    is_complete: bool,
}

/// A sequence: when it began, and its events.
#[derive(Clone, Debug)]
struct Sequence {
    start: i64,
    used: Vec<u64>,
    events: Vec<u64>,
}

impl Window {
    pub(super) fn of(linked: &Linked) -> Self {
        let correlation = &linked.correlation;
        let measure = match correlation.kind {
            CorrelationType::Temporal => return Self::Any(BTreeMap::new()),
            CorrelationType::TemporalOrdered => return Self::Ordered(Sequences::default()),
            CorrelationType::EventCount => Measure::Events,
            CorrelationType::ValueCount => Measure::Distinct(HashMap::new()),
            CorrelationType::ValueSum => Measure::Sum(0.0),
            CorrelationType::ValueAvg => Measure::Average(0.0),
            CorrelationType::ValuePercentile => {
                Measure::Percentile(Vec::new(), correlation.percentile)
            }
            CorrelationType::ValueMedian => Measure::Percentile(Vec::new(), 50.0),
        };
        let moment = (i64::MIN, HashSet::new());
        Self::Counted { entries: VecDeque::new(), measure, moment }
    }

    /// How much it remembers.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Counted { entries, moment, .. } => entries.len() + moment.1.len(),
            Self::Any(rules) => rules.len(),
            Self::Ordered(sequences) => {
                let rules =
                    sequences.begun.iter().flatten().map(|one| one.used.len()).sum::<usize>();
                rules + sequences.happened.values().map(Vec::len).sum::<usize>()
            }
        }
    }

    /// Lets go of what is older than the time that is looked at.
    pub(super) fn slide(&mut self, from: i64) {
        match self {
            Self::Counted { entries, measure, .. } => {
                while entries.front().is_some_and(|entry| entry.timestamp < from) {
                    if let Some(entry) = entries.pop_front() {
                        measure.remove(&entry, entries.is_empty());
                    }
                }
            }
            Self::Any(rules) => rules.retain(|_, entry| entry.timestamp >= from),
            Self::Ordered(sequences) => {
                for begun in sequences.begun.iter_mut().chain(&mut sequences.before) {
                    if begun.as_ref().is_some_and(|one| one.start < from) {
                        *begun = None;
                    }
                }
            }
        }
    }

    /// Takes a match, whose values are those of the fields that count; nothing where it lacks one of them.
    pub(super) fn add(
        &mut self,
        linked: &Linked,
        matched: &BaseMatch,
        values: Option<Vec<String>>,
        events: &[u64],
    ) {
        let mut entry = Entry {
            timestamp: matched.timestamp,
            events: events.to_vec(),
            text: String::new(),
            number: 0.0,
        };
        match self {
            Self::Counted { entries, measure, moment } => {
                if moment.0 != matched.timestamp {
                    *moment = (matched.timestamp, HashSet::new());
                }
                // Only where there are several rules can an event come more than once.
                if linked.bases.len() > 1 && !moment.1.insert(matched.event) {
                    return;
                }
                let Some(values) = values else { return };
                if !measure.add(&mut entry, &values) {
                    return;
                }
                entries.push_back(entry);
                let most = match measure {
                    Measure::Percentile(..) => MOST_COMPARED,
                    _ => MOST_MATCHES + 1,
                };
                if entries.len() > most
                    && let Some(oldest) = entries.pop_front()
                {
                    measure.remove(&oldest, false);
                }
            }
            Self::Any(rules) => {
                rules.insert(matched.rule, entry);
            }
            Self::Ordered(sequences) => sequences.add(linked, matched, events),
        }
    }

    /// What was counted, if the correlation holds.
    pub(super) fn holds(&self, linked: &Linked) -> Option<f64> {
        let correlation = &linked.correlation;
        match self {
            Self::Counted { entries, measure, .. } => {
                let value = measure.value(entries.len())?;
                correlation.holds(value).then_some(value)
            }
            Self::Any(rules) => {
                let value = count(rules.len());
                let holds = match &correlation.expression {
                    Some(expression) => meets(
                        expression,
                        &|name| {
                            let place = correlation.rules.iter().position(|rule| rule == name);
                            let base = place.and_then(|place| linked.bases.get(place));
                            base.is_some_and(|base| rules.contains_key(base))
                        },
                        &correlation.rules,
                    ),
                    None if correlation.bounds.is_empty() => {
                        linked.bases.iter().all(|base| rules.contains_key(base))
                    }
                    None => correlation.holds(value),
                };
                holds.then_some(value)
            }
            Self::Ordered(sequences) => {
                let value = count(linked.bases.len());
                (sequences.is_complete && correlation.holds(value)).then_some(value)
            }
        }
    }

    /// The events, in order of time; where there are more than twice as many, so many of either end.
    pub(super) fn events(&self, each_end: usize) -> Vec<u64> {
        let all: Vec<&[u64]> = match self {
            Self::Counted { entries, .. } => {
                let first = entries.iter().take(each_end);
                let rest = entries.len().saturating_sub(each_end).min(each_end);
                let last = entries.iter().skip(entries.len() - rest);
                first.chain(last).map(|entry| entry.events.as_slice()).collect()
            }
            Self::Any(rules) => {
                let mut entries: Vec<&Entry> = rules.values().collect();
                entries.sort_by_key(|entry| (entry.timestamp, entry.events.first().copied()));
                entries.into_iter().map(|entry| entry.events.as_slice()).collect()
            }
            Self::Ordered(sequences) => {
                let whole = sequences.begun.last().and_then(Option::as_ref);
                whole.map(|one| one.events.as_slice()).into_iter().collect()
            }
        };
        let events: Vec<u64> = all.into_iter().flatten().copied().collect();
        if events.len() <= 2 * each_end {
            return events;
        }
        let (first, last) =
            (events.iter().take(each_end), events.iter().skip(events.len() - each_end));
        first.chain(last).copied().collect()
    }
}

impl Measure {
    /// Takes the values of an event; `false` where they are none that count.
    fn add(&mut self, entry: &mut Entry, values: &[String]) -> bool {
        // Sums of more than this would no longer be exact, and a number so large is none of a log.
        const LARGEST: f64 = 1e18;
        let number = values.first().and_then(|value| value.trim().parse::<f64>().ok());
        let number = number.filter(|number| number.abs() <= LARGEST);
        match (self, number) {
            (Self::Events, _) => {}
            (Self::Distinct(counts), _) => {
                // A separator that no value can imitate, since each is told with its length.
                entry.text =
                    values.iter().map(|value| format!("{} {value}", value.len())).collect();
                if entry.text.len() > LONGEST {
                    entry.text = Sha256::digest(&entry.text)
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect();
                }
                *counts.entry(entry.text.clone()).or_default() += 1;
            }
            (Self::Sum(sum) | Self::Average(sum), Some(number)) => {
                entry.number = number;
                *sum += number;
            }
            (Self::Percentile(sorted, _), Some(number)) => {
                entry.number = number;
                let place = sorted.partition_point(|other| *other < number);
                sorted.insert(place, number);
            }
            (_, None) => return false,
        }
        true
    }

    /// Lets go of an event, which was the last one or was not.
    fn remove(&mut self, entry: &Entry, is_last: bool) {
        match self {
            Self::Events => {}
            Self::Distinct(counts) => {
                if let Some(count) = counts.get_mut(&entry.text) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(&entry.text);
                    }
                }
            }
            // An empty sum is nothing, whatever was lost by rounding.
            Self::Sum(sum) | Self::Average(sum) => {
                *sum = if is_last { 0.0 } else { *sum - entry.number }
            }
            Self::Percentile(sorted, _) => {
                let place = sorted.partition_point(|other| *other < entry.number);
                if place < sorted.len() {
                    sorted.remove(place);
                }
            }
        }
    }

    /// What is worked out; nothing of no events, except how many they are.
    fn value(&self, events: usize) -> Option<f64> {
        match self {
            Self::Events => Some(count(events)),
            Self::Distinct(counts) => Some(count(counts.len())),
            Self::Sum(sum) => (events > 0).then_some(*sum),
            Self::Average(sum) => (events > 0).then(|| *sum / count(events)),
            Self::Percentile(sorted, percentile) => between(sorted, *percentile),
        }
    }
}

/// A percentile of numbers that are in order of size: where it falls between two, as far between them.
fn between(sorted: &[f64], percentile: f64) -> Option<f64> {
    let place = percentile / 100.0 * count(sorted.len().checked_sub(1)?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is the place of a member of the list"
    )]
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (below, above) = (*sorted.get(below)?, *sorted.get(above)?);
    Some(below + (above - below) * place.fract())
}

#[expect(clippy::cast_precision_loss, reason = "no list is so long")]
fn count(number: usize) -> f64 {
    number as f64
}

/// Whether a condition over rules holds, where a function says which have matched.
fn meets(expression: &ConditionExpr, has: &dyn Fn(&str) -> bool, rules: &[String]) -> bool {
    match expression {
        ConditionExpr::And(parts) => parts.iter().all(|part| meets(part, has, rules)),
        ConditionExpr::Or(parts) => parts.iter().any(|part| meets(part, has, rules)),
        ConditionExpr::Not(part) => !meets(part, has, rules),
        ConditionExpr::Identifier(name) => has(name),
        ConditionExpr::Selector { quantifier, pattern } => {
            let is_meant = |rule: &&String| match pattern {
                SelectorPattern::Them => true,
                pattern @ SelectorPattern::Pattern(_) => pattern.matches_detection_name(rule),
            };
            let meant: Vec<&String> = rules.iter().filter(is_meant).collect();
            let matched = meant.iter().filter(|rule| has(rule)).count();
            match quantifier {
                Quantifier::Any => matched > 0,
                Quantifier::All => matched == meant.len(),
                Quantifier::Count(wanted) => matched as u64 >= *wanted,
            }
        }
    }
}

impl Sequences {
    fn add(&mut self, linked: &Linked, matched: &BaseMatch, events: &[u64]) {
        let length = linked.bases.len();
        self.begun.resize(length, None);
        self.before.resize(length, None);
        if self.moment != matched.timestamp || self.happened.is_empty() {
            self.moment = matched.timestamp;
            self.before.clone_from(&self.begun);
            self.happened.clear();
        }
        let happened = self.happened.entry(matched.rule).or_default();
        // No sequence can use more of one rule.
        if happened.len() < length {
            happened.push((matched.event, events.to_vec()));
        }
        self.begun.clone_from(&self.before);
        self.is_complete = false;
        for (place, base) in linked.bases.iter().enumerate() {
            let so_far = match place.checked_sub(1) {
                None => Some(Sequence { start: self.moment, used: Vec::new(), events: Vec::new() }),
                Some(previous) => self.begun.get(previous).cloned().flatten(),
            };
            // The step may be made by an event of this moment after one of this moment or of an earlier one, but
            // by none that the sequence has already.
            let candidates = [
                so_far,
                place
                    .checked_sub(1)
                    .and_then(|previous| self.before.get(previous).cloned().flatten()),
            ];
            let mut next: Option<Sequence> = None;
            for so_far in candidates.into_iter().flatten() {
                let free = self.happened.get(base).into_iter().flatten();
                let mut free = free.filter(|(event, _)| !so_far.used.contains(event));
                let Some((event, behind)) = free.next() else { continue };
                if next.as_ref().is_none_or(|next| next.start < so_far.start) {
                    let mut sequence = so_far;
                    sequence.used.push(*event);
                    sequence.events.extend(behind);
                    next = Some(sequence);
                }
            }
            if let (Some(next), Some(slot)) = (next, self.begun.get_mut(place)) {
                *slot = Some(next);
                self.is_complete = place + 1 == length;
            }
        }
    }
}
