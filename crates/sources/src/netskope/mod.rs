//! Netskope's events and alerts as JSON: pages and activities of applications, connections through the
//! private network, alerts of policies and of malicious sites.
//!
//! Names are those of Netskope's REST API (`srcip`, `dstip`), or those that Elastic's collector turns
//! them into before they are stored (`source.ip`). Transaction events, which are lines, are in
//! [`crate::w3c`]; audits of administrators and measurements of appliances make no row.
//! <https://docs.netskope.com/en/rest-api-v2-overview/>

mod rows;

#[cfg(test)]
mod kit_tests;

use serde_json::{Map, Value};

use crate::format::JsonShape;
use crate::zeek::json::JsonRecord;
use crate::{Collector, Stopped};

/// Netskope's events.
pub(crate) struct NetskopeJson;

impl JsonShape for NetskopeJson {
    fn name(&self) -> &'static str {
        "netskope-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        inner(object).is_some() || is_of_api(object)
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let outer = JsonRecord(object);
        match inner(object) {
            Some(inner) => rows::row(&rows::Event { inner: JsonRecord(inner), outer }, collector),
            None => {
                let empty = Map::new();
                rows::row(&rows::Event { inner: outer, outer: JsonRecord(&empty) }, collector)
            }
        }
    }
}

/// Netskope's own part of a document.
fn inner(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let netskope = object.get("netskope")?;
    netskope.get("events").or_else(|| netskope.get("alerts"))?.as_object()
}

/// Whether it is an event as the API hands it out.
fn is_of_api(object: &Map<String, Value>) -> bool {
    let has = |name| object.contains_key(name);
    has("timestamp") && has("ccl") && (has("access_method") || has("traffic_type") || has("acked"))
}
