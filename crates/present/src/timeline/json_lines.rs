//! The timeline as JSON Lines: an object for each match, with what its rule's author says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use coldtrail_model::{RuleCount, RuleMatch, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::title;
use crate::json::json_line;
use crate::redact::{redact, redact_field};

/// Writes a match.
pub(super) fn line(
    one: &RuleMatch,
    rule: Option<&RuleCount>,
    writer: &mut dyn Write,
) -> io::Result<()> {
    json_line(&Line::of(one, rule), writer)
}

/// A match and its rule, flat.
#[derive(Serialize)]
struct Line<'m> {
    timestamp: Timestamp,
    level: &'m str,
    rule: &'m str,
    title: &'m str,
    host: &'m str,
    channel: &'m str,
    event_id: &'m str,
    details: Details<'m>,
    events: u64,
    tags: &'m [String],
    techniques: &'m [String],
    author: &'m str,
    license: &'m str,
    rule_file: &'m str,
    source: &'m str,
    offset: u64,
    length: u64,
    sha256: Option<&'m str>,
}

impl<'m> Line<'m> {
    fn of(one: &'m RuleMatch, rule: Option<&'m RuleCount>) -> Line<'m> {
        let source = rule.map(|rule| &rule.rule);
        Line {
            timestamp: one.timestamp,
            level: rule.map_or("", |rule| &rule.level),
            rule: &one.rule,
            title: title(one, rule),
            host: &one.host,
            channel: &one.channel,
            event_id: &one.event_id,
            details: Details(&one.details),
            events: one.events,
            tags: rule.map_or(&[], |rule| &rule.tags),
            techniques: rule.map_or(&[], |rule| &rule.techniques),
            author: source.map_or("", |source| &source.author),
            license: source.map_or("", |source| &source.license),
            rule_file: source.map_or("", |source| &source.file),
            source: &one.record.source,
            offset: one.record.offset,
            length: one.record.length,
            sha256: one.record.sha256.as_deref(),
        }
    }
}

/// An object of texts, in the order of the match; a name that occurs more than once has a list of texts,
/// since objects with equal names mean something else to every parser.
struct Details<'m>(&'m [(String, String)]);

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut values: HashMap<Cow<'_, str>, Vec<_>> = HashMap::new();
        for (name, value) in self.0 {
            values.entry(redact(name)).or_default().push(redact_field(name, value));
        }
        let mut object = serializer.serialize_map(Some(values.len()))?;
        for (name, _) in self.0 {
            let name = redact(name);
            match values.remove(&name).as_deref() {
                Some([value]) => object.serialize_entry(&name, value)?,
                Some(values) => object.serialize_entry(&name, values)?,
                // It was written at its first place.
                None => {}
            }
        }
        object.end()
    }
}
