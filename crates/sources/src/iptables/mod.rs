//! Packets that the Linux kernel's firewall logged, by iptables, nftables or ufw, and on Ubiquiti's
//! routers: a row of `flow` each.
//!
//! The kernel writes fields as `KEY=value` and flags as words behind a prefix that the rule's author
//! chose; what became of the packet is known as far as the prefix tells it.
//! <https://www.netfilter.org/documentation/HOWTO/packet-filtering-HOWTO-7.html>

#[cfg(test)]
mod kit_tests;

use coldtrail_model::{Field, Table};

use crate::decision::decision;
use crate::filling::{Filling, fill};
use crate::format::LineShape;
use crate::framing::key_values::KeyValues;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Packets of the kernel's firewall.
pub(crate) struct Iptables;

impl LineShape for Iptables {
    fn name(&self) -> &'static str {
        "iptables"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        fields(line.text).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some((prefix, fields)) = fields(line.message).or_else(|| fields(line.text)) else {
            return Ok(());
        };
        let Some(moment) = line.moment(collector) else { return Ok(()) };
        let packet = KeyValues::of(fields, ' ');
        fill(collector, Table::Flow, "iptables", moment, &packet, |packet| {
            packet
                .address(Field::SourceIp, "SRC")
                .number(Field::SourcePort, "SPT")
                .address(Field::DestinationIp, "DST")
                .number(Field::DestinationPort, "DPT")
                .number(Field::NetworkBytes, "LEN");
            transport(packet);
            decided(packet, prefix);
            packet.row().lower(Field::ObserverName, line.host());
            // What came in by no interface was sent by the host itself.
            if packet.value("IN").is_none() && packet.value("OUT").is_some() {
                packet.row().lower(Field::HostName, line.host());
            }
        })
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "May  4 2024 10:00:00 gate kernel: [17.5] [UFW BLOCK] IN=eth0 OUT=eth1 SRC=10.0.0.5 DST=192.0.2.7 LEN=60 TTL=63 ID=0 DF PROTO=TCP SPT=49200 DPT=443 SYN URGP=0",
            "2024-05-04T10:00:00Z gate kernel: IN= OUT=eth0 SRC=10.0.0.5 DST=192.0.2.7 LEN=84 PROTO=ICMP TYPE=8 CODE=0",
        ]
    }
}

/// The prefix and the fields of a packet, if a text is one.
fn fields(text: &str) -> Option<(&str, &str)> {
    let place = text.find("IN=").filter(|_| text.contains(" PROTO="))?;
    let (prefix, fields) = text.split_at_checked(place)?;
    let is_packet = [" OUT=", " SRC=", " DST="].iter().all(|key| fields.contains(key));
    is_packet.then_some((prefix, fields))
}

/// The protocol's name in lower case, as ECS and IANA have it.
fn transport(packet: &mut Filling<'_, '_, '_>) {
    match packet.value("PROTO").as_deref() {
        Some("ICMPv6") => {
            packet.row().text(Field::NetworkTransport, "ipv6-icmp");
        }
        _ => {
            packet.transport("PROTO");
        }
    }
}

/// What the prefix says: which rule it was, and what was done.
fn decided(packet: &mut Filling<'_, '_, '_>, prefix: &str) {
    let rule = rule(prefix);
    packet.row().text(Field::RuleName, rule);
    if let Some((_, letter)) = rule.rsplit_once('-')
        && let Some((word, decided)) = ubiquiti(letter)
    {
        packet.row().text(Field::EventAction, word).text(Field::EventType, decided);
    }
    for word in rule.split([' ', '-', ':', '[', ']', '>']) {
        let parts = word.split('_');
        if let Some(decided) = parts.into_iter().find_map(decision) {
            packet.row().text(Field::EventAction, word).text(Field::EventType, decided);
        }
    }
}

/// The prefix without what is not the rule's: the program's name and the seconds since the start.
fn rule(prefix: &str) -> &str {
    let mut rule = prefix.trim_ascii();
    rule = rule.rsplit_once("kernel:").map_or(rule, |(_, behind)| behind.trim_ascii());
    if let Some((seconds, behind)) = rule.strip_prefix('[').and_then(|text| text.split_once(']'))
        && seconds.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b' '))
    {
        rule = behind.trim_ascii();
    }
    let rule = rule.trim_end_matches([':', ' ']);
    rule.strip_prefix('[').and_then(|rule| rule.strip_suffix(']')).unwrap_or(rule)
}

/// What the letters mean that names of Ubiquiti's rules end with.
fn ubiquiti(letter: &str) -> Option<(&'static str, &'static str)> {
    match letter {
        "A" => Some(("accept", "allowed")),
        "D" => Some(("drop", "denied")),
        "R" => Some(("reject", "denied")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::rule;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_packet_is_a_row_of_flow() {
        let rows = read(
            "2024-05-04T10:00:00Z Gate kernel: [17.5] [UFW BLOCK] IN=eth0 OUT=eth1 SRC=10.0.0.5 \
             DST=192.0.2.7 LEN=60 TTL=63 ID=0 DF PROTO=TCP SPT=49200 DPT=443 SYN URGP=0",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=iptables source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_action=BLOCK network_bytes=60 event_type=denied \
             rule_name=UFW BLOCK observer_name=gate"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn what_the_host_itself_sent_is_its_own() {
        let row = read(
            "2024-05-04T10:00:00Z Gate kernel: [LAN_OUT-20-A]IN= OUT=eth1 SRC=10.0.0.5 \
             DST=192.0.2.7 LEN=60 PROTO=ICMPv6 TYPE=128 [SRC=10.9.9.9 DST=10.8.8.8 ]",
        )
        .only(Table::Flow);
        assert!(row.contains("host_name=gate source_ip=10.0.0.5"), "{row}");
        assert!(row.contains("network_transport=ipv6-icmp event_action=accept"), "{row}");
        assert!(row.contains("event_type=allowed rule_name=LAN_OUT-20-A"), "{row}");
    }

    #[test]
    fn a_prefix_is_freed_of_what_the_rule_did_not_write() {
        assert_eq!(rule("kernel: [   17.5] "), "");
        assert_eq!(rule("iptables DROP_INPUT: "), "iptables DROP_INPUT");
        assert_eq!(rule("[a-b-D]"), "a-b-D");
    }
}
