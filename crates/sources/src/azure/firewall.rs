//! What Azure Firewall let pass: as a sentence, or with its parts side by side.
//!
//! <https://learn.microsoft.com/azure/firewall/monitor-firewall-reference>.

use std::borrow::Cow;

use coldtrail_model::{Field, Table};

use super::Record;
use crate::filling::{Filling, Values, address, fill};
use crate::{Collector, Stopped};

/// A record whose properties are one sentence: `TCP request from a:1 to b:2. Action: Deny. …`.
pub(super) fn message(record: &Record<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(text) = record.properties.str("msg") else { return Ok(()) };
    let sentence = match text.strip_prefix("DNS Request: ") {
        Some(request) => Sentence::of_dns(request),
        None => Sentence::of_request(text),
    };
    match sentence {
        Some(sentence) => row(record, &sentence, sentence.table(), collector),
        None => Ok(()),
    }
}

/// A record with a name for each part.
pub(super) fn structured(
    category: &str,
    record: &Record<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let table = match category {
        "azfwdnsquery" => Table::Dns,
        "azfwapplicationrule" if record.text("TargetUrl").is_some() => Table::Web,
        "azfwapplicationrule"
        | "azfwnetworkrule"
        | "azfwnatrule"
        | "azfwthreatintel"
        | "azfwidpssignature" => Table::Flow,
        _ => return Ok(()),
    };
    row(record, record, table, collector)
}

fn row(
    record: &Record<'_>,
    values: &dyn Values,
    table: Table,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(moment) = record.moment(collector) else { return Ok(()) };
    let observer = record.resource_name();
    fill(collector, table, "azure.firewall", moment, values, |filling| {
        parties(filling);
        filling
            .url("TargetUrl")
            .domain(Field::UrlDomain, "Fqdn")
            .domain(Field::DnsQuestionName, "QueryName")
            .text(Field::DnsQuestionType, "QueryType")
            .text(Field::DnsResponseCode, "ResponseCode")
            .text(Field::RuleName, "Rule")
            .text(Field::RuleName, "IDS")
            .text(Field::RuleName, "ThreatIntel")
            .action("Action");
        filling.row().lower(Field::ObserverName, observer);
    })
}

fn parties(filling: &mut Filling<'_, '_, '_>) {
    filling
        .address(Field::SourceIp, "SourceIp")
        .number(Field::SourcePort, "SourcePort")
        .destination("DestinationIp")
        .destination("Fqdn")
        .number(Field::DestinationPort, "DestinationPort");
    let Some(protocol) = filling.value("Protocol") else { return };
    let protocol = protocol.split([' ', ':']).next().unwrap_or_default();
    let field = match protocol.to_ascii_uppercase().as_str() {
        "HTTP" | "HTTPS" | "MSSQL" => Field::NetworkProtocol,
        _ => Field::NetworkTransport,
    };
    filling.row().lower(field, protocol);
}

/// The parts of a sentence, by the names that the other kind of record gives them.
struct Sentence<'s> {
    parts: Vec<(&'s str, &'s str)>,
}

impl<'s> Sentence<'s> {
    /// `HTTP request from a:1 to b:2. Url: b/x. Action: Allow. … Rule: r`. Where nobody is told to be
    /// reached, nothing but the client is known.
    fn of_request(text: &'s str) -> Option<Self> {
        let (protocol, rest) = text.split_once(" request from ")?;
        let (ends, rest) = rest.split_once(". ").unwrap_or((rest, ""));
        let (source, destination) = ends.split_once(" to ").unwrap_or((ends, ""));
        let destination = destination.split_once(" was ").map_or(destination, |(place, _)| place);
        let (source, source_port) = place(source);
        let (destination, destination_port) = place(destination);
        let mut parts = vec![
            ("Protocol", protocol.trim_ascii()),
            ("SourceIp", source),
            ("SourcePort", source_port),
            ("DestinationIp", destination),
            ("DestinationPort", destination_port),
        ];
        parts.extend(rest.split(". ").filter_map(|part| part.split_once(": ")));
        Some(Self { parts })
    }

