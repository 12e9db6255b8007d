//! The audit log, in both versions, by the API and by Logpush.

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped};

/// What was asked for, in `raw` and by itself.
const REQUESTS: [&str; 8] = [
    "resource.request",
    "ResourceRequest",
    "newValueJson",
    "newValue",
    "NewValue",
    "metadata",
    "Metadata",
    "resource.value",
];

pub(super) fn v1(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, moment, collector, |filling| {
        filling
            .text(Field::UserName, "actor.email")
            .address(Field::SourceIp, "actor.ip")
            .text(Field::UserId, "actor.id")
            .text(Field::EventAction, "action.type")
            .text(Field::EventProvider, "interface")
            .text(Field::CloudAccountId, "owner.id")
            .text(Field::CloudServiceName, "resource.type")
            .text(Field::CloudResourceId, "resource.id");
    })
}

pub(super) fn pushed(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, moment, collector, |filling| {
        filling
            .text(Field::UserName, "ActorEmail")
            .address(Field::SourceIp, "ActorIP")
            .text(Field::UserId, "ActorID")
            .text(Field::EventAction, "ActionType")
            .text(Field::EventProvider, "Interface")
            .text(Field::CloudAccountId, "OwnerID")
            .text(Field::CloudServiceName, "ResourceType")
            .text(Field::CloudResourceId, "ResourceID");
    })
}

pub(super) fn v2(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, moment, collector, |filling| {
        filling
            .text(Field::UserName, "actor.email")
            .text(Field::UserName, "actor.token_name")
            .address(Field::SourceIp, "actor.ip_address")
            .text(Field::UserId, "actor.id")
            .text(Field::UserId, "actor.token_id")
            .text(Field::UserAgentOriginal, "raw.user_agent")
            .text(Field::EventAction, "action.description")
            .text(Field::EventAction, "action.type")
            .text(Field::EventProvider, "resource.product")
            .text(Field::CloudAccountId, "account.id")
            .text(Field::CloudServiceName, "resource.product")
            .text(Field::CloudResourceId, "raw.uri")
            .text(Field::CloudResourceId, "resource.id")
            .text(Field::HttpRequestMethod, "raw.method")
            .number(Field::HttpResponseStatusCode, "raw.status_code")
            .text(Field::HttpResponseBodyContent, "resource.response");
    })
}

pub(super) fn pushed_v2(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    row(record, moment, collector, |filling| {
        filling
            .text(Field::UserName, "ActorEmail")
            .text(Field::UserName, "ActorTokenName")
            .address(Field::SourceIp, "ActorIPAddress")
            .text(Field::UserId, "ActorID")
            .text(Field::UserId, "ActorTokenID")
            .text(Field::UserAgentOriginal, "RawUserAgent")
            .text(Field::EventAction, "ActionDescription")
            .text(Field::EventAction, "ActionType")
            .text(Field::EventProvider, "ResourceProduct")
            .text(Field::CloudAccountId, "AccountID")
            .text(Field::CloudServiceName, "ResourceProduct")
            .text(Field::CloudResourceId, "RawURI")
            .text(Field::CloudResourceId, "ResourceID")
            .text(Field::HttpRequestMethod, "RawMethod")
            .number(Field::HttpResponseStatusCode, "RawStatusCode")
            .text(Field::HttpResponseBodyContent, "ResourceResponse");
    })
}

