//! Lambda: a row of `cloud` for each run of a function, from what the platform writes into its log.
//!
//! `REPORT`, or `platform.report` where the log is JSON, comes at the end of a run and says how long it
//! was and whether the function had to be started. `START` and `END` say nothing that it does not. The
//! function's name is that of its log group, and a line has no time of its own, so both come from what
//! CloudWatch wraps around it.
//!
//! * <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
//! * <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
//! * <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use super::{exported, function_name};
use crate::filling::{Values, fill};
use crate::format::{JsonShape, LineShape};
use crate::log_lines::LogLine;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Lines of the platform.
pub(crate) struct LambdaLines;

/// Lines and records of the platform in what CloudWatch wraps around them.
pub(crate) struct LambdaJson;

const DATASET: &str = "aws.lambda";

/// What log groups of functions begin with.
const GROUP: &str = "/aws/lambda/";

impl LineShape for LambdaLines {
    fn name(&self) -> &'static str {
        "aws-lambda"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        message(line).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some((moment, message)) = message(line) else { return Ok(()) };
        let origin = Origin { moment, ..Origin::default() };
        report_line(message, &origin, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "2024-05-04T10:00:00.123Z REPORT RequestId: 3604209a-e9a3-11e6-939a-754dd98c7be3\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 18 MB\t",
            "2024-05-04T10:00:00.123000+00:00 2024/05/04/[$LATEST]0123abcd REPORT RequestId: 3604209a-e9a3-11e6-939a-754dd98c7be3\tDuration: 12.34 ms\tInit Duration: 80.1 ms",
        ]
    }
}

/// A line of the platform, and the time in front of it.
fn message<'l>(line: &LogLine<'l>) -> Option<(Option<i64>, &'l str)> {
    let found = [line.text, line.message].into_iter().map(exported);
    found.into_iter().find(|(_, message)| is_of_platform(message))
}

/// Whether the platform wrote it, and not the function.
fn is_of_platform(message: &str) -> bool {
    ["REPORT RequestId: ", "START RequestId: ", "END RequestId: ", "INIT_START Runtime Version: "]
        .iter()
        .any(|beginning| message.starts_with(beginning))
}

impl JsonShape for LambdaJson {
    fn name(&self) -> &'static str {
        "aws-lambda-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        if let Some(events) = object.get("logEvents").and_then(Value::as_array) {
            return Origin::of(object).function.is_some()
                || events.iter().filter_map(Value::as_object).any(is_event);
        }
        is_record(object) || is_event(object)
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let origin = Origin::of(object);
        if is_record(object) {
            return report_record(object, &origin, collector);
        }
        match object.get("logEvents").and_then(Value::as_array) {
            Some(events) => events
                .iter()
                .filter_map(Value::as_object)
                .try_for_each(|event| event_rows(event, &origin, collector)),
            None => event_rows(object, &origin, collector),
        }
    }
}

/// Whether an object is a record of the platform.
fn is_record(object: &Map<String, Value>) -> bool {
    let kind = object.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.starts_with("platform.")) && object.contains_key("record")
}

/// Whether an object is an event of CloudWatch with what the platform wrote.
fn is_event(object: &Map<String, Value>) -> bool {
    text_of(object).is_some_and(|text| is_of_platform(text) || record_of(text).is_some())
}

/// The text of an event of CloudWatch.
fn text_of(event: &Map<String, Value>) -> Option<&str> {
    event.get("message").or_else(|| event.get("@message"))?.as_str()
}

/// The record of the platform that a text is.
fn record_of(text: &str) -> Option<Map<String, Value>> {
    if !(text.starts_with('{') && text.contains("\"platform.")) {
        return None;
    }
    serde_json::from_str(text).ok().filter(is_record)
}

/// Makes the row of an event of CloudWatch; what the function wrote makes none.
fn event_rows(
    event: &Map<String, Value>,
    around: &Origin<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let own = Origin::of(event);
    let origin = Origin {
        moment: own.moment,
        function: own.function.or(around.function),
        account: own.account.or(around.account),
    };
    let Some(text) = text_of(event) else { return Ok(()) };
    match record_of(text) {
        Some(record) => report_record(&record, &origin, collector),
        None => report_line(text, &origin, collector),
    }
}

/// What is known of a run from what is around its record.
#[derive(Default)]
struct Origin<'o> {
    moment: Option<i64>,
    function: Option<&'o str>,
    account: Option<&'o str>,
}

