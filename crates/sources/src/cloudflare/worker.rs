//! Runs of Workers: `workers_trace_events` of Logpush.

use coldtrail_model::{Field, Table};

use crate::filling::fill;
use crate::nested::Nested;
use crate::url::Url;
use crate::{Collector, Stopped};

pub(super) fn row(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Cloud, "cloudflare.worker", moment, &record, |filling| {
        filling
            .address(Field::SourceIp, "Event.Request.Headers.cf-connecting-ip")
            .text(Field::UserAgentOriginal, "Event.Request.Headers.user-agent")
            .text(Field::EventAction, "EventType")
            .milliseconds(Field::EventDuration, "WallTimeMs")
            .text(Field::CloudResourceId, "ScriptName")
            .text(Field::FaasName, "ScriptName")
            .text(Field::FaasExecution, "Event.RayID")
            .text(Field::UrlFull, "Event.Request.URL")
            .text(Field::HttpRequestMethod, "Event.Request.Method")
            .number(Field::HttpResponseStatusCode, "Event.Response.Status");
        let trigger = match record.str("EventType") {
            Some("fetch") => "http",
            Some("scheduled" | "alarm") => "timer",
            Some("queue") => "pubsub",
            _ => "other",
        };
        let outcome = match record.str("Outcome") {
            Some("ok") => "success",
            Some("unknown") | None => "unknown",
            Some(reason) => {
                filling.row().text(Field::ErrorCode, reason);
                "failure"
            }
        };
        filling
            .row()
            .text(Field::FaasTriggerType, trigger)
            .text(Field::EventOutcome, outcome)
            .text(Field::EventProvider, "workers")
            .text(Field::CloudProvider, "cloudflare")
            .text(Field::CloudServiceName, "workers");
        if let Some(url) = record.str("Event.Request.URL") {
            filling.row().domain(Field::UrlDomain, Url::parse(url).host);
        }
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::cloudflare::CloudflareJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_run_is_a_row_of_cloud() {
        let rows = KeptRows::of_object(
            &CloudflareJson,
            r#"{"Event":{"RayID":"r","Request":{"URL":"https://relay.a.workers.dev/beat","Method":"GET"},
            "Response":{"Status":200}},"EventTimestampMs":1714816800000,"EventType":"fetch",
            "Outcome":"ok","ScriptName":"relay","Logs":[],"WallTimeMs":5}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=cloudflare.worker event_action=fetch \
             event_outcome=success event_provider=workers event_duration=5000000 \
             cloud_provider=cloudflare cloud_service_name=workers cloud_resource_id=relay \
             faas_name=relay faas_execution=r faas_trigger_type=http \
             url_full=https://relay.a.workers.dev/beat url_domain=relay.a.workers.dev \
             http_request_method=GET http_response_status_code=200"
        );
    }
}
