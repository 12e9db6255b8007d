//! What sort an event is of, and which rules it feeds.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use coldtrail_model::Table;
use coldtrail_rules::sigma::{Event, Feed, RuleSet, Taxonomy, Telemetry};
use coldtrail_sources::WholeRecord;
use serde_json::{Map, Value};

use super::hit::text;
use super::rows::Rows;

/// So many channels and providers are remembered for each number of an event: names are an attacker's to choose,
/// so that not all of them can be.
const MOST_OF_A_NUMBER: usize = 64;

/// A sort of event, and which rules it feeds.
#[derive(Clone)]
pub(crate) struct Class {
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) feed: Feed,
}

impl Class {
    /// A record as an event of this sort.
    pub(crate) fn event<'e>(&'e self, record: WholeRecord<'e>) -> Event<'e> {
        self.event_of(record.pairs, record.object)
    }

    /// A row as an event of this sort.
    pub(crate) fn event_of_row<'e>(&'e self, rows: &Rows<'e>, row: usize) -> Event<'e> {
        self.event_of(rows.pairs(row), None)
    }

    fn event_of<'e>(
        &'e self,
        pairs: Vec<(Cow<'e, str>, Cow<'e, str>)>,
        object: Option<&'e Map<String, Value>>,
    ) -> Event<'e> {
        let mut event = Event { pairs, object, telemetry: Some(self.telemetry.as_ref()) };
        if !self.telemetry.derivations.is_empty() {
            let get = |name: &str| text(&event, name).map(Cow::Owned);
            let derived = self.telemetry.derived(&get);
            let derived = derived.into_iter().map(|(name, value)| (name.into(), value.into()));
            event.pairs.extend(derived);
        }
        event
    }
}

/// The sorts of events that were met.
pub(crate) struct Classes<'r> {
    rules: &'r RuleSet,
    taxonomy: &'r Taxonomy,
    by_event: HashMap<u32, Vec<OfWindows>>,
    by_name: HashMap<String, Class>,
}

struct OfWindows {
    channel: String,
    provider: String,
    class: Class,
}

impl<'r> Classes<'r> {
    /// None met yet.
    pub(crate) fn new(rules: &'r RuleSet, taxonomy: &'r Taxonomy) -> Self {
        Self { rules, taxonomy, by_event: HashMap::new(), by_name: HashMap::new() }
    }

    /// What an event of Windows is.
    pub(crate) fn of_windows(&mut self, channel: &str, provider: &str, event_id: u32) -> Class {
        let known = self.by_event.entry(event_id).or_default();
        let is_it = |it: &&OfWindows| it.channel == channel && it.provider == provider;
        if let Some(known) = known.iter().find(is_it) {
            return known.class.clone();
        }
        let telemetry = self.taxonomy.windows(channel, provider, event_id);
        let class = Class { feed: self.rules.feed(&telemetry), telemetry };
        if known.len() < MOST_OF_A_NUMBER {
            let (channel, provider) = (channel.to_owned(), provider.to_owned());
            known.push(OfWindows { channel, provider, class: class.clone() });
        }
        class
    }

    /// What a record of another format is; nothing where rules know it by the rows of our tables alone.
    pub(crate) fn of_record(&mut self, record: &WholeRecord<'_>) -> Option<Class> {
        let field = |name: &str| {
            let pair = record.pairs.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.as_ref()).or_else(|| member(record.object?, name))
        };
        let telemetry = self.taxonomy.record(record.format, &field)?;
        Some(self.named(telemetry))
    }

    /// What a row of one of our tables is.
    pub(crate) fn of_row(&mut self, table: Table, dataset: &str) -> Option<Class> {
        let telemetry = self.taxonomy.row(table.name(), dataset)?;
        Some(self.named(telemetry))
    }

    fn named(&mut self, telemetry: Arc<Telemetry>) -> Class {
        if let Some(known) = self.by_name.get(&telemetry.name) {
            return known.clone();
        }
        let class = Class { feed: self.rules.feed(&telemetry), telemetry };
        self.by_name.insert(class.telemetry.name.clone(), class.clone());
        class
    }
}

/// The text that a path leads to; a key that is the whole path goes first.
fn member<'r>(object: &'r Map<String, Value>, path: &str) -> Option<&'r str> {
    if let Some(value) = object.get(path) {
        return value.as_str();
    }
    let (first, rest) = path.split_once('.')?;
    member(object.get(first)?.as_object()?, rest)
}
