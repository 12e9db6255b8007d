//! Streams of JSON records, whatever product wrote them.
//!
//! Collectors wrap records: in an array under some name, in an object under some name, or as text
//! inside a field. A record is first offered to every [`JsonShape`](crate::format::JsonShape) as it
//! is, and unwrapped only when none of them knows it.

use std::borrow::Cow;
use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::Collector;
use crate::format::{Format, JsonShape, Stopped};
use crate::framing::json_values::{JsonValue, JsonValues, envelope};
use crate::framing::{Framed, base64};
use crate::log_lines;
use crate::registry::SHAPES;
use crate::windows::json::WindowsJson;
use crate::windows::xml::{self, WindowsXml};
use crate::zeek::json::ZeekJson;

/// Streams of JSON objects.
pub(crate) struct Json;

/// How many wrappings are taken off a record.
const DEEPEST: u32 = 4;

/// The names under which collectors keep the record that they forward: `detail` is EventBridge's,
/// `eventData` CloudTrail Lake's, `result` Splunk's, `aws` and in it `cloudtrail` those of indexes.
const WRAPPERS: [&str; 9] = [
    "input",
    "_source",
    "properties",
    "detail",
    "eventData",
    "result",
    "logEntry",
    "aws",
    "cloudtrail",
];

/// The names under which they keep its text: `_raw` is Splunk's, `SyslogMessage` and `RawData` are
/// Sentinel's, `textPayload` Google's, `@message`, `CloudTrailEvent` and `eventJson` those of AWS, `body`
/// OpenTelemetry's.
const TEXTS: [&str; 12] = [
    "message",
    "event.original",
    "_raw",
    "SyslogMessage",
    "RawData",
    "textPayload",
    "@message",
    "CloudTrailEvent",
    "eventData",
    "eventJson",
    "body",
    "log",
];

/// How many names of keys describe a record that no shape knows.
const SHOWN_KEYS: usize = 12;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        begins_with_object(head) || holds_known_record(head)
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut records = Records { collector, unknown: None };
        records.all(&mut JsonValues::new(stream, 0), 0)?;
        if let (None, Some(keys)) = (records.collector.shape(), records.unknown) {
            let detail = format!("JSON without a known shape; its keys are {keys}");
            collector.anomaly_at(Anomaly::UnknownFormat, None, &detail);
        }
        Ok(())
    }
}

/// Makes rows of an object that is the message of a log line; `false` when it is none, or no shape
/// knows it.
pub(crate) fn rows_of_message(text: &str, collector: &mut Collector<'_>) -> Result<bool, Stopped> {
    match object_of(text) {
        Some(parsed) => Records { collector, unknown: None }.rows(&parsed.object, 0),
        None => Ok(false),
    }
}

/// Makes rows of an object that is a record, or wraps one; `false` when no shape knows it.
pub(crate) fn rows_of_object(
    object: &Map<String, Value>,
    collector: &mut Collector<'_>,
) -> Result<bool, Stopped> {
    Records { collector, unknown: None }.rows(object, 0)
}

/// Whether a shape claims an object.
pub(crate) fn is_known(object: &Map<String, Value>) -> bool {
    SHAPES.iter().any(|shape| shape.claims(object))
}

/// The name of the shape that claims an object.
pub(crate) fn shape_of(object: &Map<String, Value>) -> Option<&'static str> {
    SHAPES.iter().find(|shape| shape.claims(object)).map(|shape| shape.name())
}

/// Whether collectors keep the text of a record under that name.
pub(crate) fn keeps_text(name: &str) -> bool {
    TEXTS.contains(&name)
}

/// Whether a record may be inside a value of that name.
pub(crate) fn may_wrap(name: &str) -> bool {
    keeps_text(name) || WRAPPERS.contains(&name) || name == "event" || name == "data"
}

/// The name of the shape of an object that is the message of a log line.
pub(crate) fn shape_of_text(text: &str) -> Option<&'static str> {
    let parsed = object_of(text)?;
    SHAPES.iter().find(|shape| shape.claims(&parsed.object)).map(|shape| shape.name())
}

/// The object that a message is, behind the mark that CEE puts in front of JSON in syslog.
fn object_of(text: &str) -> Option<Parsed> {
    let text = text.strip_prefix("@cee:").unwrap_or(text).trim_ascii_start();
    if text.starts_with('{') { parse(text) } else { None }
}

