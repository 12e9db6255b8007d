//! Network activity: connections, handshakes, requests and queries.

use std::borrow::Cow;

use coldtrail_model::{Field, Table};
use serde_json::Value;

use super::{Kind, acting_process, actor, word};
use crate::filling::{Filling, Values, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped};

/// What a record of a connection is to us: a handshake where it names what the client asked for or the
/// server showed, and nothing where no end is named, as in a flow log's window without data.
pub(super) fn kind(record: &Nested<'_>) -> Option<Kind> {
    let has = |names: &[&str]| names.iter().any(|name| record.get(name).is_some());
    if has(&["tls.sni", "tls.certificate.subject", "tls.ja3_hash.value", "tls.ja4_hash.value"]) {
        return Some(Kind::Tls);
    }
    let ends = [
        "src_endpoint.ip",
        "dst_endpoint.ip",
        "src_endpoint.hostname",
        "dst_endpoint.hostname",
        "dst_endpoint.domain",
    ];
    has(&ends).then_some(Kind::Network)
}

/// Makes the row of a connection.
pub(super) fn connection(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Flow, "ocsf.network", moment, record, |row| {
        around(record, row);
        row.domain(Field::DestinationDomain, "dst_endpoint.hostname")
            .domain(Field::DestinationDomain, "dst_endpoint.domain")
            .transport("connection_info.protocol_name")
            .transport("connection_info.protocol_num")
            .lower(Field::NetworkProtocol, "app_protocol_name")
            .text(Field::NetworkApplication, "app_name")
            .text(Field::NetworkApplication, "dst_endpoint.svc_name")
            .milliseconds(Field::EventDuration, "duration")
            .number(Field::SourceBytes, "traffic.bytes_out")
            .number(Field::DestinationBytes, "traffic.bytes_in")
            .number(Field::SourcePackets, "traffic.packets_out")
            .number(Field::DestinationPackets, "traffic.packets_in");
        let has = |name| record.get(name).is_some();
        if !has("traffic.bytes_out") && !has("traffic.bytes_in") {
            row.number(Field::NetworkBytes, "traffic.bytes");
        }
        if !has("traffic.packets_out") && !has("traffic.packets_in") {
            row.number(Field::NetworkPackets, "traffic.packets");
        }
        row.row().text(Field::NetworkDirection, direction(record));
    })
}

/// Makes the row of a handshake.
pub(super) fn handshake(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Tls, "ocsf.network", moment, record, |row| {
        around(record, row);
        row.domain(Field::TlsClientServerName, "tls.sni")
            .text(Field::TlsVersion, "tls.version")
            .text(Field::TlsCipher, "tls.cipher")
            .text(Field::TlsClientJa3, "tls.ja3_hash.value")
            .text(Field::TlsServerJa3s, "tls.ja3s_hash.value")
            .text(Field::TlsServerSubject, "tls.certificate.subject")
            .text(Field::TlsServerIssuer, "tls.certificate.issuer")
            .texts(Field::X509AlternativeNames, "tls.certificate.sans.name")
            .texts(Field::X509AlternativeNames, "tls.sans.name");
    })
}

/// Makes the row of a request.
pub(super) fn request(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Web, "ocsf.http", moment, record, |row| {
        around(record, row);
        row.text(Field::HttpRequestMethod, "http_request.http_method")
            .number(Field::HttpResponseStatusCode, "http_response.code")
            .number(Field::HttpResponseStatusCode, "http_status")
            .domain(Field::UrlDomain, "http_request.url.hostname")
            .text(Field::UrlPath, "http_request.url.path")
            .text(Field::UrlQuery, "http_request.url.query_string")
            .url("http_request.url.url_string")
            .url("http_request.url.text")
            .text(Field::UserAgentOriginal, "http_request.user_agent")
            .text(Field::HttpRequestReferrer, "http_request.referrer")
            .text(Field::HttpResponseMimeType, "http_response.content_type")
            .number(Field::HttpRequestBytes, "http_request.length")
            .number(Field::HttpResponseBytes, "http_response.length")
            .number(Field::HttpRequestBodyBytes, "http_request.body_length")
            .number(Field::HttpResponseBodyBytes, "http_response.body_length")
            .text(Field::NetworkApplication, "app_name")
            .milliseconds(Field::EventDuration, "duration");
    })
}

