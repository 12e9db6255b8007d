//! Entries of Google Cloud's logging (`LogEntry`), as sinks, `gcloud logging read` and the console
//! export them: audit logs of the control plane, flows and firewall of a VPC, queries to Cloud DNS, and
//! requests to Cloud Run, Cloud Functions and load balancers.
//!
//! What an entry is shows in its payload, whatever its log is called:
//! <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry>. Entries of programs have no
//! place in our tables and are left to whatever shape their payload has.

mod audit;
mod dns;
mod flow;
mod request;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Entries of Google Cloud's logging.
pub(crate) struct GcpJson;

/// What an entry tells of.
enum Entry {
    Audit,
    Flow,
    Dns,
    Request,
}

impl Entry {
    fn of(object: &Map<String, Value>) -> Option<Self> {
        let entry = Nested(object);
        if audit::payload(entry).is_some() {
            return Some(Entry::Audit);
        }
        if !entry.has("logName") && !entry.has("insertId") {
            return None;
        }
        if entry.has("jsonPayload.connection.src_ip") {
            Some(Entry::Flow)
        } else if entry.has("jsonPayload.queryName") {
            Some(Entry::Dns)
        } else if entry.has("httpRequest.requestUrl") {
            Some(Entry::Request)
        } else {
            None
        }
    }
}

impl JsonShape for GcpJson {
    fn name(&self) -> &'static str {
        "gcp"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        Entry::of(object).is_some()
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let Some(kind) = Entry::of(object) else { return Ok(()) };
        let entry = Nested(object);
        let Some(moment) = moment(entry, collector) else { return Ok(()) };
        match kind {
            Entry::Audit => audit::row(entry, moment, collector),
            Entry::Flow => flow::row(entry, moment, collector),
            Entry::Dns => dns::row(entry, moment, collector),
            Entry::Request => request::row(entry, moment, collector),
        }
    }
}

/// When it happened, or else when it was received.
fn moment(entry: Nested<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let Some(text) = entry.str("timestamp").or_else(|| entry.str("receiveTimestamp")) else {
        collector.anomaly(Anomaly::MissingTimestamp, "the entry has no timestamp");
        return None;
    };
    let moment = time::rfc3339(text);
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, text);
    }
    moment
}

/// Names of the place that an entry is about, the nearest first.
const PLACES: [&str; 4] = [
    "resource.labels.location",
    "resource.labels.region",
    "resource.labels.zone",
    "jsonPayload.src_instance.region",
];
