//! Windows events as XML
//! (<https://learn.microsoft.com/windows/win32/wes/eventschema-schema>): saved by Event Viewer or
//! `wevtutil`, forwarded with rendered text, or inside a field of somebody's JSON.

use std::borrow::Cow;
use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use quick_xml::events::{BytesRef, BytesStart, Event as Markup};
use quick_xml::{Reader, XmlVersion, escape};
use thiserror::Error;

use super::flattened::{Flattened, Flattening};
use super::{Created, Data, Event, System};
use crate::Collector;
use crate::format::{Format, Stopped};
use crate::framing::Framed;
use crate::framing::xml_elements::XmlElements;

/// XML files of Windows events.
pub(crate) struct WindowsXml;

impl Format for WindowsXml {
    fn name(&self) -> &'static str {
        "windows-xml"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        let begins_as_markup = head.trim_ascii_start().starts_with(b"<")
            || head.starts_with(b"\xEF\xBB\xBF<")
            // `evtx_dump` puts such a line before each event.
            || head.starts_with(b"Record ");
        let has = |text: &[u8]| memchr::memmem::find(head, text).is_some();
        begins_as_markup && has(b"<Event") && has(b"<System")
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut elements = XmlElements::new(stream);
        while let Some(framed) = elements.next() {
            match framed {
                Framed::Record(element) => {
                    collector.whole_record(element.offset, element.bytes);
                    let xml = String::from_utf8_lossy(element.bytes);
                    if matches!(xml, Cow::Owned(_)) {
                        collector.anomaly(Anomaly::InvalidText, "the element is no UTF-8");
                    }
                    event_rows(&xml, collector)?;
                }
                Framed::Skipped(skipped) => skipped.tell(collector),
            }
        }
        Ok(())
    }
}

/// Makes the rows of one `<Event>` element, or passes it on as it is; an element that cannot be read is
/// counted.
pub(crate) fn event_rows(xml: &str, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    if collector.wants_whole(WindowsXml.name()) {
        return pass_on(xml, WindowsXml.name(), collector);
    }
    match event(xml, is_whole(collector)) {
        Ok(event) if is_wanted(collector) => event.rows(collector),
        Ok(_) => Ok(()),
        Err(fault) => {
            collector.anomaly(Anomaly::InvalidXml, &fault.to_string());
            Ok(())
        }
    }
}

/// Passes on one `<Event>` element as it is, as a record of a format.
pub(super) fn pass_on(
    xml: &str,
    format: &'static str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    match flattened(xml) {
        Ok(event) => event.pass_on(format, collector),
        Err(fault) => {
            collector.anomaly(Anomaly::InvalidXml, &fault.to_string());
            Ok(())
        }
    }
}

/// Whether all that an event says is wanted, and not only what rows need.
pub(super) fn is_whole(collector: &Collector<'_>) -> bool {
    collector.selection().records().is_some()
}

/// Whether events are wanted at all.
pub(super) fn is_wanted(collector: &Collector<'_>) -> bool {
    let selection = collector.selection();
    let records = selection.records();
    records.map_or(!selection.excepts(WindowsXml.name()), |records| {
        records.is_of_windows() || records.is_of_format(WindowsXml.name())
    })
}

/// The values of an event's own, from the part of an event that tables of Azure Monitor keep:
/// `<EventData>…</EventData>`, inside whatever elements.
pub(super) fn event_data(text: &str) -> Option<Vec<(String, String)>> {
    let part = ["EventData", "UserData"].iter().find_map(|name| {
        let begin = text.find(&format!("<{name}"))?;
        let end = format!("</{name}>");
        let end = text.rfind(&end)? + end.len();
        text.get(begin..end)
    })?;
    let whole = format!("<Event><System><EventID>0</EventID></System>{part}</Event>");
    match event(&whole, false).ok()?.data {
        Data::Pairs(pairs) => Some(pairs),
        _ => None,
    }
}

