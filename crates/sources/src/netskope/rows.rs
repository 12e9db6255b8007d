//! What the keys of events are called here. A column takes the first key that is set.

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, fill};
use crate::time;
use crate::url::Url;
use crate::zeek::json::JsonRecord;
use crate::{Collector, Stopped};

/// An event: Netskope's own part of it, and the document around that, if it is in one.
pub(super) struct Event<'o> {
    pub(super) inner: JsonRecord<'o>,
    pub(super) outer: JsonRecord<'o>,
}

impl Values for Event<'_> {
    /// `null` in a text is what the collector makes of nothing.
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let value = match name.strip_prefix("ecs.") {
            Some(name) => self.outer.text(name),
            None => self.inner.text(name),
        }?;
        (!matches!(&*value, "" | "-" | "null" | "Unknown" | "unknown")).then_some(value)
    }
}

/// Makes a row of an event, if a table has a place for it.
pub(super) fn row(event: &dyn Values, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some((table, dataset)) = place(event) else { return Ok(()) };
    let Some(moment) = moment(event, collector) else { return Ok(()) };
    fill(collector, table, dataset, moment, event, |event| {
        parties(event);
        match table {
            Table::Web => request(event),
            _ => connection(event),
        }
    })
}

/// The table of an event, and its dataset.
fn place(event: &dyn Values) -> Option<(Table, &'static str)> {
    let has = |names: &[&'static str]| names.iter().any(|name| event.text(name).is_some());
    let kind = event.text("event_type").or_else(|| event.text("type")).unwrap_or_default();
    let reached = has(&["ecs.destination.ip", "dstip"]);
    match &*kind {
        "audit" | "infrastructure" | "admin_audit_logs" => None,
        "network" if reached => Some((Table::Flow, "netskope.network")),
        // In an alert, what the alert is about.
        _ if has(&["url", "page"]) && has(&["ecs.source.ip", "srcip", "userip"]) => {
            let dataset = match &*kind {
                "page" | "connection" => "netskope.page",
                "application" => "netskope.application",
                _ => "netskope.alert",
            };
            Some((Table::Web, dataset))
        }
        _ => None,
    }
}

fn moment(event: &dyn Values, collector: &mut Collector<'_>) -> Option<i64> {
    let text = ["timestamp", "ecs.@timestamp"].into_iter().find_map(|name| event.text(name));
    let Some(text) = text else {
        collector.anomaly(Anomaly::MissingTimestamp, "neither timestamp nor @timestamp");
        return None;
    };
    let moment = time::epoch(&text).or_else(|| time::rfc3339(&text));
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, &text);
    }
    moment
}

fn parties(event: &mut Filling<'_, '_, '_>) {
    event
        .text(Field::UserName, "user")
        .text(Field::UserName, "ecs.user.email")
        .lower(Field::HostName, "hostname")
        .lower(Field::HostName, "ecs.host.hostname")
        .address(Field::SourceIp, "srcip")
        .address(Field::SourceIp, "ecs.source.ip")
        .address(Field::SourceIp, "userip")
        .number(Field::SourcePort, "srcport")
        .number(Field::SourcePort, "ecs.source.port")
        .address(Field::DestinationIp, "dstip")
        .address(Field::DestinationIp, "ecs.destination.ip")
        .number(Field::DestinationPort, "dstport")
        .number(Field::DestinationPort, "ecs.destination.port")
        .text(Field::RuleName, "policy")
        .text(Field::RuleName, "policy.name")
        .text(Field::NetworkApplication, "app")
        .text(Field::NetworkApplication, "app.name")
        .lower(Field::ObserverName, "netskope_pop")
        .text(Field::UserAgentOriginal, "useragent")
        .text(Field::UserAgentOriginal, "ecs.user_agent.original")
        .action("action")
        .action("ecs.event.action")
        .text(Field::EventAction, "activity")
        .text(Field::EventAction, "activity.name");
}

