//! The records of streams that a mapping describes.

use std::borrow::Cow;
use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use super::Fields;
use super::description::{Description, Records};
use crate::framing::Framed;
use crate::framing::columns::Columns;
use crate::framing::delimited;
use crate::framing::json_values::{JsonValues, envelope};
use crate::framing::key_values::KeyValues;
use crate::framing::lines::{Line, Lines};
use crate::framing::syslog::Syslog;
use crate::{Collector, Stopped};

/// How many arrays in envelopes are opened, one in the other.
const DEEPEST: u32 = 4;

/// Whether the first record, or the header, has what the mapping names.
pub(super) fn recognises(description: &Description, head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let first = text.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty());
    match (description.records, first) {
        (Records::Csv, Some(line)) => match &description.csv.columns {
            None => header(description, line).is_some(),
            Some(names) => {
                let cells = delimited::cells(line, delimiter(description));
                cells.len() == names.len() && has_time(description, &Row { names, cells: &cells })
            }
        },
        (Records::KeyValue, Some(_)) => text.lines().any(|line| {
            let pairs = pairs(line);
            let has_column = description
                .fields()
                .any(|name| name != description.time.from && pairs.field(name).is_some());
            has_column && has_time(description, &pairs)
        }),
        (Records::Json, Some(_)) => {
            let mut stream = head;
            let mut values = JsonValues::new(&mut stream, 0);
            let Some(Framed::Record(value)) = values.next() else { return false };
            holds_object(description, value.bytes, 0)
        }
        (_, None) => false,
    }
}

fn holds_object(description: &Description, bytes: &[u8], depth: u32) -> bool {
    if object(bytes).is_some_and(|object| has_time(description, &object)) {
        return true;
    }
    let Some(mut elements) = envelope(bytes).and_then(|place| bytes.get(place..)) else {
        return false;
    };
    match JsonValues::entered(&mut elements, 0).next() {
        Some(Framed::Record(value)) if depth < DEEPEST => {
            holds_object(description, value.bytes, depth + 1)
        }
        _ => false,
    }
}

fn has_time(description: &Description, record: &dyn Fields) -> bool {
    record.field(&description.time.from).is_some_and(|text| description.is_time(&text))
}

/// Reads a stream to its end.
pub(super) fn read(
    description: &Description,
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    match description.records {
        Records::Csv => cells(description, stream, collector),
        Records::KeyValue => lines(stream, collector, |line, text, collector| {
            begin(line, collector);
            description.row(&pairs(text), collector)
        }),
        Records::Json => objects(description, &mut JsonValues::new(stream, 0), collector, 0),
    }
}

fn cells(
    description: &Description,
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let delimiter = delimiter(description);
    let mut names = description.csv.columns.clone().unwrap_or_default();
    lines(stream, collector, |line, text, collector| {
        // Logs with headers are joined, and begin again.
        if description.csv.columns.is_none()
            && let Some(columns) = header(description, text)
        {
            names = columns.names;
            return Ok(());
        }
        begin(line, collector);
        let cells = delimited::cells(text, delimiter);
        if cells.len() != names.len() {
            let detail = format!("{} columns instead of {}", cells.len(), names.len());
            collector.anomaly(Anomaly::WrongColumnCount, &detail);
            return Ok(());
        }
        description.row(&Row { names: &names, cells: &cells }, collector)
    })
}

/// Hands on the lines that are not empty, with their text.
fn lines(
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
    mut read: impl FnMut(&Line<'_>, &str, &mut Collector<'_>) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let mut lines = Lines::new(stream);
    while let Some(framed) = lines.next() {
        match framed {
            Framed::Skipped(skipped) => skipped.tell(collector),
            Framed::Record(line) => {
                let text = String::from_utf8_lossy(line.bytes);
                let text = text.trim_start_matches('\u{feff}');
                if !text.trim_ascii().is_empty() {
                    read(&line, text, collector)?;
                }
            }
        }
    }
    Ok(())
}

/// Begins the record of a line.
fn begin(line: &Line<'_>, collector: &mut Collector<'_>) {
    collector.whole_record(line.offset, line.whole);
    if !line.terminated {
        collector.unfinished();
    }
    if str::from_utf8(line.bytes).is_err() {
        collector.anomaly(Anomaly::InvalidText, "");
    }
}

fn objects(
    description: &Description,
    values: &mut JsonValues<'_>,
    collector: &mut Collector<'_>,
    depth: u32,
) -> Result<(), Stopped> {
    while let Some(framed) = values.next() {
        let value = match framed {
            Framed::Record(value) => value,
            Framed::Skipped(skipped) => {
                skipped.tell(collector);
                continue;
            }
        };
        let object = object(value.bytes);
        let is_record = object.as_ref().is_some_and(|object| has_time(description, object));
        if !is_record
            && depth < DEEPEST
            && let Some(place) = envelope(value.bytes)
        {
            let mut elements = value.bytes.get(place..).unwrap_or_default();
            let offset = value.offset + place as u64;
            let mut elements = JsonValues::entered(&mut elements, offset);
            objects(description, &mut elements, collector, depth + 1)?;
            continue;
        }
        collector.whole_record(value.offset, value.bytes);
        match object {
            Some(object) => description.row(&object, collector)?,
            None => collector.anomaly(Anomaly::InvalidJson, ""),
        }
    }
    Ok(())
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(bytes).ok()
}

fn delimiter(description: &Description) -> char {
    description.csv.delimiter.unwrap_or(',')
}

/// The columns that a line names, if it names all that are mapped.
fn header(description: &Description, line: &str) -> Option<Columns> {
    let delimiter = delimiter(description);
    let cells = delimited::cells(line, delimiter);
    let columns = Columns::new(cells.iter().map(AsRef::as_ref), delimiter)?;
    description
        .fields()
        .all(|name| columns.names.iter().any(|known| known == name))
        .then_some(columns)
}

fn pairs(text: &str) -> KeyValues<'_> {
    let message = Syslog::of(text).map_or(text, |syslog| syslog.message);
    KeyValues::of(message, ' ')
}

struct Row<'r> {
    names: &'r [String],
    cells: &'r [Cow<'r, str>],
}

impl Fields for Row<'_> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        let place = self.names.iter().position(|known| known == name)?;
        let cell = self.cells.get(place)?.as_ref();
        (!matches!(cell, "" | "-")).then_some(Cow::Borrowed(cell))
    }
}

impl Fields for KeyValues<'_> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(Cow::Borrowed)
    }
}

impl Fields for Map<String, Value> {
    /// A field by its name, or by the names on the way to it, with dots between them.
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.get(name) {
            return shown(value);
        }
        let mut ends = name.match_indices('.').map(|(place, _)| place);
        ends.find_map(|end| {
            let inner = self.get(name.get(..end)?)?.as_object()?;
            // What is borrowed of the inner object lives as long as the outer one.
            inner.field(name.get(end + 1..)?)
        })
    }

    fn elements(&self, name: &str) -> Option<Vec<Cow<'_, str>>> {
        match self.get(name) {
            Some(Value::Array(elements)) => Some(elements.iter().filter_map(shown).collect()),
            _ => Some(vec![self.field(name)?]),
        }
    }
}

fn shown(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}
