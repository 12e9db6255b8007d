//! An event of Windows as a record with fields of its own, whatever framing it came in: the names are
//! those of the XML form, where each is an element or an attribute of `System`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::data::{Data, text};
use super::{Created, Event};
use crate::records::{OwnFields, at};

/// What the system says of an event besides what rows need.
#[derive(Default)]
pub(crate) enum System<'e> {
    #[default]
    Unknown,
    /// Elements and attributes of the XML form.
    Pairs(Vec<(String, String)>),
    /// The `Event` object of `evtx_dump`.
    Dump(&'e Map<String, Value>),
    /// An object with everything below `winlog`.
    Winlog(&'e Map<String, Value>),
    /// An object with the system's values beside the event's own.
    Flat(&'e Map<String, Value>),
}

/// The names of a value: that of the XML form, where winlogbeat has it, and what flat records call it.
pub(super) type Names = (&'static str, &'static str, &'static [&'static str]);

pub(super) const NAMES: [Names; 7] = [
    ("Version", "winlog.version", &["Version"]),
    ("Level", "winlog.level", &["Level", "SeverityValue"]),
    ("Task", "winlog.task", &["Task", "TaskValue"]),
    ("Opcode", "winlog.opcode", &["OpcodeValue", "Opcode"]),
    ("Keywords", "winlog.keywords", &["Keywords"]),
    ("EventRecordID", "winlog.record_id", &["EventRecordID", "EventRecordId", "RecordNumber"]),
    ("ThreadID", "winlog.process.thread.id", &["ExecutionThreadID", "SystemThreadId", "ThreadID"]),
];

/// Keys of flat records that are no values of the event's own.
const OF_THE_SYSTEM: [&str; 24] = [
    "@timestamp",
    "@version",
    "Channel",
    "Computer",
    "EventID",
    "EventLog",
    "EventReceivedTime",
    "EventSourceName",
    "EventTime",
    "EventType",
    "HOSTNAME",
    "Hostname",
    "Message",
    "ProviderGuid",
    "Severity",
    "SourceModuleName",
    "SourceModuleType",
    "SourceName",
    "TimeCreated",
    "host",
    "message",
    "port",
    "tags",
    "type",
];

impl System<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, in_winlog, in_flat) = NAMES.iter().find(|(known, _, _)| *known == name)?;
        let value = match self {
            System::Unknown => None,
            System::Pairs(pairs) => {
                let pair = pairs.iter().find(|(known, _)| known == name);
                return pair.map(|(_, value)| Cow::Borrowed(value.as_str()));
            }
            System::Dump(event) => {
                let system = event.get("System")?.as_object()?;
                match name {
                    "ThreadID" => at(system, "Execution.#attributes.ThreadID"),
                    name => at(system, name),
                }
            }
            System::Winlog(object) => at(object, in_winlog),
            System::Flat(object) => in_flat.iter().find_map(|name| object.get(*name)),
        };
        value.map(text).filter(|text| !text.is_empty())
    }
}

impl OwnFields for Event<'_> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        let set = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned().into());
        match name {
            "Provider" => set(&self.provider),
            "EventID" => Some(self.event_id.to_string().into()),
            "Channel" => set(&self.channel),
            "Computer" => set(&self.computer),
            "TimeCreated" => match &self.created {
                Created::Unknown => None,
                Created::Utc(text) | Created::Local(text) => Some(Cow::Borrowed(text)),
            },
            "ProcessID" => set(&self.process_id),
            "UserID" => set(&self.user),
            "Message" => set(&self.message),
            "EventData" => (!self.has_user_data).then(|| self.data.json()).flatten(),
            "UserData" => self.has_user_data.then(|| self.data.json()).flatten(),
            name => match name.split_once('.') {
                Some(("EventData" | "UserData", name)) => self.data.value(name),
                _ => self.system.get(name),
            },
        }
    }
}

impl Data<'_> {
    /// The value of that name; one that occurs more than once is a list, as JSON.
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let of_object = |object: &Map<String, Value>, name: &str| {
            Some(Cow::Owned(text(object.get(name)?).into_owned()))
        };
        match self {
            Data::Pairs(pairs) => of_pairs(pairs, name),
            Data::Beside(pairs, object) => {
                of_pairs(pairs, name).or_else(|| of_object(object, name))
            }
            Data::Object(object) => of_object(object, name),
            Data::Dotted(object, prefix) => of_object(object, &format!("{prefix}{name}")),
            Data::Flat(object) if object.contains_key(name) || name == "ProcessId" => {
                let value = self.get(name).into_owned();
                (!value.is_empty() || object.contains_key(name)).then_some(value.into())
            }
            Data::Flat(_) => None,
        }
    }

    /// Names and values as an object, in the order of the record; `None` where there are none.
    fn json(&self) -> Option<Cow<'_, str>> {
        let values: Vec<(&str, Cow<'_, str>)> = match self {
            Data::Pairs(pairs) | Data::Beside(pairs, _) => pairs
                .iter()
                .map(|(name, value)| (name.as_str(), Cow::Borrowed(value.as_str())))
                .collect(),
            Data::Object(object) => {
                object.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
            }
            Data::Dotted(object, prefix) => object
                .iter()
                .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, text(value))))
                .collect(),
            Data::Flat(object) => object
                .iter()
                .filter(|(name, _)| !is_of_the_system(name))
                .map(|(name, value)| (name.as_str(), text(value)))
                .collect(),
        };
        object(values.iter().map(|(name, value)| (*name, value.as_ref())))
    }
}

pub(super) fn is_of_the_system(name: &str) -> bool {
    OF_THE_SYSTEM.contains(&name) || NAMES.iter().any(|(_, _, names)| names.contains(&name))
}

/// The value of a name among pairs.
fn of_pairs<'p>(pairs: &'p [(String, String)], name: &str) -> Option<Cow<'p, str>> {
    let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let first = values.next()?;
    let rest: Vec<&String> = values.collect();
    if rest.is_empty() {
        return Some(Cow::Borrowed(first));
    }
    let all = std::iter::once(first).chain(rest).map(|value| Value::String(value.clone()));
    Some(Value::Array(all.collect()).to_string().into())
}

/// An object of texts; names that occur more than once have a list of them.
fn object<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Option<Cow<'static, str>> {
    let mut names: Vec<&str> = Vec::new();
    let mut values: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let value = Value::String(value.to_owned());
        match values.get_mut(name) {
            None => {
                names.push(name);
                values.insert(name.to_owned(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let members = names.iter().filter_map(|name| {
        Some(format!("{}:{}", Value::String((*name).to_owned()), values.get(*name)?))
    });
    let members: Vec<String> = members.collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")).into())
}
