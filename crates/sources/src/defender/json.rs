//! Advanced hunting as JSON: records of the APIs and of Sentinel with their columns as keys, and
//! records of the streaming API, which has the columns in an object of their own:
//! `{"time":…,"category":"AdvancedHunting-DeviceNetworkEvents","properties":{…}}`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{are_columns, row, said_table};
use crate::filling::Values;
use crate::format::JsonShape;
use crate::{Collector, Stopped};

/// Advanced hunting as JSON.
pub(crate) struct Defender;

impl JsonShape for Defender {
    fn name(&self) -> &'static str {
        "defender"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        streamed(object).is_some() || are_columns(object.keys().map(String::as_str))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        match streamed(object) {
            Some((table, properties)) => {
                let record = JsonRecord { columns: properties, envelope: Some(object) };
                row(table, &record, collector)
            }
            None => {
                let record = JsonRecord { columns: object, envelope: None };
                row(&said_table(&record), &record, collector)
            }
        }
    }
}

/// The table and the columns of a record of the streaming API.
fn streamed(object: &Map<String, Value>) -> Option<(&str, &Map<String, Value>)> {
    let category = object.get("category")?.as_str()?;
    let table = category.strip_prefix("AdvancedHunting-")?;
    Some((table, object.get("properties")?.as_object()?))
}

/// A record, or its columns and what they came in.
pub(super) struct JsonRecord<'o> {
    pub(super) columns: &'o Map<String, Value>,
    /// What the columns came in; it has the time if they do not.
    pub(super) envelope: Option<&'o Map<String, Value>>,
}

impl Values for JsonRecord<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let column = self.columns.get(name).and_then(text);
        column.or_else(|| text(self.envelope?.get(name)?))
    }
}

/// A value as text; an object or a list, such as the additional fields, as its JSON.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => set(text).map(Cow::Borrowed),
        Value::Null => None,
        value => Some(Cow::Owned(value.to_string())),
    }
}

