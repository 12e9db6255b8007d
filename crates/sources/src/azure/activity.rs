//! Who did what to a resource: the activity log, and whatever else resources and the directory log
//! that is an operation.

use coldtrail_model::{Field, Table};

use super::{Record, behind};
use crate::filling::{Filling, Values, fill};
use crate::nested::{Nested, object_in};
use crate::{Collector, Stopped};

/// What was done. Some tables have a sentence for it, and the operation in what was authorised.
const OPERATIONS: [&str; 8] = [
    "operationName.value",
    "operation_name.value",
    "OperationNameValue",
    "authorization_action",
    "operationName",
    "OperationName",
    "EventName",
    "category",
];

/// What came of it.
const STATES: [&str; 8] = [
    "status.value",
    "ActivityStatusValue",
    "ActivityStatus",
    "resultType",
    "ResultType",
    "resultSignature",
    "Status",
    "status",
];

/// Why it failed.
const REASONS: [&str; 6] = [
    "subStatus.value",
    "sub_status.value",
    "ActivitySubstatusValue",
    "ActivitySubstatus",
    "resultSignature",
    "resultType",
];

/// Where the caller was.
const CALLERS: [&str; 6] = [
    "callerIpAddress",
    "CallerIpAddress",
    "claims.ipaddr",
    "httpRequest.clientIpAddress",
    "http_request.client_ip_address",
    "HTTPRequest.clientIpAddress",
];

/// Who the caller was, by name. An `identity` may be an object or a name.
const NAMES: [&str; 6] = [
    "caller",
    "Caller",
    "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "identity.claims.name",
    "properties.userPrincipalName",
];

/// Who the caller was, by number.
const IDS: [&str; 5] = [
    "identity.claims.http://schemas.microsoft.com/identity/claims/objectidentifier",
    "claims.http://schemas.microsoft.com/identity/claims/objectidentifier",
    "Claims_d.http://schemas.microsoft.com/identity/claims/objectidentifier",
    "properties.userId",
    "identity.claims.appid",
];

/// Who says so.
const PROVIDERS: [&str; 5] = [
    "resourceProviderName.value",
    "resource_provider_name.value",
    "ResourceProviderValue",
    "ResourceProvider",
    "properties.loggedByService",
];

pub(super) fn row(record: &Record<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let envelope = record.envelope;
    if !OPERATIONS.iter().any(|name| envelope.has(name)) {
        return Ok(());
    }
    let Some(moment) = record.moment(collector) else { return Ok(()) };
    let resource = record.resource();
    fill(collector, Table::Cloud, "azure.activity", moment, &envelope, |filling| {
        who(filling, envelope);
        operation(filling, envelope);
        filling.row().text(Field::CloudProvider, "azure").text(Field::CloudResourceId, resource);
        function(filling, resource);
        let account = behind(resource, "subscriptions");
        filling
            .row()
            .text(Field::CloudAccountId, account)
            .text(Field::CloudServiceName, behind(resource, "providers"));
        for name in PROVIDERS {
            filling.text(Field::EventProvider, name);
        }
        filling.row().text(Field::EventProvider, behind(resource, "providers"));
        filling
            .text(Field::CloudAccountId, "subscriptionId")
            .text(Field::CloudAccountId, "subscription_id")
            .text(Field::CloudAccountId, "SubscriptionId")
            .text(Field::CloudRegion, "Region")
            .text(Field::HttpRequestMethod, "httpRequest.method")
            .text(Field::HttpRequestMethod, "http_request.method")
            .milliseconds(Field::EventDuration, "durationMs");
        content(filling, envelope);
    })
}

fn who(filling: &mut Filling<'_, '_, '_>, envelope: Nested<'_>) {
    for name in NAMES {
        filling.text(Field::UserName, name);
    }
    if let Some(name) = envelope.str("identity") {
        filling.row().text(Field::UserName, name);
    }
    for name in IDS {
        filling.text(Field::UserId, name);
    }
    for name in CALLERS {
        filling.address(Field::SourceIp, name);
    }
    if let Some(request) = envelope.str("HTTPRequest").and_then(object_in) {
        filling
            .from(&Nested(&request))
            .address(Field::SourceIp, "clientIpAddress")
            .text(Field::HttpRequestMethod, "method");
    }
}

fn operation(filling: &mut Filling<'_, '_, '_>, envelope: Nested<'_>) {
    let authorised = envelope.str("Authorization").and_then(object_in);
    for name in OPERATIONS {
        match (&authorised, name) {
            (Some(authorised), "authorization_action") => {
                filling.from(&Nested(authorised)).text(Field::EventAction, "action");
            }
            _ => {
                filling.text(Field::EventAction, name);
            }
        }
    }
    let Some(state) = STATES.iter().find_map(|name| envelope.text(name)) else { return };
    let outcome = outcome(&state);
    filling.row().text(Field::EventOutcome, outcome);
    if outcome == "failure" {
        for name in REASONS {
            filling.text(Field::ErrorCode, name);
        }
    }
}

