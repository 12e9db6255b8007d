//! `CommonSecurityLog`: events that came as CEF, each key in a column of its own name
//! (<https://learn.microsoft.com/azure/sentinel/cef-name-mapping>).

use std::borrow::Cow;

use super::{Columns, Object};
use crate::common_event::rows::{Dialect, row};
use crate::filling::Values;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Keys of CEF, and the columns that have them.
const COLUMNS: [(&str, &str); 26] = [
    ("src", "SourceIP"),
    ("spt", "SourcePort"),
    ("shost", "SourceHostName"),
    ("suser", "SourceUserName"),
    ("dst", "DestinationIP"),
    ("dpt", "DestinationPort"),
    ("dhost", "DestinationHostName"),
    ("duser", "DestinationUserName"),
    ("destinationDnsDomain", "DestinationDnsDomain"),
    ("request", "RequestURL"),
    ("requestMethod", "RequestMethod"),
    ("requestClientApplication", "RequestClientApplication"),
    ("act", "DeviceAction"),
    ("action", "SimplifiedDeviceAction"),
    ("proto", "Protocol"),
    ("app", "ApplicationProtocol"),
    // As the agent writes them: what was sent, whatever CEF calls it.
    ("in", "SentBytes"),
    ("out", "ReceivedBytes"),
    ("dvchost", "DeviceName"),
    ("identHostName", "Computer"),
    ("deviceDirection", "CommunicationDirection"),
    ("cs1Label", "DeviceCustomString1Label"),
    ("cs2Label", "DeviceCustomString2Label"),
    ("cs3Label", "DeviceCustomString3Label"),
    ("cs4Label", "DeviceCustomString4Label"),
    ("cs5Label", "DeviceCustomString5Label"),
];

/// Labelled values, in which products name the rule.
const LABELLED: [(&str, &str); 5] = [
    ("cs1Label", "DeviceCustomString1"),
    ("cs2Label", "DeviceCustomString2"),
    ("cs3Label", "DeviceCustomString3"),
    ("cs4Label", "DeviceCustomString4"),
    ("cs5Label", "DeviceCustomString5"),
];

/// Makes a row of a row of the table.
pub(super) fn rows(object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let columns = Columns(object);
    let Some(moment) = super::moment(&columns, collector) else { return Ok(()) };
    let event = Event { columns, moment: moment.to_string() };
    let rule = LABELLED.iter().find_map(|(label, value)| {
        let label = event.text(label)?;
        (label == "Rule").then(|| event.columns.text(value)).flatten()
    });
    let rule = rule.unwrap_or_default();
    let dialect = Dialect {
        dataset: "sentinel.common_security_log",
        sends_out: false,
        rule: &rule,
        seconds: "",
        packets: "",
    };
    row(&event, &dialect, &LogLine::of(""), collector)
}

/// A row of the table by the keys of CEF.
struct Event<'o> {
    columns: Columns<'o>,
    /// When it happened, as microseconds since 1970.
    moment: String,
}

impl Values for Event<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        if name == "rt" {
            return Some(Cow::Borrowed(&self.moment));
        }
        match COLUMNS.iter().find(|(key, _)| *key == name) {
            Some((_, column)) => self.columns.text(column),
            None => self.additional(name).map(Cow::Borrowed),
        }
    }
}

impl Event<'_> {
    /// A product's own key: those stand together in `AdditionalExtensions`, with `;` between them.
    fn additional(&self, name: &str) -> Option<&str> {
        let extensions = self.columns.0.get("AdditionalExtensions")?.as_str()?;
        extensions.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name && !value.is_empty()).then_some(value)
        })
    }
}
