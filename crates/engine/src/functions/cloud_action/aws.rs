//! CloudTrail of Lambda and API Gateway.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>

use coldtrail_model::Kind;
use serde_json::Value;

use super::{Act, Deed, Product, Record};

const LAMBDA: Product =
    Product { provider: "AWS", name: "Lambda Function URL", kind: Kind::Function };
const GATEWAY: Product =
    Product { provider: "AWS", name: "API Gateway (REST/HTTP/WebSocket)", kind: Kind::ApiGateway };

#[cfg(test)]
pub(super) const PRODUCTS: &[Product] = &[LAMBDA, GATEWAY];

/// What narrows a permission for everybody down to somebody.
const CONDITIONS: [&str; 3] = ["sourceArn", "sourceAccount", "principalOrgID"];

/// The calls that make a way into an API, or change one.
const WAYS_IN: [&str; 4] = ["CreateRoute", "PutMethod", "UpdateMethod", "UpdateRoute"];

pub(super) fn deed(record: &Record<'_>) -> Option<Deed> {
    match record.service {
        "apigateway.amazonaws.com" => of_gateway(record),
        "lambda.amazonaws.com" => {
            let act = of_lambda(record);
            let is_named = !record.function.is_empty();
            let function = record.function.to_owned();
            let named = act.filter(|_| is_named);
            named.map(|act| Deed { act, product: LAMBDA, function, host: None })
        }
        _ => record.run(LAMBDA),
    }
}

fn of_lambda(record: &Record<'_>) -> Option<Act> {
    // Names end in the version of the interface: `CreateFunction20150331`.
    let name = record.action.split(|letter: char| letter.is_ascii_digit()).next()?;
    let request = || serde_json::from_str::<Value>(record.request).unwrap_or_default();
    match name {
        "CreateFunction" | "CreateEventSourceMapping" => Some(Act::Prepared),
        "CreateFunctionUrlConfig" if is_without_login(&request()) => Some(Act::Exposed),
        "CreateFunctionUrlConfig" => Some(Act::Prepared),
        "UpdateFunctionUrlConfig" if is_without_login(&request()) => Some(Act::Exposed),
        "UpdateFunctionUrlConfig" => Some(Act::Changed),
        "AddPermission" if is_for_everybody(&request()) => Some(Act::Exposed),
        "AddPermission" => Some(Act::Prepared),
        "UpdateFunctionCode" | "UpdateFunctionConfiguration" | "UpdateAlias" => Some(Act::Changed),
        _ => name.starts_with("Invoke").then_some(Act::Invoked),
    }
}

fn is_without_login(request: &Value) -> bool {
    request.get("authType").is_some_and(|kind| kind == "NONE")
}

fn is_for_everybody(request: &Value) -> bool {
    let principal = request.get("principal");
    let everybody = [principal, principal.and_then(|principal| principal.get("AWS"))];
    everybody.into_iter().flatten().any(|principal| principal == "*")
        && request.get("functionUrlAuthType").is_none_or(|kind| kind == "NONE")
        && CONDITIONS.iter().all(|name| request.get(name).is_none_or(Value::is_null))
}

fn of_gateway(record: &Record<'_>) -> Option<Deed> {
    const MADE: [&str; 3] = ["Create", "Put", "Import"];
    const CHANGED: [&str; 2] = ["Update", "Reimport"];
    let begins = |word: &&str| record.action.starts_with(word);
    let act = match () {
        () if record.action == "PutRestApi" => Act::Changed,
        () if WAYS_IN.contains(&record.action) && is_way_without_login(record.request) => {
            Act::Exposed
        }
        () if MADE.iter().any(begins) => Act::Prepared,
        () if CHANGED.iter().any(begins) => Act::Changed,
        () => return None,
    };
    let id = id(record.request, &["restApiId", "apiId"])
        .or_else(|| id(record.response, &["restApiId", "apiId", "id"]))?;
    let host = format!("{id}.execute-api.{}.amazonaws.com", record.region);
    Some(Deed { act, product: GATEWAY, function: id, host: Some(host) })
}

