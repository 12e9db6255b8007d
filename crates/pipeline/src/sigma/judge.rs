//! Shows events to rules while they are read; each thread has a judge of its own.

use std::borrow::Cow;

use arrow_array::RecordBatch;
use coldtrail_model::{Field, Table};
use coldtrail_rules::sigma::{Event, Rule, RuleSet, Taxonomy};
use coldtrail_sources::{Receiver, Stopped, WholeRecord, WindowsEvent};
use serde::{Deserialize, Serialize};

use super::classes::{Class, Classes};
use super::counts::Counts;
use super::groups::Groups;
use super::hit::{About, Hit, Place, text};
use super::names::ToldNames;
use super::rows::Rows;
use super::spilled::Gathered;

/// What rules call the name of the other end of a connection.
pub(crate) const HOST_NAME: &str = "DestinationHostname";

/// How formats name what happened, in order of preference.
const EVENT_NAMES: [&str; 8] = [
    "eventName",
    "protoPayload.methodName",
    "operationName.value",
    "operationName",
    "Operation",
    "event_type",
    "event_action",
    "_path",
];

/// Shows events to rules.
pub(crate) struct Judge<'r> {
    rules: &'r RuleSet,
    /// Whether each match is told, and not only how many there are.
    is_timeline: bool,
    /// Whether a rule asks for the names of connections, so that these have to wait for them.
    joins_names: bool,
    classes: Classes<'r>,
    pub(crate) found: Found,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) counts: Counts,
    pub(crate) groups: Groups,
    /// Matches that are told one by one, or that correlations are made of.
    pub(crate) hits: Gathered<Hit>,
    pub(crate) names: ToldNames,
    /// Connections that wait for their names.
    pub(crate) connections: Gathered<Connection>,
}

/// A connection that waits until all names are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Connection {
    timestamp: i64,
    place: Place,
    channel: String,
    provider: String,
    event_id: u32,
    pairs: Vec<(String, String)>,
}

/// What is known of an event besides its fields.
struct Circumstances<'c> {
    moment: i64,
    channel: &'c str,
    event_id: &'c str,
}

impl<'r> Judge<'r> {
    /// A judge that has seen nothing yet.
    pub(crate) fn new(rules: &'r RuleSet, taxonomy: &'r Taxonomy, is_timeline: bool) -> Self {
        let asks = |rule: &Rule| rule.searched.iter().any(|name| name == HOST_NAME);
        Self {
            rules,
            is_timeline,
            joins_names: rules.rules().iter().any(asks),
            classes: Classes::new(rules, taxonomy),
            found: Found::default(),
        }
    }

    /// Shows rules the connections that waited, now that all names are known.
    pub(crate) fn connection(&mut self, connection: Connection, names: &ToldNames) {
        let Connection { timestamp, place, channel, provider, event_id, pairs } = connection;
        let class = self.classes.of_windows(&channel, &provider, event_id);
        let field = |wanted: &str| {
            let pair = pairs.iter().find(|(name, _)| name == wanted);
            pair.map_or("", |(_, value)| value.as_str())
        };
        let (host, process) = (field("Computer"), field("ProcessGuid"));
        let name = names.name(host, process, timestamp, field("DestinationIp")).map(str::to_owned);
        let mut event = Event {
            pairs: pairs.into_iter().map(|(name, it)| (name.into(), it.into())).collect(),
            object: None,
            telemetry: Some(&class.telemetry),
        };
        // Sysmon's own name stays: a rule may be about either. The name that was meant is told first.
        if let Some(name) = name {
            event.pairs.insert(0, (HOST_NAME.into(), name.into()));
        }
        let number = event_id.to_string();
        let circumstances =
            Circumstances { moment: timestamp, channel: &channel, event_id: &number };
        self.judge(&class, &event, &circumstances, || place);
    }

    /// Shows rules the rows of a batch of one of our tables.
    pub(crate) fn rows(&mut self, table: Table, batch: &RecordBatch) {
        let rows = Rows::of(table, batch);
        for row in 0..batch.num_rows() {
            let dataset = rows.text(Field::EventDataset, row).unwrap_or_default();
            let Some(class) = self.classes.of_row(table, dataset) else { continue };
            if class.feed.is_empty() {
                self.found.counts.see(&class.telemetry);
                continue;
            }
            let event = class.event_of_row(&rows, row);
            let name = event_name(&event);
            let circumstances =
                Circumstances { moment: rows.moment(row), channel: dataset, event_id: &name };
            self.judge(&class, &event, &circumstances, || rows.place(row));
        }
    }

    fn whole(&mut self, record: WholeRecord<'_>) {
        let place = Place::of(&record);
        match record.windows.clone() {
            Some(windows) => self.windows(record, &windows, place),
            None => self.record(record, place),
        }
    }

