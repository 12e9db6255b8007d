//! Amazon Web Services: what was done on the control plane and what functions ran ([`cloudtrail`],
//! [`lambda`]) are rows of `cloud`, connections ([`vpc_flow`]) of `flow`, queries ([`route53`]) of `dns`,
//! and requests to load balancers and web firewalls ([`load_balancer`], [`waf`]) of `web`.

mod cloudtrail;
mod lambda;
mod load_balancer;
mod route53;
mod vpc_flow;
mod waf;

#[cfg(test)]
mod kit_tests;

pub(crate) use cloudtrail::CloudTrail;
pub(crate) use lambda::{LambdaJson, LambdaLines};
pub(crate) use load_balancer::LoadBalancer;
pub(crate) use route53::{Route53Lines, Route53Resolver};
pub(crate) use vpc_flow::{VpcFlowJson, VpcFlowLines};
pub(crate) use waf::Waf;

use serde_json::Value;

use crate::url;

/// The name of a function, of which the record may have its ARN, a part of that, or the name, each with a
/// version or an alias behind it:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>, `FunctionName`.
pub(crate) fn function_name(written: &str) -> &str {
    let name = written.split_once("function:").map_or(written, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

/// The name of a service without the domain that all of them have: `lambda`.
pub(crate) fn service_name(source: &str) -> &str {
    source.strip_suffix(".amazonaws.com").unwrap_or(source)
}

/// The names under which answers of the control plane tell the address of what was published.
const ADDRESSES: [&str; 6] = [
    // Lambda: CreateFunctionUrlConfig and its kin.
    "functionUrl",
    // API Gateway: CreateApi.
    "apiEndpoint",
    // App Runner, CloudFront, Amplify and Lightsail.
    "serviceUrl",
    "domainName",
    "defaultDomain",
    "url",
];

/// The deepest that an address lies in an answer.
const DEEPEST: usize = 3;

/// The address of what was published, in what a service answered: all of it, and its host.
pub(crate) fn published(answer: &Value) -> Option<(&str, &str)> {
    let address = ADDRESSES.iter().find_map(|name| within(answer, name, DEEPEST))?;
    let host = url::Url::parse(address).host;
    host.contains('.').then_some((address, host))
}

fn within<'v>(value: &'v Value, name: &str, depth: usize) -> Option<&'v str> {
    let object = value.as_object()?;
    let here = object.get(name).and_then(Value::as_str);
    here.or_else(|| {
        let depth = depth.checked_sub(1)?;
        object.values().find_map(|inner| within(inner, name, depth))
    })
}

/// A line without the time that CloudWatch writes in front where it exports a log, and without the
/// name of the stream that `aws logs tail` writes behind it; with them the time.
fn exported(line: &str) -> (Option<i64>, &str) {
    let Some((time, rest)) = line.split_once(' ') else { return (None, line) };
    if time.len() < 19 {
        return (None, line);
    }
    let Some(moment) = crate::time::rfc3339_assuming_utc(time) else { return (None, line) };
    let stream = rest.split_once(' ').filter(|(stream, _)| is_stream(stream));
    (Some(moment), stream.map_or(rest, |(_, rest)| rest))
}

/// `2024/05/04/[$LATEST]0123abcd` of a function, `eni-0123abcd-all` of an interface.
fn is_stream(word: &str) -> bool {
    word.contains("/[") && word.contains(']') || word.starts_with("eni-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{exported, function_name, published};

    #[test]
    fn a_function_has_one_name() {
        for written in [
            "poll",
            "poll:PROD",
            "arn:aws:lambda:eu-west-3:123456789012:function:poll",
            "arn:aws:lambda:eu-west-3:123456789012:function:poll:7",
            "123456789012:function:poll",
        ] {
            assert_eq!(function_name(written), "poll");
        }
    }

    #[test]
    fn what_was_published_is_found_in_the_answer() {
        let url = "https://abc.lambda-url.eu-west-3.on.aws/";
        let answer = json!({"authType": "NONE", "functionUrl": url});
        assert_eq!(published(&answer), Some((url, "abc.lambda-url.eu-west-3.on.aws")));
        let answer = json!({"distribution": {"id": "E1", "domainName": "d1.cloudfront.net"}});
        assert_eq!(published(&answer), Some(("d1.cloudfront.net", "d1.cloudfront.net")));
        assert_eq!(published(&json!({"url": "none"})), None);
    }

    #[test]
    fn an_exported_line_has_its_time_in_front() {
        let moment = Some(1_714_816_800_123_000);
        assert_eq!(exported("2024-05-04T10:00:00.123Z START x"), (moment, "START x"));
        let tail = "2024-05-04T10:00:00.123000+00:00 2024/05/04/[$LATEST]ab START x";
        assert_eq!(exported(tail), (moment, "START x"));
        assert_eq!(exported("START x"), (None, "START x"));
    }
}
