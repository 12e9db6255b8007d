//! The answer of a query at Log Analytics or Advanced hunting: `{"tables":[{"name":…,"columns":[{"name":…}],
//! "rows":[[…],…]}]}` (<https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format>). Data
//! Explorer writes the same with capital letters.
//!
//! An answer is one object of any size, so it is cut into its rows ([`crate::framing::json_rows`]); each is
//! offered to the JSON shapes as an object of its columns.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::format::{Format, Stopped};
use crate::framing::Framed;
use crate::framing::json_rows::{Element, JsonRows};
use crate::{Collector, json};

/// Answers of the query API.
pub(crate) struct QueryTables;

/// The most columns of a table.
const MOST_COLUMNS: usize = 4096;

impl Format for QueryTables {
    fn name(&self) -> &'static str {
        "query-tables"
    }

    fn recognises(&self, mut head: &[u8]) -> bool {
        begins(head) && {
            let mut rows = JsonRows::new(&mut head);
            matches!(rows.next(0), Some(Framed::Record(Element { is_column: true, .. })))
        }
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut table = Table::default();
        let mut rows = JsonRows::new(stream);
        while let Some(framed) = rows.next(table.names.len()) {
            match framed {
                Framed::Skipped(skipped) => skipped.tell(collector),
                Framed::Record(element) if element.is_column => table.add(element.bytes),
                Framed::Record(element) => {
                    table.has_rows = true;
                    collector.whole_record(element.offset, element.bytes);
                    let text = String::from_utf8_lossy(element.bytes);
                    match serde_json::from_str(&text) {
                        Ok(cells) => table.row(cells, collector)?,
                        Err(_) => collector.anomaly(Anomaly::InvalidJson, "a row is no list"),
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether the first member of an object is the list of tables.
fn begins(head: &[u8]) -> bool {
    let text: Vec<u8> =
        head.iter().filter(|byte| !byte.is_ascii_whitespace()).take(16).copied().collect();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).to_ascii_lowercase();
    text.starts_with(b"{\"tables\":[{")
}

/// The columns of a table.
#[derive(Default)]
struct Table {
    names: Vec<String>,
    /// Whether rows came: another column then begins another table.
    has_rows: bool,
}

impl Table {
    fn add(&mut self, column: &[u8]) {
        if self.has_rows {
            *self = Self::default();
        }
        let column: Map<String, Value> = serde_json::from_slice(column).unwrap_or_default();
        let name = column.get("name").or_else(|| column.get("ColumnName"));
        if self.names.len() < MOST_COLUMNS {
            self.names.push(name.and_then(Value::as_str).unwrap_or_default().to_owned());
        }
    }

    fn row(&self, cells: Vec<Value>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        if cells.len() != self.names.len() {
            let detail = format!("{} columns instead of {}", cells.len(), self.names.len());
            collector.anomaly(Anomaly::WrongColumnCount, &detail);
            return Ok(());
        }
        let object = self.names.iter().cloned().zip(cells).collect();
        json::rows_of_object(&object, collector).map(|_is_known| ())
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::QueryTables;
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const HEADER: &str = "{\"tables\": [ {\"name\":\"PrimaryResult\",\"columns\":[\
        {\"name\":\"TimeGenerated\",\"type\":\"datetime\"},{\"name\":\"DeviceName\",\"type\":\"string\"},\
        {\"name\":\"RemoteUrl\",\"type\":\"string\"}],\"rows\":[";

    fn row(host: &str) -> String {
        format!("[\"2024-05-04T00:00:00Z\",\"{host}\",\"a, [b] \\\" c.example\"]")
    }

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&QueryTables, text.as_bytes())
    }

    #[test]
    fn rows_are_records_of_their_shape() {
        let text = format!("{HEADER}{},\n{}]}}]}}", row("ws01"), row("ws02"));
        assert!(QueryTables.recognises(text.as_bytes()));
        let rows = read(&text);
        assert_eq!((rows.records(), rows.all(Table::Flow).len()), (2, 2));
        assert!(rows.all(Table::Flow)[1].contains("host_name=ws02"));
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn another_table_has_other_columns() {
        let rows = read(&format!(
            "{HEADER}{}]}},{{\"name\":\"b\",\"columns\":[{{\"name\":\"x\"}}],\"rows\":[[1]]}}]}}",
            row("ws01")
        ));
        assert_eq!((rows.records(), rows.count()), (2, 1));
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn an_end_within_a_row_is_named() {
        let rows = read(&format!("{HEADER}{},[\"2024", row("ws01")));
        assert_eq!((rows.count(), rows.anomalies()), (1, vec![(Anomaly::TruncatedRecord, 1)]));
    }

    proptest! {
        #[test]
        fn a_damaged_row_changes_no_other(
            from in 0usize..56, to in 0usize..56, instead in "[\",a{}\\[\\] \\\\]{0,6}",
        ) {
            let mut damaged = row("ws02");
            let (from, to) = (from.min(to).min(damaged.len()), from.max(to).min(damaged.len()));
            damaged.replace_range(from..to, &instead);
            let rows = read(&format!("{HEADER}{},{damaged},{},{}]}}]}}", row("ws01"), row("ws03"), row("ws04")));
            let rows = rows.all(Table::Flow).concat();
            for host in ["ws01", "ws04"] {
                prop_assert!(rows.contains(host), "{damaged}: {rows}");
            }
        }
    }
}
