//! Which correlations hold.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use rsigma_parser::CorrelationType;

use super::RuleSet;
use super::rule_set::Linked;

mod window;

use window::Window;

/// A match of a rule that correlations refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaseMatch {
    /// When the event took place, in microseconds since 1970, UTC.
    pub timestamp: i64,
    /// The rule that it matches: its place in the rule set.
    pub rule: usize,
    /// Values of the fields that are [kept](RuleSet::kept) for the rule; absent ones are left out.
    pub values: Vec<(String, String)>,
    /// What whoever feeds it knows the event by.
    pub event: u64,
}

/// A correlation that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlated {
    /// The correlation: its place in the rule set.
    pub rule: usize,
    /// When the event took place that made it hold.
    pub timestamp: i64,
    /// The fields that matches were grouped by, and their values.
    pub group: Vec<(String, String)>,
    /// What was counted, summed or averaged.
    pub value: f64,
    /// How long the time is that is looked at, in seconds.
    pub seconds: u64,
    /// The events, a sample where there are many, in order of time.
    pub events: Vec<u64>,
}

/// Takes matches in order of time and tells which correlations hold.
///
/// * The time that is looked at ends with each match and is as long as the `timespan`, to the microsecond; a match
///   that is exactly so old still counts.
/// * A correlation that holds for a group is told once, and again only when it holds at a match that is a `timespan`
///   or more later, so that what goes on is told once in each span of time and not at each event.
/// * A match that lacks a field that is grouped by belongs to no group and counts for nothing.
/// * An event that matches several rules of a correlation counts once where events are counted.
/// * Events of one moment are in any order: for `temporal_ordered` they are in the one that is asked for.
/// * Bounds are looked at when a match comes. `lt` and `lte` hold from the first match on: that events fail to come
///   is no match that could be looked at.
/// * A correlation that another one refers to matches when it holds. Those that count see it as often as it would be
///   told, those of time and order at each event at which it holds. What it lacks of the other's fields is taken from
///   the match that made it hold.
///
/// What is remembered is bounded: when there is too much, the groups that were quiet longest are forgotten, and
/// [`forgotten`](Self::forgotten) tells how many.
pub struct Correlator<'r> {
    rules: &'r RuleSet,
    groups: BTreeMap<(usize, Vec<String>), Group>,
    latest: i64,
    /// How much all groups remember together.
    weight: usize,
    most_weight: usize,
    forgotten: u64,
    late: u64,
}

/// What is remembered of a group.
struct Group {
    window: Window,
    /// What it takes besides its window, in entries.
    own_weight: usize,
    latest: i64,
    /// When it was told last.
    told: Option<i64>,
}

/// So many entries are remembered of all groups together; one takes about a hundred bytes.
const MOST_WEIGHT: usize = 2_000_000;

/// What a group takes besides its entries, in entries.
const GROUP_WEIGHT: usize = 8;

/// A correlation that holds tells at most so many events of either end of the time.
const SAMPLE: usize = 50;

/// A match of a rule or of a correlation, with all events behind it.
struct Happening {
    matched: BaseMatch,
    events: Vec<u64>,
    /// Whether it would be told, where it is that of a correlation.
    is_new: bool,
}

