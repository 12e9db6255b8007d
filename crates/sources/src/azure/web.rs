//! Requests that App Service and its gateways answered.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs>,
//! <https://learn.microsoft.com/azure/application-gateway/application-gateway-diagnostics>,
//! <https://learn.microsoft.com/azure/frontdoor/monitor-front-door-reference>.

use coldtrail_model::{Field, Table};

use super::Record;
use crate::filling::{Filling, Values, fill};
use crate::url::Url;
use crate::{Collector, Stopped};

/// A request to a web app or to a function that HTTP runs.
pub(super) fn app_service(
    record: &Record<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, "azure.app_service", collector, |filling| {
        filling
            .address(Field::SourceIp, "CIp")
            .text(Field::UserName, "CsUsername")
            .number(Field::DestinationPort, "SPort")
            .text(Field::HttpRequestMethod, "CsMethod")
            .number(Field::HttpResponseStatusCode, "ScStatus")
            .domain(Field::UrlDomain, "CsHost")
            .text(Field::UrlPath, "CsUriStem")
            .text(Field::UrlQuery, "CsUriQuery")
            .text(Field::UserAgentOriginal, "UserAgent")
            .text(Field::HttpRequestReferrer, "Referer")
            .number(Field::HttpRequestBytes, "CsBytes")
            .number(Field::HttpResponseBytes, "ScBytes")
            .milliseconds(Field::EventDuration, "TimeTaken");
    })
}

/// A request through an Application Gateway, and what its firewall made of it.
pub(super) fn gateway(record: &Record<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    row(record, "azure.application_gateway", collector, |filling| {
        client(filling);
        filling
            .text(Field::HttpRequestMethod, "httpMethod")
            .number(Field::HttpResponseStatusCode, "httpStatus")
            .domain(Field::UrlDomain, "originalHost")
            .domain(Field::UrlDomain, "host")
            .domain(Field::UrlDomain, "hostname")
            .text(Field::UrlQuery, "requestQuery")
            .text(Field::UserAgentOriginal, "userAgent")
            .number(Field::HttpRequestBytes, "receivedBytes")
            .number(Field::HttpResponseBytes, "sentBytes")
            .text(Field::RuleName, "ruleId")
            .action("action");
        if let Some(target) = filling.value("requestUri") {
            Url::parse_target(&target).fill(filling.row(), "");
        }
    })
}

/// A request through Front Door or its firewall, or by which it tests a server.
pub(super) fn front_door(
    record: &Record<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, "azure.front_door", collector, |filling| {
        client(filling);
        filling
            .text(Field::HttpRequestMethod, "httpMethod")
            .text(Field::HttpRequestMethod, "httpVerb")
            .number(Field::HttpResponseStatusCode, "httpStatusCode")
            .url("requestUri")
            .url("probeURL")
            .text(Field::UserAgentOriginal, "userAgent")
            .text(Field::HttpRequestReferrer, "referer")
            .number(Field::HttpRequestBytes, "requestBytes")
            .number(Field::HttpResponseBytes, "responseBytes")
            .nanoseconds(Field::EventDuration, "timeTaken")
            .text(Field::RuleName, "ruleName")
            .action("action");
        if let Some(server) = filling.value("originIP")
            && let Some(address) = crate::filling::address(&server)
        {
            filling.row().text(Field::DestinationIp, &address);
        }
    })
}

fn client(filling: &mut Filling<'_, '_, '_>) {
    filling
        .address(Field::SourceIp, "clientIP")
        .address(Field::SourceIp, "clientIp")
        .number(Field::SourcePort, "clientPort");
}

fn row(
    record: &Record<'_>,
    dataset: &str,
    collector: &mut Collector<'_>,
    columns: impl FnOnce(&mut Filling<'_, '_, '_>),
) -> Result<(), Stopped> {
    let Some(moment) = record.moment(collector) else { return Ok(()) };
    let observer = record.resource_name();
    let values: &dyn Values = record;
    fill(collector, Table::Web, dataset, moment, values, |filling| {
        columns(filling);
        filling.row().lower(Field::ObserverName, observer);
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::azure::AzureJson;
    use crate::kept_rows::KeptRows;

    const ROW: &str = "timestamp=1714816800000000 event_dataset=azure.app_service \
        source_ip=192.0.2.7 destination_port=443 http_request_method=POST \
        http_response_status_code=200 url_domain=relay.azurewebsites.net url_path=/api/beat \
        url_query=i=1 user_agent_original=curl/8 http_request_bytes=10 http_response_bytes=20 \
        event_duration=5000000";

    #[test]
    fn properties_may_be_text() {
        let rows = KeptRows::of_object(
            &AzureJson,
            r#"{"time":"2024-05-04T10:00:00Z","category":"AppServiceHTTPLogs",
                "resourceId":"/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.WEB/SITES/RELAY",
                "properties":"{\"CsHost\":\"Relay.azurewebsites.net\",\"CsMethod\":\"POST\",\"CsUriStem\":\"/api/beat\",\"CsUriQuery\":\"i=1\",\"CIp\":\"192.0.2.7\",\"SPort\":\"443\",\"ScStatus\":200,\"UserAgent\":\"curl/8\",\"CsBytes\":10,\"ScBytes\":20,\"TimeTaken\":5,\"Referer\":\"-\"}"}"#,
        );
        assert_eq!(rows.only(Table::Web), format!("{ROW} observer_name=relay"));
    }

    #[test]
    fn columns_of_log_analytics_are_side_by_side() {
        let rows = KeptRows::of_object(
            &AzureJson,
            r#"{"TimeGenerated":"2024-05-04T10:00:00Z","Type":"AppServiceHTTPLogs",
                "CsHost":"relay.azurewebsites.net","CsMethod":"POST","CsUriStem":"/api/beat",
                "CsUriQuery":"i=1","CIp":"192.0.2.7","SPort":"443","ScStatus":200,
                "UserAgent":"curl/8","CsBytes":10,"ScBytes":20,"TimeTaken":5}"#,
        );
        assert_eq!(rows.only(Table::Web), ROW);
    }

    #[test]
    fn front_door_and_gateways_write_urls_in_two_ways() {
        let front = KeptRows::of_object(
            &AzureJson,
            r#"{"time":"2024-05-04T10:00:00Z","category":"FrontDoorAccessLog","resourceId":"/a/b",
                "properties":{"httpMethod":"GET","requestUri":"https://x.azurefd.net:443/a?b",
                "clientIp":"192.0.2.7","clientPort":"4000","httpStatusCode":"200","timeTaken":"0.002"}}"#,
        );
        assert_eq!(
            front.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=azure.front_door source_ip=192.0.2.7 \
             source_port=4000 http_request_method=GET http_response_status_code=200 \
             url_full=https://x.azurefd.net:443/a?b url_domain=x.azurefd.net url_path=/a \
             url_query=b event_duration=2000000 observer_name=b"
        );
        let gateway = KeptRows::of_object(
            &AzureJson,
            r#"{"time":"2024-05-04T10:00:00Z","category":"ApplicationGatewayFirewallLog",
                "resourceId":"/a/GW","properties":{"clientIp":"192.0.2.7","requestUri":"/a?b",
                "hostname":"www.example.com","ruleId":"1","action":"Blocked"}}"#,
        );
        assert_eq!(
            gateway.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=azure.application_gateway \
             source_ip=192.0.2.7 url_domain=www.example.com url_path=/a url_query=b \
             event_action=Blocked event_type=denied rule_name=1 observer_name=gw"
        );
    }
}