impl<'o> Origin<'o> {
    /// What an envelope or an event of CloudWatch says. `@log` of Logs Insights is
    /// `123456789012:/aws/lambda/name`.
    fn of(object: &'o Map<String, Value>) -> Self {
        let record = Nested(object);
        let first = |names: &[&str]| names.iter().find_map(|name| record.get(name));
        let moment = first(&["timestamp", "@timestamp"]).and_then(|time| match time {
            Value::String(text) => time::rfc3339_assuming_utc(text).or_else(|| time::epoch(text)),
            time => time::epoch(&time.to_string()),
        });
        let group = first(&["logGroup", "@log", "log_group", "logGroupName"]);
        let group = group.and_then(Value::as_str);
        let (account, group) = match group.and_then(|group| group.split_once(':')) {
            Some((account, group)) => (Some(account), Some(group)),
            None => (record.str("owner"), group),
        };
        let function = group.and_then(|group| group.strip_prefix(GROUP));
        Self { moment, function, account }
    }
}

/// Makes the row of a `REPORT`; other lines make none.
fn report_line(
    message: &str,
    origin: &Origin<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    match message.strip_prefix("REPORT RequestId: ") {
        Some(report) => row(&Report(report), None, origin, collector),
        None => Ok(()),
    }
}

/// Makes the row of a `platform.report`; other records make none.
fn report_record(
    record: &Map<String, Value>,
    origin: &Origin<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    if record.get("type").is_none_or(|kind| kind != "platform.report") {
        return Ok(());
    }
    let record = Nested(record);
    let moment = record.str("time").and_then(time::rfc3339_assuming_utc);
    row(&Metrics(record), moment, origin, collector)
}

fn row(
    report: &dyn Values,
    moment: Option<i64>,
    origin: &Origin<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(moment) = moment.or(origin.moment) else {
        collector.anomaly(Anomaly::MissingTimestamp, &report.text("request").unwrap_or_default());
        return Ok(());
    };
    fill(collector, Table::Cloud, DATASET, moment, report, |row| {
        let outcome = match row.value("status").as_deref() {
            Some("success") => "success",
            Some(_) => "failure",
            None => "",
        };
        let is_cold = ["init", "restore"].iter().any(|name| row.value(name).is_some());
        row.row()
            .text(Field::EventAction, "REPORT")
            .text(Field::EventOutcome, outcome)
            .text(Field::EventProvider, "lambda.amazonaws.com")
            .text(Field::CloudProvider, "aws")
            .text(Field::CloudServiceName, "lambda")
            .text(Field::CloudAccountId, origin.account.unwrap_or_default())
            .text(Field::FaasName, origin.function.map_or("", function_name))
            .truth(Field::FaasColdstart, is_cold);
        row.milliseconds(Field::EventDuration, "duration")
            .text(Field::FaasExecution, "request")
            .text(Field::ErrorCode, "error");
    })
}

/// What stands behind `REPORT RequestId: `: pairs of a name and a value with its unit.
struct Report<'l>(&'l str);

impl Report<'_> {
    fn after(&self, label: &str) -> Option<&str> {
        let is_whole = |before: &str| before.is_empty() || before.ends_with(['\t', '\n', '\r']);
        // Where tabs were lost, `Billed Duration` is told from `Duration` by the unit before it.
        let follows_unit = |before: &str| before.trim_end().ends_with(is_end_of_value);
        let (place, _) = self.0.match_indices(label).find(|(place, _)| {
            let before = self.0.get(..*place).unwrap_or_default();
            is_whole(before) || before.ends_with(' ') && follows_unit(before)
        })?;
        let value = self.0.get(place + label.len()..)?;
        value.split(['\t', ' ', '\n', '\r']).next().filter(|value| !value.is_empty())
    }
}

/// Values end with a number, a unit, or an identifier: never with a capitalised word of a name such as
/// `Billed`, `Init` or `Restore`.
fn is_end_of_value(character: char) -> bool {
    matches!(character, 's' | 'B' | '0'..='9' | 'a'..='c' | 'f')
}

impl Values for Report<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let found = match name {
            "request" => self.0.split_ascii_whitespace().next(),
            "duration" => self.after("Duration: "),
            "init" => self.after("Init Duration: "),
            "restore" => self.after("Restore Duration: "),
            "status" => self.after("Status: "),
            "error" => self.after("Error Type: "),
            _ => None,
        };
        found.map(Cow::Borrowed)
    }
}

/// A `platform.report`.
struct Metrics<'o>(Nested<'o>);

