//! Cloud Audit logs: who did what on the control plane.
//!
//! `AuditLog`: <https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog>.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use super::PLACES;
use crate::filling::{Filling, Values, address, fill};
use crate::nested::Nested;
use crate::url::Url;
use crate::{Collector, Stopped};

/// Names under which the payload comes: the API's, and those of tables that a sink to BigQuery fills.
const PAYLOADS: [&str; 3] = ["protoPayload", "protopayload_auditlog", "proto_payload"];

/// What was asked for, most telling first. A policy's change is what the audit adds of it.
const REQUESTS: [&str; 4] = ["request", "serviceData", "metadata", "requestJson"];

/// Where answers have the URL of a function or a service: Cloud Functions of both generations and
/// Cloud Run of both versions of its API.
const URLS: [&str; 6] = [
    "response.httpsTrigger.url",
    "response.serviceConfig.uri",
    "response.status.url",
    "response.uri",
    "request.function.httpsTrigger.url",
    "response.status.address.url",
];

/// The names of `google.rpc.Code`, in the order of their numbers.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The payload of an audit log's entry.
pub(super) fn payload(entry: Nested<'_>) -> Option<Nested<'_>> {
    let payload = PAYLOADS.iter().find_map(|name| entry.object(name))?;
    (payload.has("methodName") || payload.has("serviceName")).then_some(payload)
}

pub(super) fn row(
    entry: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(payload) = payload(entry) else { return Ok(()) };
    fill(collector, Table::Cloud, "gcp.audit", moment, &payload, |record| {
        who(record);
        record
            .text(Field::EventAction, "methodName")
            .text(Field::EventProvider, "serviceName")
            .text(Field::CloudServiceName, "serviceName")
            .text(Field::CloudResourceId, "resourceName");
        for name in REQUESTS {
            record.text(Field::HttpRequestBodyContent, name);
        }
        record.text(Field::HttpResponseBodyContent, "response");
        for name in URLS {
            record.text(Field::UrlFull, name);
        }
        if let Some(url) = URLS.iter().find_map(|name| payload.str(name)) {
            record.row().domain(Field::UrlDomain, Url::parse(url).host);
        }
        outcome(record, payload);
        place(record, entry, payload);
    })
}

fn who(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::UserName, "authenticationInfo.principalEmail")
        .text(Field::UserId, "authenticationInfo.principalSubject")
        .text(Field::UserId, "authenticationInfo.principalEmail")
        .text(Field::UserAgentOriginal, "requestMetadata.callerSuppliedUserAgent");
    // Google writes `private` and `gce-internal-ip` where it keeps the address for itself.
    if let Some(caller) = record.value("requestMetadata.callerIp")
        && let Some(address) = address(&caller)
    {
        record.row().text(Field::SourceIp, &address);
    }
}

/// A call failed that has a code, or that lacked a permission: what is false is left out of the JSON. The
/// end of a long operation has neither.
fn outcome(record: &mut Filling<'_, '_, '_>, payload: Nested<'_>) {
    let code = payload.get("status.code").and_then(Value::as_u64).unwrap_or(0);
    let permissions = payload.elements("authorizationInfo");
    let is_granted = |permission: &Value| permission.get("granted") == Some(&Value::Bool(true));
    let row = record.row();
    if code != 0 {
        let name = usize::try_from(code).ok().and_then(|code| CODES.get(code));
        row.text(Field::ErrorCode, name.unwrap_or(&"UNKNOWN"));
    }
    let says = payload.has("status") || !permissions.is_empty();
    let outcome = match (code, permissions.iter().all(is_granted)) {
        (0, true) if says => "success",
        (0, true) => "unknown",
        _ => "failure",
    };
    row.text(Field::EventOutcome, outcome);
}

/// The project and the region, and the function if it is about one.
fn place(record: &mut Filling<'_, '_, '_>, entry: Nested<'_>, payload: Nested<'_>) {
    let region = payload.elements("resourceLocation.currentLocations").first();
    let row = record.row();
    row.text(Field::CloudProvider, "gcp")
        .text(Field::CloudRegion, region.and_then(Value::as_str).unwrap_or_default());
    let mut record = record.from(&entry);
    record.text(Field::CloudProjectId, "resource.labels.project_id");
    for name in PLACES {
        record.text(Field::CloudRegion, name);
    }
    record
        .text(Field::FaasName, "resource.labels.function_name")
        .text(Field::FaasName, "resource.labels.service_name");
    if let Some(project) = entry.text("logName").and_then(|name| project(&name).map(str::to_owned))
    {
        record.row().text(Field::CloudProjectId, &project);
    }
}