fn connection(event: &mut Filling<'_, '_, '_>) {
    event
        .domain(Field::DestinationDomain, "dsthost")
        .domain(Field::DestinationDomain, "ecs.destination.domain")
        .transport("ip_protocol")
        .transport("ip.protocol")
        .lower(Field::NetworkProtocol, "protocol")
        .lower(Field::NetworkProtocol, "ecs.network.protocol")
        .number(Field::SourceBytes, "client_bytes")
        .number(Field::SourceBytes, "ecs.client.bytes")
        .number(Field::DestinationBytes, "server_bytes")
        .number(Field::DestinationBytes, "ecs.server.bytes")
        .number(Field::SourcePackets, "client_packets")
        .number(Field::SourcePackets, "ecs.client.packets")
        .number(Field::DestinationPackets, "server_packets")
        .number(Field::DestinationPackets, "ecs.server.packets");
}

fn request(event: &mut Filling<'_, '_, '_>) {
    event
        .number(Field::HttpRequestBytes, "client_bytes")
        .number(Field::HttpRequestBytes, "ecs.client.bytes")
        .number(Field::HttpResponseBytes, "server_bytes")
        .number(Field::HttpResponseBytes, "ecs.server.bytes")
        .text(Field::HttpResponseMimeType, "resp_content_type")
        .text(Field::HttpResponseMimeType, "response.content.type")
        .text(Field::HttpRequestReferrer, "referer");
    for name in ["url", "page"] {
        if let Some(written) = event.value(name) {
            Url::parse(&written).fill(event.row(), &written);
        }
    }
    event.domain(Field::UrlDomain, "domain");
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::super::NetskopeJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_page_is_a_row_of_web() {
        let rows = KeptRows::of_object(
            &NetskopeJson,
            r#"{"timestamp":1714816800,"type":"connection","access_method":"Client","ccl":"unknown",
                "user":"j@a.example","hostname":"PC1","srcip":"10.0.0.5","dstip":"192.0.2.7",
                "dstport":443,"url":"A.workers.dev/x?y=1","app":"Workers","client_bytes":10,
                "server_bytes":20,"useragent":"curl/8","action":"block","policy":"no workers"}"#,
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=netskope.page host_name=pc1 \
             user_name=j@a.example source_ip=10.0.0.5 destination_ip=192.0.2.7 \
             destination_port=443 url_domain=a.workers.dev url_path=/x url_query=y=1 \
             user_agent_original=curl/8 http_request_bytes=10 http_response_bytes=20 \
             network_application=Workers event_action=block event_type=denied rule_name=no workers"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_connection_in_a_document_is_a_row_of_flow() {
        let rows = KeptRows::of_object(
            &NetskopeJson,
            r#"{"@timestamp":"2024-05-04T10:00:00.000Z","event":{"action":"allow"},
                "netskope":{"events":{"event_type":"network","ip":{"protocol":"TCP"},
                "app":{"name":"[intern]"},"policy":{"name":"let pass"}}},
                "source":{"ip":"10.0.0.5","port":49200},"network":{"protocol":"Http"},
                "destination":{"ip":"192.0.2.7","port":80,"domain":"A.example"},
                "client":{"bytes":10,"packets":1},"server":{"bytes":20,"packets":2}}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=netskope.network source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=80 \
             destination_domain=a.example network_transport=tcp network_protocol=http \
             event_action=allow source_bytes=10 destination_bytes=20 source_packets=1 \
             destination_packets=2 network_application=[intern] event_type=allowed \
             rule_name=let pass"
        );
    }

    #[test]
    fn an_audit_makes_no_row() {
        let rows = KeptRows::of_object(
            &NetskopeJson,
            r#"{"timestamp":1714816800,"type":"admin_audit_logs","ccl":"unknown","acked":"false"}"#,
        );
        assert_eq!((rows.count(), rows.anomalies()), (0, vec![]));
    }
}
