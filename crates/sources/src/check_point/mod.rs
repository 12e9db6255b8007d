//! Check Point's gateways, as the Log Exporter writes them to syslog: a row of `flow` for each connection,
//! of `web` for each URL, of `dns` for each query, of `tls` for each handshake of which the server's name
//! is known.
//!
//! A record is `key:"value"` in one bracket where RFC 5424 has structured data, older ones `key="value"`;
//! for Splunk, and as `generic`, it is `key=value` between bars. CEF and LEEF are read as such. What
//! administrators and the gateway itself did is counted only.
//! <https://support.checkpoint.com/results/sk/sk122323>,
//! <https://support.checkpoint.com/results/sk/sk144192>

mod fields;

#[cfg(test)]
mod kit_tests;

use coldtrail_model::{Field, Table};

use self::fields::Fields;
use crate::decision::decision;
use crate::filling::{Filling, Values, fill};
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::url::{self, Url};
use crate::{Collector, Stopped, time};

/// Lines of the Log Exporter.
pub(crate) struct CheckPoint;

const DATASET: &str = "check_point";

impl LineShape for CheckPoint {
    fn name(&self) -> &'static str {
        "check-point"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        fields::begin(line.text).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(record) = Fields::of(line.text) else { return Ok(()) };
        let Some(table) = table(&record) else { return Ok(()) };
        let Some(moment) = moment(&record, line, collector) else { return Ok(()) };
        fill(collector, table, DATASET, moment, &record, |record| {
            parties(record, line);
            decided(record);
            match table {
                Table::Dns => dns(record),
                Table::Web => web(record),
                Table::Tls => tls(record),
                _ => flow(record),
            }
        })
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<134>1 2024-05-04T10:00:00Z gate CheckPoint 7 - [action:\"Accept\"; loguid:\"{0x1,0x2,0x3,0x4}\"; origin:\"192.0.2.1\"; dst:\"192.0.2.7\"; product:\"VPN-1 & FireWall-1\"; proto:\"6\"; s_port:\"49200\"; service:\"443\"; src:\"10.0.0.5\"]",
            "<85>1 2024-05-04T10:00:00--5:00 192.0.2.1 CP-GW - Log [Fields@1.3.6.1.4.1.2620 src=\"10.0.0.5\" dst=\"192.0.2.7\" proto=\"6\" ProductName=\"VPN-1 & FireWall-1\" svc=\"443\" ]",
            "time=1714816800|hostname=gate|product=VPN-1 & FireWall-1|action=Accept|loguid={0x1,0x2,0x3,0x4}|src=10.0.0.5|dst=192.0.2.7|proto=6|service=443",
        ]
    }
}

/// What a record is, by what it has.
fn table(record: &Fields<'_>) -> Option<Table> {
    let has = |name| record.text(name).is_some();
    if !(has("src") && has("dst")) {
        None
    } else if has("dns_query") {
        Some(Table::Dns)
    } else if has("resource") {
        Some(Table::Web)
    } else if has("tls_server_host_name") {
        Some(Table::Tls)
    } else {
        Some(Table::Flow)
    }
}

/// The record's own time, or else that of the header, in which some versions write a zone behind the
/// west with one sign too many: `--5:00`.
fn moment(record: &Fields<'_>, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let own = record.text("time");
    if let Some(moment) = own.and_then(|text| time::epoch(&text).or_else(|| time::rfc3339(&text))) {
        return Some(moment);
    }
    if line.syslog.is_some_and(|syslog| syslog.time.is_none())
        && let Some(text) = line.text.split(' ').find(|word| word.contains("--"))
        && let Some((clock, zone)) = text.split_once("--")
        && let Some(written) = time::iso(clock)
    {
        let zone = time::zone(&format!("-{zone:0>5}"));
        return collector.moment(text, Some(written.assuming_zone(zone)));
    }
    line.moment(collector)
}

/// Who acted, whom it reached, and who saw it.
fn parties(record: &mut Filling<'_, '_, '_>, line: &LogLine<'_>) {
    if let Some(machine) = record.value("src_machine_name") {
        record.row().lower(Field::HostName, machine.split('@').next().unwrap_or(&machine));
    }
    // Behind the name of the account stands that of the person, in brackets.
    for name in ["src_user_name", "user"] {
        if let Some(user) = record.value(name) {
            record.row().text(Field::UserName, user.trim_ascii());
        }
    }
    record
        .address(Field::SourceIp, "src")
        .number(Field::SourcePort, "s_port")
        .number(Field::SourcePort, "sport_svc")
        .address(Field::DestinationIp, "dst")
        .number(Field::DestinationPort, "service")
        .number(Field::DestinationPort, "svc")
        .text(Field::RuleName, "rule_name")
        .text(Field::NetworkApplication, "appi_name")
        .text(Field::NetworkApplication, "service_id")
        .lower(Field::ObserverName, "origin")
        .lower(Field::ObserverName, "hostname");
    record.row().lower(Field::ObserverName, line.host());
}

/// What the gateway did. It takes the encryption off what it lets pass, and puts it on.
fn decided(record: &mut Filling<'_, '_, '_>) {
    let Some(word) = record.value("action") else { return };
    let is_allowed = matches!(
        word.as_ref(),
        "Encrypt" | "Decrypt" | "Detect" | "Bypass" | "Inspect" | "HTTPS Inspect" | "HTTPS Bypass"
    );
    let decided = decision(&word).or(is_allowed.then_some("allowed"));
    record
        .row()
        .text(Field::EventAction, &word)
        .text(Field::EventType, decided.unwrap_or_default());
}

