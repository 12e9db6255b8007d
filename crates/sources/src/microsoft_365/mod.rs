//! The unified audit log of Microsoft 365, with Power Automate, SharePoint, Exchange and the directory.
//!
//! A record is what the Management Activity API has
//! (<https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema>);
//! exports of the portal and of `Search-UnifiedAuditLog` have it as the text `AuditData` in a row of
//! their own, and Sentinel's table `OfficeActivity` has its own names for some of the columns.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use crate::filling::{Filling, Values, address, fill};
use crate::format::JsonShape;
use crate::nested::{Nested, object_in};
use crate::url::{Url, host};
use crate::{Collector, Stopped, time};

/// Records of the unified audit log.
pub(crate) struct Microsoft365Json;

/// What was acted on: a flow, a file, an object of the directory.
const RESOURCES: [&str; 8] = [
    "FlowDetailsUrl",
    "ResourceId",
    "ObjectId",
    "OfficeObjectId",
    "AppId",
    "ApplicationId",
    "SourceFileName",
    "ItemName",
];

/// What was asked for.
const REQUESTS: [&str; 8] = [
    "Parameters",
    "ModifiedProperties",
    "FlowConnectorNames",
    "AdditionalInfo",
    "OperationProperties",
    "ExtendedProperties",
    "PropertyCollection",
    "Data",
];

/// Where the user was.
const CLIENTS: [&str; 5] =
    ["ClientIP", "ClientIPAddress", "ActorIpAddress", "Client_IPAddress", "ClientIp"];

impl JsonShape for Microsoft365Json {
    fn name(&self) -> &'static str {
        "microsoft-365"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let record = Nested(object);
        is_record(record)
            || record.object("AuditData").is_some()
            || record.str("AuditData").is_some_and(|text| text.starts_with('{'))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        // The columns around an export's record repeat some of it.
        if let Some(inner) = record.object("AuditData") {
            return row(inner, collector);
        }
        if is_record(record) {
            return row(record, collector);
        }
        match record.str("AuditData").and_then(object_in) {
            Some(inner) => row(Nested(&inner), collector),
            None => {
                collector.anomaly(Anomaly::InvalidJson, "AuditData is no object");
                Ok(())
            }
        }
    }
}

fn is_record(record: Nested<'_>) -> bool {
    let timed = record.has("CreationTime") || record.has("TimeGenerated");
    let product = ["Workload", "OfficeWorkload", "RecordType"].iter().any(|name| record.has(name));
    timed && record.has("Operation") && product && record.has("UserId")
}

fn row(record: Nested<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(written) = record.str("CreationTime").or_else(|| record.str("TimeGenerated")) else {
        collector.anomaly(Anomaly::MissingTimestamp, "the record has no time");
        return Ok(());
    };
    // The log is in UTC, and says so only now and then.
    let Some(moment) = time::portal(written) else {
        collector.anomaly(Anomaly::InvalidTimestamp, written);
        return Ok(());
    };
    fill(collector, Table::Cloud, "microsoft_365.audit", moment, &record, |filling| {
        filling
            .text(Field::UserName, "UserId")
            .text(Field::UserId, "UserKey")
            .text(Field::UserId, "UserId")
            .text(Field::UserAgentOriginal, "UserAgent")
            .text(Field::EventAction, "Operation")
            .text(Field::EventProvider, "Workload")
            .text(Field::EventProvider, "OfficeWorkload")
            .text(Field::CloudAccountId, "OrganizationId")
            .text(Field::CloudServiceName, "Workload")
            .text(Field::CloudServiceName, "OfficeWorkload");
        client(filling);
        resource(filling);
        for name in REQUESTS {
            filling.text(Field::HttpRequestBodyContent, name);
        }
        filling.row().text(Field::CloudProvider, "microsoft_365");
        outcome(filling, record);
    })
}

/// Some products write the port behind the address, some an address in brackets.
fn client(filling: &mut Filling<'_, '_, '_>) {
    let Some(client) = CLIENTS.iter().find_map(|name| filling.value(name)) else { return };
    if let Some(address) = address(&client).or_else(|| address(host(&client))) {
        filling.row().text(Field::SourceIp, &address);
    }
}