/// `a` of `projects/a/logs/…`.
fn project(log: &str) -> Option<&str> {
    log.strip_prefix("projects/")?.split('/').next()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::gcp::GcpJson;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_function_that_is_created_has_its_url() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"insertId":"1","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity",
                "timestamp":"2024-05-04T10:00:00.123456789Z",
                "resource":{"type":"cloud_function","labels":{"function_name":"f","region":"us-central1"}},
                "protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog",
                "authenticationInfo":{"principalEmail":"jane@example.com",
                    "principalSubject":"user:jane@example.com"},
                "requestMetadata":{"callerIp":"192.0.2.7","callerSuppliedUserAgent":"gcloud/1"},
                "serviceName":"cloudfunctions.googleapis.com","status":{},
                "methodName":"google.cloud.functions.v1.CloudFunctionsService.CreateFunction",
                "authorizationInfo":[{"granted":true}],"request":{"a":1},
                "resourceName":"projects/p/locations/us-central1/functions/f",
                "response":{"httpsTrigger":{"url":"https://us-central1-p.cloudfunctions.net/f"}}}}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800123456 event_dataset=gcp.audit user_name=jane@example.com \
             source_ip=192.0.2.7 user_id=user:jane@example.com user_agent_original=gcloud/1 \
             event_action=google.cloud.functions.v1.CloudFunctionsService.CreateFunction \
             event_outcome=success event_provider=cloudfunctions.googleapis.com cloud_provider=gcp \
             cloud_project_id=p cloud_region=us-central1 \
             cloud_service_name=cloudfunctions.googleapis.com \
             cloud_resource_id=projects/p/locations/us-central1/functions/f faas_name=f \
             url_full=https://us-central1-p.cloudfunctions.net/f \
             url_domain=us-central1-p.cloudfunctions.net http_request_body_content={\"a\":1} \
             http_response_body_content={\"httpsTrigger\":{\"url\":\"https://us-central1-p.cloudfunctions.net/f\"}}"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_policy_for_everybody_is_kept_as_it_was_asked_for() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"timestamp":"2024-05-04T10:00:00Z","logName":"organizations/1/logs/x",
                "protoPayload":{"serviceName":"run.googleapis.com",
                "methodName":"google.cloud.run.v1.Services.SetIamPolicy","status":{"code":7},
                "requestMetadata":{"callerIp":"private"},
                "request":{"policy":{"bindings":[{"members":["allUsers"],"role":"roles/run.invoker"}]}}}}"#,
        );
        let row = rows.only(Table::Cloud);
        assert!(row.contains("\"members\":[\"allUsers\"]"), "{row}");
        assert!(row.contains("event_outcome=failure"), "{row}");
        assert!(row.contains("error_code=PERMISSION_DENIED"), "{row}");
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn entries_come_in_messages_and_in_text() {
        let packed = "eyJ0aW1lc3RhbXAiOiIyMDI0LTA1LTA0VDEwOjAwOjAwWiIsInByb3RvUGF5\
            bG9hZCI6eyJtZXRob2ROYW1lIjoiYS5CIiwic2VydmljZU5hbWUiOiJydW4u\
            Z29vZ2xlYXBpcy5jb20ifX0=";
        let expected = "timestamp=1714816800000000 event_dataset=gcp.audit event_action=a.B \
                        event_outcome=unknown event_provider=run.googleapis.com \
                        cloud_provider=gcp cloud_service_name=run.googleapis.com";
        let text = r#"{\"timestamp\":\"2024-05-04T10:00:00Z\",\"protoPayload\":{\"methodName\":\"a.B\",\"serviceName\":\"run.googleapis.com\"}}"#;
        for log in [
            format!(r#"{{"message":{{"data":"{packed}","messageId":"1"}},"subscription":"s"}}"#),
            format!(r#"[{{"ackId":"1","message":{{"data":"{packed}","attributes":{{}}}}}}]"#),
            format!(r#"{{"insertId":"1","textPayload":"{text}"}}"#),
        ] {
            assert_eq!(KeptRows::read(&Json, log.as_bytes()).only(Table::Cloud), expected, "{log}");
        }
    }
}