/// Which way the gateway's interface saw the packet go says nothing about the connection, so it has
/// no column.
fn flow(record: &mut Filling<'_, '_, '_>) {
    record
        .transport("proto")
        .number(Field::NetworkBytes, "bytes")
        .number(Field::NetworkPackets, "packets")
        .number(Field::SourceBytes, "sent_bytes")
        .number(Field::SourceBytes, "client_inbound_bytes")
        .number(Field::DestinationBytes, "received_bytes")
        .number(Field::DestinationBytes, "server_inbound_bytes")
        .number(Field::SourcePackets, "client_inbound_packets")
        .number(Field::DestinationPackets, "server_inbound_packets")
        .domain(Field::DestinationDomain, "dst_machine_name");
    if let Some(seconds) = record.value("elapsed").filter(|elapsed| !elapsed.contains(':')) {
        let nanoseconds = seconds.parse::<i64>().ok().and_then(|it| it.checked_mul(1_000_000_000));
        if let Some(nanoseconds) = nanoseconds {
            record.row().number(Field::EventDuration, nanoseconds);
        }
    }
    let direction = match record.value("conn_direction").as_deref() {
        Some("Outgoing") => "outbound",
        Some("Incoming") => "inbound",
        _ => return,
    };
    record.row().text(Field::NetworkDirection, direction);
}

fn dns(record: &mut Filling<'_, '_, '_>) {
    record.domain(Field::DnsQuestionName, "dns_query").text(Field::DnsQuestionType, "dns_type");
}

fn web(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::HttpRequestMethod, "method")
        .text(Field::UserAgentOriginal, "user_agent")
        .text(Field::UserAgentOriginal, "web_client_type")
        .text(Field::HttpRequestReferrer, "referrer")
        .number(Field::HttpResponseStatusCode, "http_status")
        .text(Field::HttpResponseMimeType, "content_type")
        .number(Field::HttpRequestBytes, "sent_bytes")
        .number(Field::HttpRequestBytes, "client_inbound_bytes")
        .number(Field::HttpResponseBytes, "received_bytes")
        .number(Field::HttpResponseBytes, "server_inbound_bytes");
    if let Some(resource) = record.value("resource") {
        let is_target = resource.starts_with('/');
        let parts = if is_target { Url::parse_target(&resource) } else { Url::parse(&resource) };
        parts.fill(record.row(), &resource);
    }
    if let Some(host) = record.value("http_host") {
        record.row().domain(Field::UrlDomain, url::host(&host));
    }
}

fn tls(record: &mut Filling<'_, '_, '_>) {
    record.domain(Field::TlsClientServerName, "tls_server_host_name");
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    const HEAD: &str = "<134>1 2024-05-04T10:00:09Z Gate CheckPoint 7 - [flags:\"1\"; ifdir:\"inbound\"; \
        loguid:\"{0x1,0x2,0x3,0x4}\"; origin:\"192.0.2.1\"; time:\"1714816800\"; \
        __policy_id_tag:\"product=VPN[name=\\\"x\\\"\\]\"; dst:\"192.0.2.7\"; src:\"10.0.0.5\"";

    #[test]
    fn a_connection_is_a_row_of_flow() {
        let rows = read(&format!(
            "{HEAD}; action:\"Drop\"; conn_direction:\"Outgoing\"; proto:\"6\"; s_port:\"49200\"; \
             service:\"443\"; service_id:\"https\"; rule_name:\"out; now\"; bytes:\"300\"; \
             packets:\"9\"; elapsed:\"5\"; src_user_name:\"jane \"]"
        ));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=check_point user_name=jane \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp network_direction=outbound event_duration=5000000000 \
             event_action=Drop network_bytes=300 network_packets=9 network_application=https \
             event_type=denied rule_name=out; now observer_name=192.0.2.1"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        let row = read(&format!(
            "{HEAD}; action:\"Detect\"; resource:\"https://A.workers.dev/x\"; method:\"GET\"]"
        ));
        let row = row.only(Table::Web);
        assert!(row.contains("url_domain=a.workers.dev url_path=/x"), "{row}");
        assert!(row.contains("event_action=Detect event_type=allowed"), "{row}");
    }

    #[test]
    fn older_records_have_equals_signs_and_odd_zones() {
        let rows = read(
            "<85>1 2024-05-04T05:00:00--5:00 192.0.2.1 CP-GW - Log [Fields@1.3.6.1.4.1.2620 \
             src=\"10.0.0.5\" dst=\"192.0.2.7\" proto=\"17\" user=\"\" svc=\"53\" sport_svc=\"49200\" ]",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=check_point source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=53 network_transport=udp"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn bars_may_stand_between_fields() {
        let row = read(
            "time=1714816800|hostname=Gate|product=VPN-1 & FireWall-1|action=Accept|\
             loguid={0x1,0x2,0x3,0x4}|src=10.0.0.5|dst=192.0.2.7|proto=6|service=443",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("destination_port=443 network_transport=tcp"), "{row}");
        assert!(row.ends_with("event_type=allowed observer_name=gate"), "{row}");
    }

    #[test]
    fn what_administrators_did_is_counted_only() {
        let rows = read(
            "<134>1 2024-05-04T10:00:09Z gate CheckPoint 7 - [action:\"Accept\"; \
             loguid:\"{0x1,0x2,0x3,0x4}\"; administrator:\"jane\"; operation:\"Log In\"]",
        );
        assert_eq!((rows.records(), rows.count(), rows.anomalies().len()), (1, 0, 0));
    }
}