/// What a browser asks before a request never has a login.
fn is_way_without_login(request: &str) -> bool {
    let Ok(request) = serde_json::from_str::<Value>(request) else { return false };
    let is = |name: &str, value: &str| within(&request, name).is_some_and(|is| is == value);
    let needs_key = within(&request, "apiKeyRequired") == Some(&Value::Bool(true));
    is("authorizationType", "NONE") && !needs_key && !is("httpMethod", "OPTIONS")
}

/// A parameter, which may lie in the input of the call.
fn within<'v>(request: &'v Value, name: &str) -> Option<&'v Value> {
    let object = request.as_object()?;
    object.get(name).or_else(|| object.values().find_map(|inner| inner.get(name)))
}

fn id(content: &str, names: &[&str]) -> Option<String> {
    let content: Value = serde_json::from_str(content).ok()?;
    names.iter().find_map(|name| content.get(name)?.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::tests::told;

    fn lambda<'r>(action: &'r str, request: &'r str) -> Record<'r> {
        Record {
            provider: "aws",
            service: "lambda.amazonaws.com",
            function: "poll",
            action,
            request,
            ..Record::default()
        }
    }

    #[test]
    fn a_function_is_opened_by_its_address_or_by_its_policy() {
        for (action, request, act) in [
            ("CreateFunctionUrlConfig", r#"{"authType":"NONE"}"#, "exposed"),
            ("UpdateFunctionUrlConfig", r#"{"authType":"NONE"}"#, "exposed"),
            ("CreateFunctionUrlConfig", r#"{"authType":"AWS_IAM"}"#, "prepared"),
            ("AddPermission20150331v2", r#"{"principal":"*"}"#, "exposed"),
            (
                "AddPermission20150331v2",
                r#"{"principal":"*","functionUrlAuthType":"NONE"}"#,
                "exposed",
            ),
            (
                "AddPermission20150331v2",
                r#"{"principal":"*","functionUrlAuthType":"AWS_IAM"}"#,
                "prepared",
            ),
            ("AddPermission20150331v2", r#"{"principal":"*","principalOrgID":"o-1"}"#, "prepared"),
            ("AddPermission20150331v2", r#"{"principal":"s3.amazonaws.com"}"#, "prepared"),
            ("AddPermission20150331v2", "damaged", "prepared"),
            ("UpdateFunctionCode20150331v2", "", "changed"),
            ("Invoke", "", "invoked"),
        ] {
            let expected = format!("{act} poll Lambda Function URL");
            assert_eq!(told(&lambda(action, request)), Some(expected), "{action} {request}");
        }
        assert_eq!(told(&lambda("GetFunction20150331v2", "")), None);
        assert_eq!(told(&lambda("DeleteFunction20150331", "")), None);
    }

    #[test]
    fn an_address_in_the_answer_names_the_endpoint() {
        let record = Record {
            domain: "abcdefghijklmnopqrstuvwxyz234567.lambda-url.eu-west-3.on.aws",
            ..lambda("CreateFunctionUrlConfig", r#"{"authType":"NONE"}"#)
        };
        let told = told(&record).expect("an action");
        assert!(told.ends_with(record.domain), "{told}");
    }

    #[test]
    fn the_address_of_a_gateway_is_its_identifier() {
        let record = Record {
            service: "apigateway.amazonaws.com",
            region: "eu-west-3",
            response: r#"{"id":"a1b2c3d4e5"}"#,
            function: "",
            ..lambda("CreateRestApi", "{}")
        };
        assert_eq!(
            told(&record).as_deref(),
            Some("prepared a1b2c3d4e5 API Gateway a1b2c3d4e5.execute-api.eu-west-3.amazonaws.com")
        );
        assert_eq!(told(&Record { action: "GetRestApis", ..record }), None);
        for (method, kind, act) in [
            ("POST", "NONE", "exposed"),
            ("OPTIONS", "NONE", "prepared"),
            ("POST", "AWS_IAM", "prepared"),
        ] {
            let request = format!(
                r#"{{"restApiId":"a1","httpMethod":"{method}","putMethodInput":{{"authorizationType":"{kind}"}}}}"#
            );
            let told = told(&Record { action: "PutMethod", request: &request, ..record });
            assert!(told.is_some_and(|told| told.starts_with(act)), "{method} {kind}");
        }
    }
}
