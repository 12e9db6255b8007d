//! When a record of JSON took place, whichever product wrote it.
//!
//! Rows know their product's own names. A record that is passed on as it is has only to be placed in
//! time, for which the names that products give to times are enough: no two of them mean different
//! things by one name.

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::records::at;
use crate::time::DateOrder;
use crate::{Collector, nested, time};

/// Where products have the time of an event; what happened comes before what was written about it, and
/// a beginning before an end.
const TIMES: &[&str] = &[
    // CloudTrail, Lake's copies of it, Azure.
    "eventTime",
    "eventtime",
    "eventTimestamp",
    "event_timestamp",
    // Google Workspace, Microsoft 365, Defender, tables of Azure, Palo Alto.
    "id.time",
    "CreationTime",
    "CreatedProcessCreationTime",
    "properties.Timestamp",
    "Timestamp",
    "TimeGeneratedHighResolution",
    "TimeGenerated",
    // Zeek, Suricata, WAF, Google Cloud, Elastic, OCSF, Route 53, flow logs.
    "ts",
    "timestamp",
    "timeStamp",
    "@timestamp",
    "time",
    "time_dt",
    "start_time",
    "query_timestamp",
    "start",
    "end",
    // Cloudflare.
    "EdgeStartTimestamp",
    "EdgeEndTimestamp",
    "Datetime",
    "SessionStartTime",
    "ConnectTimestamp",
    "EventTimestampMs",
    "ActionTimestamp",
    "action.time",
    "when",
    "When",
    "CreatedAt",
    // Proxies.
    "epochtime",
    "datetime",
    "event.epochtime",
    "event.datetime",
    "event.time",
    // What came later than the event, or sums up several.
    "EventTimeString",
    "time_last",
    "time_first",
    "receiveTimestamp",
    "TimeReceived",
    "_write_ts",
    "digestEndTime",
    "createTime",
];

/// When a record took place; `None`, counted, where it does not say, or says what is no time.
pub(crate) fn of_object(object: &Map<String, Value>, collector: &mut Collector<'_>) -> Option<i64> {
    let mut first = None;
    for name in TIMES {
        // The fields of an Elasticsearch hit are arrays of one value.
        let value = match at(object, name) {
            Some(Value::Array(values)) => values.first(),
            value => value,
        };
        let Some(text) = value.and_then(nested::text) else { continue };
        let moment = of_text(&text).or_else(|| of_text(&with_date(object, &text)?));
        if moment.is_some() {
            return moment;
        }
        first.get_or_insert(text);
    }
    match first {
        Some(text) => collector.anomaly(Anomaly::InvalidTimestamp, &format!("`{text}` is no time")),
        None => collector.anomaly(Anomaly::MissingTimestamp, "the record has no time"),
    }
    None
}

/// A time of any spelling that products use in JSON. One without a zone is UTC, which is what they
/// say of themselves where they leave it out.
fn of_text(text: &str) -> Option<i64> {
    let written = || {
        let with_zone = || time::numeric_date(text, Some(DateOrder::MonthFirst));
        time::iso(text).or_else(|| time::named_month(text)).or_else(with_zone)
    };
    time::portal(text).or_else(|| time::epoch(text)).or_else(|| written()?.moment(None))
}

/// A time of day together with the date beside it, as W3C's extended format has them.
fn with_date(object: &Map<String, Value>, time: &str) -> Option<String> {
    Some(format!("{} {time}", object.get("date")?.as_str()?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coldtrail_diagnostics::Anomaly;
    use serde_json::{Value, json};

    use crate::collector::Output;
    use crate::kept_whole::KeptWhole;
    use crate::{Collector, Selection};

    fn moment(object: &Value) -> (Option<i64>, Vec<Anomaly>) {
        let mut output = Output::new(Arc::new(Selection::nothing()));
        let mut nobody = KeptWhole::default();
        let mut collector = Collector::new("log", &mut output, &mut nobody);
        let moment = super::of_object(object.as_object().expect("an object"), &mut collector);
        (moment, collector.finish().faults.iter().map(|fault| fault.anomaly).collect())
    }

    #[test]
    fn times_of_every_product() {
        for object in [
            json!({ "eventTime": "2019-01-11T06:33:35Z", "requestParameters": { "time": 5 } }),
            json!({ "id": { "time": "2019-01-11T06:33:35.000Z" } }),
            json!({ "time": 1_547_188_415_000_i64 }),
            json!({ "ts": 1_547_188_415.0 }),
            json!({ "timestamp": "2019-01-11T08:33:35.000000+0200" }),
            json!({ "receiveTimestamp": "2019-01-11T06:33:35Z" }),
            json!({ "CreationTime": "2019-01-11T06:33:35" }),
            json!({ "TimeGenerated": "1/11/2019 6:33:35 AM" }),
            json!({ "time": "1/11/2019 6:33:35 AM +00:00" }),
            json!({ "event": { "datetime": "Fri Jan 11 06:33:35 2019" } }),
            json!({ "date": "2019-01-11", "time": "06:33:35" }),
            json!({ "@timestamp": "2019-01-11T06:33:35Z" }),
            json!({ "@timestamp": ["2019-01-11T06:33:35Z"] }),
            json!({ "EdgeStartTimestamp": 1_547_188_415_000_000_000_i64 }),
            json!({ "start": "soon", "timestamp": "soon", "end": 1_547_188_415 }),
        ] {
            assert_eq!(moment(&object), (Some(1_547_188_415_000_000), vec![]), "{object}");
        }
    }

    #[test]
    fn what_tells_no_time_is_counted() {
        let invalid = json!({ "eventTime": "yesterday", "time": { "of": "day" } });
        assert_eq!(moment(&invalid), (None, vec![Anomaly::InvalidTimestamp]));
        assert_eq!(moment(&json!({ "eventName": "x" })), (None, vec![Anomaly::MissingTimestamp]));
    }
}
