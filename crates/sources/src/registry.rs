//! Every format that is read. A new one is a module and a line here.

use crate::cisco_wsa::CiscoWsa;
use crate::common_event::{CefLines, LeefLines};
use crate::defender::{DefenderCsv, DefenderJson};
use crate::format::{Format, JsonShape, LineShape};
use crate::json::Json;
use crate::log_lines::LogLines;
use crate::netskope::NetskopeJson;
use crate::skyhigh::Skyhigh;
use crate::squid::Squid;
use crate::umbrella::Umbrella;
use crate::w3c::{W3c, W3cJson, W3cPairs};
use crate::windows::evtx::Evtx;
use crate::windows::json::WindowsJson;
use crate::windows::xml::WindowsXml;
use crate::zeek::json::ZeekJson;
use crate::zeek::tsv::ZeekTsv;
use crate::zscaler::{ZscalerJson, ZscalerPairs};

/// The formats, in the order in which they are asked whether they recognise a stream: those first
/// that go by its first bytes, then those that content further on may speak for.
pub(crate) static FORMATS: [&dyn Format; 6] =
    [&Evtx, &WindowsXml, &Json, &ZeekTsv, &DefenderCsv, &LogLines];

/// The shapes of JSON records, in the order in which they are asked whether a record is theirs:
/// those whose keys nobody else uses first.
pub(crate) static SHAPES: [&dyn JsonShape; 6] =
    [&DefenderJson, &NetskopeJson, &W3cJson, &WindowsJson, &ZeekJson, &ZscalerJson];

/// The shapes of lines. No two claim one line, so their order makes no difference.
pub(crate) static LINE_SHAPES: [&dyn LineShape; 9] =
    [&CefLines, &CiscoWsa, &LeefLines, &Skyhigh, &Squid, &Umbrella, &W3c, &W3cPairs, &ZscalerPairs];

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