impl Values for Metrics<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let place = match name {
            "request" => "record.requestId",
            "duration" => "record.metrics.durationMs",
            "init" => "record.metrics.initDurationMs",
            "restore" => "record.metrics.restoreDurationMs",
            "status" => "record.status",
            "error" => "record.errorType",
            _ => return None,
        };
        crate::nested::text(self.0.get(place)?)
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use serde_json::json;

    use crate::format::Format;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    const ID: &str = "3604209a-e9a3-11e6-939a-754dd98c7be3";

    fn report() -> String {
        format!(
            "REPORT RequestId: {ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: \
             128 MB\tMax Memory Used: 18 MB\tInit Duration: 80.10 ms\t\n"
        )
    }

    fn row(account_and_function: (&str, &str), outcome: &str) -> String {
        let (account, function) = account_and_function;
        format!(
            "timestamp=1714816800123000 event_dataset=aws.lambda event_action=REPORT{outcome} \
             event_provider=lambda.amazonaws.com event_duration=12340000 cloud_provider=aws{account} \
             cloud_service_name=lambda{function} faas_execution={ID} faas_coldstart=true"
        )
    }

    #[test]
    fn a_run_is_a_row_whatever_is_around_its_report() {
        let start = format!("START RequestId: {ID} Version: $LATEST\n");
        let event =
            |text: String| json!({"id": "1", "timestamp": 1_714_816_800_123_i64, "message": text});
        let named = (" cloud_account_id=123456789012", " faas_name=poll");
        let subscription = json!({
            "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "/aws/lambda/poll",
            "logStream": "2024/05/04/[$LATEST]0123abcd", "subscriptionFilters": ["all"],
            "logEvents": [event(start.clone()), event("hello\n".into()), event(report())],
        });
        assert_eq!(
            KeptRows::read(&Json, subscription.to_string().as_bytes()).only(Table::Cloud),
            row(named, "")
        );
        let filtered = json!({"events": [event(start), event(report())], "searchedLogStreams": []});
        assert_eq!(
            KeptRows::read(&Json, filtered.to_string().as_bytes()).only(Table::Cloud),
            row(("", ""), "")
        );
        let insights = json!({
            "@timestamp": "2024-05-04 10:00:00.123", "@message": report(),
            "@log": "123456789012:/aws/lambda/poll",
        });
        assert_eq!(
            KeptRows::read(&Json, insights.to_string().as_bytes()).only(Table::Cloud),
            row(named, "")
        );
    }

    #[test]
    fn a_report_may_be_json() {
        let record = json!({
            "time": "2024-05-04T10:00:00.123Z", "type": "platform.report", "record": {
                "requestId": ID, "status": "timeout",
                "metrics": {"durationMs": 12.34, "billedDurationMs": 13, "initDurationMs": 80.1},
            },
        });
        assert_eq!(
            KeptRows::read(&Json, record.to_string().as_bytes()).only(Table::Cloud),
            row(("", ""), " event_outcome=failure")
        );
        let wrapped = json!({
            "owner": "123456789012", "logGroup": "/aws/lambda/poll",
            "logEvents": [{"timestamp": 0, "message": record.to_string()}],
        });
        assert_eq!(
            KeptRows::read(&Json, wrapped.to_string().as_bytes()).only(Table::Cloud),
            row((" cloud_account_id=123456789012", " faas_name=poll"), " event_outcome=failure")
        );
    }

    #[test]
    fn an_exported_log_has_lines() {
        let log = format!(
            "2024-05-04T10:00:00.000Z START RequestId: {ID} Version: $LATEST\n\
             2024-05-04T10:00:00.123Z END RequestId: {ID}\n\
             2024-05-04T10:00:00.123Z {}",
            report()
        );
        assert!(LogLines.recognises(log.as_bytes()));
        let kept = KeptRows::read(&LogLines, log.as_bytes());
        assert_eq!(kept.only(Table::Cloud), row(("", ""), ""));
        assert_eq!((kept.records(), kept.anomalies()), (3, vec![]));
    }

    #[test]
    fn a_warm_run_with_spaces_for_tabs() {
        let log = format!(
            "2024-05-04T10:00:00.123Z REPORT RequestId: {ID} Billed Duration: 3000 ms Duration: \
             3000.00 ms Memory Size: 128 MB Status: timeout\n"
        );
        let row = KeptRows::read(&LogLines, log.as_bytes()).only(Table::Cloud);
        assert!(row.contains("event_outcome=failure"), "{row}");
        assert!(row.contains("event_duration=3000000000"), "{row}");
        assert!(row.contains("faas_coldstart=false"), "{row}");
    }

    #[test]
    fn a_report_without_a_time_is_told() {
        let kept = KeptRows::read(&LogLines, report().as_bytes());
        assert_eq!((kept.count(), kept.anomalies()), (0, vec![(Anomaly::MissingTimestamp, 1)]));
    }
}
