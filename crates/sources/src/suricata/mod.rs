//! Suricata's events (EVE), one JSON object each: connections, DNS, HTTP, TLS and QUIC, and alerts.
//!
//! A flow is written when it has ended, so its row has the time at which it began, and `flow_id` joins
//! it with the transactions that were seen in it. An alert makes a row of the transaction that it is
//! about, with the signature as the rule, or of the connection if there is none. Other events tell of
//! protocols that no table is for, or repeat what others tell: `netflow` halves of flows, `fileinfo`
//! the files of requests. <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>

mod dns;
mod event;
mod tls;
mod web;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use self::event::Event;
use crate::filling::{Filling, fill};
use crate::format::JsonShape;
use crate::{Collector, Stopped, time};

/// Suricata's events.
pub(crate) struct Suricata;

impl JsonShape for Suricata {
    fn name(&self) -> &'static str {
        "suricata"
    }

    /// An event has a member of the name of its kind, or tells which flow it belongs to.
    fn claims(&self, object: &Map<String, Value>) -> bool {
        let kind = Event(object).kind();
        let has = |name: &str| object.contains_key(name);
        let is_of_flow = has("flow_id") && has("src_ip") && has("proto");
        let is_named = object.get(kind).is_some_and(Value::is_object);
        has("timestamp") && !kind.is_empty() && (is_of_flow || has("event_type") && is_named)
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let event = Event(object);
        let Some((table, dataset)) = place(event) else { return Ok(()) };
        let Some(moment) = moment(event, table, collector) else { return Ok(()) };
        fill(collector, table, dataset, moment, &event, |record| {
            connection(record, event);
            match table {
                Table::Dns => dns::columns(record, event),
                Table::Web => web::columns(record),
                Table::Tls => tls::columns(record),
                _ => flow(record, event),
            }
        })
    }
}

/// The table and the dataset of an event; `None` for one that makes no row.
fn place(event: Event<'_>) -> Option<(Table, &'static str)> {
    match event.kind() {
        "alert" => {
            let table = transaction(event).or(event.get("src_ip").map(|_| Table::Flow))?;
            Some((table, "suricata.alert"))
        }
        "dns" => Some((Table::Dns, "suricata.dns")),
        "flow" => Some((Table::Flow, "suricata.flow")),
        "http" => Some((Table::Web, "suricata.http")),
        "quic" => Some((Table::Tls, "suricata.quic")),
        "tls" => Some((Table::Tls, "suricata.tls")),
        _ => None,
    }
}

/// The table of the transaction that an alert is about, if it tells of one.
fn transaction(event: Event<'_>) -> Option<Table> {
    [("http", Table::Web), ("tls", Table::Tls), ("quic", Table::Tls), ("dns", Table::Dns)]
        .into_iter()
        .find(|(name, _)| event.get(name).is_some_and(Value::is_object))
        .map(|(_, table)| table)
}

/// When it happened; of a flow, when it began.
fn moment(event: Event<'_>, table: Table, collector: &mut Collector<'_>) -> Option<i64> {
    let is_flow = table == Table::Flow && event.kind() == "flow";
    let begin = if is_flow { event.str("flow.start") } else { None };
    let Some(text) = begin.or_else(|| event.str("timestamp")) else {
        collector.anomaly(Anomaly::MissingTimestamp, event.kind());
        return None;
    };
    collector.moment(text, time::iso(text))
}

/// Who talked to whom, and who saw it.
fn connection(record: &mut Filling<'_, '_, '_>, event: Event<'_>) {
    let [client, client_port, server, server_port] = event.ends().paths();
    record
        .text(Field::NetworkSessionId, "flow_id")
        .address(Field::SourceIp, client)
        .number(Field::SourcePort, client_port)
        .address(Field::DestinationIp, server)
        .number(Field::DestinationPort, server_port)
        .text(Field::RuleName, "alert.signature")
        .lower(Field::ObserverName, "host")
        .action("alert.action");
}

