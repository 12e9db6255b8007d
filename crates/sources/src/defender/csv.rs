//! Advanced hunting as comma-separated values, as the portal and Sentinel export it.

use std::borrow::Cow;
use std::io::Read;

use coldtrail_diagnostics::Anomaly;

use super::json::set;
use super::rows::{Row, Rows, first_row};
use super::{are_columns, row, said_table};
use crate::filling::Values;
use crate::format::Format;
use crate::framing::Framed;
use crate::{Collector, Stopped};

/// Advanced hunting as comma-separated values.
pub(crate) struct DefenderCsv;

impl Format for DefenderCsv {
    fn name(&self) -> &'static str {
        "defender-csv"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        first_row(head).is_some_and(|cells| Header::of(&cells).is_some())
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut header = Header::default();
        let mut rows = Rows::new(stream);
        while let Some(framed) = rows.next(header.names.len()) {
            match framed {
                Framed::Record(row) => match Header::of(row.cells.as_deref().unwrap_or_default()) {
                    // Exports that were joined have another header, and maybe other columns.
                    Some(next) => header = next,
                    None => header.read(row, collector)?,
                },
                Framed::Skipped(skipped) => skipped.tell(collector),
            }
        }
        Ok(())
    }
}

/// The names of the columns.
#[derive(Default)]
struct Header {
    names: Vec<String>,
}

impl Header {
    /// The header that a row is, if it is one. No other row is all names: each has a time, which has
    /// colons.
    fn of(cells: &[String]) -> Option<Self> {
        let names = cells.iter().map(|cell| column_name(cell));
        (cells.iter().all(|cell| is_name(cell)) && are_columns(names.clone()))
            .then(|| Self { names: names.map(str::to_owned).collect() })
    }

    /// Makes a row of a record.
    fn read(&self, row_as_read: Row, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Row { offset, length, cells, terminated, is_text } = row_as_read;
        collector.record(offset, length);
        if !terminated {
            collector.unfinished();
        }
        if !is_text {
            collector.anomaly(Anomaly::InvalidText, "");
        }
        let cells = match cells {
            Ok(cells) => cells,
            Err(damage) => {
                collector.anomaly(damage.anomaly(), damage.detail());
                return Ok(());
            }
        };
        if self.names.is_empty() {
            collector.anomaly(Anomaly::InvalidHeader, "there is no header before this row");
            return Ok(());
        }
        if cells.len() != self.names.len() {
            let cut = !terminated && cells.len() < self.names.len();
            let anomaly = if cut { Anomaly::TruncatedRecord } else { Anomaly::WrongColumnCount };
            let detail = format!("{} columns instead of {}", cells.len(), self.names.len());
            collector.anomaly(anomaly, &detail);
            return Ok(());
        }
        let record = CsvRecord { names: &self.names, cells: &cells };
        row(&said_table(&record), &record, collector)
    }
}

/// Sentinel says behind the name of a time that it is UTC.
fn column_name(cell: &str) -> &str {
    let cell = cell.trim_ascii();
    cell.strip_suffix("[UTC]").map_or(cell, str::trim_ascii_end)
}

fn is_name(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.@ []".contains(&byte))
}

struct CsvRecord<'r> {
    names: &'r [String],
    cells: &'r [String],
}

