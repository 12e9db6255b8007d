//! CloudTrail: who did what on the control plane, and who invoked which function.
//!
//! An event is in a file with many, on a line of its own, in what EventBridge, CloudTrail Lake or
//! `lookup-events` hand on, or in an index under `aws.cloudtrail`. Insights, which tell how often something was
//! done, and digests, which sign files, are no actions and make no rows.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use super::{function_name, published, service_name};
use crate::filling::{Filling, Values, address, fill};
use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Events of CloudTrail.
pub(crate) struct CloudTrail;

const DATASET: &str = "aws.cloudtrail";

/// What an event acted on, the most telling first.
const RESOURCES: [&str; 15] = [
    "responseElements.functionArn",
    "requestParameters.functionArn",
    "resources.ARN",
    "resources.arn",
    "requestParameters.functionName",
    "requestParameters.resourceArn",
    "requestParameters.roleArn",
    "requestParameters.bucketName",
    "requestParameters.restApiId",
    "requestParameters.apiId",
    "requestParameters.roleName",
    "requestParameters.userName",
    "requestParameters.stackName",
    "requestParameters.instanceId",
    "requestParameters.name",
];

impl JsonShape for CloudTrail {
    fn name(&self) -> &'static str {
        "aws-cloudtrail"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let has = |name| object.contains_key(name);
        is_event(object) || is_insight(object) || has("digestS3Object") && has("digestEndTime")
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        if !is_event(object) || is_insight(object) {
            return Ok(());
        }
        let record = Nested(object);
        let time = record.text("eventTime").unwrap_or_default();
        let Some(moment) = time::rfc3339_assuming_utc(&time).or_else(|| time::epoch(&time)) else {
            let anomaly = match time.as_ref() {
                "" => Anomaly::MissingTimestamp,
                _ => Anomaly::InvalidTimestamp,
            };
            collector.anomaly(anomaly, &time);
            return Ok(());
        };
        fill(collector, Table::Cloud, DATASET, moment, &record, |row| {
            who(row);
            what(&record, row);
            to_what(&record, row);
        })
    }
}

fn is_event(object: &Map<String, Value>) -> bool {
    let has = |name| object.contains_key(name);
    has("eventSource") && has("eventName") && (has("awsRegion") || has("userIdentity"))
}

fn is_insight(object: &Map<String, Value>) -> bool {
    object.get("eventType").is_some_and(|kind| kind == "AwsCloudTrailInsight")
}

fn who(row: &mut Filling<'_, '_, '_>) {
    row.text(Field::UserName, "userIdentity.userName")
        .text(Field::UserName, "userIdentity.sessionContext.sessionIssuer.userName")
        .text(Field::UserId, "userIdentity.arn")
        .text(Field::UserId, "userIdentity.principalId")
        .text(Field::UserId, "userIdentity.invokedBy")
        .text(Field::UserAgentOriginal, "userAgent");
    // A service that acts for somebody has its name here.
    let source = row.value("sourceIPAddress");
    if let Some(address) = source.as_deref().and_then(address) {
        row.row().text(Field::SourceIp, &address);
    }
}

fn what(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    row.row()
        .text(Field::CloudProvider, "aws")
        .text(Field::EventOutcome, outcome(record))
        .text(Field::CloudServiceName, service_name(record.str("eventSource").unwrap_or_default()));
    row.text(Field::EventAction, "eventName")
        .text(Field::EventProvider, "eventSource")
        .text(Field::ErrorCode, "errorCode")
        .text(Field::CloudRegion, "awsRegion")
        .text(Field::CloudAccountId, "recipientAccountId")
        .text(Field::CloudAccountId, "userIdentity.accountId")
        .text(Field::HttpRequestBodyContent, "requestParameters")
        .text(Field::HttpResponseBodyContent, "responseElements");
}