fn flow(record: &mut Filling<'_, '_, '_>, event: Event<'_>) {
    record
        .transport("proto")
        .action("flow.action")
        .text(Field::EventAction, "flow.state")
        .number(Field::SourceBytes, "flow.bytes_toserver")
        .number(Field::DestinationBytes, "flow.bytes_toclient")
        .number(Field::SourcePackets, "flow.pkts_toserver")
        .number(Field::DestinationPackets, "flow.pkts_toclient");
    // It failed to tell the protocol.
    if let Some(protocol) = event.str("app_proto").filter(|protocol| *protocol != "failed") {
        record.row().lower(Field::NetworkProtocol, protocol);
    }
    if let Some(nanoseconds) = duration(event) {
        record.row().number(Field::EventDuration, nanoseconds);
    }
}

/// From the first packet to the last, in nanoseconds.
fn duration(event: Event<'_>) -> Option<i64> {
    let at = |path| time::rfc3339_assuming_utc(event.str(path)?);
    let microseconds = at("flow.end")?.checked_sub(at("flow.start")?)?;
    microseconds.checked_mul(1000).filter(|nanoseconds| *nanoseconds >= 0)
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::Suricata;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn rows(object: &str) -> KeptRows {
        KeptRows::of_object(&Suricata, object)
    }

    /// An event of a kind between a client and a server.
    fn event(kind: &str, members: &str) -> String {
        format!(
            r#"{{"timestamp":"2024-05-04T12:00:00.123456+0200","flow_id":7,"event_type":"{kind}",
                "src_ip":"10.0.0.5","src_port":49200,"dest_ip":"192.0.2.7","dest_port":443,
                "proto":"TCP",{members}}}"#
        )
    }

    /// An event about an answer of a resolver.
    fn answer(dns: &str) -> String {
        format!(
            r#"{{"timestamp":"2024-05-04T10:00:00Z","flow_id":7,"event_type":"dns",
                "src_ip":"192.0.2.53","src_port":53,"dest_ip":"10.0.0.5","dest_port":49200,
                "proto":"UDP","dns":{{{dns}}}}}"#
        )
    }

    const ENDS: &str = "source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 \
                        destination_port=443 network_session_id=7";

    const ASKED: &str = "timestamp=1714816800000000 event_dataset=suricata.dns \
                         source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.53 \
                         destination_port=53 network_session_id=7";

    #[test]
    fn a_flow_is_a_row_of_when_it_began() {
        let rows = rows(&event(
            "flow",
            r#""app_proto":"tls","host":"Sensor","flow":{"pkts_toserver":3,"pkts_toclient":4,
               "bytes_toserver":300,"bytes_toclient":400,"start":"2024-05-04T11:00:00.000000+0200",
               "end":"2024-05-04T11:00:01.500000+0200","state":"closed"}"#,
        ));
        assert_eq!(
            rows.only(Table::Flow),
            format!(
                "timestamp=1714813200000000 event_dataset=suricata.flow {ENDS} \
                 network_transport=tcp network_protocol=tls event_duration=1500000000 \
                 event_action=closed source_bytes=300 destination_bytes=400 source_packets=3 \
                 destination_packets=4 observer_name=sensor"
            )
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let rows = rows(&event(
            "http",
            r#""http":{"hostname":"A.workers.dev","http_port":8080,"url":"\/x?y=1",
               "http_user_agent":"curl/8","http_refer":"http://b.example/","http_method":"GET",
               "http_content_type":"text/html","status":200,"length":12}"#,
        ));
        assert_eq!(
            rows.only(Table::Web),
            format!(
                "timestamp=1714816800123456 event_dataset=suricata.http {ENDS} \
                 http_request_method=GET http_response_status_code=200 url_domain=a.workers.dev \
                 url_path=/x url_query=y=1 user_agent_original=curl/8 \
                 http_request_referrer=http://b.example/ http_response_body_bytes=12 \
                 http_response_mime_type=text/html"
            )
        );
    }

    #[test]
    fn a_handshake_is_a_row_of_tls() {
        let rows = rows(&event(
            "tls",
            r#""tls":{"subject":"CN=a","issuerdn":"CN=b","sni":"A.workers.dev","version":"TLS 1.3",
               "subjectaltname":["a.example","b.example"],"ja3":{"hash":"00ff"},"ja3s":{},
               "ja4":"t13d","fingerprint":"ab:cd"}"#,
        ));
        assert_eq!(
            rows.only(Table::Tls),
            format!(
                "timestamp=1714816800123456 event_dataset=suricata.tls {ENDS} \
                 tls_client_server_name=a.workers.dev tls_version=1.3 tls_client_ja3=00ff \
                 tls_client_ja4=t13d tls_server_subject=CN=a tls_server_issuer=CN=b \
                 x509_alternative_names=[a.example|b.example]"
            )
        );
    }

    #[test]
    fn quic_names_its_server_too() {
        let row = rows(&event("quic", r#""quic":{"version":"1","sni":"a.workers.dev"}"#));
        assert!(row.only(Table::Tls).ends_with("tls_client_server_name=a.workers.dev"));
    }

    #[test]
    fn a_query_is_asked_in_three_versions() {
        for dns in [
            r#""type":"query","rrname":"A.example","rrtype":"A""#,
            r#""version":2,"type":"query","rrname":"A.example","rrtype":"A""#,
            r#""version":3,"type":"request","rcode":"NOERROR","queries":[{"rrname":"A.example","rrtype":"A"}]"#,
        ] {
            let row = rows(&event("dns", &format!(r#""dns":{{{dns}}}"#))).only(Table::Dns);
            assert!(row.contains("dns_question_name=a.example dns_question_type=A event"), "{row}");
            assert!(row.contains(ENDS), "{row}");
        }
    }

    #[test]
    fn each_record_of_an_answer_was_an_event_once() {
        let rows = rows(&answer(
            r#""type":"answer","rcode":"NOERROR","rrname":"a.example","rrtype":"CNAME","ttl":60,
               "rdata":"b.azurewebsites.net""#,
        ));
        assert_eq!(
            rows.only(Table::Dns),
            format!(
                "{ASKED} dns_question_name=a.example dns_question_type=CNAME \
                 dns_response_code=NOERROR dns_answers_data=[b.azurewebsites.net] \
                 dns_answers_ttl=[60] event_action=answer"
            )
        );
    }

    #[test]
    fn answers_keep_the_order_of_their_chain() {
        let records = r#""answers":[
            {"rrname":"a.example","rrtype":"CNAME","ttl":60,"rdata":"b.azurewebsites.net."},
            {"rrname":"b.azurewebsites.net","rrtype":"A","ttl":5,"rdata":"192.0.2.7"}],
            "grouped":{"A":["192.0.2.7"],"CNAME":["b.azurewebsites.net"]}"#;
        let second = format!(
            r#""version":2,"type":"answer","rcode":"NOERROR","rrname":"a.example","rrtype":"A",{records}"#
        );
        let third = format!(
            r#""version":3,"type":"response","rcode":"NOERROR","queries":[{{"rrname":"a.example","rrtype":"A"}}],{records}"#
        );
        for (dns, word) in [(second, "answer"), (third, "response")] {
            assert_eq!(
                rows(&answer(&dns)).only(Table::Dns),
                format!(
                    "{ASKED} dns_question_name=a.example dns_question_type=A \
                     dns_response_code=NOERROR dns_answers_data=[b.azurewebsites.net|192.0.2.7] \
                     dns_answers_ttl=[60|5] event_action={word}"
                )
            );
        }
    }

    #[test]
    fn grouped_answers_have_their_chain_first() {
        let rows = rows(&answer(
            r#""version":2,"type":"answer","rcode":"NOERROR","rrname":"a.example","rrtype":"A",
               "grouped":{"A":["192.0.2.7","192.0.2.8"],"CNAME":["b.azurewebsites.net"]}"#,
        ));
        let row = rows.only(Table::Dns);
        assert!(
            row.contains("dns_answers_data=[b.azurewebsites.net|192.0.2.7|192.0.2.8]"),
            "{row}"
        );
        assert!(!row.contains("ttl"), "{row}");
    }

    #[test]
    fn an_alert_is_about_its_transaction() {
        let alert = r#""alert":{"action":"blocked","signature":"a rule","signature_id":1}"#;
        for (members, table, column) in [
            (r#""http":{"hostname":"a.example","url":"/"}"#, Table::Web, "url_domain=a.example"),
            (r#""tls":{"sni":"a.example"}"#, Table::Tls, "tls_client_server_name=a.example"),
            (
                r#""dns":{"query":[{"type":"query","rrname":"a.example","rrtype":"A"}]}"#,
                Table::Dns,
                "dns_question_name=a.example",
            ),
            (r#""flow":{"bytes_toserver":5}"#, Table::Flow, "source_bytes=5"),
        ] {
            let row = rows(&event("alert", &format!("{alert},{members}"))).only(table);
            for part in [ENDS, column, "event_type=denied rule_name=a rule", "event_action=blocked"]
            {
                assert!(row.contains(part), "{row}");
            }
        }
    }

    #[test]
    fn the_client_of_an_alert_is_the_one_of_its_flow() {
        let alert = |members: &str| {
            format!(
                r#"{{"timestamp":"2024-05-04T10:00:00Z","flow_id":7,"event_type":"alert",
                    "src_ip":"192.0.2.7","src_port":443,"dest_ip":"10.0.0.5","dest_port":49200,
                    "proto":"TCP","alert":{{"action":"allowed","signature":"a rule"}},{members}}}"#
            )
        };
        for members in [
            r#""flow":{"src_ip":"10.0.0.5","src_port":49200,"dest_ip":"192.0.2.7","dest_port":443}"#,
            r#""direction":"to_client""#,
            r#""tls":{"sni":"a.example"}"#,
        ] {
            let rows = rows(&alert(members));
            let table = if members.contains("tls") { Table::Tls } else { Table::Flow };
            assert!(rows.only(table).contains(ENDS), "{members}");
        }
        let unknown = rows(&alert(r#""app_proto":"failed""#)).only(Table::Flow);
        assert!(unknown.contains("source_ip=192.0.2.7"), "{unknown}");
    }

    #[test]
    fn an_alert_may_have_lost_its_kind() {
        let members =
            r#""tls":{"sni":"a.example"},"alert":{"action":"allowed","signature":"a rule"}"#;
        let row = rows(&event("", members).replace(r#""event_type":"","#, "")).only(Table::Tls);
        assert!(row.contains("event_dataset=suricata.alert"), "{row}");
    }

    #[test]
    fn other_events_are_claimed_and_feed_no_table() {
        for (kind, members) in [
            ("stats", r#""stats":{"uptime":1}"#),
            ("netflow", r#""netflow":{"pkts":1}"#),
            ("fileinfo", r#""http":{"url":"/x"},"fileinfo":{"filename":"/x"}"#),
            ("ssh", r#""ssh":{}"#),
            ("alert", r#""src_ip":null,"alert":{"action":"allowed"}"#),
        ] {
            let rows = rows(&event(kind, members));
            assert_eq!((rows.count(), rows.anomalies()), (0, vec![]), "{kind}");
        }
    }

    #[test]
    fn a_clock_without_a_zone_is_told() {
        let text = event("http", r#""http":{"url":"/"}"#).replace("+0200", "");
        assert_eq!(rows(&text).anomalies(), [(Anomaly::AssumedZone, 1)]);
    }

    #[test]
    fn events_come_behind_syslog_headers() {
        let event = event("tls", r#""tls":{"sni":"a.example"}"#).replace('\n', " ");
        for header in [
            "<134>May  4 2024 10:00:00 sensor suricata[7]: ",
            "<134>1 2024-05-04T10:00:00Z sensor suricata 7 - - @cee: ",
        ] {
            let rows = KeptRows::read(&LogLines, format!("{header}{event}\n").as_bytes());
            assert_eq!(rows.all(Table::Tls).len(), 1, "{header} {:?}", rows.anomalies());
        }
    }
}
