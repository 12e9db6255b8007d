//! The trail of the enterprise's own account in a cloud: a build that deploys functions, as it always
//! does, and an account that never did, which prepares one and opens it to everybody.

use std::time::Duration;

use coldtrail_model::Timestamp;
use serde_json::{Value, json};

use super::families::Nature;
use super::placement::Stage;
use super::truth::{Instance, Named};
use crate::Random;
use crate::render::clock;
use crate::timing::after;

/// The account number that the provider's own documentation uses.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

/// A call of the provider's interface.
struct Call {
    time: Timestamp,
    name: &'static str,
    parameters: Value,
    response: Value,
}

/// The trail with its path, and the truth about it.
pub(super) fn trail(stage: &Stage<'_>) -> (String, Value, Vec<Instance>) {
    let mut random = stage.random.fork("cloud");
    let mut records = Vec::new();
    let builds = deployments(stage, &mut random);
    let build =
        instance("cloud-deployment", Nature::Sanctioned, "deploy", "orders-import", &builds);
    records.extend(builds.iter().map(|call| record(call, "deploy", "203.0.113.20", &mut random)));
    let exposed = exposure(stage, &mut random);
    let attack = instance("cloud-exposure", Nature::Attack, "j.meyer", "status-cache", &exposed);
    records
        .extend(exposed.iter().map(|call| record(call, "j.meyer", "198.51.100.77", &mut random)));
    records.sort_by_key(|(time, _)| *time);
    let records: Vec<Value> = records.into_iter().map(|(_, record)| record).collect();
    let name = format!("cloudtrail/{ACCOUNT}_CloudTrail_{REGION}.json");
    (name, json!({"Records": records}), vec![attack, build])
}

/// A deployment or two on every working day.
fn deployments(stage: &Stage<'_>, random: &mut Random) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut time = after(stage.start, Duration::from_secs(10 * 3_600));
    while time < stage.end {
        let at = after(time, Duration::from_secs(random.between(&(0..=18_000))));
        let parameters = json!({"functionName": "orders-import", "publish": true});
        let name = "UpdateFunctionCode20150331v2";
        calls.push(Call { time: at, name, parameters, response: Value::Null });
        time = after(time, Duration::from_secs(86_400));
    }
    calls
}

/// A function appears, gets an address without a login, and everybody may call it.
fn exposure(stage: &Stage<'_>, random: &mut Random) -> Vec<Call> {
    let begins = Duration::from_secs(3_600 * random.between(&(20..=90)));
    let begins = after(stage.start, begins);
    let call = |minutes: u64, name, parameters, response| Call {
        time: after(begins, Duration::from_secs(60 * minutes)),
        name,
        parameters,
        response,
    };
    vec![
        call(
            0,
            "CreateFunction20150331",
            json!({"functionName": "status-cache", "runtime": "python3.13", "handler": "app.run",
                   "role": format!("arn:aws:iam::{ACCOUNT}:role/basic")}),
            Value::Null,
        ),
        call(
            4,
            "CreateFunctionUrlConfig",
            json!({"functionName": "status-cache", "authType": "NONE"}),
            json!({"functionUrl": format!("https://{URL}/"), "authType": "NONE"}),
        ),
        call(
            5,
            "AddPermission20150331v2",
            json!({"functionName": "status-cache", "principal": "*", "statementId": "public",
                   "action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "NONE"}),
            Value::Null,
        ),
    ]
}

/// The address of the function that was opened.
const URL: &str = "coldtrailsimulation9999999999999.lambda-url.eu-central-1.on.aws";

fn record(call: &Call, user: &str, source: &str, random: &mut Random) -> (Timestamp, Value) {
    let record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser", "principalId": format!("AIDACOLDTRAIL{user}"), "userName": user,
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/{user}"), "accountId": ACCOUNT,
        },
        "eventTime": clock::format(call.time, "%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "lambda.amazonaws.com", "eventName": call.name, "awsRegion": REGION,
        "sourceIPAddress": source, "userAgent": "aws-cli/2.27.1 md/awscrt#0.26.1 ua/2.1",
        "requestParameters": call.parameters, "responseElements": call.response,
        "requestID": uuid(random), "eventID": uuid(random), "readOnly": false,
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    });
    (call.time, record)
}

fn uuid(random: &mut Random) -> String {
    let mut part = |digits| random.hexadecimal(digits);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn instance(
    family: &'static str,
    nature: Nature,
    user: &str,
    function: &str,
    calls: &[Call],
) -> Instance {
    let time = |call: Option<&Call>| call.map_or(0, |call| call.time.microseconds());
    Instance {
        number: 0,
        family,
        nature,
        host: format!("arn:aws:iam::{ACCOUNT}:user/{user}"),
        address: None,
        user: user.to_owned(),
        process: "",
        endpoints: vec![Named {
            host: if nature == Nature::Attack { URL.to_owned() } else { function.to_owned() },
            path: None,
            provider: Some("AWS"),
            platform: Some("Lambda Function URL"),
            tenant: None,
        }],
        first: time(calls.first()),
        last: time(calls.last()),
        exchanges: calls.len(),
        network: "cloudtrail",
        endpoint_sensor: None,
    }
}