/// An operation that takes long also tells that it started, and is neither then.
fn outcome(state: &str) -> &'static str {
    let state = state.to_ascii_lowercase();
    if state.starts_with("succe") || state == "0" {
        "success"
    } else if state.starts_with("fail") || state.starts_with("err") {
        "failure"
    } else {
        "unknown"
    }
}

/// `…/providers/Microsoft.Web/sites/name`: a site is a web app or a function app.
fn function(filling: &mut Filling<'_, '_, '_>, resource: &str) {
    if behind(resource, "providers").eq_ignore_ascii_case("Microsoft.Web") {
        filling.row().text(Field::FaasName, behind(resource, "sites"));
    }
}

/// What was asked for is in the properties, along with much else.
fn content(filling: &mut Filling<'_, '_, '_>, envelope: Nested<'_>) {
    let written = envelope.str("Properties").and_then(object_in);
    let properties = written.as_ref().map(Nested).or_else(|| envelope.object("properties"));
    if let Some(properties) = properties {
        filling
            .from(&properties)
            .text(Field::HttpRequestBodyContent, "requestbody")
            .text(Field::HttpResponseBodyContent, "responseBody");
    }
    for name in ["properties", "Properties", "EventProperties"] {
        filling.text(Field::HttpRequestBodyContent, name);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::azure::AzureJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_function_app_that_is_created_is_named() {
        let rows = KeptRows::of_object(
            &AzureJson,
            r#"{"time":"2024-05-04T10:00:00.1234567Z","category":"Administrative",
                "resourceId":"/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.WEB/SITES/RELAY",
                "operationName":"MICROSOFT.WEB/SITES/WRITE","resultType":"Success",
                "callerIpAddress":"192.0.2.7","durationMs":"6",
                "identity":{"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":
                    "jane@example.com"}},
                "properties":{"requestbody":"{\"kind\":\"functionapp\"}"}}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800123456 event_dataset=azure.activity user_name=jane@example.com \
             source_ip=192.0.2.7 event_action=MICROSOFT.WEB/SITES/WRITE event_outcome=success \
             event_provider=MICROSOFT.WEB event_duration=6000000 cloud_provider=azure \
             cloud_account_id=S-1 cloud_service_name=MICROSOFT.WEB \
             cloud_resource_id=/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.WEB/SITES/RELAY \
             faas_name=RELAY http_request_body_content={\"kind\":\"functionapp\"}"
        );
    }

    #[test]
    fn the_portal_has_names_of_its_own() {
        let rows = KeptRows::of_object(
            &AzureJson,
            r#"{"eventTimestamp":"2024-05-04T10:00:00Z","level":"Error","caller":"jane@example.com",
                "operationName":{"value":"Microsoft.Web/sites/write","localizedValue":"Update"},
                "status":{"value":"Failed"},"subStatus":{"value":"Forbidden"},
                "httpRequest":{"clientIpAddress":"192.0.2.7","method":"PUT"},
                "resourceProviderName":{"value":"Microsoft.Web"},
                "resourceId":"/subscriptions/s-1/providers/Microsoft.Web/sites/relay"}"#,
        );
        let row = rows.only(Table::Cloud);
        for part in [
            "user_name=jane@example.com source_ip=192.0.2.7 event_action=Microsoft.Web/sites/write",
            "event_outcome=failure event_provider=Microsoft.Web error_code=Forbidden",
            "faas_name=relay http_request_method=PUT",
        ] {
            assert!(row.contains(part), "{row}");
        }
    }

    #[test]
    fn a_row_of_log_analytics_has_objects_as_text() {
        let rows = KeptRows::of_object(
            &AzureJson,
            r#"{"TimeGenerated":"5/4/2024, 10:00:00.5 AM","OperationName":"Delete it",
                "ActivityStatus":"Succeeded","CallerIpAddress":"192.0.2.7","Caller":"jane",
                "Authorization":"{\"action\":\"Microsoft.Web/sites/delete\"}",
                "HTTPRequest":"{\"method\":\"DELETE\"}","ResourceProvider":"Microsoft.Web"}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800500000 event_dataset=azure.activity user_name=jane \
             source_ip=192.0.2.7 event_action=Microsoft.Web/sites/delete event_outcome=success \
             event_provider=Microsoft.Web cloud_provider=azure http_request_method=DELETE"
        );
    }
}
