//! Runs of Azure Functions:
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/functionapplogs>.
//!
//! The host writes a sentence when a function begins and one when it ends. What the function itself
//! writes has no place in our tables.

use coldtrail_model::{Field, Table};

use super::{Record, behind};
use crate::filling::{Values, fill};
use crate::{Collector, Stopped};

/// The host's sentences.
const STARTED: &str = "Executing '";
const ENDED: &str = "Executed '";

pub(super) fn row(record: &Record<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(message) = record.text("message").or_else(|| record.text("Message")) else {
        return Ok(());
    };
    if !message.starts_with(STARTED) && !message.starts_with(ENDED) {
        return Ok(());
    }
    let Some(moment) = record.moment(collector) else { return Ok(()) };
    let resource = record.resource();
    let values: &dyn Values = record;
    fill(collector, Table::Cloud, "azure.functions", moment, values, |filling| {
        filling
            .text(Field::EventAction, "eventName")
            .text(Field::EventAction, "EventName")
            .text(Field::FaasName, "functionName")
            .text(Field::FaasName, "FunctionName")
            .text(Field::FaasExecution, "functionInvocationId")
            .text(Field::FaasExecution, "FunctionInvocationId");
        let is_end = message.starts_with(ENDED);
        let row = filling.row();
        row.text(Field::EventAction, if is_end { "FunctionCompleted" } else { "FunctionStarted" })
            .text(Field::EventProvider, "Microsoft.Web")
            .text(Field::CloudProvider, "azure")
            .text(Field::CloudAccountId, behind(resource, "subscriptions"))
            .text(Field::CloudServiceName, "Microsoft.Web")
            .text(Field::CloudResourceId, resource);
        if is_end {
            let ended_well = message.contains("(Succeeded");
            row.text(Field::EventOutcome, if ended_well { "success" } else { "failure" });
        }
        if let Some(duration) = duration(&message) {
            row.number(Field::EventDuration, duration);
        }
    })
}

/// The number in `Duration=33ms`, in nanoseconds.
fn duration(message: &str) -> Option<i64> {
    let (_, behind) = message.split_once("Duration=")?;
    let (milliseconds, _) = behind.split_once("ms")?;
    milliseconds.parse::<i64>().ok()?.checked_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::azure::AzureJson;
    use crate::kept_rows::KeptRows;

    fn read(message: &str) -> KeptRows {
        KeptRows::of_object(
            &AzureJson,
            &format!(
                r#"{{"time":"2024-05-04T10:00:00Z","category":"FunctionAppLogs",
                "resourceId":"/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.WEB/SITES/RELAY",
                "properties":{{"message":"{message}","functionName":"Beat",
                "functionInvocationId":"1-2"}}}}"#
            ),
        )
    }

    #[test]
    fn a_run_ends_well_or_not() {
        assert_eq!(
            read("Executed 'Functions.Beat' (Succeeded, Id=1-2, Duration=33ms)").only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=azure.functions \
             event_action=FunctionCompleted event_outcome=success event_provider=Microsoft.Web \
             event_duration=33000000 cloud_provider=azure cloud_account_id=S \
             cloud_service_name=Microsoft.Web \
             cloud_resource_id=/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.WEB/SITES/RELAY \
             faas_name=Beat faas_execution=1-2"
        );
        let row = read("Executed 'Functions.Beat' (Failed, Id=1-2)").only(Table::Cloud);
        assert!(row.contains("event_outcome=failure"), "{row}");
        let row = read("Executing 'Functions.Beat' (Reason='', Id=1-2)").only(Table::Cloud);
        assert!(row.contains("event_action=FunctionStarted event_provider"), "{row}");
        assert_eq!(read("hello").count(), 0);
    }
}
