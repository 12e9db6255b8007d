//! Events of FTD: connections and intrusions, as `Name: value` between commas.

use std::borrow::Cow;

use coldtrail_model::{Field, Table};

use super::Marked;
use crate::decision::decision;
use crate::filling::{Filling, Values, fill};
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// The numbers of events: intrusion, beginning of a connection, its end, file, malware.
pub(super) const NUMBERS: [&str; 5] = ["430001", "430002", "430003", "430004", "430005"];

/// No event has that many fields; what lies beyond is left out.
const MOST_FIELDS: usize = 1024;

/// The fields of an event, in order.
struct Event<'l>(Vec<(&'l str, &'l str)>);

/// Makes a row of an event.
pub(super) fn row(
    marked: &Marked<'_>,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let event = Event::of(marked.text);
    let has = |name| event.text(name).is_some();
    if !(has("SrcIP") && has("DstIP")) {
        return Ok(());
    }
    let table = if has("DNSQuery") {
        Table::Dns
    } else if has("URL") {
        Table::Web
    } else if has("SSLServerName") {
        Table::Tls
    } else {
        Table::Flow
    };
    let began = event.text("FirstPacketSecond").and_then(|text| time::rfc3339(&text));
    let Some(moment) = began.or_else(|| line.moment(collector)) else { return Ok(()) };
    fill(collector, table, marked.dataset, moment, &event, |event| {
        parties(event);
        event.row().lower(Field::ObserverName, line.host());
        decided(event);
        what(event);
    })
}

fn parties(event: &mut Filling<'_, '_, '_>) {
    if let Some(user) = event.value("User") {
        let is_known = !matches!(user.as_ref(), "No Authentication Required" | "Unknown");
        event.row().text(Field::UserName, if is_known { &user } else { "" });
    }
    event
        .address(Field::SourceIp, "SrcIP")
        .number(Field::SourcePort, "SrcPort")
        .address(Field::DestinationIp, "DstIP")
        .number(Field::DestinationPort, "DstPort")
        .transport("Protocol")
        .text(Field::RuleName, "AccessControlRuleName")
        .text(Field::NetworkApplication, "WebApplication")
        .text(Field::NetworkApplication, "Client")
        .lower(Field::NetworkProtocol, "ApplicationProtocol");
}

/// What a rule did, or the inspection of intrusions and files.
fn decided(event: &mut Filling<'_, '_, '_>) {
    for name in ["AccessControlRuleAction", "InlineResult", "FileAction"] {
        if let Some(word) = event.value(name) {
            let trusted = (word == "Trust" || word == "Detect").then_some("allowed");
            let decided = decision(&word).or(trusted).unwrap_or_default();
            event.row().text(Field::EventAction, &word).text(Field::EventType, decided);
        }
    }
}

/// What was asked for, and how much was sent; a table takes what it has columns for.
fn what(event: &mut Filling<'_, '_, '_>) {
    event
        .domain(Field::DnsQuestionName, "DNSQuery")
        .domain(Field::TlsClientServerName, "SSLServerName")
        .domain(Field::DestinationDomain, "ReferencedHost")
        .url("URL")
        .domain(Field::UrlDomain, "ReferencedHost")
        .number(Field::HttpResponseStatusCode, "HTTPResponse")
        .text(Field::HttpRequestReferrer, "HTTPReferer")
        .text(Field::UserAgentOriginal, "UserAgent")
        .text(Field::TlsCipher, "SSLCipherSuite")
        .nanoseconds(Field::EventDuration, "ConnectionDuration")
        .number(Field::SourceBytes, "InitiatorBytes")
        .number(Field::DestinationBytes, "ResponderBytes")
        .number(Field::HttpRequestBytes, "InitiatorBytes")
        .number(Field::HttpResponseBytes, "ResponderBytes")
        .number(Field::SourcePackets, "InitiatorPackets")
        .number(Field::DestinationPackets, "ResponderPackets");
    if let Some(version) = event.value("SSLVersion")
        && let Some(number) = version.strip_prefix("TLSv")
    {
        event.row().text(Field::TlsVersion, number);
    }
    if let Some(code) = event.value("DNSResponseType") {
        event.row().text(Field::DnsResponseCode, response_code(&code));
    }
    if let Some(kind) = event.value("DNSRecordType") {
        event.row().text(Field::DnsQuestionType, record_type(&kind));
    }
}