/// Why an element is no event.
#[derive(Debug, Error)]
pub(super) enum XmlFault {
    #[error(transparent)]
    Malformed(#[from] quick_xml::Error),
    #[error(transparent)]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    #[error("nothing says what the entity `{0}` is")]
    UndefinedEntity(String),
    #[error("the element does not end")]
    Unended,
    #[error("the element has no EventID")]
    NoEventId,
}

/// Reads one `<Event>` element, with whatever declarations and comments stand before it.
///
/// Only the five entities of XML itself and numeric references are replaced: a document type that
/// defines others is passed over, so that none can be loaded from elsewhere or grow. Rows need a part of
/// what an event says; `is_whole` keeps the rest, too.
pub(super) fn event(xml: &str, is_whole: bool) -> Result<Event<'static>, XmlFault> {
    let mut reader = Reader::from_str(xml);
    let mut builder = Builder { is_whole, ..Builder::default() };
    loop {
        match reader.read_event()? {
            Markup::Start(element) => builder.open(&element)?,
            Markup::Empty(element) => {
                builder.open(&element)?;
                builder.close();
            }
            Markup::End(_) => builder.close(),
            // Line ends stay as they were written, as in the binary log: scripts are compared.
            Markup::Text(text) => builder.text(&text),
            Markup::CData(text) => builder.text(&text),
            Markup::GeneralRef(reference) => builder.text(&resolved(&reference)?),
            Markup::Comment(_) | Markup::Decl(_) | Markup::PI(_) | Markup::DocType(_) => {}
            Markup::Eof => return Err(XmlFault::Unended),
        }
        if builder.complete {
            return builder.has_event_id.then_some(builder.event).ok_or(XmlFault::NoEventId);
        }
    }
}

/// Reads one `<Event>` element as [`event`] does, with all that it says.
pub(super) fn flattened(xml: &str) -> Result<Flattened<'_>, XmlFault> {
    let mut reader = Reader::from_str(xml);
    let mut flattening = Flattening::new();
    loop {
        let is_complete = match reader.read_event()? {
            Markup::Start(element) => {
                open(&element, &mut flattening)?;
                false
            }
            Markup::Empty(element) => {
                open(&element, &mut flattening)?;
                flattening.close()
            }
            Markup::End(_) => flattening.close(),
            Markup::Text(text) => {
                flattening.text(text.into_inner());
                false
            }
            Markup::CData(text) => {
                flattening.text(text.into_inner());
                false
            }
            Markup::GeneralRef(reference) => {
                flattening.text(resolved(&reference)?);
                false
            }
            Markup::Comment(_) | Markup::Decl(_) | Markup::PI(_) | Markup::DocType(_) => false,
            Markup::Eof => return Err(XmlFault::Unended),
        };
        if is_complete {
            let flattened = flattening.finish();
            return flattened.has_event_id.then_some(flattened).ok_or(XmlFault::NoEventId);
        }
    }
}

/// Takes an opening tag with its attributes. Prefixes do not matter, but for those of namespaces.
fn open(element: &BytesStart<'_>, flattening: &mut Flattening<'_>) -> Result<(), XmlFault> {
    flattening.open(Cow::Owned(element.local_name().as_ref().to_owned()));
    // Whether a name comes twice is looked up among all before it, which takes too long among many.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.as_namespace_binding().is_none() {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
            flattening.attribute(attribute.key.local_name().as_ref(), value.into());
        }
    }
    Ok(())
}

/// The text of a reference.
fn resolved(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, XmlFault> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character.to_string().into());
    }
    let text = escape::resolve_xml_entity(reference)
        .ok_or_else(|| XmlFault::UndefinedEntity(reference.to_string()))?;
    Ok(text.into())
}

/// What is known of an element while it is read.
#[derive(Default)]
struct Builder {
    event: Event<'static>,
    pairs: Vec<(String, String)>,
    section: Section,
    /// How many elements are open.
    depth: usize,
    /// The name of the value that is being read.
    name: Option<String>,
    text: String,
    has_event_id: bool,
    complete: bool,
    is_whole: bool,
    /// What rows do not need of the system's values.
    system: Vec<(String, String)>,
}