    fn windows(&mut self, record: WholeRecord<'_>, windows: &WindowsEvent<'_>, place: Place) {
        let WindowsEvent { channel, provider, event_id, .. } = windows;
        let class = self.classes.of_windows(channel, provider, *event_id);
        // An event without a time is told at the beginning of time, rather than not at all.
        let moment = record.moment.unwrap_or_default();
        if self.joins_names && is_of_sysmon(channel, provider) {
            match event_id {
                3 => {
                    self.keep_connection(record, windows, moment, place);
                    return;
                }
                22 => self.note_names(&record, windows, moment),
                _ => {}
            }
        }
        if class.feed.is_empty() {
            self.found.counts.see(&class.telemetry);
            return;
        }
        let event = class.event(record);
        let number = event_id.to_string();
        let circumstances = Circumstances { moment, channel, event_id: &number };
        self.judge(&class, &event, &circumstances, || place);
    }

    fn keep_connection(
        &mut self,
        record: WholeRecord<'_>,
        windows: &WindowsEvent<'_>,
        timestamp: i64,
        place: Place,
    ) {
        let owned =
            |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        let pairs: Vec<(String, String)> = record.pairs.into_iter().map(owned).collect();
        let bytes = pairs.iter().map(|(name, value)| name.len() + value.len() + 48).sum();
        let connection = Connection {
            timestamp,
            place,
            channel: windows.channel.to_string(),
            provider: windows.provider.to_string(),
            event_id: windows.event_id,
            pairs,
        };
        self.found.connections.push(connection, bytes);
    }

    fn note_names(&mut self, record: &WholeRecord<'_>, windows: &WindowsEvent<'_>, moment: i64) {
        let field = |wanted: &str| {
            let pair = record.pairs.iter().find(|(name, _)| name == wanted);
            pair.map_or("", |(_, value)| value.as_ref())
        };
        let (process, name) = (field("ProcessGuid"), field("QueryName"));
        self.found.names.note(&windows.computer, process, moment, name, field("QueryResults"));
    }

    fn record(&mut self, record: WholeRecord<'_>, place: Place) {
        let Some(class) = self.classes.of_record(&record) else { return };
        if class.feed.is_empty() {
            self.found.counts.see(&class.telemetry);
            return;
        }
        let moment = record.moment.unwrap_or_default();
        let channel = record.format;
        let event = class.event(record);
        let name = event_name(&event);
        let circumstances = Circumstances { moment, channel, event_id: &name };
        self.judge(&class, &event, &circumstances, || place);
    }

    fn judge(
        &mut self,
        class: &Class,
        event: &Event<'_>,
        circumstances: &Circumstances<'_>,
        place: impl FnOnce() -> Place,
    ) {
        self.found.counts.see(&class.telemetry);
        let matched = self.rules.evaluate(&class.feed, event);
        if matched.is_empty() {
            return;
        }
        let about = About::of(event);
        let place = place();
        let mut is_told = false;
        for rule in matched {
            is_told |= self.matched(rule, event, circumstances, &about, &place);
        }
        self.found.counts.matched_events += u64::from(is_told);
    }

    /// Takes note of a match; whether it is told by itself.
    fn matched(
        &mut self,
        place_of_rule: usize,
        event: &Event<'_>,
        circumstances: &Circumstances<'_>,
        about: &About,
        place: &Place,
    ) -> bool {
        let Some(rule) = self.rules.rules().get(place_of_rule) else { return false };
        let is_told = self.rules.is_told(place_of_rule);
        let is_kept = self.rules.is_correlated(place_of_rule) || (is_told && self.is_timeline);
        let mut hit = Hit {
            timestamp: circumstances.moment,
            place: place.clone(),
            rule: place_of_rule,
            about: about.clone(),
            events: 1,
            ..Hit::default()
        };
        let Found { counts, groups, hits, .. } = &mut self.found;
        if is_told {
            counts.count(place_of_rule, rule.level, &about.host, hit.timestamp);
            groups.add(rule, &hit, std::slice::from_ref(place));
        }
        if is_kept {
            hit.channel = circumstances.channel.to_owned();
            hit.event_id = circumstances.event_id.to_owned();
            hit.details = Hit::details(rule, event);
            hit.kept = Hit::kept(self.rules.kept(place_of_rule), event);
            let bytes = hit.bytes();
            hits.push(hit, bytes);
        }
        is_told
    }
}

/// Whether an event is of Sysmon for Windows.
fn is_of_sysmon(channel: &str, provider: &str) -> bool {
    channel.eq_ignore_ascii_case("Microsoft-Windows-Sysmon/Operational")
        || provider.eq_ignore_ascii_case("Microsoft-Windows-Sysmon")
}

fn event_name(event: &Event<'_>) -> String {
    EVENT_NAMES.iter().find_map(|name| text(event, name)).unwrap_or_default()
}

impl Receiver for Judge<'_> {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.rows(table, &batch);
        Ok(())
    }

    fn receive_whole(&mut self, record: WholeRecord<'_>) -> Result<(), Stopped> {
        self.whole(record);
        Ok(())
    }
}