    /// `a:1 - 6513 A IN www.example.com. udp 43 false 512 NXDOMAIN qr,rd,ra 145 0.002s`.
    fn of_dns(text: &'s str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let [source, _, _, kind, _, name, protocol, _, _, _, code, ..] = *words.as_slice() else {
            return None;
        };
        let (source, port) = place(source);
        let parts = vec![
            ("SourceIp", source),
            ("SourcePort", port),
            ("QueryType", kind),
            ("QueryName", name),
            ("Protocol", protocol),
            ("ResponseCode", code),
        ];
        Some(Self { parts })
    }

    fn table(&self) -> Table {
        if self.text("QueryName").is_some() {
            Table::Dns
        } else if self.text("TargetUrl").is_some() {
            Table::Web
        } else {
            Table::Flow
        }
    }
}

impl Values for Sentence<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let written = if name == "TargetUrl" { "Url" } else { name };
        let (_, part) = self.parts.iter().find(|(known, _)| *known == written)?;
        let part = part.trim_ascii().trim_end_matches('.');
        (!part.is_empty()).then_some(Cow::Borrowed(part))
    }
}

/// Host and port.
fn place(text: &str) -> (&str, &str) {
    let text = text.trim_ascii().trim_end_matches('.');
    if address(text).is_some() {
        return (text, "");
    }
    text.rsplit_once(':').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::azure::AzureJson;
    use crate::kept_rows::KeptRows;

    fn read(category: &str, properties: &str) -> KeptRows {
        KeptRows::of_object(
            &AzureJson,
            &format!(
                r#"{{"time":"2024-05-04T10:00:00Z","category":"{category}","resourceId":"/a/FW",
                "properties":{properties}}}"#
            ),
        )
    }

    const FLOW: &str = "timestamp=1714816800000000 event_dataset=azure.firewall \
        source_ip=10.0.0.5 source_port=49200 destination_port=443 \
        destination_domain=a.workers.dev network_protocol=https event_action=Deny \
        event_type=denied rule_name=r observer_name=fw";

    #[test]
    fn a_sentence_tells_what_columns_tell() {
        let sentence = r#"{"msg":"HTTPS request from 10.0.0.5:49200 to A.workers.dev:443. Action: Deny. Rule Collection: c. Rule: r"}"#;
        assert_eq!(read("AzureFirewallApplicationRule", sentence).only(Table::Flow), FLOW);
        let columns = r#"{"Protocol":"HTTPS","SourceIp":"10.0.0.5","SourcePort":49200,
            "DestinationPort":443,"Fqdn":"A.workers.dev","Action":"Deny","Rule":"r"}"#;
        assert_eq!(read("AZFWApplicationRule", columns).only(Table::Flow), FLOW);
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        let sentence = r#"{"msg":"HTTP  request from 10.0.0.5:49200 to a.example:80. Url: a.example/x?y. Action: Allow"}"#;
        assert_eq!(
            read("AzureFirewallApplicationRule", sentence).only(Table::Web),
            "timestamp=1714816800000000 event_dataset=azure.firewall source_ip=10.0.0.5 \
             source_port=49200 destination_port=80 url_domain=a.example url_path=/x url_query=y \
             event_action=Allow event_type=allowed observer_name=fw"
        );
    }

    #[test]
    fn queries_through_the_proxy_are_rows_of_dns() {
        let sentence = r#"{"msg":"DNS Request: 10.0.0.5:4000 - 1 A IN A.workers.dev. udp 43 false 512 NOERROR qr,rd 145 0.002s"}"#;
        assert_eq!(
            read("AzureFirewallDnsProxy", sentence).only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=azure.firewall source_ip=10.0.0.5 \
             source_port=4000 dns_question_name=a.workers.dev dns_question_type=A \
             dns_response_code=NOERROR observer_name=fw"
        );
    }

    #[test]
    fn a_ping_has_no_ports() {
        let sentence =
            r#"{"msg":"ICMP Type=8 request from 10.0.0.5 to 192.0.2.7. Action: Deny. "}"#;
        let row = read("AzureFirewallNetworkRule", sentence).only(Table::Flow);
        assert!(
            row.contains("source_ip=10.0.0.5 destination_ip=192.0.2.7 network_transport=icmp"),
            "{row}"
        );
    }
}