/// Whether the first thing is an object with a key, or an array of objects, or either one empty.
fn begins_with_object(head: &[u8]) -> bool {
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0x1e);
    matches!(
        (bytes.next(), bytes.next()),
        (Some(b'{'), Some(b'"' | b'}') | None) | (Some(b'['), Some(b'{' | b'[' | b']') | None)
    )
}

/// Whether a line begins with a record of a known shape: a log whose beginning is cut or damaged
/// begins with anything.
fn holds_known_record(head: &[u8]) -> bool {
    let mut stream = head;
    let mut values = JsonValues::new(&mut stream, 0);
    while let Some(framed) = values.next() {
        if let Framed::Record(value) = framed
            && begins_line(head, value.offset)
            && let Some(parsed) = parse(&String::from_utf8_lossy(value.bytes))
            && SHAPES.iter().any(|shape| shape.claims(&parsed.object))
        {
            return true;
        }
    }
    false
}

fn begins_line(head: &[u8], offset: u64) -> bool {
    let before = usize::try_from(offset).ok().and_then(|offset| offset.checked_sub(1));
    before.is_none_or(|before| head.get(before) == Some(&b'\n'))
}

struct Records<'r, 'a> {
    collector: &'r mut Collector<'a>,
    /// The keys of the first record that no shape knows.
    unknown: Option<String>,
}

impl Records<'_, '_> {
    fn all(&mut self, values: &mut JsonValues<'_>, depth: u32) -> Result<(), Stopped> {
        while let Some(framed) = values.next() {
            match framed {
                Framed::Record(value) => self.record(value, depth)?,
                Framed::Skipped(skipped) => skipped.tell(self.collector),
            }
        }
        Ok(())
    }

    /// Makes rows of one object of the stream, or of the elements of an envelope.
    fn record(&mut self, value: JsonValue<'_>, depth: u32) -> Result<(), Stopped> {
        if !self.may_matter(value.bytes) {
            self.collector.whole_record(value.offset, value.bytes);
            return Ok(());
        }
        let text = String::from_utf8_lossy(value.bytes);
        let parsed = parse(&text);
        if let Some(parsed) = &parsed
            && depth < DEEPEST
            && !is_known(&parsed.object)
            && self.collector.of_table(&parsed.object).is_none()
            && let Some(place) = envelope(value.bytes)
        {
            let mut elements = value.bytes.get(place..).unwrap_or_default();
            let offset = value.offset + place as u64;
            return self.all(&mut JsonValues::entered(&mut elements, offset), depth + 1);
        }
        self.collector.whole_record(value.offset, value.bytes);
        let Some(parsed) = parsed else {
            self.collector.anomaly(Anomaly::InvalidJson, &beginning(&text));
            return Ok(());
        };
        if parsed.mended || matches!(text, Cow::Owned(_)) {
            self.collector.anomaly(Anomaly::InvalidText, &beginning(&text));
        }
        if !self.rows(&parsed.object, 0)? && self.unknown.is_none() {
            let keys: Vec<_> = parsed.object.keys().take(SHOWN_KEYS).map(String::as_str).collect();
            self.unknown = Some(keys.join(", "));
        }
        Ok(())
    }

    /// Whether a record may be wanted. Records in an envelope are looked at, and counted, one by one.
    fn may_matter(&self, bytes: &[u8]) -> bool {
        let records = self.collector.selection().records();
        records.is_none_or(|records| records.may_be_in_json(bytes) || envelope(bytes).is_some())
    }

    /// Makes rows of an object, or of what it wraps; `false` when no shape knows it.
    fn rows(&mut self, object: &Map<String, Value>, depth: u32) -> Result<bool, Stopped> {
        if let Some(record) = self.collector.of_table(object) {
            self.collector.take_of_table(&record)?;
            return Ok(true);
        }
        if let Some(shape) = SHAPES.iter().find(|shape| shape.claims(object)) {
            self.collector.note_shape(shape.name());
            self.rows_of_shape(*shape, object)?;
            return Ok(true);
        }
        if depth == DEEPEST {
            return Ok(false);
        }
        for wrapper in WRAPPERS {
            if let Some(Value::Object(inner)) = object.get(wrapper)
                && self.rows(inner, depth + 1)?
            {
                return Ok(true);
            }
        }
        for text in texts(object) {
            if self.rows_of_text(text.trim(), object, depth + 1)? {
                return Ok(true);
            }
        }
        match packed(object) {
            Some(text) => self.rows_of_text(text.trim(), object, depth + 1),
            None => Ok(false),
        }
    }