impl Values for CsvRecord<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let place = self.names.iter().position(|known| known == name)?;
        set(self.cells.get(place)?).map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::DefenderCsv;
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const HEADER: &str = "Timestamp,DeviceName,ActionType,RemoteUrl,RemoteIP,RemotePort,\
        InitiatingProcessFileName,InitiatingProcessCommandLine,AdditionalFields\n";

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&DefenderCsv, text.as_bytes())
    }

    #[test]
    fn the_columns_of_a_hunting_query_are_enough() {
        let rows = read(
            "\u{feff}\"Timestamp [UTC]\",DeviceName,AccountName,InitiatingProcessFileName,\
             InitiatingProcessCommandLine,InitiatingProcessParentFileName,RemoteUrl,RemoteIP,\
             RemotePort,ServerlessPlatform\r\n\
             \"5/4/2024, 7:57:30.123 PM\",WS01.corp.example,jane,PowerShell.exe,\
             \"powershell -c \"\"irm\r\nhttps://a.workers.dev\"\"\",\
             \\Device\\HarddiskVolume3\\Office\\WINWORD.EXE,A.workers.dev:443,::ffff:192.0.2.7,443,x\r\n",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714852650123000 event_dataset=defender.network \
             host_name=ws01.corp.example destination_ip=192.0.2.7 destination_port=443 \
             process_name=powershell.exe \
             process_command_line=powershell -c \"irm\nhttps://a.workers.dev\" \
             process_parent_name=winword.exe \
             process_parent_executable=\\Device\\HarddiskVolume3\\Office\\WINWORD.EXE \
             destination_domain=a.workers.dev"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_union_of_tables_is_told_apart_by_action() {
        let rows = read(
            "TimeGenerated,DeviceName,ActionType,FileName,FolderPath,SHA256,ProcessId,\
             ProcessCommandLine,AccountDomain,AccountName,InitiatingProcessFileName,\
             InitiatingProcessFolderPath,InitiatingProcessAccountName,InitiatingProcessId,RemoteIP\n\
             2024-05-04T00:00:01.1234567Z,ws01,ProcessCreated,curl.exe,C:\\Windows\\System32\\curl.exe,\
             00ff,7,curl a.example,CORP,jane,cmd.exe,C:\\Windows\\System32,system,8,\n\
             2024-05-04T00:00:02Z,ws01,FileCreated,x.js,C:\\Temp\\,00ee,,,CORP,jane,cmd.exe,\
             c:\\windows\\cmd.exe,jane,8,\n\
             2024-05-04T00:00:03Z,ws01,LogonSuccess,,,,,,CORP,jane,,,,,192.0.2.7\n\
             2024-05-04T00:00:04Z,ws01,RegistryValueSet,,,,,,,,cmd.exe,,,,\n",
        );
        assert_eq!(
            rows.all(Table::Process),
            ["timestamp=1714780801123456 event_dataset=defender.process host_name=ws01 \
              user_name=CORP\\jane process_name=curl.exe \
              process_executable=C:\\Windows\\System32\\curl.exe process_pid=7 \
              process_command_line=curl a.example process_hash_sha256=00ff \
              process_parent_name=cmd.exe process_parent_executable=C:\\Windows\\System32\\cmd.exe"]
        );
        assert_eq!(
            rows.all(Table::File),
            [
                "timestamp=1714780802000000 event_dataset=defender.file host_name=ws01 user_name=jane \
              process_name=cmd.exe process_executable=c:\\windows\\cmd.exe process_pid=8 \
              file_path=C:\\Temp\\x.js file_hash_sha256=00ee"
            ]
        );
        assert_eq!((rows.records(), rows.count(), rows.anomalies().len()), (4, 2, 0));
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        let rows = read(&format!(
            "lost\n{HEADER}\
             2024-05-04T00:00:00Z,ws01,ConnectionSuccess,a.example,192.0.2.7,443,x.exe,x,{{}}\n\
             2024-05-04T00:00:00Z,ws01,short\n\
             2024-05-04T00:00:00Z,ws01,ConnectionSuccess,\"a.example,192.0.2.7,443,x.exe,x,{{}}\n\
             yesterday,ws01,ConnectionFailed,a.example,192.0.2.7,443,x.exe,x,{{}}\n\
             ,ws01,ConnectionFailed,a.example,192.0.2.7,443,x.exe,x,{{}}\n\
             2024-05-04T00:00:00Z,ws01,ConnectionFailed,a.example,192.0.2.7,https,x.exe,x,{{\n\
             DeviceName,Timestamp,RemoteUrl\n\
             ws02,2024-05-04T00:00:00Z,b.example\n\
             ws02,2024-05"
        ));
        assert_eq!(rows.all(Table::Flow).len(), 3);
        assert_eq!(
            rows.anomalies(),
            [
                (Anomaly::TruncatedRecord, 1),
                (Anomaly::WrongColumnCount, 2),
                (Anomaly::InvalidHeader, 1),
                (Anomaly::InvalidTimestamp, 1),
                (Anomaly::MissingTimestamp, 1),
                (Anomaly::InvalidValue, 1),
            ]
        );
    }

    #[test]
    fn the_header_tells_the_format() {
        assert!(DefenderCsv.recognises(HEADER.as_bytes()));
        assert!(DefenderCsv.recognises(b"\"TimeGenerated [UTC]\",\"RemoteUrl\",\"DeviceId\"\r\n"));
        assert!(!DefenderCsv.recognises(b"Timestamp,Host,Message\n"));
        assert!(!DefenderCsv.recognises(b"Timestamp: x,DeviceName,ActionType\n"));
    }

    proptest! {
        #[test]
        fn a_damaged_line_changes_no_other(
            rows in 2..12_usize,
            damaged in any::<prop::sample::Index>(),
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
            instead in "[\",a{\\\\ ]{0,6}",
        ) {
            let line = |row| format!(
                "2024-05-04T00:00:00Z,ws{row:02},ConnectionSuccess,a.example,192.0.2.7,443,x.exe,\
                 \"\"\"x.exe\"\" -a, \"\"b\"\"\",\"{{\"\"a\"\":{row},\"\"b\"\":\"\"\"\"}}\"\n"
            );
            let lines: Vec<String> = (0..rows).map(line).collect();
            let whole = read(&format!("{HEADER}{}", lines.concat()));
            prop_assert_eq!(whole.anomalies(), []);
            let damaged = damaged.index(rows);
            let length = lines[damaged].len() - 1;
            let (from, to) = (from.index(length), to.index(length));
            let mut changed = lines.clone();
            changed[damaged].replace_range(from.min(to)..from.max(to), &instead);
            let rest = read(&format!("{HEADER}{}", changed.concat())).all(Table::Flow);
            for (row, expected) in whole.all(Table::Flow).into_iter().enumerate() {
                prop_assert!(row == damaged || rest.contains(&expected), "{}", changed[damaged]);
            }
        }
    }
}
