//! What a format made of a text, in a shape that tests can read: a row is one line of
//! `column=value`, in the table's order, without what is null and without the record's place.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use serde_json::{Map, Value};

use crate::collector::Output;
use crate::format::{Format, JsonShape};
use crate::{Collector, Input, Origin, Receiver, Selection, Stopped, Tally, read};

/// A row: the columns that are set with their values, in the table's order.
pub(crate) type KeptRow = Vec<(String, String)>;

/// A folder of the real logs that lie beside the repository; nothing, said aloud, where they do not.
pub(crate) fn kit(folder: &str) -> Option<PathBuf> {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if kit.is_dir() {
        return Some(kit);
    }
    println!("skipped: ../shared is absent");
    None
}

/// What is made of a file of Sekoia, which has a record as text and the ECS document that came of it.
/// The text is read as a log of its own.
pub(crate) fn pair(path: &Path) -> (KeptRows, Value) {
    let text = std::fs::read(path).expect("the file can be read");
    let mut pair: Value = serde_json::from_slice(&text).expect("JSON");
    let input = pair["input"]["message"].as_str().expect("a text").to_owned() + "\n";
    let format = crate::sniff::recognise(input.as_bytes()).unwrap_or_else(|| panic!("{input}"));
    (KeptRows::read(format, input.as_bytes()), pair["expected"].take())
}

/// Compares columns of a row with fields of an ECS document: how many are the same, and the others
/// in words, whatever the case of letters. Fields that the document lacks say nothing.
pub(crate) fn ecs_differences(
    fields: &[(&str, &str)],
    table: Table,
    row: &KeptRow,
    document: &Value,
) -> (usize, Vec<String>) {
    let (mut same, mut different) = (0, Vec::new());
    for (column, pointer) in fields {
        let known = table.fields().iter().any(|field| field.name() == *column);
        let Some(theirs) = document.pointer(pointer).filter(|_| known) else { continue };
        let theirs = theirs.as_str().map_or(theirs.to_string(), str::to_owned);
        let ours = row.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value);
        if ours.eq_ignore_ascii_case(&theirs) {
            same += 1;
        } else {
            different.push(format!("{column} is `{ours}`, not `{theirs}`"));
        }
    }
    (same, different)
}

/// The rows and anomalies of one source.
#[derive(Default)]
pub(crate) struct KeptRows {
    batches: Vec<(Table, RecordBatch)>,
    tally: Tally,
}

impl KeptRows {
    /// What a format makes of those bytes.
    pub(crate) fn read(format: &dyn Format, mut bytes: &[u8]) -> Self {
        Self::collect(|collector| {
            let stream: &mut dyn Read = &mut bytes;
            format.read(stream, collector).expect("the receiver takes everything");
        })
    }

    /// What a shape makes of an object, which it has to claim.
    pub(crate) fn of_object(shape: &dyn JsonShape, object: &str) -> Self {
        let object: Map<String, Value> = serde_json::from_str(object).expect("an object");
        assert!(shape.claims(&object), "{object:?}");
        Self::collect(|collector| {
            collector.record(0, 1);
            shape.rows(&object, collector).expect("the receiver takes everything");
        })
    }

    /// What is made of a file, whatever its format. It has to be one that is recognised, and to have
    /// no members.
    pub(crate) fn of_file(path: &Path) -> Self {
        let name = path.display().to_string();
        let mut kept = Self::default();
        let mut tallies = read(
            &Input { name, origin: Origin::File(path.into()) },
            Selection::everything(),
            &mut kept,
            &|_| {},
        );
        assert_eq!(tallies.len(), 1, "{tallies:?}");
        Self { tally: tallies.remove(0).tally, ..kept }
    }

    fn collect(read: impl FnOnce(&mut Collector<'_>)) -> Self {
        let mut kept = Self::default();
        let mut output = Output::new(Arc::new(Selection::everything()));
        let mut collector = Collector::new("test.log", &mut output, &mut kept);
        read(&mut collector);
        let tally = collector.finish();
        output.finish(&mut kept).expect("the receiver takes everything");
        Self { tally, ..kept }
    }

    /// The rows of a table.
    pub(crate) fn rows(&self, table: Table) -> Vec<KeptRow> {
        let of_table = self.batches.iter().filter(|(kept, _)| *kept == table);
        of_table
            .flat_map(|(_, batch)| (0..batch.num_rows()).map(|place| row(batch, place)))
            .collect()
    }

    /// The rows of a table, each as one line.
    pub(crate) fn all(&self, table: Table) -> Vec<String> {
        self.rows(table).iter().map(line).collect()
    }

    /// The only row, which is of that table.
    pub(crate) fn only(&self, table: Table) -> String {
        let rows = self.all(table);
        assert_eq!((rows.len(), self.count()), (1, 1), "{rows:?} {:?}", self.tally);
        rows.into_iter().next().expect("a row")
    }

    /// How many rows there are over all tables.
    pub(crate) fn count(&self) -> u64 {
        self.tally.rows.values().sum()
    }

    /// How many records were met.
    pub(crate) fn records(&self) -> u64 {
        self.tally.records
    }

    /// Every kind of anomaly with its number.
    pub(crate) fn anomalies(&self) -> Vec<(Anomaly, u64)> {
        self.tally.faults.iter().map(|fault| (fault.anomaly, fault.count)).collect()
    }
}

impl Receiver for KeptRows {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.batches.push((table, batch));
        Ok(())
    }
}

fn row(batch: &RecordBatch, place: usize) -> KeptRow {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let set = columns
        .filter(|(field, column)| column.is_valid(place) && !field.name().starts_with("record_"));
    set.map(|(field, column)| (field.name().clone(), value(column, place))).collect()
}

fn line(row: &KeptRow) -> String {
    row.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn value(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Timestamp(..) => {
            column.as_primitive::<TimestampMicrosecondType>().value(row).to_string()
        }
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            value(dictionary.values(), dictionary.normalized_keys()[row])
        }
        DataType::List(_) => {
            let elements = column.as_list::<i32>().value(row);
            let values: Vec<_> = (0..elements.len()).map(|at| value(&elements, at)).collect();
            format!("[{}]", values.join("|"))
        }
        DataType::Binary => {
            String::from_utf8_lossy(column.as_binary::<i32>().value(row)).into_owned()
        }
        other => panic!("no table has columns of {other}"),
    }
}
