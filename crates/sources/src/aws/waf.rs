//! WAF: a row of `web` for each request that a web access control list judged.
//! <https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html>

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use crate::filling::{Filling, Values, fill};
use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time, url};

/// Requests that a web access control list judged.
pub(crate) struct Waf;

impl JsonShape for Waf {
    fn name(&self) -> &'static str {
        "aws-waf"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        ["webaclId", "httpRequest", "timestamp"].iter().all(|name| object.contains_key(*name))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        let written = record.text("timestamp").unwrap_or_default();
        let Some(moment) = time::epoch(&written) else {
            collector.anomaly(Anomaly::InvalidTimestamp, &written);
            return Ok(());
        };
        fill(collector, Table::Web, "aws.waf", moment, &record, |row| columns(&record, row))
    }
}

fn columns(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    row.address(Field::SourceIp, "httpRequest.clientIp")
        .text(Field::HttpRequestMethod, "httpRequest.httpMethod")
        .text(Field::UrlPath, "httpRequest.uri")
        .text(Field::UrlQuery, "httpRequest.args")
        .text(Field::RuleName, "terminatingRuleId")
        .lower(Field::ObserverName, "webaclId")
        .number(Field::HttpResponseStatusCode, "responseCodeSent")
        .action("action");
    if let Some(host) = header(record, "host") {
        row.row().domain(Field::UrlDomain, url::host(host));
    }
    row.row()
        .text(Field::UserAgentOriginal, header(record, "user-agent").unwrap_or_default())
        .text(Field::HttpRequestReferrer, header(record, "referer").unwrap_or_default());
}

/// The value of a header, whose name is as the client wrote it.
fn header<'o>(record: &Nested<'o>, name: &str) -> Option<&'o str> {
    let headers = record.get("httpRequest.headers")?.as_array()?;
    let is_it = |header: &&Value| {
        header.get("name").and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(name))
    };
    headers.iter().find(is_it)?.get("value")?.as_str()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::Waf;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_request_is_a_row_of_web() {
        let kept = KeptRows::of_object(
            &Waf,
            r#"{"timestamp":1714816800123,"webaclId":"arn:aws:wafv2:acl","terminatingRuleId":"r1",
                "action":"BLOCK","httpRequest":{"clientIp":"192.0.2.7","uri":"/x","args":"y=1",
                "httpMethod":"GET","headers":[{"name":"HOST","value":"A.example:443"},
                {"name":"user-agent","value":"curl/8"}]}}"#,
        );
        assert_eq!(
            kept.only(Table::Web),
            "timestamp=1714816800123000 event_dataset=aws.waf source_ip=192.0.2.7 \
             http_request_method=GET url_domain=a.example url_path=/x url_query=y=1 \
             user_agent_original=curl/8 event_action=BLOCK event_type=denied rule_name=r1 \
             observer_name=arn:aws:wafv2:acl"
        );
    }
}