fn resource(filling: &mut Filling<'_, '_, '_>) {
    for name in RESOURCES {
        filling.text(Field::CloudResourceId, name);
    }
    let urls = ["FlowDetailsUrl", "SiteUrl", "Site_Url", "ObjectId"];
    let mut urls = urls.iter().filter_map(|name| filling.value(name));
    if let Some(url) = urls.find(|url| url.starts_with("http")) {
        filling.row().text(Field::UrlFull, &url).domain(Field::UrlDomain, Url::parse(&url).host);
    }
}

/// `Succeeded`, `Success`, `True` or `PartiallySucceeded`; products that have none log what was done.
fn outcome(filling: &mut Filling<'_, '_, '_>, record: Nested<'_>) {
    let Some(status) = record.text("ResultStatus") else { return };
    let word = status.to_ascii_lowercase();
    let outcome = match word.as_str() {
        "true" | "0" => "success",
        "false" => "failure",
        word if word.starts_with("succe") => "success",
        word if word.starts_with("fail") || word.starts_with("err") => "failure",
        _ => "unknown",
    };
    filling.row().text(Field::EventOutcome, outcome);
    if outcome == "failure" {
        filling
            .text(Field::ErrorCode, "ErrorNumber")
            .text(Field::ErrorCode, "LogonError")
            .text(Field::ErrorCode, "ResultStatus");
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::Microsoft365Json;
    use crate::csv::Csv;
    use crate::kept_rows::KeptRows;

    const RECORD: &str = r#"{"CreationTime":"2024-05-04T10:00:00","Id":"1","Operation":"CreateFlow",
        "OrganizationId":"o","RecordType":30,"ResultStatus":"Success","UserKey":"k","UserType":0,
        "Workload":"MicrosoftFlow","ClientIP":"[::ffff:192.0.2.7]:4000","UserId":"jane@example.com",
        "FlowConnectorNames":"HTTP","FlowDetailsUrl":"https://admin.flow.microsoft.com/f/1"}"#;

    const ROW: &str = "timestamp=1714816800000000 event_dataset=microsoft_365.audit \
        user_name=jane@example.com source_ip=192.0.2.7 user_id=k event_action=CreateFlow \
        event_outcome=success event_provider=MicrosoftFlow cloud_provider=microsoft_365 \
        cloud_account_id=o cloud_service_name=MicrosoftFlow \
        cloud_resource_id=https://admin.flow.microsoft.com/f/1 \
        url_full=https://admin.flow.microsoft.com/f/1 url_domain=admin.flow.microsoft.com \
        http_request_body_content=HTTP";

    #[test]
    fn a_flow_that_is_created_is_a_row() {
        let rows = KeptRows::of_object(&Microsoft365Json, RECORD);
        assert_eq!(rows.only(Table::Cloud), ROW);
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn an_export_has_the_record_as_text() {
        let text = RECORD.replace('\n', " ");
        let json = serde_json::json!({"CreationDate": "5/4/2024 10:00:00 AM", "AuditData": text});
        let rows = KeptRows::of_object(&Microsoft365Json, &json.to_string());
        assert_eq!(rows.only(Table::Cloud), ROW);
        let quoted = text.replace('"', "\"\"");
        let csv = format!(
            "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits\r\n\
             1,2024-05-04T10:00:00.0000000Z,30,CreateFlow,jane@example.com,\"{quoted}\",\r\n"
        );
        assert_eq!(KeptRows::read(&Csv, csv.as_bytes()).only(Table::Cloud), ROW);
    }

    #[test]
    fn a_broken_record_in_an_export_is_told() {
        let rows = KeptRows::of_object(&Microsoft365Json, r#"{"AuditData":"{\"CreationTime\":"}"#);
        assert_eq!((rows.count(), rows.anomalies()), (0, vec![(Anomaly::InvalidJson, 1)]));
    }

    #[test]
    fn sentinel_has_other_names() {
        let rows = KeptRows::of_object(
            &Microsoft365Json,
            r#"{"TimeGenerated":"2024-05-04T10:00:00Z","Operation":"FileUploaded","UserId":"jane",
            "OfficeWorkload":"SharePoint","OfficeObjectId":"https://x.sharepoint.com/a","RecordType":"6",
            "ResultStatus":"Failed","ClientIP":"192.0.2.7"}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=microsoft_365.audit user_name=jane \
             source_ip=192.0.2.7 user_id=jane event_action=FileUploaded event_outcome=failure \
             event_provider=SharePoint error_code=Failed cloud_provider=microsoft_365 \
             cloud_service_name=SharePoint cloud_resource_id=https://x.sharepoint.com/a"
        );
    }
}
