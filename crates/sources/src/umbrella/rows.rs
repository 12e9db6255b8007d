//! What the cells of Umbrella's logs are called here.

use coldtrail_model::{Field, Table};

use super::kinds::Kind;
use crate::filling::{Filling, Values, fill};
use crate::time;
use crate::url::Url;
use crate::{Collector, Stopped};

/// Makes a row of a line. Its clock is UTC.
pub(super) fn row(
    kind: Kind,
    record: &dyn Values,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    if kind == Kind::Audit {
        return Ok(());
    }
    let text = record.text("time").unwrap_or_default();
    let written = time::iso(&text).map(|written| written.assuming_utc());
    let Some(moment) = collector.moment(&text, written) else { return Ok(()) };
    let (table, dataset) = match kind {
        Kind::Dns => (Table::Dns, "umbrella.dns"),
        Kind::Proxy => (Table::Web, "umbrella.proxy"),
        Kind::Addresses => (Table::Flow, "umbrella.ip"),
        Kind::Firewall => (Table::Flow, "umbrella.firewall"),
        Kind::Intrusions => (Table::Flow, "umbrella.intrusion"),
        Kind::DataLeaks | Kind::Audit => (Table::Web, "umbrella.dlp"),
    };
    fill(collector, table, dataset, moment, record, |record| {
        who(record);
        record.action("action");
        match kind {
            Kind::Dns => query(record),
            Kind::Proxy | Kind::DataLeaks => request(record),
            _ => connection(record, kind),
        }
    })
}

/// The identities that a policy may name: computers, users, sites, networks. Their types stand in the
/// same order.
fn who(record: &mut Filling<'_, '_, '_>) {
    let (Some(identity), kind) = (record.value("identity"), record.value("identity type")) else {
        return;
    };
    let names = record.value("identities").unwrap_or_default();
    let kinds = record.value("identity types").unwrap_or_default();
    let (names, kinds_of) = (parts(&names), parts(&kinds));
    if names.len() == kinds_of.len() {
        for (name, kind) in names.into_iter().zip(kinds_of) {
            identify(record, name, kind);
        }
    }
    let first = kinds.split(',').next().unwrap_or_default();
    identify(record, &identity, kind.as_deref().unwrap_or(first));
}

/// The parts of a list. A name such as `Doe, Jane` has a space behind its comma; lists of types may
/// have one, too.
fn parts(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let is_list_of_types = !list.contains('(');
        let end = rest.match_indices(',').map(|(place, _)| place).find(|place| {
            is_list_of_types || !rest.get(place + 1..).is_some_and(|rest| rest.starts_with(' '))
        });
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(part.trim_ascii());
        rest = behind.strip_prefix(',').unwrap_or(behind);
    }
    parts
}

fn identify(record: &mut Filling<'_, '_, '_>, name: &str, kind: &str) {
    if ["Computer", "Client", "Device"].iter().any(|part| kind.contains(part))
        && !kind.contains("Tunnel")
    {
        record.row().lower(Field::HostName, name);
    } else if kind.contains("User") {
        record.row().text(Field::UserName, name);
    }
}

/// The client, by its own address, or by that of its network.
fn client(record: &mut Filling<'_, '_, '_>) {
    record.address(Field::SourceIp, "internal").address(Field::SourceIp, "external");
}

fn query(record: &mut Filling<'_, '_, '_>) {
    client(record);
    record.domain(Field::DnsQuestionName, "name").text(Field::DnsResponseCode, "code");
    // `1 (A)`; `Other` says nothing.
    if let Some(written) = record.value("type")
        && let Some((_, name)) = written.trim_end_matches(')').split_once('(')
    {
        record.row().text(Field::DnsQuestionType, name);
    }
}

fn request(record: &mut Filling<'_, '_, '_>) {
    client(record);
    record
        .address(Field::DestinationIp, "destination")
        .text(Field::HttpRequestMethod, "method")
        .number(Field::HttpResponseStatusCode, "status")
        .number(Field::HttpRequestBytes, "sent")
        .number(Field::HttpResponseBytes, "received")
        .number(Field::HttpResponseBodyBytes, "body")
        .text(Field::HttpResponseMimeType, "media")
        .text(Field::HttpRequestReferrer, "referrer")
        .text(Field::UserAgentOriginal, "agent")
        .text(Field::NetworkApplication, "application")
        .text(Field::RuleName, "rule");
    if let Some(written) = record.value("url") {
        Url::parse(&written).fill(record.row(), &written);
    }
}

