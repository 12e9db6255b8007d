//! Passes on an event of Windows as it is: what JSON says of it as names and values, by the same names
//! that the XML form gives them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::data::text;
use super::flattened::{Flattened, attribute_name, without_spaces};
use super::json::{PROCESSES, PROVIDERS};
use super::own_fields::{NAMES, Names, is_of_the_system};
use super::{Created, Data, Event, System};
use crate::Collector;
use crate::format::Stopped;
use crate::records::at;
use crate::whole::{Contents, Pairs, WindowsEvent};

type Object = Map<String, Value>;

/// Names of what winlogbeat and flat records keep of the system besides what [`NAMES`] has.
const MORE_NAMES: [Names; 4] = [
    ("Provider_Guid", "winlog.provider_guid", &["ProviderGuid"]),
    ("Security_UserID", "winlog.user.identifier", &["UserID", "SystemUserId"]),
    ("Correlation_ActivityID", "winlog.activity_id", &["ActivityID"]),
    ("Correlation_RelatedActivityID", "winlog.related_activity_id", &["RelatedActivityID"]),
];

impl Flattened<'_> {
    /// Passes on the event.
    pub(super) fn pass_on(
        self,
        format: &'static str,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let moment = self.created.map_or(Created::Unknown, Created::Utc).moment(collector);
        let (windows, pairs) = (Some(self.event), self.pairs);
        collector.pass_on(format, Contents { moment, windows, pairs, object: None })
    }
}

impl<'e> Event<'e> {
    /// Passes on the event, which is that object.
    pub(super) fn pass_on(
        &self,
        format: &'static str,
        object: &Object,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let moment = self.created(collector);
        let windows = WindowsEvent {
            channel: Cow::Borrowed(&self.channel),
            provider: Cow::Borrowed(&self.provider),
            event_id: self.event_id,
            computer: Cow::Borrowed(&self.computer),
        };
        let (windows, pairs) = (Some(windows), self.pairs());
        collector.pass_on(format, Contents { moment, windows, pairs, object: Some(object) })
    }

    /// All that is said by the event.
    fn pairs(&self) -> Pairs<'_> {
        let mut pairs = Pairs::default();
        match &self.system {
            System::Dump(event) => {
                dumped(event, &mut pairs);
                // The values may be the text of an object.
                if event.get("EventData").is_some_and(Value::is_string) {
                    self.data(&mut pairs);
                }
                return pairs;
            }
            System::Winlog(object) => self.system(&mut pairs, |of_winlog, _| at(object, of_winlog)),
            System::Flat(object) => self
                .system(&mut pairs, |_, of_flat| of_flat.iter().find_map(|name| object.get(*name))),
            System::Unknown | System::Pairs(_) => self.system(&mut pairs, |_, _| None),
        }
        self.data(&mut pairs);
        if let System::Winlog(object) = &self.system
            && let Some(Value::Object(data)) = at(object, "winlog.user_data")
        {
            lift_all(data.iter().filter(|(name, _)| *name != "xml_name"), &mut pairs);
        }
        if !self.message.is_empty() {
            pairs.push("Message", self.message.as_ref());
        }
        pairs
    }

    /// What the system says, as far as the record has it.
    fn system<'s>(
        &'s self,
        pairs: &mut Pairs<'s>,
        find: impl Fn(&str, &[&str]) -> Option<&'s Value>,
    ) {
        let created = match &self.created {
            Created::Unknown => "",
            Created::Utc(text) | Created::Local(text) => text,
        };
        for (name, value) in [
            ("Provider_Name", self.provider.as_ref()),
            ("Channel", &self.channel),
            ("Computer", &self.computer),
            ("TimeCreated_SystemTime", created),
            ("Execution_ProcessID", &self.process_id),
        ] {
            if !value.is_empty() {
                pairs.push(name, value);
            }
        }
        pairs.push("EventID", self.event_id.to_string());
        for (name, winlog, flat) in NAMES.iter().chain(&MORE_NAMES) {
            if let Some(value) = find(winlog, flat) {
                lift(if *name == "ThreadID" { "Execution_ThreadID" } else { name }, value, pairs);
            }
        }
    }

    /// What the provider says.
    fn data<'s>(&'s self, pairs: &mut Pairs<'s>) {
        match &self.data {
            Data::Pairs(own) => push_all(own, pairs),
            Data::Object(object) => lift_all(object.iter(), pairs),
            Data::Dotted(object, prefix) => {
                for (name, value) in *object {
                    if let Some(name) = name.strip_prefix(prefix) {
                        lift(name, value, pairs);
                    }
                }
            }
            Data::Flat(object) => {
                lift_all(self.own(object), pairs);
                let process = self.data.get("ProcessId");
                if !object.contains_key("ProcessId") && !process.is_empty() {
                    pairs.push("ProcessId", process);
                }
            }
            Data::Beside(own, object) => {
                push_all(own, pairs);
                let is_beside =
                    |name: &str| name != "EventData" && !own.iter().any(|(known, _)| known == name);
                lift_all(self.own(object).filter(|(name, _)| is_beside(name)), pairs);
            }
        }
    }

    /// The keys of a flat record that are no values of the system.
    fn own<'s>(&'s self, object: &'s Object) -> impl Iterator<Item = (&'s String, &'s Value)> {
        let is_system = |name: &str, value: &Value| {
            is_of_the_system(name)
                || PROCESSES.contains(&name)
                || MORE_NAMES.iter().any(|(_, _, names)| names.contains(&name))
                || PROVIDERS.contains(&name) && text(value) == self.provider
        };
        object.iter().filter(move |(name, value)| !is_system(name, value))
    }
}

/// What the JSON of `evtx_dump` says, which is the XML form element by element.
fn dumped<'e>(event: &'e Object, pairs: &mut Pairs<'e>) {
    let section = |name: &str| event.get(name).and_then(Value::as_object);
    for (name, value) in section("System").into_iter().flatten() {
        lift(name, value, pairs);
    }
    for name in ["EventData", "UserData"] {
        match event.get(name) {
            Some(Value::Null | Value::String(_)) | None => {}
            Some(value) => lift(name, value, pairs),
        }
    }
    let message = section("RenderingInfo").and_then(|words| words.get("Message"));
    if let Some(message) = message {
        lift("Message", message, pairs);
    }
}

/// Adds names and values of the provider.
fn push_all<'e>(own: &'e [(String, String)], pairs: &mut Pairs<'e>) {
    for (name, value) in own {
        pairs.push(without_spaces(name.into()), value.as_str());
    }
}

fn lift_all<'e>(members: impl Iterator<Item = (&'e String, &'e Value)>, pairs: &mut Pairs<'e>) {
    for (name, value) in members {
        lift(name, value, pairs);
    }
}

/// Adds the values below an element, each by the name of the innermost one. Depth is bounded where JSON
/// is parsed.
fn lift<'e>(name: &'e str, value: &'e Value, pairs: &mut Pairs<'e>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (inner, value) in object {
                match (inner.as_str(), value) {
                    ("#attributes", Value::Object(attributes)) => {
                        lift_attributes(name, attributes, pairs);
                    }
                    ("#text", value) => lift(name, value, pairs),
                    (inner, value) => lift(inner, value, pairs),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                lift(name, value, pairs);
            }
        }
        value => pairs.push(without_spaces(name.into()), text(value)),
    }
}

fn lift_attributes<'e>(element: &str, attributes: &'e Object, pairs: &mut Pairs<'e>) {
    for (name, value) in attributes {
        if name != "xmlns" && !name.starts_with("xmlns:") {
            pairs.push(attribute_name(element, name), text(value));
        }
    }
}
