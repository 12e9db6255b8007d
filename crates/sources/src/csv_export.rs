//! Tables that are exported as comma-separated values, of products whose records otherwise are JSON: a
//! row is an object whose keys are the header's names, and goes the way of its product's objects.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::azure::{self, AzureJson};
use crate::defender::rows::{Row, Rows, first_row};
use crate::format::{Format, JsonShape};
use crate::framing::Framed;
use crate::microsoft_365::{self, Microsoft365Json};
use crate::{Collector, Stopped};

/// Tables that are exported as comma-separated values.
pub(crate) struct CsvExport;

impl Format for CsvExport {
    fn name(&self) -> &'static str {
        "csv-export"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        first_row(head).is_some_and(|cells| Header::of(&cells).is_some())
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut header = None;
        let mut rows = Rows::new(stream);
        while let Some(framed) = rows.next(header.as_ref().map_or(0, Header::width)) {
            match framed {
                Framed::Record(row) => match Header::of(row.cells.as_deref().unwrap_or_default()) {
                    // Exports that were joined have another header, and maybe other columns.
                    Some(next) => header = Some(next),
                    None => read_row(header.as_ref(), row, collector)?,
                },
                Framed::Skipped(skipped) => skipped.tell(collector),
            }
        }
        Ok(())
    }
}

/// The names of the columns, and whose they are.
struct Header {
    names: Vec<String>,
    shape: &'static dyn JsonShape,
}

impl Header {
    /// The header that a row is, if it is one. No other row is all names: each has a time, which has
    /// colons.
    fn of(cells: &[String]) -> Option<Self> {
        let names: Vec<String> = cells.iter().map(|cell| column_name(cell).to_owned()).collect();
        let columns = || names.iter().map(String::as_str);
        if names.len() < 3 || !columns().all(is_name) {
            return None;
        }
        let shape: &'static dyn JsonShape = if azure::is_row(columns()) {
            &AzureJson
        } else if microsoft_365::is_row(columns()) {
            &Microsoft365Json
        } else {
            return None;
        };
        Some(Self { names, shape })
    }

    fn width(&self) -> usize {
        self.names.len()
    }

    /// The row as an object. Empty cells are no values.
    fn object(&self, cells: Vec<String>) -> Map<String, Value> {
        let named = self.names.iter().cloned().zip(cells);
        named.filter(|(_, cell)| !cell.is_empty()).map(|(name, cell)| (name, cell.into())).collect()
    }
}

fn read_row(
    header: Option<&Header>,
    row: Row,
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
    if cells.len() != header.width() {
        let cut = !terminated && cells.len() < header.width();
        let anomaly = if cut { Anomaly::TruncatedRecord } else { Anomaly::WrongColumnCount };
        let detail = format!("{} columns instead of {}", cells.len(), header.width());
        collector.anomaly(anomaly, &detail);
        return Ok(());
    }
    collector.note_shape(header.shape.name());
    header.shape.rows(&header.object(cells), collector)
}

/// Sentinel says behind the name of a time that it is UTC.
fn column_name(cell: &str) -> &str {
    let cell = cell.trim_start_matches('\u{feff}').trim_ascii();
    cell.strip_suffix("[UTC]").map_or(cell, str::trim_ascii_end)
}

fn is_name(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.@ []".contains(&byte))
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::CsvExport;
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const HEADER: &str =
        "TimeGenerated [UTC],OperationNameValue,ActivityStatusValue,CallerIpAddress\n";

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&CsvExport, text.as_bytes())
    }

    #[test]
    fn a_row_goes_the_way_of_an_object() {
        let rows = read(&format!(
            "\u{feff}{HEADER}\"5/4/2024, 10:00:00.000 AM\",Microsoft.Web/sites/write,Success,192.0.2.7\n"
        ));
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=azure.activity source_ip=192.0.2.7 \
             event_action=Microsoft.Web/sites/write event_outcome=success cloud_provider=azure"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        let rows =
            read(&format!("lost\n{HEADER}2024-05-04T10:00:00Z,short\nnever,a,b,192.0.2.7\n2024"));
        assert_eq!(rows.count(), 0);
        assert_eq!(
            rows.anomalies(),
            [
                (Anomaly::TruncatedRecord, 1),
                (Anomaly::WrongColumnCount, 1),
                (Anomaly::InvalidHeader, 1),
                (Anomaly::InvalidTimestamp, 1),
            ]
        );
    }

    #[test]
    fn the_header_tells_the_format() {
        assert!(CsvExport.recognises(HEADER.as_bytes()));
        assert!(CsvExport.recognises(b"CreationDate,UserIds,Operations,AuditData\n"));
        assert!(!CsvExport.recognises(b"TimeGenerated,Computer,Message\n"));
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
            let line = |row| format!("2024-05-04T10:00:00Z,\"a \"\"{row}\"\"\",Success,192.0.2.7\n");
            let lines: Vec<String> = (0..rows).map(line).collect();
            let whole = read(&format!("{HEADER}{}", lines.concat()));
            prop_assert_eq!(whole.anomalies(), []);
            let damaged = damaged.index(rows);
            let length = lines[damaged].len() - 1;
            let (from, to) = (from.index(length), to.index(length));
            let mut changed = lines.clone();
            changed[damaged].replace_range(from.min(to)..from.max(to), &instead);
            let rest = read(&format!("{HEADER}{}", changed.concat())).all(Table::Cloud);
            for (row, expected) in whole.all(Table::Cloud).into_iter().enumerate() {
                prop_assert!(row == damaged || rest.contains(&expected), "{}", changed[damaged]);
            }
        }
    }
}
