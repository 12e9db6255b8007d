//! Rows as text, so that a test can say what it expects.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{FieldType, Table, Timestamp};
use serde_json::Value;

use crate::collector::Output;
use crate::format::{Format, Stopped};
use crate::json::Json;
use crate::{Collector, Receiver, Selection, Tally};

/// The columns of a row that are not null, by name, and the table's name as `table`.
pub(super) type Row = BTreeMap<&'static str, String>;

/// What was made of a stream.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    pub(super) tally: Tally,
}

impl Outcome {
    /// The anomalies, each with its count and the offset of the first.
    pub(super) fn anomalies(&self) -> Vec<(Anomaly, u64, Option<u64>)> {
        let faults = self.tally.faults.iter();
        faults.map(|fault| (fault.anomaly, fault.count, fault.offset)).collect()
    }

    /// The rows without the place of their record, which differs from framing to framing.
    pub(super) fn rows_without_place(&self) -> Vec<Row> {
        let mut rows = self.rows.clone();
        for row in &mut rows {
            row.retain(|name, _| !name.starts_with("record_"));
        }
        rows
    }
}

/// Reads a stream of a format.
pub(super) fn read(format: &dyn Format, mut bytes: &[u8]) -> Outcome {
    let mut kept = Kept::default();
    let mut output = Output::new(Arc::new(Selection::everything()));
    let mut collector = Collector::new("a log", &mut output, &mut kept);
    format.read(&mut bytes, &mut collector).expect("nothing stops the reading");
    let tally = collector.finish();
    output.finish(&mut kept).expect("the receiver takes everything");
    let mut rows = kept.0;
    // They come table by table.
    rows.sort_by_key(place);
    Outcome { rows, tally }
}

/// Where the record of a row begins.
pub(super) fn place(row: &Row) -> usize {
    row["record_offset"].parse().expect("a number")
}

/// Reads JSON objects, one a line.
pub(super) fn read_objects<'v>(objects: impl IntoIterator<Item = &'v Value>) -> Outcome {
    let lines = objects.into_iter().map(|object| format!("{object}\n"));
    read(&Json, lines.collect::<String>().as_bytes())
}

#[derive(Default)]
struct Kept(Vec<Row>);

impl Receiver for Kept {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        for place in 0..batch.num_rows() {
            let mut row = Row::from([("table", table.name().to_owned())]);
            for field in table.fields() {
                if let Some(column) = batch.column_by_name(field.name())
                    && column.is_valid(place)
                {
                    row.insert(field.name(), value(field.field_type(), column.as_ref(), place));
                }
            }
            self.0.push(row);
        }
        Ok(())
    }
}

fn value(shape: FieldType, column: &dyn Array, place: usize) -> String {
    match shape {
        FieldType::Time => {
            Timestamp(column.as_primitive::<TimestampMicrosecondType>().value(place)).to_string()
        }
        FieldType::Text => column.as_string::<i32>().value(place).to_owned(),
        FieldType::Keyword => {
            let column = column.as_dictionary::<Int32Type>();
            let key = column.key(place).expect("a valid value has a key");
            column.values().as_string::<i32>().value(key).to_owned()
        }
        FieldType::Number => column.as_primitive::<Int64Type>().value(place).to_string(),
        FieldType::Truth => column.as_boolean().value(place).to_string(),
        FieldType::Texts | FieldType::Numbers => {
            let values = column.as_list::<i32>().value(place);
            let item = if shape == FieldType::Texts { FieldType::Text } else { FieldType::Number };
            let values = (0..values.len()).map(|place| value(item, values.as_ref(), place));
            values.collect::<Vec<_>>().join(" ")
        }
        FieldType::Bytes => {
            String::from_utf8_lossy(column.as_binary::<i32>().value(place)).into_owned()
        }
    }
}

/// The folder of real logs beside the repository, if it is there.
pub(super) fn kit(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if !path.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(path)
}
