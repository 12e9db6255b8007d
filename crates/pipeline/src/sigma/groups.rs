//! Matches of a rule by who did what to whom: what becomes a signal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use coldtrail_model::{RecordReference, Signal, Timestamp};
use coldtrail_rules::sigma::{Level, Rule};

use super::hit::{About, Hit, Place};
use crate::rule_signal::{RuleSignal, endpoint_of};

/// So many hosts, programs and endpoints are told of all rules together, those of the gravest rules first.
const MOST: usize = 20_000;
/// So many records are named for each.
const MOST_RECORDS: usize = 10;

/// Matches by who did what to whom.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: BTreeMap<Key, Group>,
    left_out: bool,
}

/// The order is that in which groups are kept if there are too many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    level: Reverse<Option<Level>>,
    rule: usize,
    host: String,
    process: Option<String>,
    /// The serverless endpoint, if that is what was contacted.
    endpoint: Option<String>,
}

#[derive(Debug)]
struct Group {
    events: u64,
    last: i64,
    /// The first of its matches: by time, then by place.
    first: (i64, Place),
    about: About,
    records: BTreeMap<(i64, Place), ()>,
}

impl Groups {
    /// Takes a match, with the records that it is made of.
    pub(crate) fn add(&mut self, rule: &Rule, hit: &Hit, records: &[Place]) {
        let endpoint = hit.about.remote.as_deref().and_then(endpoint_of).map(|it| it.host);
        let key = Key {
            level: Reverse(rule.level),
            rule: hit.rule,
            host: hit.about.host.clone(),
            process: hit.about.process(),
            endpoint,
        };
        let group = Group {
            events: hit.events,
            last: hit.timestamp,
            first: (hit.timestamp, hit.place.clone()),
            about: hit.about.clone(),
            records: records.iter().map(|place| ((hit.timestamp, place.clone()), ())).collect(),
        };
        self.put(key, group);
    }

    fn put(&mut self, key: Key, group: Group) {
        match self.groups.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(group);
            }
            Entry::Occupied(mut entry) => entry.get_mut().merge(group),
        }
        // A group among the first ones was so at any time, so that it has all of its matches.
        if self.groups.len() > MOST {
            self.groups.pop_last();
            self.left_out = true;
        }
    }

    /// Takes over the groups of another thread.
    pub(crate) fn merge(&mut self, other: Groups) {
        self.left_out |= other.left_out;
        for (key, group) in other.groups {
            self.put(key, group);
        }
    }

    /// Whether some groups were left out, since there are too many.
    pub(crate) fn left_out(&self) -> bool {
        self.left_out
    }

    /// What is said of each group.
    pub(crate) fn signals(self, rules: &[Rule]) -> Vec<Signal> {
        let groups = self.groups.into_iter();
        groups.filter_map(|(key, group)| group.signal(rules.get(key.rule)?, key)).collect()
    }
}

impl Group {
    fn merge(&mut self, other: Group) {
        self.events += other.events;
        self.last = self.last.max(other.last);
        if other.first < self.first {
            self.first = other.first;
            self.about = other.about;
        }
        self.records.extend(other.records);
        while self.records.len() > MOST_RECORDS {
            self.records.pop_last();
        }
    }

    fn signal(self, rule: &Rule, key: Key) -> Option<Signal> {
        let records: Vec<RecordReference> =
            self.records.keys().map(|(_, place)| place.reference()).collect();
        let About { ip, user, executable, parent, command_line, remote, .. } = self.about;
        let what = match (self.events, remote.as_deref()) {
            (1, None) => "an event".to_owned(),
            (1, Some(remote)) => format!("an event about {remote}"),
            (events, None) => format!("{events} events"),
            (events, Some(remote)) => format!("{events} events, the first about {remote}"),
        };
        let signal = RuleSignal {
            id: format!("rule:{}", rule.key()),
            source: super::source(rule),
            techniques: rule.techniques(),
            summary: format!("the rule `{}` matches {what}", rule.title),
            host: key.host,
            ip,
            user,
            process: key.process,
            parent,
            executable,
            command_line,
            remote: remote.unwrap_or_default(),
            first_seen: Timestamp(self.first.0),
            last_seen: Timestamp(self.last),
            events: self.events,
            records,
        };
        Some(signal.signal())
    }
}