/// Exports write words for nothing now and then.
fn set(text: &str) -> Option<&str> {
    (!matches!(text, "" | "-" | "null")).then_some(text)
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;
    use serde_json::json;

    use super::Defender;
    use crate::format::JsonShape;
    use crate::kept_rows::KeptRows;

    fn rows(object: &serde_json::Value) -> KeptRows {
        KeptRows::of_object(&Defender, &object.to_string())
    }

    /// A record of the streaming API, with columns that most records have.
    fn streamed(table: &str, columns: &serde_json::Value) -> KeptRows {
        let mut properties = json!({
            "Timestamp": "2024-05-04T00:00:00.1234567Z", "DeviceName": "WS01",
            "InitiatingProcessFileName": "x.exe", "InitiatingProcessAccountDomain": "corp",
            "InitiatingProcessAccountName": "jane", "AccountName": "somebody else",
            "InitiatingProcessId": 7, "InitiatingProcessParentFileName": null,
        });
        for (name, value) in columns.as_object().expect("an object") {
            properties[name] = value.clone();
        }
        rows(&json!({
            "time": "2024-05-04T00:10:00Z", "tenantId": "t", "operationName": "Publish",
            "category": format!("AdvancedHunting-{table}"), "properties": properties,
        }))
    }

    /// What every row of [`streamed`] begins with.
    fn start(dataset: &str) -> String {
        format!(
            "timestamp=1714780800123456 event_dataset={dataset} host_name=ws01 user_name=corp\\jane"
        )
    }

    const PROCESS: &str = "process_name=x.exe process_pid=7";

    #[test]
    fn a_connection_by_name_is_a_row_of_flow() {
        let rows = streamed(
            "DeviceNetworkEvents",
            &json!({
                "ActionType": "ConnectionSuccess", "RemoteUrl": "https://A.workers.dev",
                "RemoteIP": "192.0.2.7", "RemotePort": 443, "LocalIP": "10.0.0.5",
                "LocalPort": 49200, "Protocol": "TcpV4", "AdditionalFields": "{}",
            }),
        );
        assert_eq!(
            rows.only(Table::Flow),
            format!(
                "{} source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 \
                 destination_port=443 {PROCESS} destination_domain=a.workers.dev \
                 network_transport=tcp event_action=ConnectionSuccess",
                start("defender.network")
            )
        );
    }

    #[test]
    fn a_url_with_a_path_is_a_row_of_web() {
        for (url, expected) in [
            (
                "https://script.google.com/macros/s/AK/exec?a=1",
                "url_full=https://script.google.com/macros/s/AK/exec?a=1 \
                 url_domain=script.google.com url_path=/macros/s/AK/exec url_query=a=1 \
                 event_action=ConnectionFailed",
            ),
            (
                "A.workers.dev/x",
                "url_domain=a.workers.dev url_path=/x event_action=ConnectionFailed",
            ),
        ] {
            let columns = json!({"ActionType": "ConnectionFailed", "RemoteUrl": url});
            let rows = streamed("DeviceNetworkEvents", &columns);
            let start = start("defender.network");
            assert_eq!(rows.only(Table::Web), format!("{start} {PROCESS} {expected}"));
        }
    }

    #[test]
    fn who_came_in_is_the_source() {
        for columns in [
            json!({"ActionType": "InboundConnectionAccepted"}),
            json!({"ActionType": "ConnectionAttempt", "AdditionalFields": "{\"direction\":\"In\"}"}),
        ] {
            let mut columns = columns;
            columns["LocalIP"] = json!("10.0.0.5");
            columns["RemoteIP"] = json!("192.0.2.7");
            let row = streamed("DeviceNetworkEvents", &columns).only(Table::Flow);
            assert!(row.contains("source_ip=192.0.2.7 destination_ip=10.0.0.5"), "{row}");
            assert!(row.contains("network_direction=inbound"), "{row}");
        }
    }

    #[test]
    fn what_zeek_inspected_goes_where_its_log_goes() {
        let inspected = |action: &str, fields: serde_json::Value| {
            let columns = json!({
                "ActionType": action, "AdditionalFields": fields.to_string(),
                "RemoteIP": "192.0.2.7", "InitiatingProcessFileName": null, "InitiatingProcessId": 0,
            });
            streamed("DeviceNetworkEvents", &columns)
        };
        let start = format!("{} destination_ip=192.0.2.7", start("defender.network"));
        let dns = json!({"query": "A.workers.dev", "qtype_name": "A", "rcode_name": "NOERROR",
            "uid": "C1", "answers": "[\"b.example\",\"192.0.2.8\"]", "TTLs": "[60.0,5.0]"});
        assert_eq!(
            inspected("DnsConnectionInspected", dns).only(Table::Dns),
            format!(
                "{start} network_session_id=C1 dns_question_name=a.workers.dev \
                 dns_question_type=A dns_response_code=NOERROR \
                 dns_answers_data=[b.example|192.0.2.8] dns_answers_ttl=[60|5] \
                 event_action=DnsConnectionInspected"
            )
        );
        let tls =
            json!({"server_name": "a.workers.dev", "established": "true", "version": "TLSv12"});
        assert_eq!(
            inspected("SslConnectionInspected", tls).only(Table::Tls),
            format!(
                "{start} tls_client_server_name=a.workers.dev tls_version=1.2 tls_established=true \
                 event_action=SslConnectionInspected"
            )
        );
        let http = json!({"host": "a.example", "method": "GET", "uri": "/x", "status_code": "200"});
        assert_eq!(
            inspected("HttpConnectionInspected", http).only(Table::Web),
            format!(
                "{start} http_request_method=GET http_response_status_code=200 \
                 url_domain=a.example url_path=/x \
                 event_action=HttpConnectionInspected"
            )
        );
        let icmp = json!({"duration": "0.016", "orig_bytes": "32", "orig_ip_bytes": "60"});
        assert_eq!(
            inspected("IcmpConnectionInspected", icmp).only(Table::Flow),
            format!(
                "{start} event_duration=16000000 event_action=IcmpConnectionInspected source_bytes=60"
            )
        );
        // Nothing was inspected, so what the columns say has to do.
        assert_eq!(inspected("DnsConnectionInspected", json!({})).all(Table::Flow).len(), 1);
    }

    #[test]
    fn events_of_the_device_go_to_the_table_of_their_kind() {
        let event = |action: &str, fields: serde_json::Value| {
            let columns = json!({"ActionType": action, "AdditionalFields": fields});
            streamed("DeviceEvents", &columns)
        };
        let start = start("defender.events");
        let answer = json!([{"DnsQueryType": "A", "Result": "192.0.2.7"}]).to_string();
        let query = json!({"DnsQueryString": "A.workers.dev.", "DnsQueryResult": answer});
        assert_eq!(
            event("DnsQueryResponse", query).only(Table::Dns),
            format!(
                "{start} {PROCESS} dns_question_name=a.workers.dev dns_answers_data=[192.0.2.7]"
            )
        );
        assert_eq!(
            event("PowerShellCommand", json!("{\"Command\":\"irm a.example\"}"))
                .only(Table::Script),
            format!("{start} {PROCESS} powershell_file_script_block_text=irm a.example")
        );
        assert_eq!(event("DpapiAccessed", json!("{}")).count(), 0);
    }

    #[test]
    fn what_a_domain_controller_was_asked_is_a_row_of_dns() {
        let columns = json!({
            "ActionType": "DNS query", "QueryTarget": "A.workers.dev", "QueryType": "Text",
            "IPAddress": "10.0.0.5", "Port": 38529, "DestinationIPAddress": "10.0.0.53",
            "DestinationPort": 53, "DestinationDeviceName": "DC01", "AccountName": null,
        });
        assert_eq!(
            streamed("IdentityQueryEvents", &columns).only(Table::Dns),
            "timestamp=1714780800123456 event_dataset=defender.identity_query host_name=ws01 \
             source_ip=10.0.0.5 source_port=38529 destination_ip=10.0.0.53 destination_port=53 \
             dns_question_name=a.workers.dev dns_question_type=TXT event_action=DNS query \
             observer_name=dc01"
        );
    }

    #[test]
    fn a_process_in_a_container() {
        let columns = json!({
            "ActionType": "ProcessCreated", "KubernetesPodName": "Pod-1", "ProcessName": "curl",
            "FolderPath": "/usr/bin/curl", "ProcessId": 7, "ParentProcessName": "sh",
            "ProcessCommandLine": "curl a.example", "AccountName": "root", "DeviceName": null,
        });
        assert_eq!(
            streamed("CloudProcessEvents", &columns).only(Table::Process),
            "timestamp=1714780800123456 event_dataset=defender.cloud_process host_name=pod-1 \
             user_name=root process_name=curl process_executable=/usr/bin/curl process_pid=7 \
             process_command_line=curl a.example process_parent_name=sh"
        );
    }

    #[test]
    fn a_process_that_has_a_browser_open_a_url_is_not_who_connects() {
        let columns =
            json!({"ActionType": "BrowserLaunchedToOpenUrl", "RemoteUrl": "https://a.example/x"});
        let row = streamed("DeviceEvents", &columns).only(Table::Web);
        assert!(row.contains("host_name=ws01 url_full=https://a.example/x"), "{row}");
        assert!(!row.contains("process_"), "{row}");
    }

    #[test]
    fn tables_without_a_place_are_claimed_and_feed_none() {
        for table in ["AlertEvidence", "DeviceLogonEvents", "EmailUrlInfo", "DeviceImageLoadEvents"]
        {
            let columns = json!({"RemoteUrl": "a.example", "RemoteIP": "192.0.2.7"});
            assert_eq!(streamed(table, &columns).count(), 0, "{table}");
        }
    }

    #[test]
    fn sentinel_and_the_apis_have_no_envelope() {
        let sentinel = json!({
            "TimeGenerated": "2024-05-04T00:00:00Z", "Type": "DeviceNetworkEvents", "DeviceName": "ws01",
            "ActionType": "NetworkSignatureInspected", "RemoteIP": "192.0.2.7",
            "AdditionalFields": {"SignatureName": "HTTP_Server"}, "RemoteUrl": "null",
        });
        let row = rows(&sentinel).only(Table::Flow);
        assert!(row.contains("event_action=NetworkSignatureInspected"), "{row}");
        let api = json!({
            "Timestamp": "2024-05-04T00:00:00Z", "DeviceId": "0", "RemoteUrl": "a.example",
        });
        assert_eq!(rows(&api).all(Table::Flow).len(), 1);
        let other = json!({"Timestamp": "2024-05-04T00:00:00Z", "Computer": "ws01", "EventID": 1});
        assert!(!Defender.claims(other.as_object().expect("an object")));
    }
}
