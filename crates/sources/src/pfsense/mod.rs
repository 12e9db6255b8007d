//! The packet filter of pfSense and OPNsense: a row of `flow` for each packet that `filterlog` wrote.
//!
//! A line is comma-separated; IPv4 and IPv6 have different columns behind the version of the protocol,
//! and protocols without ports end earlier.
//! <https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html>

#[cfg(test)]
mod kit_tests;

use coldtrail_model::{Field, Table};

use crate::filling::fill;
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// The packet filter's log.
pub(crate) struct Filterlog;

/// What the columns are called; those without a name are not read.
const IPV4: [&str; 22] = [
    "rule",
    "",
    "",
    "tracker",
    "",
    "",
    "action",
    "direction",
    "version",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "protocol",
    "length",
    "source",
    "destination",
    "source port",
    "destination port",
];
const IPV6: [&str; 19] = [
    "rule",
    "",
    "",
    "tracker",
    "",
    "",
    "action",
    "direction",
    "version",
    "",
    "",
    "",
    "protocol",
    "",
    "length",
    "source",
    "destination",
    "source port",
    "destination port",
];

/// No line has more columns.
const MOST_CELLS: usize = 64;

/// What was done with a packet.
const ACTIONS: [&str; 8] =
    ["pass", "block", "reject", "nat", "rdr", "binat", "scrub", "synproxy-drop"];

impl LineShape for Filterlog {
    fn name(&self) -> &'static str {
        "filterlog"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let mut cells = line.message.split(',').skip(6);
        cells.next().is_some_and(|action| ACTIONS.contains(&action))
            && cells.next().is_some_and(|direction| matches!(direction, "in" | "out" | "in/out"))
            && cells.next().is_some_and(|version| matches!(version, "4" | "6"))
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(moment) = line.moment(collector) else { return Ok(()) };
        let mut cells: Vec<&str> = line.message.split(',').take(MOST_CELLS).collect();
        let names = if cells.get(8) == Some(&"6") { &IPV6[..] } else { &IPV4[..] };
        let named = |name: &str| names.iter().position(|known| *known == name);
        let protocol = named("protocol").and_then(|place| cells.get(place)).copied();
        let has_ports = protocol.is_some_and(|protocol| {
            ["tcp", "udp", "sctp"].iter().any(|known| known.eq_ignore_ascii_case(protocol))
        });
        if !has_ports && let Some(place) = named("source port") {
            cells.truncate(place);
        }
        let packet = Cells { names, cells: &cells };
        fill(collector, Table::Flow, "pfsense", moment, &packet, |packet| {
            packet
                .address(Field::SourceIp, "source")
                .number(Field::SourcePort, "source port")
                .address(Field::DestinationIp, "destination")
                .number(Field::DestinationPort, "destination port")
                .transport("protocol")
                .number(Field::NetworkBytes, "length")
                .text(Field::RuleName, "tracker")
                .action("action");
            packet.row().lower(Field::ObserverName, line.host());
        })
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<134>1 2024-05-04T10:00:00+02:00 gate filterlog 7 - - 6,,,1000,igb1,match,block,in,4,0x0,,63,1,0,DF,6,tcp,60,10.0.0.5,192.0.2.7,49200,443,0,S,1,,64240,,mss",
            "<134>1 2024-05-04T10:00:00+02:00 gate filterlog 7 - - 6,,,1000,igb1,match,pass,in,6,0x00,0xf6279,1,UDP,17,32,2001:db8::5,2001:db8::7,49200,53,32",
        ]
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(packet: &str) -> String {
        let line = format!("<134>1 2024-05-04T12:00:00+02:00 Gate filterlog 7 - - {packet}\n");
        let rows = KeptRows::read(&LogLines, line.as_bytes());
        assert_eq!(rows.anomalies(), []);
        rows.only(Table::Flow)
    }

    #[test]
    fn both_protocols_have_their_columns() {
        assert_eq!(
            read(
                "6,,,1000,igb1,match,block,in,4,0x0,,63,1,0,DF,6,tcp,60,10.0.0.5,192.0.2.7,49200,443,0,S,1,,64240,,mss"
            ),
            "timestamp=1714816800000000 event_dataset=pfsense source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_action=block network_bytes=60 event_type=denied \
             rule_name=1000 observer_name=gate"
        );
        assert_eq!(
            read(
                "6,,,1000,igb1,match,pass,in,6,0x00,0xf6279,1,UDP,17,32,2001:db8::5,2001:db8::7,49200,53,32"
            ),
            "timestamp=1714816800000000 event_dataset=pfsense source_ip=2001:db8::5 \
             source_port=49200 destination_ip=2001:db8::7 destination_port=53 \
             network_transport=udp event_action=pass network_bytes=32 event_type=allowed \
             rule_name=1000 observer_name=gate"
        );
    }

    #[test]
    fn what_has_no_ports_ends_earlier() {
        let row = read(
            "6,,,1000,igb1,match,pass,in,4,0x0,,64,1,0,DF,1,icmp,84,10.0.0.5,192.0.2.7,request,37728,164",
        );
        assert!(!row.contains("_port"), "{row}");
    }
}
