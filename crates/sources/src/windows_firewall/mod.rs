//! The firewall of Windows, `pfirewall.log`: a row of `flow` for each packet that it dropped and each
//! connection that it let pass.
//!
//! The log is in the extended format of the W3C; its clock is that of the host, which it does not name.
//! <https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/configure-logging>

#[cfg(test)]
mod kit_tests;

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, fill};
use crate::format::LineShape;
use crate::framing::columns::{Cells, Columns};
use crate::framing::w3c;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// The log of Windows' own firewall.
pub(crate) struct WindowsFirewall;

/// Columns that no other log in this format has together.
const COLUMNS: [&str; 5] = ["action", "protocol", "src-ip", "dst-ip", "tcpflags"];

impl LineShape for WindowsFirewall {
    fn name(&self) -> &'static str {
        "windows-firewall"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let begins = line.text.starts_with(|first: char| first.is_ascii_digit());
        begins && line.columns.is_some_and(|columns| COLUMNS.iter().all(|name| columns.has(name)))
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(columns) = line.columns else { return Ok(()) };
        let cells = w3c::cells(line.text, columns.delimiter);
        let packet = Cells { names: &columns.names, cells: &cells };
        if packet.text("src-ip").is_none() {
            return Ok(());
        }
        let part = |name| packet.text(name).unwrap_or_default();
        let text = format!("{} {}", part("date"), part("time"));
        let Some(moment) = collector.moment(&text, time::iso(&text)) else { return Ok(()) };
        fill(collector, Table::Flow, "windows_firewall", moment, &packet, |packet| {
            packet
                .address(Field::SourceIp, "src-ip")
                .number(Field::SourcePort, "src-port")
                .address(Field::DestinationIp, "dst-ip")
                .number(Field::DestinationPort, "dst-port")
                .transport("protocol")
                .number(Field::NetworkBytes, "size")
                .number(Field::ProcessPid, "pid")
                .action("action");
            opened(packet);
            direction(packet);
        })
    }

    fn header(&self, line: &str, before: Option<&Columns>) -> Option<Columns> {
        w3c::directive(line, before)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path\n2024-05-04 10:00:00 DROP TCP 10.0.0.5 192.0.2.7 49200 443 60 S 1 0 64240 - - - SEND",
        ]
    }
}

/// A connection that was opened was allowed.
fn opened(packet: &mut Filling<'_, '_, '_>) {
    if packet.value("action").is_some_and(|action| action.starts_with("OPEN")) {
        packet.row().text(Field::EventType, "allowed");
    }
}

/// Whether the host sent or received it; a forwarded packet goes neither way.
fn direction(packet: &mut Filling<'_, '_, '_>) {
    let direction = match packet.value("path").as_deref() {
        Some("SEND") => "outbound",
        Some("RECEIVE") => "inbound",
        _ => return,
    };
    packet.row().text(Field::NetworkDirection, direction);
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    #[test]
    fn a_packet_is_a_row_of_flow() {
        let rows = KeptRows::read(
            &LogLines,
            b"#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Fields: date time action \
              protocol src-ip dst-ip src-port dst-port size tcpflags info path pid\n\
              2024-05-04 10:00:00 ALLOW TCP 10.0.0.5 192.0.2.7 49200 443 0 - - SEND 4711\n",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=windows_firewall source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 process_pid=4711 \
             network_transport=tcp network_direction=outbound event_action=ALLOW network_bytes=0 \
             event_type=allowed"
        );
        assert_eq!(rows.anomalies(), [(Anomaly::AssumedZone, 1)]);
    }
}
