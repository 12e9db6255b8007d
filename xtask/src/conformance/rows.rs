//! Our rows of a stream, with values that can be compared.

use std::fmt;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch, StringArray};
use coldtrail_diagnostics::{Anomaly, Faults};
use coldtrail_model::{Field, FieldType, Table, Timestamp};
use coldtrail_sources::{Receiver, SourceTally, Stopped, read_stream};

use super::ecs;

/// What our sources made of a stream.
#[derive(Default)]
pub(super) struct Rows {
    /// In the order of their records.
    pub(super) rows: Vec<Row>,
    /// What was counted, with the anomalies.
    pub(super) tallies: Vec<SourceTally>,
}

/// One row.
pub(super) struct Row {
    pub(super) table: Table,
    /// The byte at which the record begins.
    pub(super) offset: u64,
    /// The columns that can be compared.
    pub(super) columns: Vec<(Field, Option<Value>)>,
}

/// A value of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// In microseconds since 1970.
    Time(i64),
    Text(String),
    Number(i64),
    Truth(bool),
    Texts(Vec<String>),
    Numbers(Vec<i64>),
}

impl Rows {
    /// Reads a stream as if it were a file of that name.
    pub(super) fn read(name: &str, mut stream: &[u8]) -> Self {
        let mut rows = Rows::default();
        rows.tallies = read_stream(name, &mut stream, &mut rows);
        rows.rows.sort_by_key(|row| (row.offset, row.table));
        rows
    }

    /// Why no format was found for a part of the stream, if that is so.
    pub(super) fn unknown(&self) -> Option<&str> {
        let mut faults = self.tallies.iter().flat_map(|tally| tally.tally.faults.iter());
        let unknown = faults.find(|fault| fault.anomaly == Anomaly::UnknownFormat);
        unknown.map(|fault| fault.detail.as_str())
    }

    /// Everything that was wrong with the stream.
    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        self.tallies.iter().for_each(|tally| faults.append(tally.tally.faults.clone()));
        faults
    }
}

impl Receiver for Rows {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let rows = (0..batch.num_rows()).map(|place| {
            let offset = match value(&batch, Field::RecordOffset, place) {
                Some(Value::Number(offset)) => offset.unsigned_abs(),
                _ => 0,
            };
            let fields = table.fields().iter().filter(|field| ecs::is_compared(**field));
            let columns = fields.map(|field| (*field, value(&batch, *field, place))).collect();
            Row { table, offset, columns }
        });
        self.rows.extend(rows);
        Ok(())
    }
}

fn value(batch: &RecordBatch, field: Field, place: usize) -> Option<Value> {
    let column = batch.column_by_name(field.name())?;
    if column.is_null(place) {
        return None;
    }
    Some(match field.field_type() {
        FieldType::Time => {
            Value::Time(column.as_primitive::<TimestampMicrosecondType>().value(place))
        }
        FieldType::Text => Value::Text(column.as_string::<i32>().value(place).to_owned()),
        FieldType::Number => Value::Number(column.as_primitive::<Int64Type>().value(place)),
        FieldType::Truth => Value::Truth(column.as_boolean().value(place)),
        FieldType::Texts => {
            let list = column.as_list::<i32>().value(place);
            let texts = list.as_string::<i32>().iter().flatten();
            Value::Texts(texts.map(str::to_owned).collect())
        }
        FieldType::Numbers => {
            let list = column.as_list::<i32>().value(place);
            Value::Numbers(list.as_primitive::<Int64Type>().iter().flatten().collect())
        }
        FieldType::Keyword => {
            let keywords = column.as_dictionary::<Int32Type>().downcast_dict::<StringArray>()?;
            Value::Text(keywords.into_iter().nth(place)??.to_owned())
        }
        // The original record, which is no value of its own.
        FieldType::Bytes => return None,
    })
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Time(moment) => write!(formatter, "{}", Timestamp(*moment)),
            Value::Text(text) => formatter.write_str(text),
            Value::Number(number) => write!(formatter, "{number}"),
            Value::Truth(truth) => write!(formatter, "{truth}"),
            Value::Texts(texts) => formatter.write_str(&texts.join(", ")),
            Value::Numbers(numbers) => {
                let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
                formatter.write_str(&texts.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::{Field, Table};

    use arrow_array::RecordBatch;
    use coldtrail_sources::{Receiver, Stopped, read_stream};

    use super::{Rows, Value};

    #[derive(Default)]
    struct Batches(Vec<RecordBatch>);

    impl Receiver for Batches {
        fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
            self.0.push(batch);
            Ok(())
        }
    }

    #[test]
    fn rows_carry_their_place_and_their_values() {
        let log = "{\"_path\":\"dns\",\"ts\":1.5,\"uid\":\"C1\",\"query\":\"a.example\",\
                   \"answers\":[\"b.example\",\"192.0.2.7\"],\"TTLs\":[60.0,5.0]}\n\
                   {\"_path\":\"dns\",\"ts\":2.5,\"uid\":\"C2\"}\n";
        let mut batches = Batches::default();
        read_stream("dns.log", &mut log.as_bytes(), &mut batches);
        let rows = Rows::read("dns.log", log.as_bytes());
        assert_eq!((rows.rows.len(), rows.unknown()), (2, None));
        let first = &rows.rows[0];
        assert_eq!((first.table, first.offset), (Table::Dns, 0));
        let value = |field| {
            first.columns.iter().find(|(known, _)| *known == field).and_then(|(_, it)| it.clone())
        };
        assert_eq!(value(Field::Timestamp), Some(Value::Time(1_500_000)));
        let answers = vec!["b.example".to_owned(), "192.0.2.7".to_owned()];
        assert_eq!(value(Field::DnsAnswersData), Some(Value::Texts(answers)));
        assert_eq!(value(Field::DnsAnswersTtl), Some(Value::Numbers(vec![60, 5])));
        assert_eq!(value(Field::HostName), None);
        let dataset = super::value(&batches.0[0], Field::EventDataset, 0);
        assert_eq!(dataset, Some(Value::Text("zeek.dns".to_owned())));
        assert!(first.columns.iter().all(|(field, _)| *field != Field::RecordOffset));
    }

    #[test]
    fn what_nothing_recognises_is_described() {
        let rows = Rows::read("x", b"Dear reader,\n");
        assert_eq!(rows.unknown(), Some("text that begins `Dear reader,`"));
    }
}