    /// Makes rows of an object of a shape, or takes it as it is.
    fn rows_of_shape(
        &mut self,
        shape: &dyn JsonShape,
        object: &Map<String, Value>,
    ) -> Result<(), Stopped> {
        if self.collector.wants_whole(shape.name()) {
            return shape.pass_on(object, self.collector);
        }
        let Some(records) = self.collector.records() else {
            let is_wanted = !self.collector.selection().excepts(shape.name());
            return if is_wanted { shape.rows(object, self.collector) } else { Ok(()) };
        };
        if records.is_of_format(shape.name()) {
            return self.collector.take(object);
        }
        match records.zeek_path() {
            Some(wanted) => match ZeekJson::log_of(object) {
                Some((path, record)) if path == wanted => self.collector.take(record),
                _ => Ok(()),
            },
            // Its events arrive where those of all framings do.
            None if records.is_of_windows() && shape.name() == WindowsJson.name() => {
                shape.rows(object, self.collector)
            }
            None => Ok(()),
        }
    }

    /// Makes rows of a record that an object keeps as text.
    fn rows_of_text(
        &mut self,
        text: &str,
        wrapper: &Map<String, Value>,
        depth: u32,
    ) -> Result<bool, Stopped> {
        if text.starts_with('{') {
            return match parse(text) {
                Some(parsed) => self.rows(&parsed.object, depth),
                None => Ok(false),
            };
        }
        if WindowsXml.recognises(text.as_bytes()) {
            self.collector.note_shape(WindowsXml.name());
            xml::event_rows(text, self.collector)?;
            return Ok(true);
        }
        log_lines::rows_of_text(text, wrapper, self.collector)
    }
}

/// Where collectors keep the text of the record that they forward.
fn texts(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let nested = object.get("event").and_then(|event| event.get("original"));
    let places = TEXTS.into_iter().map(|name| object.get(name)).chain([nested]);
    places.flatten().filter_map(Value::as_str)
}

/// The text that a message of Pub/Sub carries in base64, whether it was pulled or pushed.
/// <https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage>.
fn packed(object: &Map<String, Value>) -> Option<String> {
    let message = object.get("message").and_then(Value::as_object).unwrap_or(object);
    let is_message = ["messageId", "message_id", "publishTime", "attributes"];
    if !is_message.iter().any(|name| message.contains_key(*name)) {
        return None;
    }
    String::from_utf8(base64::decode(message.get("data")?.as_str()?)?).ok()
}

struct Parsed {
    object: Map<String, Value>,
    mended: bool,
}

/// Parses an object; where its text is wrong, as far as it can be mended.
fn parse(text: &str) -> Option<Parsed> {
    if let Ok(object) = serde_json::from_str(text) {
        return Some(Parsed { object, mended: false });
    }
    let object = serde_json::from_str(&mend(text)?).ok()?;
    Some(Parsed { object, mended: true })
}

/// Replaces what makes a JSON text invalid without harming its structure: half a surrogate pair,
/// which is U+FFFD, and control characters, which are spaces. Windows allows both in names and
/// command lines, and nobody shall hide a record by putting them there.
fn mend(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    let is_odd = |character: char| character == '\\' || character.is_ascii_control();
    while let Some(place) = rest.find(is_odd) {
        let (before, odd) = rest.split_at(place);
        mended.push_str(before);
        let length = match escaped_unit(odd) {
            Some(0xd800..0xdc00) if matches!(escaped_unit(odd.get(6..)?), Some(0xdc00..0xe000)) => {
                mended.push_str(odd.get(..12)?);
                12
            }
            Some(0xd800..0xe000) => {
                mended.push('\u{fffd}');
                6
            }
            _ if odd.starts_with('\\') => {
                let length = 1 + odd.get(1..)?.chars().next()?.len_utf8();
                mended.push_str(odd.get(..length)?);
                length
            }
            _ => {
                mended.push(' ');
                1
            }
        };
        rest = odd.get(length..)?;
    }
    mended.push_str(rest);
    Some(mended)
}

/// The number of `\u1234`, if the text begins with such.
fn escaped_unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// Enough of a record to recognise it by.
fn beginning(text: &str) -> String {
    text.chars().take(120).collect()
}