/// A child of `<Event>`.
#[derive(Clone, Copy, Default)]
enum Section {
    /// What all events have.
    System,
    /// `<Data Name="…">` of the provider.
    EventData,
    /// An element of the provider, with an element for each value.
    UserData,
    /// Words for people, in the language of the host, which forwarded events have.
    RenderingInfo,
    /// Whatever else.
    #[default]
    Other,
}

impl Section {
    /// How deep the values lie, counted from `<Event>` as 1.
    fn depth_of_values(self) -> usize {
        match self {
            Section::System | Section::EventData | Section::RenderingInfo | Section::Other => 3,
            Section::UserData => 4,
        }
    }
}

impl Builder {
    /// Takes an opening tag. Prefixes do not matter, since no other namespace has a place here.
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), XmlFault> {
        self.depth += 1;
        let name = element.local_name();
        let name = name.as_ref();
        if self.depth == 2 {
            self.section = match name {
                "System" => Section::System,
                "EventData" => Section::EventData,
                "UserData" => Section::UserData,
                "RenderingInfo" => Section::RenderingInfo,
                _ => Section::Other,
            };
        } else if self.depth == self.section.depth_of_values() {
            self.name = match self.section {
                Section::System => {
                    self.system(name, element)?;
                    Some(name.to_owned())
                }
                // Values without a name are of no use but to those who want all.
                Section::EventData => attribute(element, "Name")?
                    .or_else(|| (self.is_whole && name == "Data").then(|| name.to_owned())),
                Section::UserData => {
                    self.event.has_user_data = true;
                    Some(name.to_owned())
                }
                Section::RenderingInfo => (name == "Message").then(|| name.to_owned()),
                Section::Other => None,
            };
        }
        Ok(())
    }

    /// Takes the attributes of a child of `<System>`.
    fn system(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), XmlFault> {
        match name {
            "Provider" => {
                self.event.provider = attribute(element, "Name")?.unwrap_or_default().into();
            }
            "TimeCreated" => {
                if let Some(time) = attribute(element, "SystemTime")? {
                    self.event.created = Created::Utc(time.into());
                }
            }
            "Execution" => {
                self.event.process_id = attribute(element, "ProcessID")?.unwrap_or_default().into();
                if self.is_whole
                    && let Some(thread) = attribute(element, "ThreadID")?
                {
                    self.system.push(("ThreadID".to_owned(), thread));
                }
            }
            "Security" => {
                self.event.user = attribute(element, "UserID")?.unwrap_or_default().into();
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.name.is_some() {
            self.text.push_str(text);
        }
    }

    fn close(&mut self) {
        if self.depth == self.section.depth_of_values()
            && let Some(name) = self.name.take()
        {
            let text = std::mem::take(&mut self.text);
            match self.section {
                Section::System => self.system_text(&name, text.trim_ascii()),
                Section::RenderingInfo => self.event.message = text.into(),
                _ => self.pairs.push((name, text)),
            }
        }
        self.depth = self.depth.saturating_sub(1);
        match self.depth {
            0 => {
                self.event.data = Data::Pairs(std::mem::take(&mut self.pairs));
                self.event.system = System::Pairs(std::mem::take(&mut self.system));
                self.complete = true;
            }
            1 => self.section = Section::Other,
            _ => {}
        }
    }

    /// Takes the text of a child of `<System>`.
    fn system_text(&mut self, name: &str, text: &str) {
        match name {
            "EventID" => {
                let number = text.parse();
                self.has_event_id = number.is_ok();
                self.event.event_id = number.unwrap_or_default();
            }
            "Channel" => self.event.channel = text.to_owned().into(),
            "Computer" => self.event.computer = text.to_owned().into(),
            name if self.is_whole => self.system.push((name.to_owned(), text.to_owned())),
            _ => {}
        }
    }
}

/// The attribute of that name. Sysmon for Linux spells some in its own way (`UserId`).
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, XmlFault> {
    // Whether a name comes twice is looked up among all before it, which takes too long among many.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.local_name().as_ref().eq_ignore_ascii_case(name) {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;

    use super::super::rows_for_tests::{Outcome, read};
    use super::{Format, WindowsXml};

    fn xml(text: &str) -> Outcome {
        read(&WindowsXml, text.as_bytes())
    }

    /// A query that Sysmon saw, with the number in its name.
    fn query(number: usize) -> String {
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='Microsoft-Windows-Sysmon'/><EventID>22</EventID>\
             <TimeCreated SystemTime='2024-05-01T10:00:01.5000000Z'/>\
             <Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>WS01.example</Computer>\
             </System><EventData><Data Name='UtcTime'>2024-05-01 10:00:00.250</Data>\
             <Data Name='QueryName'>host{number}.example</Data></EventData></Event>"
        )
    }

    #[test]
    fn a_process_that_sysmon_saw() {
        let outcome = xml(r#"<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
  <System>
    <Provider Guid="{5770385f-c22a-43e0-bf4c-06f5698ffbd9}" Name="Microsoft-Windows-Sysmon" />
    <EventID>1</EventID>
    <TimeCreated SystemTime="2024-05-01T10:00:01.5000000Z" />
    <Execution ThreadID="8" ProcessID="3308" />
    <Channel>Microsoft-Windows-Sysmon/Operational</Channel>
    <Computer>WS01.corp.example</Computer>
    <Security UserID="S-1-5-18" />
  </System>
  <EventData>
    <Data Name="RuleName">-</Data>
    <Data Name="UtcTime">2024-05-01 10:00:00.250</Data>
    <Data Name="ProcessGuid">{5aa13a44-02ac-68fd-7a35-000000004002}</Data>
    <Data Name="ProcessId">6484</Data>
    <Data Name="Image">C:\Windows\System32\Curl.exe</Data>
    <Data Name="CommandLine">curl &quot;https://a.example/?x=1&amp;y=2&#34; -o &#x5A;</Data>
    <Data Name="User">CORP\ann</Data>
    <Data Name="Hashes">MD5=00,SHA256=D5B7E8,IMPHASH=02</Data>
    <Data Name="ParentImage">C:\Windows\System32\cmd.exe</Data>
    <Data Name="ParentCommandLine"><![CDATA[cmd /c "a & b"]]></Data>
  </EventData>
  <RenderingInfo Culture="en-US"><Channel>Other</Channel><Message>x</Message></RenderingInfo>
</Event></Events>"#);
        assert_eq!(outcome.anomalies(), []);
        let expected = [
            ("event_dataset", "windows.sysmon"),
            ("host_name", "ws01.corp.example"),
            ("process_command_line", "curl \"https://a.example/?x=1&y=2\" -o Z"),
            ("process_entity_id", "5AA13A44-02AC-68FD-7A35-000000004002"),
            ("process_executable", "C:\\Windows\\System32\\Curl.exe"),
            ("process_hash_sha256", "d5b7e8"),
            ("process_name", "curl.exe"),
            ("process_parent_command_line", "cmd /c \"a & b\""),
            ("process_parent_executable", "C:\\Windows\\System32\\cmd.exe"),
            ("process_parent_name", "cmd.exe"),
            ("process_pid", "6484"),
            ("table", "process"),
            ("timestamp", "2024-05-01T10:00:00.250000Z"),
            ("user_name", "CORP\\ann"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(outcome.rows_without_place(), [expected.into()]);
    }

    #[test]
    fn the_record_is_the_element() {
        let outcome = xml(&format!("<Events>\n{}\n{}</Events>", query(1), query(2)));
        let second = &outcome.rows[1];
        assert_eq!(second["dns_question_name"], "host2.example");
        assert_eq!(second["record_offset"], (9 + query(1).len() + 1).to_string());
        assert_eq!(second["record_length"], query(2).len().to_string());
    }

    #[test]
    fn prefixes_comments_and_instructions_change_nothing() {
        let odd = query(1)
            .replace(
                "<Event ",
                "<Event xmlns:e='http://schemas.microsoft.com/win/2004/08/events/event' ",
            )
            .replace("<System>", "<!-- <Events> --><e:System><?x y?>")
            .replace("</System>", "</e:System>");
        assert_eq!(xml(&odd).rows_without_place(), xml(&query(1)).rows_without_place());
    }

    #[test]
    fn values_of_user_data_are_named_by_their_elements() {
        let outcome = xml(&query(1)
            .replace("<EventData>", "<UserData><Query xmlns='urn:x'>")
            .replace("</EventData>", "</Query></UserData>")
            .replace(
                "<Data Name='QueryName'>host1.example</Data>",
                "<QueryName>a.example</QueryName>",
            )
            .replace("<Data Name='UtcTime'>2024-05-01 10:00:00.250</Data>", ""));
        assert_eq!(outcome.rows[0]["dns_question_name"], "a.example");
        assert_eq!(outcome.rows[0]["timestamp"], "2024-05-01T10:00:01.500000Z");
    }

    #[test]
    fn an_entity_that_nothing_defines_spoils_only_its_event() {
        let spoilt = query(2).replace("host2", "&host;");
        let with_definition =
            format!("<!DOCTYPE x [<!ENTITY host SYSTEM 'file:///etc/passwd'>]>{spoilt}");
        let outcome = xml(&[query(1), with_definition, query(3)].concat());
        let names: Vec<_> = outcome.rows.iter().map(|row| &row["dns_question_name"]).collect();
        assert_eq!(names, ["host1.example", "host3.example"]);
        let place =
            query(1).len() + "<!DOCTYPE x [<!ENTITY host SYSTEM 'file:///etc/passwd'>]>".len();
        assert_eq!(outcome.anomalies(), [(Anomaly::InvalidXml, 1, Some(place as u64))]);
    }

    #[test]
    fn what_makes_no_event_is_counted() {
        for (text, anomaly) in [
            ("<Event><System></Event>", Anomaly::InvalidXml),
            ("<Event><System/></Event>", Anomaly::InvalidXml),
            ("<Event><System><EventID>x</EventID></System></Event>", Anomaly::InvalidXml),
            ("<Event><System><EventID>&#0;</EventID></System></Event>", Anomaly::InvalidXml),
            ("<Event><System>", Anomaly::TruncatedRecord),
        ] {
            assert_eq!(xml(text).anomalies(), [(anomaly, 1, Some(0))], "{text}");
        }
        let undated = query(1).replace("SystemTime", "Time").replace("UtcTime", "Time");
        assert_eq!(xml(&undated).anomalies(), [(Anomaly::MissingTimestamp, 1, Some(0))]);
        let misdated =
            query(1).replace("2024-05-01T10", "2024-05-01T25").replace("UtcTime", "Time");
        assert_eq!(xml(&misdated).anomalies(), [(Anomaly::InvalidTimestamp, 1, Some(0))]);
    }

    #[test]
    fn recognises_events_and_no_other_markup() {
        for head in [
            "<Event xmlns='x'><System>",
            "\u{feff}<?xml version='1.0'?>\n<Events><Event><System>",
            "Record 1\n<?xml version='1.0'?>\n<Event>\n  <System>",
        ] {
            assert!(WindowsXml.recognises(head.as_bytes()), "{head}");
        }
        for head in ["<html><body>", "{\"message\": \"<Event><System>\"}", ""] {
            assert!(!WindowsXml.recognises(head.as_bytes()), "{head}");
        }
    }

    proptest! {
        /// Cuts a piece out of one of three events, or overwrites it.
        #[test]
        fn damage_never_harms_the_neighbours(
            start in 0usize..600,
            length in 1usize..600,
            filling in prop::collection::vec(any::<u8>().prop_filter("begins no element", |byte| *byte != b'<'), 0..40),
        ) {
            let mut damaged = query(2).into_bytes();
            let start = start.min(damaged.len());
            let end = (start + length).min(damaged.len());
            damaged.splice(start..end, filling);
            let input = [query(1).as_bytes(), &damaged, query(3).as_bytes()].concat();
            let rows = read(&WindowsXml, &input).rows;
            let names: Vec<_> = rows.iter().filter_map(|row| row.get("dns_question_name")).collect();
            prop_assert_eq!(names.first().map(|name| name.as_str()), Some("host1.example"));
            prop_assert_eq!(names.last().map(|name| name.as_str()), Some("host3.example"));
        }
    }
}