/// Makes the row of a query.
pub(super) fn query(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let answers = record.texts("answers.rdata").unwrap_or_default();
    fill(collector, Table::Dns, "ocsf.dns", moment, record, |row| {
        around(record, row);
        row.domain(Field::DnsQuestionName, "query.hostname")
            .text(Field::DnsQuestionType, "query.type")
            .numbers(Field::DnsAnswersTtl, "answers.ttl");
        let names = answers.iter().map(|answer| answer.strip_suffix('.').unwrap_or(answer));
        row.row()
            .text(Field::DnsResponseCode, &response_code(record))
            .texts(Field::DnsAnswersData, names);
    })
}

/// Who and where, and what was decided.
fn around(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    actor(record, row);
    acting_process(record, row);
    row.address(Field::SourceIp, "src_endpoint.ip")
        .number(Field::SourcePort, "src_endpoint.port")
        .address(Field::DestinationIp, "dst_endpoint.ip")
        .number(Field::DestinationPort, "dst_endpoint.port")
        .text(Field::NetworkSessionId, "connection_info.uid")
        .text(Field::RuleName, "firewall_rule.name")
        .text(Field::RuleName, "firewall_rule.uid")
        .text(Field::RuleName, "policy.name")
        .domain(Field::ObserverName, "proxy.hostname")
        .text(Field::EventAction, "activity_name");
    // 1 and 2 are the same since version 1.1, before which there was no word.
    let decision = match (word(record, "action").as_str(), word(record, "action_id").as_str()) {
        ("allowed", _) | ("", "1") => "allowed",
        ("denied", _) | ("", "2") => "denied",
        _ => match word(record, "disposition").as_str() {
            "allowed" => "allowed",
            "blocked" | "dropped" | "rejected" | "reset" | "unauthorized" => "denied",
            _ => "",
        },
    };
    row.row().text(Field::EventType, decision);
}

