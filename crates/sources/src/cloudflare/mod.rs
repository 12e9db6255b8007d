//! Logs of Cloudflare: who changed an account, requests and queries at its edge, what its gateway let
//! out, and runs of Workers.
//!
//! The API and Logpush have names of their own for the audit log
//! (<https://developers.cloudflare.com/fundamentals/account/account-security/audit-logs/>); all others
//! come by Logpush (<https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/>), whose
//! records do not say of which data set they are, so the names of their fields have to.

mod audit;
mod dns;
mod flow;
mod web;
mod worker;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::filling::Values;
use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Records of Cloudflare.
pub(crate) struct CloudflareJson;

/// A data set.
struct Dataset {
    /// Fields that its records have and no others do.
    fields: &'static [&'static str],
    /// What makes a row of a record, and the times it may have; nothing where our tables have no place
    /// for it.
    rows: Option<(Rows, &'static [&'static str])>,
}

type Rows = fn(Nested<'_>, i64, &mut Collector<'_>) -> Result<(), Stopped>;

const EDGE: &[&str] = &["EdgeStartTimestamp", "EdgeEndTimestamp", "Datetime"];
const GATEWAY: &[&str] = &["Datetime", "Timestamp"];

/// The data sets; the first that fits a record counts.
const DATASETS: [Dataset; 20] = [
    Dataset { fields: &["action.type", "actor.type", "when"], rows: Some((audit::v1, &["when"])) },
    Dataset {
        fields: &["ActionType", "ActorType", "When"],
        rows: Some((audit::pushed, &["When"])),
    },
    Dataset {
        fields: &["action.type", "action.time", "actor.type"],
        rows: Some((audit::v2, &["action.time"])),
    },
    Dataset {
        fields: &["ActionType", "ActionTimestamp", "ActorType"],
        rows: Some((audit::pushed_v2, &["ActionTimestamp"])),
    },
    Dataset {
        fields: &["ScriptName", "EventTimestampMs"],
        rows: Some((worker::row, &["EventTimestampMs"])),
    },
    Dataset { fields: &["ClientRequestHost", "EdgeStartTimestamp"], rows: Some((web::edge, EDGE)) },
    Dataset { fields: &["ClientRequestHost", "EdgeEndTimestamp"], rows: Some((web::edge, EDGE)) },
    // The firewall at the edge.
    Dataset { fields: &["ClientRequestPath", "Action", "RayID"], rows: Some((web::edge, EDGE)) },
    Dataset { fields: &["QueryName", "ResolverDecision"], rows: Some((dns::gateway, GATEWAY)) },
    Dataset { fields: &["QueryName", "QueryType", "Timestamp"], rows: Some((dns::zone, GATEWAY)) },
    Dataset { fields: &["HTTPHost", "HTTPMethod"], rows: Some((web::gateway, GATEWAY)) },
    Dataset {
        fields: &["SessionStartTime", "SourceIP"],
        rows: Some((flow::session, &["SessionStartTime"])),
    },
    Dataset {
        fields: &["DestinationIP", "SourceIP", "Transport"],
        rows: Some((flow::gateway, GATEWAY)),
    },
    Dataset {
        fields: &["OriginIP", "ClientIP", "ClientPort", "Event"],
        rows: Some((flow::spectrum, &["Timestamp", "ConnectTimestamp"])),
    },
    Dataset { fields: &["IPSourceAddress", "ColoName"], rows: Some((flow::packets, GATEWAY)) },
    // Sign-ins, findings in other clouds, checks of devices, reports of browsers, and requests of which
    // a job leaves out what was asked for.
    Dataset { fields: &["AppUUID", "IPAddress"], rows: None },
    Dataset { fields: &["FindingTypeID", "IntegrationID"], rows: None },
    Dataset { fields: &["PostureCheckName", "DeviceID"], rows: None },
    Dataset { fields: &["LastKnownGoodColoCode", "Phase"], rows: None },
    Dataset { fields: &["WorkerStatus", "ZoneName"], rows: None },
];

impl JsonShape for CloudflareJson {
    fn name(&self) -> &'static str {
        "cloudflare"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        dataset(Nested(object)).is_some()
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        let Some((rows, times)) = dataset(record).and_then(|dataset| dataset.rows) else {
            return Ok(());
        };
        match moment(record, times, collector) {
            Some(moment) => rows(record, moment, collector),
            None => Ok(()),
        }
    }
}

fn dataset(record: Nested<'_>) -> Option<&'static Dataset> {
    const KNOWN: &[Dataset] = &DATASETS;
    KNOWN.iter().find(|dataset| dataset.fields.iter().all(|name| record.has(name)))
}

/// A job of Logpush writes times as RFC 3339, or as a number of seconds or nanoseconds.
fn moment(
    record: Nested<'_>,
    names: &'static [&'static str],
    collector: &mut Collector<'_>,
) -> Option<i64> {
    let Some(text) = names.iter().find_map(|name| record.text(name)) else {
        collector.anomaly(Anomaly::MissingTimestamp, "the record has no time");
        return None;
    };
    let moment = time::rfc3339(&text).or_else(|| time::epoch(&text));
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, &text);
    }
    moment
}
