//! Calls of a cloud's interfaces.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use super::{actor, word};
use crate::aws::{function_name, published, service_name};
use crate::filling::{Filling, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped};

/// Makes the row of a call.
pub(super) fn call(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Cloud, "ocsf.api", moment, record, |row| {
        actor(record, row);
        who(row);
        what(record, row);
        to_what(record, row);
    })
}

fn who(row: &mut Filling<'_, '_, '_>) {
    row.text(Field::UserId, "actor.user.uid")
        .text(Field::UserId, "actor.user.uid_alt")
        .text(Field::UserId, "actor.invoked_by")
        .text(Field::UserAgentOriginal, "http_request.user_agent");
    // A service that acts for somebody has its name here.
    let source = row.value("src_endpoint.ip");
    if let Some(address) = source.as_deref().and_then(crate::filling::address) {
        row.row().text(Field::SourceIp, &address);
    }
}

fn what(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    let service = record.str("api.service.name").unwrap_or_default();
    row.row()
        .lower(Field::CloudProvider, record.str("cloud.provider").unwrap_or_default())
        .text(Field::CloudServiceName, service_name(service))
        .text(Field::EventOutcome, outcome(record));
    row.text(Field::EventAction, "api.operation")
        .text(Field::EventProvider, "api.service.name")
        .text(Field::EventProvider, "metadata.product.name")
        .text(Field::ErrorCode, "api.response.error")
        .text(Field::CloudRegion, "cloud.region")
        .text(Field::CloudAccountId, "cloud.account.uid")
        .text(Field::CloudAccountId, "cloud.account_uid")
        .text(Field::CloudAccountId, "unmapped.recipientAccountId")
        .text(Field::CloudAccountId, "actor.user.account.uid")
        .text(Field::CloudProjectId, "cloud.project_uid")
        .text(Field::HttpRequestMethod, "http_request.http_method")
        .number(Field::HttpResponseStatusCode, "api.response.code")
        .text(Field::HttpRequestBodyContent, "api.request.data")
        .text(Field::HttpRequestBodyContent, "unmapped.requestParameters")
        .text(Field::HttpResponseBodyContent, "api.response.data")
        .text(Field::HttpResponseBodyContent, "unmapped.responseElements");
}

/// The status says it in a word, or else whether there was an error does.
fn outcome(record: &Nested<'_>) -> &'static str {
    match word(record, "status").as_str() {
        "success" => "success",
        "failure" => "failure",
        _ if record.get("api.response.error").is_some() => "failure",
        _ => "",
    }
}

fn to_what(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    row.text(Field::CloudResourceId, "resources.uid")
        .text(Field::CloudResourceId, "resources.name");
    let answer =
        data(record, "api.response.data").or_else(|| data(record, "unmapped.responseElements"));
    if let Some((address, host)) = answer.as_ref().and_then(published) {
        let is_whole = address.contains("://");
        row.row()
            .text(Field::UrlFull, if is_whole { address } else { "" })
            .domain(Field::UrlDomain, host);
    }
    if record.str("api.service.name") == Some("lambda.amazonaws.com") {
        let asked =
            data(record, "api.request.data").or_else(|| data(record, "unmapped.requestParameters"));
        let asked = asked.as_ref().and_then(|asked| asked.get("functionName")?.as_str());
        if let Some(function) = asked.or_else(|| record.str("resources.uid")) {
            row.row().text(Field::FaasName, function_name(function));
        }
        if record.str("api.operation").is_some_and(|name| name.starts_with("Invoke")) {
            row.text(Field::FaasExecution, "api.request.uid");
        }
    }
}

/// Parameters are an object, or in Parquet its JSON as a text.
fn data(record: &Nested<'_>, name: &str) -> Option<Value> {
    match record.get(name)? {
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text).ok(),
        value => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;
    use serde_json::{Value, json};

    use crate::kept_rows::KeptRows;
    use crate::ocsf::Ocsf;

    fn record(class: i64, answer: Value) -> String {
        json!({
            "class_uid": class, "category_uid": 6, "activity_id": 1, "activity_name": "Create",
            "time": 1_714_816_800_123_i64, "metadata": {"version": "1.1.0"}, "status": "Success",
            "actor": {"user": {"name": "jane", "uid": "arn:aws:iam::123456789012:user/jane"}},
            "api": {
                "operation": "CreateFunctionUrlConfig", "service": {"name": "lambda.amazonaws.com"},
                "request": {"uid": "r1", "data": "{\"functionName\":\"poll\"}"},
                "response": {"error": null, "data": answer},
            },
            "cloud": {"provider": "AWS", "region": "eu-west-3", "account": {"uid": "123456789012"}},
            "http_request": {"user_agent": "aws-cli/2.0"}, "src_endpoint": {"ip": "192.0.2.7"},
        })
        .to_string()
    }

    #[test]
    fn a_call_is_a_row_of_cloud() {
        let text = "{\"functionUrl\":\"https://abc.lambda-url.eu-west-3.on.aws/\"}";
        let object = serde_json::from_str(text).expect("an object");
        for (class, answer) in [(6003, json!(text)), (6003, object), (3001, json!(text))] {
            assert_eq!(
                KeptRows::of_object(&Ocsf, &record(class, answer)).only(Table::Cloud),
                format!(
                    "timestamp=1714816800123000 event_dataset=ocsf.api user_name=jane \
                     source_ip=192.0.2.7 user_id=arn:aws:iam::123456789012:user/jane \
                     user_agent_original=aws-cli/2.0 event_action=CreateFunctionUrlConfig \
                     event_outcome=success event_provider=lambda.amazonaws.com \
                     cloud_provider=aws cloud_account_id=123456789012 cloud_region=eu-west-3 \
                     cloud_service_name=lambda faas_name=poll \
                     url_full=https://abc.lambda-url.eu-west-3.on.aws/ \
                     url_domain=abc.lambda-url.eu-west-3.on.aws \
                     http_request_body_content={{\"functionName\":\"poll\"}} \
                     http_response_body_content={text}"
                )
            );
        }
    }
}
