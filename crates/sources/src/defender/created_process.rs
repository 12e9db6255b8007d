//! Starts of processes under the names that the sensor itself gives their columns, as older exports have
//! them: `CreatedProcessName` for what is called `FileName` by now.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use super::actor;
use super::json::JsonRecord;
use crate::filling::{Filling, Values, fill};
use crate::format::JsonShape;
use crate::{Collector, Stopped, time};

/// Starts of processes by the sensor's own names.
pub(crate) struct DefenderSensor;

impl JsonShape for DefenderSensor {
    fn name(&self) -> &'static str {
        "defender-sensor"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        ["CreatedProcessName", "InitiatingProcessName", "ComputerDnsName"]
            .iter()
            .all(|name| object.contains_key(*name))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = JsonRecord { columns: object, envelope: None };
        let written = ["CreatedProcessCreationTime", "ReportTime"];
        let Some(text) = written.iter().find_map(|name| record.text(name)) else {
            collector.anomaly(Anomaly::MissingTimestamp, "the process has no time");
            return Ok(());
        };
        let Some(moment) = time::rfc3339_assuming_utc(&text) else {
            collector.anomaly(Anomaly::InvalidTimestamp, &text);
            return Ok(());
        };
        fill(collector, Table::Process, "defender.process", moment, &record, columns)
    }
}

fn columns(record: &mut Filling<'_, '_, '_>) {
    record.lower(Field::HostName, "ComputerDnsName");
    actor::account(record, "CreatedProcessAccountDomainName", "CreatedProcessAccountName");
    if let Some(path) = actor::path(record, "CreatedProcessFilePath", "CreatedProcessName") {
        record.row().image(Field::ProcessExecutable, Field::ProcessName, &path);
    }
    record
        .lower(Field::ProcessName, "CreatedProcessName")
        .text(Field::ProcessCommandLine, "CreatedProcessCommandLine")
        .lower(Field::ProcessHashSha256, "CreatedProcessFileSha256");
    actor::process_number(record, "CreatedProcessId");
    let parent = ("InitiatingProcessImageFilePath", "InitiatingProcessName");
    if let Some(path) = actor::path(record, parent.0, parent.1) {
        record.row().image(Field::ProcessParentExecutable, Field::ProcessParentName, &path);
    }
    record
        .lower(Field::ProcessParentName, "InitiatingProcessName")
        .text(Field::ProcessParentCommandLine, "Process_CommandLine");
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::csv::Csv;
    use crate::kept_rows::{KeptRows, kit};

    #[test]
    fn an_older_export_is_read() {
        let rows = KeptRows::read(
            &Csv,
            b",CreatedProcessCreationTime,CreatedProcessName,CreatedProcessFilePath,CreatedProcessId,\
             CreatedProcessCommandLine,InitiatingProcessName,InitiatingProcessImageFilePath,\
             Process_CommandLine,ComputerDnsName,CreatedProcessAccountName\n\
             0,2024-05-04 00:00:00.159814200+00:00,curl.exe,C:\\Windows\\System32\\curl.exe,7,\
             curl a.example,cmd.exe,C:\\Windows\\System32,\"cmd /c \"\"x\"\"\",WS01,jane\n",
        );
        assert_eq!(
            rows.only(Table::Process),
            "timestamp=1714780800159814 event_dataset=defender.process host_name=ws01 user_name=jane \
             process_name=curl.exe process_executable=C:\\Windows\\System32\\curl.exe process_pid=7 \
             process_command_line=curl a.example process_parent_name=cmd.exe \
             process_parent_executable=C:\\Windows\\System32\\cmd.exe \
             process_parent_command_line=cmd /c \"x\""
        );
    }

    #[test]
    fn a_real_export_is_read() {
        let Some(folder) = kit("defender/microsoft+msticpy") else { return };
        let kept = KeptRows::of_file(&folder.join("mde_proc_cs1.csv.gz"));
        assert_eq!(kept.anomalies(), []);
        assert_eq!(kept.rows(Table::Process).len() as u64, kept.records());
        assert!(kept.records() > 10);
    }
}
