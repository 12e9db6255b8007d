//! Requests that Cloud Run, Cloud Functions, App Engine and load balancers answered:
//! <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>.

use coldtrail_model::{Field, Table};

use crate::filling::{Values, address, fill};
use crate::nested::Nested;
use crate::url::{Url, host};
use crate::{Collector, Stopped};

pub(super) fn row(
    entry: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(request) = entry.object("httpRequest") else { return Ok(()) };
    let served = ["service_name", "function_name", "module_id", "url_map_name"];
    let labels = entry.object("resource.labels");
    let observer = labels.and_then(|labels| served.iter().find_map(|name| labels.str(name)));
    fill(collector, Table::Web, "gcp.request", moment, &request, |record| {
        record
            .text(Field::HttpRequestMethod, "requestMethod")
            .number(Field::HttpResponseStatusCode, "status")
            .url("requestUrl")
            .text(Field::UserAgentOriginal, "userAgent")
            .text(Field::HttpRequestReferrer, "referer")
            .number(Field::HttpRequestBytes, "requestSize")
            .number(Field::HttpResponseBytes, "responseSize");
        // Load balancers write the client's port behind its address.
        if let Some(client) = request.text("remoteIp")
            && let Some((client, port)) = address_and_port(&client)
        {
            record.row().text(Field::SourceIp, &client);
            if let Some(port) = port {
                record.row().number(Field::SourcePort, port);
            }
        }
        if let Some(server) =
            request.str("requestUrl").and_then(|url| address(Url::parse(url).host))
        {
            record.row().text(Field::DestinationIp, &server);
        }
        if let Some(latency) = request.str("latency").and_then(seconds) {
            record.row().number(Field::EventDuration, latency);
        }
        record.row().lower(Field::ObserverName, observer.unwrap_or_default());
    })
}

fn address_and_port(text: &str) -> Option<(String, Option<i64>)> {
    if let Some(address) = address(text) {
        return Some((address.into_owned(), None));
    }
    let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    Some((address(host(text))?.into_owned(), port))
}

/// `0.173624s` in nanoseconds.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) =
        text.strip_suffix('s')?.split_once('.').unwrap_or((text.strip_suffix('s')?, ""));
    let nanoseconds = format!("{fraction:0<9}");
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(nanoseconds.get(..9)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::seconds;
    use crate::gcp::GcpJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_request_to_a_function_is_a_row_of_web() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"logName":"projects/p/logs/run.googleapis.com%2Frequests",
                "timestamp":"2024-05-04T10:00:00Z",
                "resource":{"type":"cloud_run_revision","labels":{"service_name":"relay"}},
                "httpRequest":{"requestMethod":"POST","requestUrl":"https://relay-x.a.run.app/beat?i=1",
                "requestSize":"10","status":200,"responseSize":"20","userAgent":"curl/8",
                "remoteIp":"192.0.2.7:4000","latency":"0.5s"}}"#,
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=gcp.request source_ip=192.0.2.7 \
             source_port=4000 http_request_method=POST http_response_status_code=200 \
             url_full=https://relay-x.a.run.app/beat?i=1 url_domain=relay-x.a.run.app \
             url_path=/beat url_query=i=1 user_agent_original=curl/8 http_request_bytes=10 \
             http_response_bytes=20 event_duration=500000000 observer_name=relay"
        );
    }

    #[test]
    fn latencies_are_seconds() {
        assert_eq!(seconds("0.173624s"), Some(173_624_000));
        assert_eq!(seconds("2s"), Some(2_000_000_000));
        assert_eq!(seconds("2"), None);
        assert_eq!(seconds("x.1s"), None);
    }
}
