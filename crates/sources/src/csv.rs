//! Tables exported as comma-separated values, whatever product they are from.
//!
//! A header names the columns, and each row is offered to the JSON shapes as an object of its cells, so
//! that whoever reads a product's JSON reads its exports, too: those of Sentinel, of Defender's portal, or
//! of Splunk, whose `_raw` column has the record as it came.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::format::Format;
use crate::framing::Framed;
use crate::framing::csv_rows::{Row, Rows};
use crate::{Collector, Stopped, json};

/// Tables of comma-separated values.
pub(crate) struct Csv;

/// How many rows of the head may show what a header alone does not.
const ROWS_THAT_TELL: usize = 50;

/// How much JSON in cells of one row is taken apart, in bytes: parsed values take far more memory.
const MOST_JSON: usize = 1 << 20;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn recognises(&self, mut head: &[u8]) -> bool {
        let mut rows = Rows::new(&mut head);
        let Some(Framed::Record(Row { cells: Ok(cells), .. })) = rows.next(0) else { return false };
        let Some(header) = Header::of(&cells) else { return false };
        header.is_known()
            || (0..ROWS_THAT_TELL).map_while(|_| rows.next(header.names.len())).any(|framed| {
                let Framed::Record(Row { cells: Ok(cells), .. }) = framed else { return false };
                cells.len() == header.names.len() && json::is_known(&header.object(cells))
            })
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut header: Option<Header> = None;
        let mut rows = Rows::new(stream);
        while let Some(framed) = rows.next(header.as_ref().map_or(0, |header| header.names.len())) {
            match framed {
                Framed::Record(row) => match Header::next(&row, header.as_ref()) {
                    Some(next) => header = Some(next),
                    None => read_row(row, header.as_ref(), collector)?,
                },
                Framed::Skipped(skipped) => skipped.tell(collector),
            }
        }
        Ok(())
    }
}

/// The names of the columns.
pub(crate) struct Header {
    pub(crate) names: Vec<String>,
}

impl Header {
    /// The header that a row is, if its cells may be names.
    pub(crate) fn of(cells: &[String]) -> Option<Self> {
        let is_header = cells.len() > 1 && cells.iter().all(|cell| is_name(cell));
        is_header.then(|| Self { names: cells.iter().map(|cell| column_name(cell)).collect() })
    }

    /// The header that a row is: the first one that may be, or that of another export that was joined.
    /// No other row is all names, since each has a time, which has colons.
    fn next(row: &Row, before: Option<&Self>) -> Option<Self> {
        let header = Self::of(row.cells.as_deref().unwrap_or_default())?;
        match before {
            None => Some(header),
            // A damaged row may look like a header; it takes a table's own names to be one.
            Some(before) => (header.names == before.names || header.is_claimed()).then_some(header),
        }
    }

    /// Whether the names alone tell whose table it is.
    fn is_known(&self) -> bool {
        self.names.iter().any(|name| name == "_raw") || self.is_claimed()
    }

    /// Whether a shape claims the names.
    pub(crate) fn is_claimed(&self) -> bool {
        json::is_known(&self.object(vec![String::new(); self.names.len()]))
    }

    /// A row as an object. Lists and objects come as JSON inside a cell; an empty cell is nothing.
    pub(crate) fn object(&self, cells: Vec<String>) -> Map<String, Value> {
        let mut most_json = MOST_JSON;
        let mut object = Map::new();
        for (name, cell) in self.names.iter().zip(cells) {
            if !name.is_empty() && !object.contains_key(name) {
                object.insert(name.clone(), value(name, cell, &mut most_json));
            }
        }
        object
    }
}

fn value(name: &str, cell: String, most_json: &mut usize) -> Value {
    if cell.is_empty() {
        return Value::Null;
    }
    let may_be_json = cell.starts_with(['{', '[']) && !json::keeps_text(name);
    if may_be_json && let Some(rest) = most_json.checked_sub(cell.len()) {
        *most_json = rest;
        if let Ok(value) = serde_json::from_str(&cell) {
            return value;
        }
    }
    Value::String(cell)
}

/// Makes rows of a row.
fn read_row(
    row: Row,
    header: Option<&Header>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Row { offset, length, cells, terminated, is_text } = row;
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
    let Some(header) = header else {
        collector.anomaly(Anomaly::InvalidHeader, "there is no header before this row");
        return Ok(());
    };
    if cells.len() != header.names.len() {
        let cut = !terminated && cells.len() < header.names.len();
        let anomaly = if cut { Anomaly::TruncatedRecord } else { Anomaly::WrongColumnCount };
        let detail = format!("{} columns instead of {}", cells.len(), header.names.len());
        collector.anomaly(anomaly, &detail);
        return Ok(());
    }
    json::rows_of_object(&header.object(cells), collector).map(|_is_known| ())
}

/// Sentinel says behind the name of a time that it is UTC.
fn column_name(cell: &str) -> String {
    let cell = cell.trim_ascii();
    cell.strip_suffix("[UTC]").map_or(cell, str::trim_ascii_end).to_owned()
}

fn is_name(cell: &str) -> bool {
    cell.bytes().all(is_part_of_name)
}

/// Whether the name of a column may have that byte.
pub(crate) fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_$.@ []-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::Csv;
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const HEADER: &str = "Timestamp,DeviceName,ActionType,RemoteUrl,RemoteIP,RemotePort,\
        InitiatingProcessFileName,InitiatingProcessCommandLine,AdditionalFields\n";

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&Csv, text.as_bytes())
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
        assert!(Csv.recognises(HEADER.as_bytes()));
        assert!(Csv.recognises(b"\"TimeGenerated [UTC]\",\"RemoteUrl\",\"DeviceId\"\r\n"));
        assert!(!Csv.recognises(b"Timestamp,Host,Message\n"));
        assert!(!Csv.recognises(b"Timestamp: x,DeviceName,ActionType\n"));
    }

    #[test]
    fn a_raw_record_is_read_as_it_came() {
        let rows = read(
            "_time,host,_raw\n\
             2024-05-04T10:00:00.000+0000,fw,CEF:0|V|P|1|1|n|3|rt=1714816800000 src=10.0.0.5 dst=192.0.2.7\n\
             2024-05-04T10:00:00.000+0000,ws01,\"{\"\"Timestamp\"\":\"\"2024-05-04T00:00:00Z\"\",\"\"DeviceName\"\":\"\"ws01\"\",\"\"RemoteUrl\"\":\"\"a.example\"\"}\"\n\
             2024-05-04T10:00:00.000+0000,ws01,the disk is full\n",
        );
        assert_eq!(rows.all(Table::Flow).len(), 2);
        assert_eq!((rows.records(), rows.anomalies().len()), (3, 0));
    }

    #[test]
    fn a_damaged_row_is_no_header() {
        let header = "Timestamp,DeviceName,RemoteUrl,RemoteIP,ActionType\n";
        let row = "2024-05-04T00:00:00Z,ws01,a.example,192.0.2.7,ConnectionSuccess\n";
        let log = format!("{header}{row}_raw,\n{row}");
        let rows = KeptRows::read(&Csv, log.as_bytes());
        assert_eq!(rows.all(coldtrail_model::Table::Flow).len(), 2, "{:?}", rows.anomalies());
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