/// Logins to the console succeed as calls, and say in their answer that they failed.
fn outcome(record: &Nested<'_>) -> &'static str {
    let is_refused = record.str("responseElements.ConsoleLogin") == Some("Failure");
    let has_error = ["errorCode", "errorMessage"].iter().any(|name| record.get(name).is_some());
    if is_refused || has_error { "failure" } else { "success" }
}

fn to_what(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    for name in RESOURCES {
        row.text(Field::CloudResourceId, name);
    }
    if record.str("eventSource") == Some("lambda.amazonaws.com") {
        let names = [
            "requestParameters.functionName",
            "responseElements.functionName",
            "responseElements.functionArn",
            "resources.ARN",
        ];
        if let Some(function) = names.iter().find_map(|name| record.str(name)) {
            row.row().text(Field::FaasName, function_name(function));
        }
        if record.str("eventName").is_some_and(|name| name.starts_with("Invoke")) {
            row.text(Field::FaasExecution, "requestID");
        }
    }
    if let Some((address, host)) = record.0.get("responseElements").and_then(published) {
        let is_whole = address.contains("://");
        row.row()
            .text(Field::UrlFull, if is_whole { address } else { "" })
            .domain(Field::UrlDomain, host);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use serde_json::{Value, json};

    use super::CloudTrail;
    use crate::format::Format;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;

    fn event() -> Value {
        json!({
            "eventVersion": "1.08",
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLE:jane",
                "arn": "arn:aws:sts::123456789012:assumed-role/dev/jane",
                "accountId": "123456789012",
                "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "dev"}},
            },
            "eventTime": "2024-05-04T10:00:00Z", "eventSource": "lambda.amazonaws.com",
            "eventName": "CreateFunctionUrlConfig", "awsRegion": "eu-west-3",
            "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2.0",
            "requestParameters": {"authType": "NONE", "functionName": "poll"},
            "responseElements": {
                "authType": "NONE",
                "functionArn": "arn:aws:lambda:eu-west-3:123456789012:function:poll",
                "functionUrl": "https://Abc.lambda-url.eu-west-3.on.aws/",
            },
            "requestID": "r1", "eventID": "e1", "readOnly": false, "eventType": "AwsApiCall",
            "recipientAccountId": "123456789012",
        })
    }

    fn rows(event: &Value) -> KeptRows {
        KeptRows::of_object(&CloudTrail, &event.to_string())
    }

    #[test]
    fn a_function_that_is_published_tells_its_url() {
        let kept = rows(&event());
        assert_eq!(
            kept.only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=aws.cloudtrail user_name=dev \
             source_ip=192.0.2.7 user_id=arn:aws:sts::123456789012:assumed-role/dev/jane \
             user_agent_original=aws-cli/2.0 event_action=CreateFunctionUrlConfig \
             event_outcome=success event_provider=lambda.amazonaws.com cloud_provider=aws \
             cloud_account_id=123456789012 cloud_region=eu-west-3 cloud_service_name=lambda \
             cloud_resource_id=arn:aws:lambda:eu-west-3:123456789012:function:poll faas_name=poll \
             url_full=https://Abc.lambda-url.eu-west-3.on.aws/ \
             url_domain=abc.lambda-url.eu-west-3.on.aws \
             http_request_body_content={\"authType\":\"NONE\",\"functionName\":\"poll\"} \
             http_response_body_content={\"authType\":\"NONE\",\
             \"functionArn\":\"arn:aws:lambda:eu-west-3:123456789012:function:poll\",\
             \"functionUrl\":\"https://Abc.lambda-url.eu-west-3.on.aws/\"}"
        );
        assert_eq!(kept.anomalies(), []);
    }

    #[test]
    fn a_policy_for_everybody_is_kept_as_it_was_asked_for() {
        let mut event = event();
        event["eventName"] = json!("AddPermission20150331v2");
        event["requestParameters"] = json!({
            "functionName": "arn:aws:lambda:eu-west-3:123456789012:function:poll",
            "statementId": "s", "principal": "*", "functionUrlAuthType": "NONE",
        });
        event["responseElements"] = json!({"statement": "{\"Principal\":\"*\"}"});
        let row = rows(&event).only(Table::Cloud);
        assert!(row.contains("\"principal\":\"*\""), "{row}");
        assert!(row.contains("faas_name=poll "), "{row}");
    }

    #[test]
    fn an_invocation_tells_its_run() {
        let mut event = event();
        event["eventName"] = json!("Invoke");
        event["responseElements"] = Value::Null;
        event["sourceIPAddress"] = json!("apigateway.amazonaws.com");
        event["errorCode"] = json!("AccessDenied");
        let kept = rows(&event);
        let row = kept.only(Table::Cloud);
        assert!(row.contains("faas_name=poll faas_execution=r1"), "{row}");
        assert!(row.contains("event_outcome=failure"), "{row}");
        assert!(row.contains("error_code=AccessDenied"), "{row}");
        assert!(!row.contains("source_ip"), "{row}");
        assert_eq!(kept.anomalies(), []);
    }

    #[test]
    fn an_event_is_read_in_whatever_it_came() {
        let event = event();
        for log in [
            event.clone(),
            json!({"Records": [event]}),
            json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": event}),
            json!({"eventData": event, "eventMetadata": {"ingestionTime": "x"}}),
            json!({"Events": [{"EventId": "e1", "CloudTrailEvent": event.to_string()}]}),
            json!({"aws": {"cloudtrail": event}}),
            json!({"eventJson": event.to_string()}),
        ] {
            let log = log.to_string();
            assert!(Json.recognises(log.as_bytes()), "{log}");
            let row = KeptRows::read(&Json, log.as_bytes()).only(Table::Cloud);
            assert!(row.contains("event_action=CreateFunctionUrlConfig"), "{log}");
        }
    }

    #[test]
    fn insights_and_digests_are_no_actions() {
        for object in [
            json!({"eventType": "AwsCloudTrailInsight", "eventTime": "2024-05-04T10:00:00Z"}),
            json!({"digestS3Object": "x", "digestEndTime": "2024-05-04T10:00:00Z"}),
        ] {
            let kept = rows(&object);
            assert_eq!((kept.count(), kept.anomalies()), (0, vec![]));
        }
    }

    #[test]
    fn a_time_that_is_none_is_told() {
        let mut event = event();
        event["eventTime"] = json!("soon");
        assert_eq!(rows(&event).anomalies(), [(Anomaly::InvalidTimestamp, 1)]);
        event["eventTime"] = Value::Null;
        assert_eq!(rows(&event).anomalies(), [(Anomaly::MissingTimestamp, 1)]);
    }
}