fn direction(record: &Nested<'_>) -> &'static str {
    let (word, number) =
        (word(record, "connection_info.direction"), word(record, "connection_info.direction_id"));
    match (number.as_str(), word.as_str()) {
        ("1", _) | (_, "inbound" | "ingress") => "inbound",
        ("2", _) | (_, "outbound" | "egress") => "outbound",
        _ => "",
    }
}

/// The code as the registry of DNS spells it; the framework has names of its own for two of them.
fn response_code(record: &Nested<'_>) -> Cow<'static, str> {
    let code = record.get("rcode").and_then(Value::as_str).unwrap_or_default();
    match code.to_uppercase().as_str() {
        "" => match record.get("rcode_id").and_then(Value::as_i64) {
            Some(0) => "NOERROR".into(),
            Some(1) => "FORMERR".into(),
            Some(2) => "SERVFAIL".into(),
            Some(3) => "NXDOMAIN".into(),
            Some(4) => "NOTIMP".into(),
            Some(5) => "REFUSED".into(),
            _ => "".into(),
        },
        "FORMERROR" => "FORMERR".into(),
        "SERVERROR" => "SERVFAIL".into(),
        code => code.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;
    use serde_json::{Value, json};

    use crate::kept_rows::KeptRows;
    use crate::ocsf::Ocsf;

    /// A record of a class, with what all of them have, and what is different in it.
    fn rows(class: i64, more: Value) -> KeptRows {
        let mut record = json!({
            "class_uid": class, "category_uid": 4, "activity_id": 6, "activity_name": "Traffic",
            "time": 1_714_816_800_123_i64, "metadata": {"version": "1.1.0"},
            "src_endpoint": {"ip": "10.0.0.5", "port": 49200},
            "dst_endpoint": {"ip": "192.0.2.7", "port": 443, "hostname": "A.workers.dev"},
            "device": {"hostname": "WS01"},
            "actor": {
                "user": {"name": "jane", "domain": "CORP"},
                "process": {"pid": 7, "file": {"path": "C:\\x\\A.exe"}, "cmd_line": "a.exe -p"},
            },
        });
        for (name, value) in more.as_object().expect("an object") {
            record[name] = value.clone();
        }
        KeptRows::of_object(&Ocsf, &record.to_string())
    }

    const WHO: &str = "host_name=ws01 user_name=CORP\\jane source_ip=10.0.0.5 source_port=49200 \
                       destination_ip=192.0.2.7 destination_port=443";

    const PROCESS: &str = "process_name=a.exe process_executable=C:\\x\\A.exe process_pid=7 \
         process_command_line=a.exe -p";

    #[test]
    fn a_connection_is_a_row_of_flow() {
        let kept = rows(
            4001,
            json!({
                "action": "Denied", "duration": 1.5,
                "connection_info": {"uid": "C1", "protocol_num": 6, "direction_id": 2},
                "traffic": {"bytes": 30, "bytes_in": 20, "bytes_out": 10, "packets": 3},
            }),
        );
        assert_eq!(
            kept.only(Table::Flow),
            format!(
                "timestamp=1714816800123000 event_dataset=ocsf.network {WHO} \
                 network_session_id=C1 {PROCESS} destination_domain=a.workers.dev \
                 network_transport=tcp network_direction=outbound event_duration=1500000 \
                 event_action=Traffic source_bytes=10 destination_bytes=20 network_packets=3 \
                 event_type=denied"
            )
        );
        assert_eq!(kept.anomalies(), []);
    }

    #[test]
    fn a_handshake_is_a_row_of_tls() {
        let kept = rows(
            4001,
            json!({"tls": {
                "sni": "A.workers.dev", "version": "1.3", "cipher": "TLS_AES_128_GCM_SHA256",
                "ja3_hash": {"value": "ab"}, "certificate": {"subject": "CN=a", "issuer": "CN=b"},
                "sans": [{"name": "a.example", "type": "dns"}],
            }}),
        );
        let row = kept.only(Table::Tls);
        assert!(
            row.ends_with(
                "tls_client_server_name=a.workers.dev tls_version=1.3 tls_client_ja3=ab \
                 tls_cipher=TLS_AES_128_GCM_SHA256 tls_server_subject=CN=a tls_server_issuer=CN=b \
                 x509_alternative_names=[a.example] event_action=Traffic"
            ),
            "{row}"
        );
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let kept = rows(
            4002,
            json!({
                "http_request": {
                    "http_method": "GET", "user_agent": "curl/8",
                    "url": {"url_string": "https://A.workers.dev/x?y=1"},
                },
                "http_response": {"code": 200, "body_length": 12},
            }),
        );
        let row = kept.only(Table::Web);
        assert!(
            row.ends_with(
                "http_request_method=GET http_response_status_code=200 \
                 url_full=https://A.workers.dev/x?y=1 url_domain=a.workers.dev url_path=/x \
                 url_query=y=1 user_agent_original=curl/8 http_response_body_bytes=12 \
                 event_action=Traffic"
            ),
            "{row}"
        );
    }

    #[test]
    fn a_query_is_a_row_of_dns() {
        let query = json!({"hostname": "A.Example.", "type": "A"});
        let answers = json!([{"rdata": "b.azurewebsites.net.", "ttl": 5}, {"rdata": "192.0.2.7"}]);
        let row = rows(4003, json!({"query": query, "answers": answers, "rcode": "NoError"}))
            .only(Table::Dns);
        assert!(
            row.ends_with(
                "dns_question_name=a.example dns_question_type=A dns_response_code=NOERROR \
                 dns_answers_data=[b.azurewebsites.net|192.0.2.7] dns_answers_ttl=[5|] \
                 event_action=Traffic"
            ),
            "{row}"
        );
        let row = rows(4003, json!({"query": query, "rcode_id": 3})).only(Table::Dns);
        assert!(row.contains("dns_response_code=NXDOMAIN"), "{row}");
    }

    #[test]
    fn a_window_without_data_is_no_connection() {
        let ends = json!({"ip": "-", "port": null});
        let kept = rows(4001, json!({"src_endpoint": ends, "dst_endpoint": {"ip": "-"}}));
        assert_eq!((kept.count(), kept.anomalies()), (0, vec![]));
    }
}