fn connection(record: &mut Filling<'_, '_, '_>, kind: Kind) {
    record
        .address(Field::SourceIp, "source")
        .number(Field::SourcePort, "source port")
        .address(Field::DestinationIp, "destination")
        .number(Field::DestinationPort, "destination port")
        .lower(Field::NetworkDirection, "direction")
        .transport("protocol")
        .number(Field::SourceBytes, "bytes")
        .text(Field::RuleName, "rule");
    if kind == Kind::Addresses {
        // The log has what was blocked, and nothing else.
        record.row().text(Field::EventType, "denied");
    }
    if record.value("action").is_some_and(|action| action == "Would Block") {
        record.row().text(Field::EventType, "allowed");
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_query_is_a_row_of_dns() {
        let rows = read(
            "\"2024-05-04 10:00:00\",\"jane\",\"jane,PC1\",\"10.0.0.5\",\"192.0.2.1\",\"Blocked\",\
             \"28 (AAAA)\",\"NOERROR\",\"A.workers.dev.\",\"Other\",\"AD Users\",\
             \"AD Users,Roaming Computers\",\"\"",
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=umbrella.dns host_name=pc1 user_name=jane \
             source_ip=10.0.0.5 dns_question_name=a.workers.dev dns_question_type=AAAA \
             dns_response_code=NOERROR event_action=Blocked event_type=denied"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn names_of_persons_may_hold_commas() {
        let rows = read(
            "\"2024-05-04 10:00:00\",\"Doe, Jane (j@a.example)\", \"Doe, Jane (j@a.example),PC1\", \
             \"10.0.0.5\",\"192.0.2.1\",\"Allowed\",\"1 (A)\",\"NOERROR\",\"a.example.\",\"Other\",\
             \"AD Users\",\"AD Users, Roaming Computers\",\"\"",
        );
        let row = rows.only(Table::Dns);
        assert!(row.contains("host_name=pc1 user_name=Doe, Jane (j@a.example)"), "{row}");
    }

    #[test]
    fn what_administrators_did_makes_no_row() {
        let rows = read(
            "\"1\",\"2024-05-04 10:00:00\",\"j@a.example\",\"jane\", \"export\", \"update\",\
             \"192.0.2.1\",\"version: 4\",\"version: 5\"",
        );
        assert_eq!((rows.records(), rows.count(), rows.anomalies()), (1, 0, vec![]));
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let rows = read(
            "\"2024-05-04 10:00:00\",\"PC1\",\"\",\"192.0.2.1\", \"192.0.2.7\",\"text/html\",\
             \"ALLOWED\",\"https://a.workers.dev/x?y=1\",\"\",\"curl/8 (x, y)\",\"200\",\"10\",\"20\",\
             \"15\",\"\",\"Other\",\"\",\"\",\"\",\"\",\"\",\"Roaming Computers\",\"\",\"PC1\",\
             \"Roaming Computers\",\"POST\",\"\"",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=umbrella.proxy host_name=pc1 \
             source_ip=192.0.2.1 destination_ip=192.0.2.7 http_request_method=POST \
             http_response_status_code=200 url_full=https://a.workers.dev/x?y=1 \
             url_domain=a.workers.dev url_path=/x url_query=y=1 user_agent_original=curl/8 (x, y) \
             http_response_body_bytes=15 http_request_bytes=10 http_response_bytes=20 \
             http_response_mime_type=text/html event_action=ALLOWED event_type=allowed"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn connections_are_rows_of_flow() {
        let rows = read(
            "\"2024-05-04 10:00:00\",\"PC1\",\"10.0.0.5\",\"49200\",\"192.0.2.7\",\"443\",\"Other\",\
             \"Roaming Computers\"",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=umbrella.ip host_name=pc1 \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             event_type=denied"
        );
        let rows = read(
            "2024-05-04 10:00:00,[1],Site,CDFW Tunnel Device,OUTBOUND,6,84,10.0.0.5,,192.0.2.7,443,\
             dc,12,BLOCK",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=umbrella.firewall source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 destination_port=443 network_transport=tcp \
             network_direction=outbound event_action=BLOCK source_bytes=84 event_type=denied \
             rule_name=12"
        );
    }
}
