//! What Azure Monitor logs: activity of the control plane, and what resources write as diagnostics, of
//! which the firewall's, the gateways', App Service's and Functions' have tables of their own here.
//!
//! Event Hubs and storage accounts hold `{"time":…,"resourceId":…,"category":…,"properties":{…}}`
//! (<https://learn.microsoft.com/azure/azure-monitor/essentials/resource-logs-schema>), the portal and
//! the API `{"eventTimestamp":…,"operationName":{"value":…}…}`, whose names client libraries write in
//! other ways, and Log Analytics and Sentinel the tables `AzureActivity`, `AppServiceHTTPLogs` and
//! `FunctionAppLogs` with their columns side by side.

mod activity;
mod firewall;
mod function;
mod web;

#[cfg(test)]
mod kit_tests;

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::filling::Values;
use crate::format::JsonShape;
use crate::nested::{Nested, object_in};
use crate::time::{self, DateOrder};
use crate::{Collector, Stopped};

/// Records of Azure Monitor.
pub(crate) struct AzureJson;

impl JsonShape for AzureJson {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let record = Nested(object);
        is_diagnostic(record) || is_activity(record) || is_row(object.keys().map(String::as_str))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let envelope = Nested(object);
        // App Service writes its properties as text.
        let written = envelope.str("properties").and_then(object_in);
        let properties = match &written {
            Some(written) => Nested(written),
            None => envelope.object("properties").unwrap_or(envelope),
        };
        let record = Record { envelope, properties };
        match record.category().to_ascii_lowercase().as_str() {
            "appservicehttplogs" => web::app_service(&record, collector),
            "applicationgatewayaccesslog" | "applicationgatewayfirewalllog" => {
                web::gateway(&record, collector)
            }
            "frontdooraccesslog"
            | "frontdoorhealthprobelog"
            | "frontdoorwebapplicationfirewalllog"
            | "azurecdnaccesslog" => web::front_door(&record, collector),
            "azurefirewallapplicationrule"
            | "azurefirewallnetworkrule"
            | "azurefirewalldnsproxy" => firewall::message(&record, collector),
            category if category.starts_with("azfw") => {
                firewall::structured(category, &record, collector)
            }
            "functionapplogs" => function::row(&record, collector),
            _ => activity::row(&record, collector),
        }
    }
}

/// Whether those are columns of one of the tables of Log Analytics that are read.
fn is_row<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let (mut time, mut known) = (false, 0);
    for name in names {
        match name {
            "TimeGenerated" => time = true,
            "OperationNameValue" | "ActivityStatusValue" | "CsUriStem" | "FunctionInvocationId" => {
                known += 2;
            }
            "ActivityStatus" | "CallerIpAddress" | "EventSubmissionTimestamp" => known += 1,
            _ => {}
        }
    }
    time && known >= 2
}

/// Events of Windows and of Defender come in the same envelope, and are others' business.
fn is_diagnostic(record: Nested<'_>) -> bool {
    let category = record.str("category").unwrap_or_default();
    let is_of_others =
        category.starts_with("AdvancedHunting-") || category == "WindowsEventLogsTable";
    let names_resource =
        ["resourceId", "ResourceId"].iter().any(|name| record.str(name).is_some_and(is_path));
    !is_of_others && names_resource && (record.has("category") || record.has("operationName"))
}

fn is_activity(record: Nested<'_>) -> bool {
    let names = ["operationName.value", "operation_name.value"];
    names.iter().any(|name| record.has(name)) && record.has("level")
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
}

/// A record in its envelope.
struct Record<'r> {
    envelope: Nested<'r>,
    /// What the resource wrote; the whole record if nothing is around it.
    properties: Nested<'r>,
}

impl Values for Record<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.properties.text(name)
    }
}

impl<'r> Record<'r> {
    /// The kind of a diagnostic record; of a row, its table.
    fn category(&self) -> &'r str {
        let envelope = self.envelope;
        if let Some(table) = envelope.str("Type").or_else(|| envelope.str("category")) {
            return table;
        }
        if envelope.has("CsUriStem") {
            "AppServiceHTTPLogs"
        } else if envelope.has("FunctionInvocationId") {
            "FunctionAppLogs"
        } else {
            ""
        }
    }

    /// The path of the resource that wrote the record, or that it is about.
    fn resource(&self) -> &'r str {
        let names = ["resourceId", "ResourceId", "_ResourceId", "resource_id"];
        names.iter().find_map(|name| self.envelope.str(name)).unwrap_or_default()
    }

    /// The name of that resource.
    fn resource_name(&self) -> &'r str {
        self.resource().rsplit('/').next().unwrap_or_default()
    }

    /// When it happened. Event Hubs' own records write it in the American way, with a zone.
    fn moment(&self, collector: &mut Collector<'_>) -> Option<i64> {
        const TIMES: [&str; 7] = [
            "time",
            "timestamp",
            "timeStamp",
            "eventTimestamp",
            "event_timestamp",
            "TimeGenerated",
            "EventTimeString",
        ];
        let Some(text) = TIMES.iter().find_map(|name| self.envelope.str(name)) else {
            collector.anomaly(Anomaly::MissingTimestamp, "the record has no time");
            return None;
        };
        time::portal(text).or_else(|| {
            collector.moment(text, time::numeric_date(text, Some(DateOrder::MonthFirst)))
        })
    }
}

/// What stands behind a name in a path, whatever its case: the subscription's number behind
/// `subscriptions`.
fn behind<'p>(path: &'p str, name: &str) -> &'p str {
    let mut parts = path.split('/');
    match parts.find(|part| part.eq_ignore_ascii_case(name)) {
        Some(_) => parts.next().unwrap_or_default(),
        None => "",
    }
}
