//! Tables of Azure Monitor's Log Analytics, which Sentinel works on, as they are exported or queried
//! (<https://learn.microsoft.com/azure/azure-monitor/reference/tables-index>).
//!
//! A row comes as a JSON object, as one of comma-separated values ([`crate::csv`]), or in the answer of the
//! query API ([`tables`]). Windows events and Defender's tables have shapes of their own; here is what
//! connectors put into columns of Azure's.

mod common_security_log;
mod dns_events;
mod syslog;
pub(crate) mod tables;
mod vm_connection;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::filling::Values;
use crate::format::JsonShape;
use crate::{Collector, Stopped, time};

/// Rows of tables of Log Analytics.
pub(crate) struct Sentinel;

type Object = Map<String, Value>;

impl JsonShape for Sentinel {
    fn name(&self) -> &'static str {
        "sentinel"
    }

    fn claims(&self, object: &Object) -> bool {
        table(object).is_some()
    }

    fn rows(&self, object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        match table(object) {
            Some(Table::CommonSecurityLog) => common_security_log::rows(object, collector),
            Some(Table::DnsEvents) => dns_events::rows(object, collector),
            Some(Table::Syslog) => syslog::rows(object, collector),
            Some(Table::VmConnection) => vm_connection::rows(object, collector),
            Some(Table::Other) | None => Ok(()),
        }
    }
}

enum Table {
    CommonSecurityLog,
    DnsEvents,
    Syslog,
    VmConnection,
    /// One that ours have no place for.
    Other,
}

/// Tables about sign-ins, alerts and the state of hosts.
const OTHERS: [&str; 12] = [
    "SigninLogs",
    "AADNonInteractiveUserSignInLogs",
    "AADServicePrincipalSignInLogs",
    "AADManagedIdentitySignInLogs",
    "AuditLogs",
    "IdentityInfo",
    "SecurityAlert",
    "SecurityIncident",
    "BehaviorAnalytics",
    "ThreatIntelligenceIndicator",
    "Heartbeat",
    "Perf",
];

/// The table that a row says it is from, or that its columns are of; a time all of them have.
fn table(object: &Object) -> Option<Table> {
    let has = |name: &str| object.contains_key(name);
    if !has("TimeGenerated") {
        return None;
    }
    match object.get("Type").and_then(Value::as_str) {
        Some("CommonSecurityLog") => return Some(Table::CommonSecurityLog),
        Some("DnsEvents") => return Some(Table::DnsEvents),
        Some("Syslog") => return Some(Table::Syslog),
        Some("VMConnection") => return Some(Table::VmConnection),
        Some(name) if OTHERS.contains(&name) => return Some(Table::Other),
        _ => {}
    }
    if has("DeviceVendor") && has("DeviceProduct") && (has("SourceIP") || has("RequestURL")) {
        Some(Table::CommonSecurityLog)
    } else if has("SyslogMessage") && (has("Facility") || has("SeverityLevel") || has("HostName")) {
        Some(Table::Syslog)
    } else if has("ClientIP") && has("Name") && has("SubType") {
        Some(Table::DnsEvents)
    } else if has("ProcessName") && has("DestinationIp") && has("Direction") && has("RemoteIp") {
        Some(Table::VmConnection)
    } else {
        None
    }
}

/// A row's columns.
struct Columns<'o>(&'o Object);

impl Values for Columns<'_> {
    fn text(&self, name: &'static str) -> Option<std::borrow::Cow<'_, str>> {
        match self.0.get(name)? {
            Value::String(text) if text.is_empty() || text == "-" => None,
            Value::String(text) => Some(text.into()),
            Value::Null => None,
            value => Some(value.to_string().into()),
        }
    }

    fn texts(&self, name: &'static str) -> Option<Vec<std::borrow::Cow<'_, str>>> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned().into();
        match self.0.get(name)? {
            Value::Array(values) => Some(values.iter().map(text).collect()),
            // A list may come as JSON in a text, or with commas.
            Value::String(list) if !list.is_empty() => {
                let list = list.trim_matches(['[', ']']).split(',');
                let texts = list.map(|text| text.trim().trim_matches('"'));
                Some(texts.filter(|text| !text.is_empty()).map(|text| text.into()).collect())
            }
            _ => None,
        }
    }
}

