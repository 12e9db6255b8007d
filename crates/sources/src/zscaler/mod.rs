//! Zscaler Internet Access, by its Nanolog Streaming Service: the web, firewall, DNS and tunnel feeds.
//!
//! A feed is whatever its administrator wrote down as its pattern; two vocabularies are in use, that
//! of Splunk's pattern and that of Zscaler's own, each as JSON or as pairs between tabs. Feeds in CEF
//! and LEEF are read as such.
//! <https://help.zscaler.com/zia/nss-feed-output-format-web-logs>

mod pairs;
mod rows;

#[cfg(test)]
mod kit_tests;

use serde_json::{Map, Value};

pub(crate) use self::pairs::ZscalerPairs;
use crate::format::JsonShape;
use crate::zeek::json::JsonRecord;
use crate::{Collector, Stopped};

/// A feed of the Nanolog Streaming Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feed {
    Web,
    Firewall,
    Dns,
    Tunnel,
    /// Audits and what is kept in others' clouds: nobody's traffic.
    Other,
}

impl Feed {
    /// The feed of a source type, such as `zscalernss-web`.
    fn named(source_type: &str) -> Option<Self> {
        Some(match source_type.strip_prefix("zscalernss-")? {
            "web" => Self::Web,
            "fw" => Self::Firewall,
            "dns" => Self::Dns,
            "tunnel" => Self::Tunnel,
            _ => Self::Other,
        })
    }

    /// The feed that has such keys.
    fn of(has: impl Fn(&str) -> bool) -> Option<Self> {
        if has("urlsupercategory") && has("url") || has("urlsupercat") && has("eurl") {
            Some(Self::Web)
        } else if has("csip") && has("sdip") && has("nwsvc") {
            Some(Self::Firewall)
        } else if has("dns_req") && has("clt_sip") {
            Some(Self::Dns)
        } else if has("tunneltype") && has("Recordtype") {
            Some(Self::Tunnel)
        } else {
            None
        }
    }
}

/// Feeds as JSON.
pub(crate) struct ZscalerJson;

impl JsonShape for ZscalerJson {
    fn name(&self) -> &'static str {
        "zscaler-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        record(object).is_some()
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        match record(object) {
            Some((feed, event)) => rows::row(feed, &JsonRecord(event), "", collector),
            None => Ok(()),
        }
    }
}

/// The record, which Splunk's collector wraps with the name of its source type.
fn record(object: &Map<String, Value>) -> Option<(Feed, &Map<String, Value>)> {
    if let Some(Value::String(source_type)) = object.get("sourcetype")
        && let Some(Value::Object(event)) = object.get("event")
    {
        return Some((Feed::named(source_type)?, event));
    }
    Some((Feed::of(|name| object.contains_key(name))?, object))
}
