//! What is kept of an event that a rule matches.

use std::borrow::Cow;

use coldtrail_model::{RecordReference, Timestamp};
use coldtrail_rules::sigma::{Event, Meaning, Rule, Value};
use coldtrail_sources::WholeRecord;
use serde::{Deserialize, Serialize};

/// At most so many fields of an event are told.
const MOST_DETAILS: usize = 12;
/// So many characters of a field are told.
const LONGEST_DETAIL: usize = 400;

/// An event that a rule matches.
///
/// The order is that in which matches are told: time, then place, then rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// When it took place, in microseconds since 1970, UTC.
    pub(crate) timestamp: i64,
    /// Where the record is.
    pub(crate) place: Place,
    /// The rule: its place in the rule set.
    pub(crate) rule: usize,
    /// What the event is about.
    pub(crate) about: About,
    /// The log that it is from, such as a channel of Windows.
    pub(crate) channel: String,
    /// What happened, as the log numbers or names it.
    pub(crate) event_id: String,
    /// What is told of it.
    pub(crate) details: Vec<(String, String)>,
    /// How many events it stands for.
    pub(crate) events: u64,
    /// What correlations need of it.
    pub(crate) kept: Vec<(String, String)>,
}

/// Where a record is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) source: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// Who did what to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) host: String,
    pub(crate) ip: Option<String>,
    pub(crate) user: Option<String>,
    /// The program's path, as it is written.
    pub(crate) executable: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) command_line: Option<String>,
    /// A name, a URL or an address that was contacted.
    pub(crate) remote: Option<String>,
}

impl Place {
    /// Where a record is.
    pub(crate) fn of(record: &WholeRecord<'_>) -> Self {
        let WholeRecord { source, offset, length, .. } = record;
        Self { source: (*source).to_owned(), offset: *offset, length: *length }
    }

    /// The reference that reports have.
    pub(crate) fn reference(&self) -> RecordReference {
        let Place { source, offset, length } = self.clone();
        RecordReference { source, offset, length, sha256: None }
    }
}

impl About {
    /// Who did what to whom in an event.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        let get = |name: &str| first_text(event, name).map(Cow::Owned);
        let first = |meaning| Some(event.telemetry?.told(meaning, &get)?.into_owned());
        let ip = first(Meaning::Address);
        // Where nothing names the host, its address stands for it.
        let host = first(Meaning::Host).or_else(|| ip.clone()).unwrap_or_default();
        Self {
            host: host.to_lowercase(),
            ip,
            user: first(Meaning::User),
            executable: first(Meaning::Process),
            parent: first(Meaning::Parent).map(|path| file_name(&path)),
            command_line: first(Meaning::CommandLine),
            remote: first(Meaning::Remote).or_else(|| first(Meaning::RemoteAddress)),
        }
    }

    /// The program's file name in lower case.
    pub(crate) fn process(&self) -> Option<String> {
        self.executable.as_deref().map(file_name)
    }
}

fn file_name(path: &str) -> String {
    path.rsplit(['\\', '/']).next().unwrap_or(path).to_lowercase()
}

impl Hit {
    /// What is told of it: the fields that the rule's author would look at, then those that the rule asks for.
    pub(crate) fn details(rule: &Rule, event: &Event<'_>) -> Vec<(String, String)> {
        let mut details: Vec<(String, String)> = Vec::new();
        for name in rule.fields.iter().chain(&rule.searched) {
            if details.len() == MOST_DETAILS {
                break;
            }
            if details.iter().all(|(known, _)| known != name)
                && let Some(value) = text(event, name)
            {
                details.push((name.clone(), value.chars().take(LONGEST_DETAIL).collect()));
            }
        }
        details
    }

    /// The values that correlations need.
    pub(crate) fn kept(names: &[String], event: &Event<'_>) -> Vec<(String, String)> {
        let values = names.iter().filter_map(|name| Some((name.clone(), text(event, name)?)));
        values.collect()
    }

    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let About { host, ip, user, executable, parent, command_line, remote } = &self.about;
        let about = [ip, user, executable, parent, command_line, remote];
        let pairs = self.details.iter().chain(&self.kept);
        host.len()
            + about.iter().map(|text| text.as_ref().map_or(0, String::len)).sum::<usize>()
            + pairs.map(|(name, value)| name.len() + value.len() + 48).sum::<usize>()
            + self.place.source.len()
            + self.channel.len()
    }

    /// When it took place.
    pub(crate) fn moment(&self) -> Timestamp {
        Timestamp(self.timestamp)
    }
}

/// A field as a text; nothing where there is nothing worth telling.
pub(crate) fn text(event: &Event<'_>, name: &str) -> Option<String> {
    let text = written(&event.value(name)?)?;
    (!text.is_empty() && text != "-").then_some(text)
}

/// The first text that a field holds.
fn first_text(event: &Event<'_>, name: &str) -> Option<String> {
    match event.value(name)? {
        Value::List(values) => values.iter().find_map(written),
        value => written(&value),
    }
}

fn written(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Truth(truth) => Some(truth.to_string()),
        Value::Null => None,
        Value::List(values) => {
            let texts: Vec<String> = values.iter().filter_map(written).collect();
            Some(texts.join(", "))
        }
    }
}