/// When it happened; `None`, counted, where the row does not say.
fn moment(columns: &Columns<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let Some(text) = columns.text("TimeGenerated") else {
        collector.anomaly(Anomaly::MissingTimestamp, "the row has no TimeGenerated");
        return None;
    };
    let moment = time::portal(&text);
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, &text);
    }
    moment
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;
    use serde_json::{Value, json};

    use super::Sentinel;
    use crate::format::JsonShape;
    use crate::kept_rows::KeptRows;

    fn rows(object: &Value) -> KeptRows {
        KeptRows::of_object(&Sentinel, &object.to_string())
    }

    #[test]
    fn a_firewall_s_event_is_mapped_as_in_cef() {
        let rows = rows(&json!({
            "TimeGenerated": "2024-05-04T10:00:00Z", "Type": "CommonSecurityLog",
            "DeviceVendor": "V", "DeviceProduct": "P", "DeviceName": "FW", "SourceIP": "10.0.0.5",
            "SourcePort": 49200, "DestinationIP": "192.0.2.7", "DestinationPort": "443",
            "DestinationHostName": "A.workers.dev", "Protocol": "TCP", "DeviceAction": "allow",
            "SentBytes": 10, "ReceivedBytes": 20, "DeviceCustomString1Label": "Rule",
            "DeviceCustomString1": "out",
        }));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=sentinel.common_security_log \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             destination_domain=a.workers.dev network_transport=tcp event_action=allow \
             source_bytes=10 destination_bytes=20 event_type=allowed rule_name=out observer_name=fw"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_url_of_a_proxy_is_a_row_of_web() {
        let rows = rows(&json!({
            "TimeGenerated": "5/4/2024, 10:00:00.000 AM", "DeviceVendor": "V", "DeviceProduct": "P",
            "SourceIP": "10.0.0.5", "RequestURL": "https://a.example/x", "RequestMethod": "POST",
        }));
        let row = rows.only(Table::Web);
        assert!(row.contains("timestamp=1714816800000000"), "{row}");
        assert!(row.contains("http_request_method=POST url_full=https://a.example/x"), "{row}");
    }

    #[test]
    fn a_query_at_a_dns_server() {
        let event = |kind: &str| {
            rows(&json!({
                "TimeGenerated": "2024-05-04T10:00:00Z", "Computer": "DC01.example",
                "SubType": kind, "ClientIP": "10.0.0.5", "Name": "A.workers.dev", "QueryType": "A",
                "IPAddresses": "192.0.2.7,192.0.2.8", "Result": "Success", "ResultCode": 0,
            }))
        };
        assert_eq!(
            event("LookupQuery").only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=sentinel.dns_events source_ip=10.0.0.5 \
             dns_question_name=a.workers.dev dns_question_type=A dns_response_code=NOERROR \
             dns_answers_data=[192.0.2.7|192.0.2.8] observer_name=dc01.example"
        );
        assert_eq!(event("DynamicRegistration").count(), 0);
    }

    #[test]
    fn a_syslog_message_is_a_line_with_its_header_in_columns() {
        let rows = rows(&json!({
            "TimeGenerated": "2024-05-04T10:00:00Z", "Computer": "Proxy01", "HostName": "proxy01",
            "Facility": "local0", "ProcessName": "CEF",
            "SyslogMessage": "CEF:0|V|P|1|1|n|3|src=10.0.0.5 dst=192.0.2.7",
        }));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cef source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 observer_name=proxy01"
        );
    }

    #[test]
    fn a_connection_of_a_virtual_machine() {
        let rows = rows(&json!({
            "TimeGenerated": "2024-05-04T10:00:00Z", "Type": "VMConnection", "Computer": "VM01",
            "Direction": "outbound", "ProcessName": "Curl", "SourceIp": "10.0.0.5",
            "DestinationIp": "192.0.2.7", "DestinationPort": 443, "Protocol": "tcp",
            "RemoteIp": "192.0.2.7", "BytesSent": 10, "BytesReceived": 20,
            "RemoteDnsQuestions": "[\"A.workers.dev\"]",
        }));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=sentinel.vm_connection host_name=vm01 \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 process_name=curl \
             destination_domain=a.workers.dev network_transport=tcp network_direction=outbound \
             source_bytes=10 destination_bytes=20"
        );
    }

    #[test]
    fn tables_without_a_place_are_claimed_and_feed_none() {
        let rows = rows(&json!({ "TimeGenerated": "2024-05-04T10:00:00Z", "Type": "SigninLogs" }));
        assert_eq!((rows.count(), rows.anomalies().len()), (0, 0));
        let other = json!({ "Type": "SigninLogs" });
        assert!(!Sentinel.claims(other.as_object().expect("an object")));
    }
}