fn row(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
    columns: impl FnOnce(&mut Filling<'_, '_, '_>),
) -> Result<(), Stopped> {
    fill(collector, Table::Cloud, "cloudflare.audit", moment, &record, |filling| {
        columns(filling);
        for name in REQUESTS {
            filling.text(Field::HttpRequestBodyContent, name);
        }
        let row = filling.row();
        row.text(Field::CloudProvider, "cloudflare").text(Field::EventOutcome, outcome(record));
        worker(filling, record);
    })
}

/// `true` and `false` in the first version, `success` and `failure` in the second. A record of a script
/// that a Worker runs does not always have one.
fn outcome(record: Nested<'_>) -> &'static str {
    let names = ["action.result", "ActionResult"];
    match names.iter().find_map(|name| record.text(name)).as_deref() {
        Some("true" | "success") => "success",
        Some("false" | "failure") => "failure",
        _ => "",
    }
}

/// The Worker that the record is about: `…/workers/scripts/name` in the request's path.
fn worker(filling: &mut Filling<'_, '_, '_>, record: Nested<'_>) {
    let path = record.str("raw.uri").or_else(|| record.str("RawURI")).unwrap_or_default();
    let mut parts =
        path.split(['/', '?']).skip_while(|part| *part != "scripts" && *part != "services");
    if let Some(name) = parts.nth(1) {
        filling.row().text(Field::FaasName, name);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::cloudflare::CloudflareJson;
    use crate::kept_rows::KeptRows;

    fn read(object: &str) -> String {
        KeptRows::of_object(&CloudflareJson, object).only(Table::Cloud)
    }

    #[test]
    fn the_first_version_comes_in_two_spellings() {
        let row = |interface: &str| {
            format!(
                "timestamp=1714816800000000 event_dataset=cloudflare.audit \
                 user_name=jane@example.com source_ip=192.0.2.7 user_id=a event_action=job_create \
                 event_outcome=success event_provider={interface} cloud_provider=cloudflare \
                 cloud_account_id=o cloud_service_name=script cloud_resource_id=r \
                 http_request_body_content={{\"x\":1}}"
            )
        };
        assert_eq!(
            read(
                r#"{"action":{"type":"job_create","result":true},"when":"2024-05-04T10:00:00Z",
                "actor":{"email":"jane@example.com","id":"a","ip":"::ffff:192.0.2.7","type":"user"},
                "interface":"UI","owner":{"id":"o"},"resource":{"id":"r","type":"script"},
                "newValue":"","metadata":{"x":1}}"#
            ),
            row("UI")
        );
        assert_eq!(
            read(
                r#"{"ActionType":"job_create","ActionResult":true,"When":1714816800000000000,
                "ActorEmail":"jane@example.com","ActorID":"a","ActorIP":"192.0.2.7","ActorType":"user",
                "Interface":"API","OwnerID":"o","ResourceID":"r","ResourceType":"script",
                "NewValue":{"x":1},"Metadata":{}}"#
            ),
            row("API")
        );
    }

    #[test]
    fn a_worker_that_is_uploaded_is_named() {
        let row = read(
            r#"{"id":"1","account":{"id":"o"},"action":{"description":"Upload Worker","result":"success",
            "time":"2024-05-04T10:00:00Z","type":"update"},"actor":{"token_id":"t","token_name":"ci",
            "ip_address":"192.0.2.7","type":"user","email":"","id":""},
            "raw":{"method":"PUT","status_code":200,"user_agent":"wrangler/3",
            "uri":"/accounts/o/workers/scripts/relay/versions"},
            "resource":{"product":"workers","type":"script","request":{"x":1}}}"#,
        );
        assert_eq!(
            row,
            "timestamp=1714816800000000 event_dataset=cloudflare.audit user_name=ci \
             source_ip=192.0.2.7 user_id=t user_agent_original=wrangler/3 \
             event_action=Upload Worker event_outcome=success event_provider=workers \
             cloud_provider=cloudflare cloud_account_id=o cloud_service_name=workers \
             cloud_resource_id=/accounts/o/workers/scripts/relay/versions faas_name=relay \
             http_request_method=PUT http_response_status_code=200 \
             http_request_body_content={\"x\":1}"
        );
        let pushed = read(
            r#"{"AccountID":"o","ActionDescription":"Upload Worker","ActionResult":"failure",
            "ActionTimestamp":"2024-05-04T10:00:00Z","ActionType":"update","ActorType":"user",
            "RawURI":"/accounts/o/workers/services/relay","ResourceProduct":"workers"}"#,
        );
        assert!(
            pushed.contains("event_outcome=failure") && pushed.contains("faas_name=relay"),
            "{pushed}"
        );
    }
}