impl<'r> Correlator<'r> {
    /// Nothing seen yet.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            groups: BTreeMap::new(),
            latest: i64::MIN,
            weight: 0,
            most_weight: MOST_WEIGHT,
            forgotten: 0,
            late: 0,
        }
    }

    /// Takes a match. Matches have to come in order of time, and those of one moment in order of the rest. One that
    /// comes too late is taken for one of the latest moment, and [counted](Self::late).
    pub fn take(&mut self, matched: &BaseMatch) -> Vec<Correlated> {
        let mut matched = matched.clone();
        if matched.timestamp < self.latest {
            matched.timestamp = self.latest;
            self.late += 1;
        }
        self.latest = matched.timestamp;
        let events = vec![matched.event];
        let mut told = Vec::new();
        let mut left = VecDeque::from([Happening { matched, events, is_new: true }]);
        // A correlation that several ways lead to holds once at a match.
        let mut reached: BTreeSet<(usize, Vec<(String, String)>)> = BTreeSet::new();
        while let Some(happening) = left.pop_front() {
            for &place in self.rules.referring(happening.matched.rule) {
                let Some(linked) = self.rules.correlation(place) else { continue };
                let Some((correlated, is_new)) = self.meet(place, linked, &happening) else {
                    continue;
                };
                let is_referred = self.rules.is_correlated(place);
                if is_referred && reached.insert((place, correlated.group.clone())) {
                    left.push_back(above(&correlated, &happening, is_new));
                }
                if is_new {
                    told.push(correlated);
                }
            }
        }
        if self.weight > self.most_weight {
            self.forget();
        }
        told.sort_by_key(|correlated| correlated.rule);
        told
    }

    /// How many groups were forgotten before their time, because too much was to be remembered.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many matches came out of order.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Lets a match count for a correlation, and says whether that holds then, and whether it is to be told.
    fn meet(
        &mut self,
        place: usize,
        linked: &Linked,
        happening: &Happening,
    ) -> Option<(Correlated, bool)> {
        let correlation = &linked.correlation;
        let is_of_time = matches!(
            correlation.kind,
            CorrelationType::Temporal | CorrelationType::TemporalOrdered
        );
        if !happening.is_new && !is_of_time {
            return None;
        }
        let matched = &happening.matched;
        let rule = self.rules.rules().get(matched.rule)?;
        let value = |name: &String| {
            let name = correlation.field(name, rule);
            let found = matched.values.iter().find(|(called, _)| called == name);
            found.map(|(_, value)| value.clone())
        };
        let key: Option<Vec<String>> = correlation.group_by.iter().map(value).collect();
        let key = key?;
        let values: Option<Vec<String>> = correlation.fields.iter().map(value).collect();
        let names = correlation.group_by.iter().cloned();
        let named: Vec<(String, String)> = names.zip(key.iter().cloned()).collect();
        let span = i64::try_from(correlation.seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let now = matched.timestamp;
        let weight = &mut self.weight;
        let own_weight = GROUP_WEIGHT + key.iter().map(String::len).sum::<usize>() / 100;
        let group = self.groups.entry((place, key)).or_insert_with(|| {
            *weight += own_weight;
            Group { window: Window::of(linked), own_weight, latest: now, told: None }
        });
        group.latest = now;
        *weight -= group.window.weight();
        group.window.slide(now.saturating_sub(span));
        group.window.add(linked, matched, values, &happening.events);
        *weight += group.window.weight();
        let value = group.window.holds(linked)?;
        let is_new = group.told.is_none_or(|told| now.saturating_sub(told) >= span);
        if is_new {
            group.told = Some(now);
        }
        // What is neither told nor referred to need not be put together.
        if !is_new && !self.rules.is_correlated(place) {
            return None;
        }
        let mut events = group.window.events(SAMPLE);
        let mut seen = HashSet::new();
        events.retain(|event| seen.insert(*event));
        let correlated = Correlated {
            rule: place,
            timestamp: now,
            group: named,
            value,
            seconds: correlation.seconds,
            events,
        };
        Some((correlated, is_new))
    }

    /// Forgets groups whose time is over, and where that is not enough, those that were quiet longest.
    fn forget(&mut self) {
        let now = self.latest;
        let rules = self.rules;
        let mut freed = 0;
        self.groups.retain(|(place, _), group| {
            let seconds = rules.correlation(*place).map_or(0, |linked| linked.correlation.seconds);
            let span = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            let is_alive = now.saturating_sub(group.latest) <= span;
            if !is_alive {
                freed += group.window.weight() + group.own_weight;
            }
            is_alive
        });
        self.weight -= freed;
        if self.weight <= self.most_weight / 2 {
            return;
        }
        let mut quiet: Vec<(i64, (usize, Vec<String>))> =
            self.groups.iter().map(|(key, group)| (group.latest, key.clone())).collect();
        quiet.sort_unstable();
        for (_, key) in quiet {
            if self.weight <= self.most_weight / 2 {
                break;
            }
            if let Some(group) = self.groups.remove(&key) {
                self.weight -= group.window.weight() + group.own_weight;
                self.forgotten += 1;
            }
        }
    }
}

/// What a correlation that holds is to those that refer to it.
fn above(correlated: &Correlated, happening: &Happening, is_new: bool) -> Happening {
    let mut values = correlated.group.clone();
    for (name, value) in &happening.matched.values {
        if !values.iter().any(|(called, _)| called == name) {
            values.push((name.clone(), value.clone()));
        }
    }
    let matched = BaseMatch {
        timestamp: correlated.timestamp,
        rule: correlated.rule,
        values,
        event: happening.matched.event,
    };
    Happening { matched, events: correlated.events.clone(), is_new }
}

#[cfg(test)]
mod tests;
