//! System activity: processes that start, files that are written, scripts.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use super::{acting_process, actor, sha256};
use crate::filling::fill;
use crate::nested::Nested;
use crate::{Collector, Stopped};

/// Makes the row of a process that starts; the one that started it is the actor.
pub(super) fn process(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Process, "ocsf.process", moment, record, |row| {
        actor(record, row);
        super::process(record, "process", row);
        let parent = |name: &str| {
            let value = record.get(&format!("actor.process.{name}"));
            value.and_then(crate::nested::text).unwrap_or_default()
        };
        row.row()
            .image(Field::ProcessParentExecutable, Field::ProcessParentName, &parent("file.path"))
            .lower(Field::ProcessParentName, &parent("file.name"))
            .lower(Field::ProcessParentName, &parent("name"))
            .text(Field::ProcessParentCommandLine, &parent("cmd_line"));
    })
}

/// Makes the row of a file.
pub(super) fn file(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::File, "ocsf.file", moment, record, |row| {
        actor(record, row);
        acting_process(record, row);
        // A file that was renamed has its new name in the result.
        row.text(Field::FilePath, "file_result.path")
            .text(Field::FilePath, "file.path")
            .text(Field::FilePath, "file.name");
        let hash = sha256(record, "file.hashes");
        row.row().text(Field::FileHashSha256, &hash);
    })
}

/// Makes the row of a script.
pub(super) fn script(
    record: &Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Script, "ocsf.script", moment, record, |row| {
        actor(record, row);
        acting_process(record, row);
        let name = match record.get("script.script_content") {
            Some(Value::String(_)) => "script.script_content",
            _ => "script.script_content.value",
        };
        row.text(Field::ScriptBlockText, name)
            .text(Field::ScriptBlockId, "script.uid")
            .text(Field::FilePath, "script.file.path");
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use serde_json::{Value, json};

    use crate::kept_rows::KeptRows;
    use crate::ocsf::Ocsf;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn rows(class: i64, activity: i64, more: Value) -> KeptRows {
        let mut record = json!({
            "class_uid": class, "category_uid": 1, "activity_id": activity,
            "time": 1_714_816_800_123_i64, "metadata": {"version": "1.1.0"},
            "device": {"hostname": "WS01"},
            "actor": {
                "user": {"name": "jane"},
                "process": {"pid": 7, "file": {"path": "C:\\x\\A.exe"}, "cmd_line": "a.exe -p"},
            },
        });
        for (name, value) in more.as_object().expect("an object") {
            record[name] = value.clone();
        }
        KeptRows::of_object(&Ocsf, &record.to_string())
    }

    #[test]
    fn a_process_that_starts_has_its_actor_for_parent() {
        let process = json!({"process": {
            "pid": 8, "uid": "u8", "cmd_line": "b.exe",
            "file": {"path": "C:\\x\\B.exe", "hashes": [
                {"algorithm_id": 1, "value": "00"}, {"algorithm_id": 3, "value": HASH.to_uppercase()},
            ]},
        }});
        assert_eq!(
            rows(1007, 1, process.clone()).only(Table::Process),
            format!(
                "timestamp=1714816800123000 event_dataset=ocsf.process host_name=ws01 \
                 user_name=jane process_name=b.exe process_executable=C:\\x\\B.exe process_pid=8 \
                 process_entity_id=u8 process_command_line=b.exe process_hash_sha256={HASH} \
                 process_parent_name=a.exe process_parent_executable=C:\\x\\A.exe \
                 process_parent_command_line=a.exe -p"
            )
        );
        assert_eq!(rows(1007, 2, process).count(), 0);
    }

    #[test]
    fn a_file_that_is_written_is_a_row_of_file() {
        let file = json!({"file": {"name": "y.dll", "path": "C:\\x\\y.dll"}});
        for (class, activity) in [(1001, 1), (1001, 3), (4010, 1)] {
            let row = rows(class, activity, file.clone()).only(Table::File);
            assert!(row.contains("process_name=a.exe"), "{row}");
            assert!(row.ends_with("file_path=C:\\x\\y.dll"), "{row}");
        }
        assert_eq!(rows(1001, 4, file).count(), 0);
    }

    #[test]
    fn a_script_is_a_row_of_script() {
        for content in [json!("1+1"), json!({"value": "1+1"})] {
            let script = json!({"script": {"uid": "s1", "script_content": content}});
            let row = rows(1009, 1, script).only(Table::Script);
            assert!(row.contains("powershell_file_script_block_text=1+1"), "{row}");
            assert!(row.contains("powershell_file_script_block_id=s1"), "{row}");
        }
    }

    #[test]
    fn what_has_no_table_is_known_nevertheless() {
        for class in [1002, 2004, 3002, 5001, 6002] {
            let kept = rows(class, 1, json!({}));
            assert_eq!((kept.count(), kept.anomalies()), (0, vec![]), "{class}");
        }
    }

    #[test]
    fn a_time_may_be_written_in_many_ways() {
        let script = json!({"script": {"script_content": "x"}});
        for time in [
            json!(1_714_816_800_123_i64),
            json!("2024-05-04T10:00:00.123Z"),
            json!("2024/05/04T10:00:00.123"),
            json!(1_714_816_800.123),
        ] {
            let mut record = script.clone();
            record["time"] = time.clone();
            let row = rows(1009, 1, record).only(Table::Script);
            assert!(row.starts_with("timestamp=1714816800123000 "), "{time}: {row}");
        }
        for (time, anomaly) in
            [(json!("soon"), Anomaly::InvalidTimestamp), (Value::Null, Anomaly::MissingTimestamp)]
        {
            let mut record = script.clone();
            record["time"] = time;
            assert_eq!(rows(1009, 1, record).anomalies(), [(anomaly, 1)]);
        }
    }
}