/// The name of a record type that is written in words.
fn record_type(words: &str) -> &str {
    match words {
        "a host address" => "A",
        "IP6 Address" => "AAAA",
        "the canonical name for an alias" => "CNAME",
        "text strings" => "TXT",
        "mail exchange" => "MX",
        "a domain name pointer" => "PTR",
        words => words,
    }
}

/// The name of a response code that is written in words.
fn response_code(words: &str) -> &str {
    match words {
        "No Error" | "No error" => "NOERROR",
        "Non-Existent Domain" => "NXDOMAIN",
        "Server Failure" => "SERVFAIL",
        "Query Refused" => "REFUSED",
        "Format Error" => "FORMERR",
        words => words,
    }
}

impl<'l> Event<'l> {
    /// The fields of a text. What stands behind a comma and is no field belongs to the value before it.
    fn of(text: &'l str) -> Self {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let mut begin = 0;
        for (end, _) in text.match_indices(", ").chain([(text.len(), "")]) {
            let piece = text.get(begin..end).unwrap_or_default();
            let next = text.get(end..).unwrap_or_default().trim_start_matches(", ");
            if !(next.is_empty() || name(next).is_some()) {
                continue;
            }
            if let Some(name) = name(piece)
                && fields.len() < MOST_FIELDS
            {
                let value = piece.get(name.len() + 1..).unwrap_or_default();
                fields.push((name, value.trim_ascii()));
            }
            begin = text.len() - next.len();
        }
        Self(fields)
    }
}

/// The name that a field begins with.
fn name(field: &str) -> Option<&str> {
    let (name, _) = field.split_once(": ").or_else(|| Some((field.strip_suffix(':')?, "")))?;
    let begins = name.starts_with(|first: char| first.is_ascii_uppercase());
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'-');
    (begins && name.len() <= 48 && name.bytes().all(is_part)).then_some(name)
}

impl Values for Event<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        (!value.is_empty()).then_some(Cow::Borrowed(value))
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(fields: &str) -> KeptRows {
        let head = "EventPriority: Low, FirstPacketSecond: 2024-05-04T10:00:00Z, SrcIP: 10.0.0.5, \
            DstIP: 192.0.2.7, SrcPort: 49200, DstPort: 443, Protocol: tcp, \
            AccessControlRuleName: out, now, AccessControlRuleAction: Allow";
        let line = format!("<113>May  4 2024 10:00:09 FW %FTD-1-430003: {head}, {fields}\n");
        let rows = KeptRows::read(&LogLines, line.as_bytes());
        assert_eq!(rows.anomalies(), []);
        rows
    }

    #[test]
    fn a_connection_is_a_row_of_flow() {
        assert_eq!(
            read(
                "User: corp\\jane, Client: SSL client, ApplicationProtocol: HTTPS, \
                 ConnectionDuration: 12, InitiatorPackets: 3, ResponderPackets: 4, \
                 InitiatorBytes: 100, ResponderBytes: 200"
            )
            .only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cisco_ftd user_name=corp\\jane \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp network_protocol=https event_duration=12000000000 \
             event_action=Allow source_bytes=100 destination_bytes=200 source_packets=3 \
             destination_packets=4 network_application=SSL client event_type=allowed \
             rule_name=out, now observer_name=fw"
        );
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        assert_eq!(
            read(
                "UserAgent: Mozilla/5.0 (KHTML, like Gecko), HTTPResponse: 200, InitiatorBytes: 100, \
                 URL: https://A.workers.dev/x?y=1"
            )
            .only(Table::Web),
            "timestamp=1714816800000000 event_dataset=cisco_ftd source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             http_response_status_code=200 url_full=https://A.workers.dev/x?y=1 \
             url_domain=a.workers.dev url_path=/x url_query=y=1 \
             user_agent_original=Mozilla/5.0 (KHTML, like Gecko) http_request_bytes=100 \
             event_action=Allow event_type=allowed rule_name=out, now observer_name=fw"
        );
    }

    #[test]
    fn names_are_rows_of_their_own() {
        let row = read(
            "DNSQuery: A.workers.dev, DNSRecordType: a host address, DNSResponseType: No Error",
        );
        let row = row.only(Table::Dns);
        assert!(row.contains("dns_question_name=a.workers.dev dns_question_type=A"), "{row}");
        assert!(row.contains("dns_response_code=NOERROR"), "{row}");
        let row = read("SSLVersion: TLSv1.3, SSLServerName: A.workers.dev").only(Table::Tls);
        assert!(row.contains("tls_client_server_name=a.workers.dev tls_version=1.3"), "{row}");
    }
}
