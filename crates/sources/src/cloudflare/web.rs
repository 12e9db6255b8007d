//! Requests: those that the edge answered, and those that the gateway let devices send.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use crate::decision::decision;
use crate::filling::{Values, address, fill};
use crate::nested::Nested;
use crate::url::Url;
use crate::{Collector, Stopped, time};

/// A request that the edge answered, or that its firewall judged.
pub(super) fn edge(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let is_firewall = record.has("Action");
    let dataset = if is_firewall { "cloudflare.firewall" } else { "cloudflare.http" };
    let end = record.text("EdgeEndTimestamp");
    let end = end.and_then(|end| time::rfc3339(&end).or_else(|| time::epoch(&end)));
    fill(collector, Table::Web, dataset, moment, &record, |filling| {
        filling
            .address(Field::SourceIp, "ClientIP")
            .number(Field::SourcePort, "ClientSrcPort")
            .text(Field::HttpRequestMethod, "ClientRequestMethod")
            .number(Field::HttpResponseStatusCode, "EdgeResponseStatus")
            .domain(Field::UrlDomain, "ClientRequestHost")
            .text(Field::UserAgentOriginal, "ClientRequestUserAgent")
            .text(Field::HttpRequestReferrer, "ClientRequestReferer")
            .number(Field::HttpRequestBytes, "ClientRequestBytes")
            .number(Field::HttpResponseBytes, "EdgeResponseBytes")
            .text(Field::HttpResponseMimeType, "EdgeResponseContentType")
            .text(Field::RuleName, "RuleID")
            .lower(Field::ObserverName, "ZoneName")
            .action("Action")
            .action("SecurityAction");
        // The last rule that matched is the one that ended it.
        let matched = record.elements("FirewallMatchesActions").last().and_then(Value::as_str);
        if let Some(action) = matched {
            let row = filling.row();
            row.text(Field::EventAction, action);
            row.text(Field::EventType, decision(action).unwrap_or_default());
        }
        if let Some(server) = filling.value("OriginIP")
            && let Some(server) = address(&server)
        {
            filling.row().text(Field::DestinationIp, &server);
        }
        let target = record.str("ClientRequestURI").or_else(|| record.str("ClientRequestPath"));
        Url::parse_target(target.unwrap_or_default()).fill(filling.row(), "");
        if let Some(query) = record.str("ClientRequestQuery") {
            filling.row().text(Field::UrlQuery, query.trim_start_matches('?'));
        }
        if record.has("EdgeStartTimestamp")
            && let Some(duration) = end.and_then(|end| end.checked_sub(moment))
            && duration >= 0
        {
            filling.row().number(Field::EventDuration, duration.saturating_mul(1000));
        }
    })
}

/// A request that a device sent.
pub(super) fn gateway(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Web, "cloudflare.gateway_http", moment, &record, |filling| {
        filling
            .lower(Field::HostName, "DeviceName")
            .text(Field::UserName, "Email")
            .address(Field::SourceIp, "SourceIP")
            .number(Field::SourcePort, "SourcePort")
            .address(Field::DestinationIp, "DestinationIP")
            .number(Field::DestinationPort, "DestinationPort")
            .text(Field::HttpRequestMethod, "HTTPMethod")
            .number(Field::HttpResponseStatusCode, "HTTPStatusCode")
            .url("URL")
            .domain(Field::UrlDomain, "HTTPHost")
            .text(Field::UserAgentOriginal, "UserAgent")
            .text(Field::HttpRequestReferrer, "Referer")
            .text(Field::RuleName, "PolicyName")
            .action("Action");
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::cloudflare::CloudflareJson;
    use crate::kept_rows::KeptRows;

    fn read(object: &str) -> String {
        KeptRows::of_object(&CloudflareJson, object).only(Table::Web)
    }

    #[test]
    fn a_request_at_the_edge() {
        assert_eq!(
            read(
                r#"{"ClientIP":"192.0.2.7","ClientRequestHost":"Relay.example.com","OriginIP":"",
                "ClientRequestMethod":"POST","ClientRequestURI":"/beat?i=1","EdgeResponseStatus":200,
                "EdgeStartTimestamp":1714816800000000000,"EdgeEndTimestamp":1714816800500000000,
                "ClientRequestBytes":10,"EdgeResponseBytes":20,"ZoneName":"example.com"}"#
            ),
            "timestamp=1714816800000000 event_dataset=cloudflare.http source_ip=192.0.2.7 \
             http_request_method=POST http_response_status_code=200 url_domain=relay.example.com \
             url_path=/beat url_query=i=1 http_request_bytes=10 http_response_bytes=20 \
             event_duration=500000000 observer_name=example.com"
        );
    }

    #[test]
    fn a_request_of_a_device() {
        assert_eq!(
            read(
                r#"{"Datetime":"2024-05-04T10:00:00Z","DeviceName":"WS01","Email":"jane@example.com",
                "SourceIP":"10.0.0.5","SourcePort":49200,"DestinationIP":"192.0.2.7",
                "DestinationPort":443,"HTTPHost":"a.workers.dev","HTTPMethod":"GET","HTTPStatusCode":200,
                "URL":"https://a.workers.dev/x?y","UserAgent":"curl/8","Action":"block",
                "PolicyName":"p"}"#
            ),
            "timestamp=1714816800000000 event_dataset=cloudflare.gateway_http host_name=ws01 \
             user_name=jane@example.com source_ip=10.0.0.5 source_port=49200 \
             destination_ip=192.0.2.7 destination_port=443 http_request_method=GET \
             http_response_status_code=200 url_full=https://a.workers.dev/x?y \
             url_domain=a.workers.dev url_path=/x url_query=y user_agent_original=curl/8 \
             event_action=block event_type=denied rule_name=p"
        );
    }
}
