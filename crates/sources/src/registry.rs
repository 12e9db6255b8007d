//! Every format that is read. A new one is a module and a line here.

use crate::check_point::CheckPoint;
use crate::cisco_asa::CiscoAsa;
use crate::common_event::{CefLines, LeefLines};
use crate::defender::{DefenderCsv, DefenderJson};
use crate::format::{Format, JsonShape, LineShape};
use crate::fortigate::FortiGate;
use crate::iptables::Iptables;
use crate::json::Json;
use crate::log_lines::LogLines;
use crate::palo_alto::csv::PanOs;
use crate::palo_alto::json::PaloAltoJson;
use crate::pfsense::Filterlog;
use crate::squid::Squid;
use crate::windows::evtx::Evtx;
use crate::windows::json::WindowsJson;
use crate::windows::xml::WindowsXml;
use crate::windows_firewall::WindowsFirewall;
use crate::zeek::json::ZeekJson;
use crate::zeek::tsv::ZeekTsv;

/// The formats, in the order in which they are asked whether they recognise a stream: those first
/// that go by its first bytes, then those that content further on may speak for.
pub(crate) static FORMATS: [&dyn Format; 6] =
    [&Evtx, &WindowsXml, &Json, &ZeekTsv, &DefenderCsv, &LogLines];

/// The shapes of JSON records, in the order in which they are asked whether a record is theirs:
/// those whose keys nobody else uses first.
pub(crate) static SHAPES: [&dyn JsonShape; 4] =
    [&DefenderJson, &PaloAltoJson, &WindowsJson, &ZeekJson];

/// The shapes of lines. No two claim one line, so their order makes no difference.
pub(crate) static LINE_SHAPES: [&dyn LineShape; 10] = [
    &CefLines,
    &CheckPoint,
    &CiscoAsa,
    &Filterlog,
    &FortiGate,
    &Iptables,
    &LeefLines,
    &PanOs,
    &Squid,
    &WindowsFirewall,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FORMATS, LINE_SHAPES, SHAPES};

    #[test]
    fn formats_have_names_of_their_own() {
        let streams = FORMATS.iter().map(|format| format.name());
        let objects = SHAPES.iter().map(|shape| shape.name());
        let lines = LINE_SHAPES.iter().map(|shape| shape.name());
        let names: Vec<&str> = streams.chain(objects).chain(lines).collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
