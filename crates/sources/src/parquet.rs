//! Parquet files whose rows are records, as Security Lake has those of OCSF and S3 has flow logs.
//!
//! A row is made the JSON object that it stands for, without what is null, and offered to every
//! [`JsonShape`](crate::format::JsonShape), so that no product has to know the encoding. Row groups are read
//! one behind the other and hold in memory what the file's pages do, not what the group does. The list of row groups
//! is at the end, so a stream is first written to a nameless temporary file.
//!
//! A row has no bytes of its own in such a file: its values lie with those of other rows, column by
//! column. The record is therefore the row's JSON, its offset the row's number from 0, and [`records`]
//! makes the same text again. Which compressions can be read is settled by the features with which
//! the `parquet` crate is built; those that are not known are told.
//! <https://parquet.apache.org/docs/file-format/>

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use ::parquet::record::reader::RowIter;
use ::parquet::record::{Field, Row};
use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Number, Value};

use crate::container::spooled;
use crate::format::{Format, Stopped};
use crate::framing::LONGEST_RECORD;
use crate::{Collector, json};

/// Parquet files.
pub(crate) struct Parquet;

const MAGIC: &[u8] = b"PAR1";

/// How many names of columns describe rows that no shape knows.
const SHOWN_COLUMNS: usize = 12;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        is_parquet(head)
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let (file, length) = match spooled(stream) {
            Ok(spooled) => spooled,
            Err(error) => {
                collector.anomaly_at(Anomaly::Unreadable, None, &error.to_string());
                return Ok(());
            }
        };
        let mut unknown = None;
        let begin = collector.begin();
        each_row(file, &|group| group.end > begin, &mut |found| match found {
            Found::Row { number, row } => read_row(number, &row, &mut unknown, collector),
            Found::Damage { number, anomaly, detail } => {
                collector.anomaly_at(anomaly, Some(number), &detail);
                Ok(())
            }
        })?;
        collector.ends_at(length);
        if let (None, Some(columns)) = (collector.shape(), unknown) {
            let detail = format!("Parquet without a known shape; its columns are {columns}");
            collector.anomaly_at(Anomaly::UnknownFormat, None, &detail);
        }
        Ok(())
    }
}

/// Whether a stream that begins like this is a Parquet file.
pub(crate) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// The records of those rows, as [`Parquet`] announced them; without those that cannot be had.
pub(crate) fn records(stream: &mut dyn Read, rows: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u8>> {
    let mut records = BTreeMap::new();
    let Ok((file, _)) = spooled(stream) else { return records };
    let is_wanted = |group: &Range<u64>| rows.range(group.clone()).next().is_some();
    // It goes through all groups that are wanted, and nothing stops it.
    let _all = each_row(file, &is_wanted, &mut |found| {
        if let Found::Row { number, row } = found
            && rows.contains(&number)
        {
            records.insert(number, text(&row).into_bytes());
        }
        Ok(())
    });
    records
}

/// Makes rows of tables of a row of the file.
fn read_row(
    number: u64,
    row: &Map<String, Value>,
    unknown: &mut Option<String>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    if collector.is_old(number) {
        return Ok(());
    }
    let text = text(row);
    if text.len() > LONGEST_RECORD {
        collector.record(number, text.len() as u64);
        collector.anomaly(Anomaly::RecordTooLong, &format!("{} bytes were skipped", text.len()));
        return Ok(());
    }
    collector.whole_record(number, text.as_bytes());
    if !json::rows_of_object(row, collector)? && unknown.is_none() {
        let names: Vec<_> = row.keys().take(SHOWN_COLUMNS).map(String::as_str).collect();
        *unknown = Some(names.join(", "));
    }
    Ok(())
}

/// The record of a row.
fn text(row: &Map<String, Value>) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

/// What was found at a row's number.
enum Found {
    Row { number: u64, row: Map<String, Value> },
    Damage { number: u64, anomaly: Anomaly, detail: String },
}

/// Goes through the rows of the groups that are wanted, by the numbers of their rows.
fn each_row(
    file: File,
    is_wanted: &dyn Fn(&Range<u64>) -> bool,
    take: &mut dyn FnMut(Found) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let reader = match guarded(|| SerializedFileReader::new(file)) {
        Ok(reader) => reader,
        Err(detail) => {
            return take(Found::Damage { number: 0, anomaly: Anomaly::TruncatedStream, detail });
        }
    };
    let mut begin = 0_u64;
    for place in 0..reader.num_row_groups() {
        let count = reader.metadata().row_groups().get(place).map_or(0, |group| group.num_rows());
        let numbers = begin..begin.saturating_add(u64::try_from(count).unwrap_or_default());
        begin = numbers.end;
        if !is_wanted(&numbers) {
            continue;
        }
        match guarded(|| reader.get_row_group(place)) {
            Ok(group) => each_row_of(group.as_ref(), numbers, take)?,
            Err(detail) => {
                let number = numbers.start;
                take(Found::Damage { number, anomaly: Anomaly::CorruptChunk, detail })?;
            }
        }
    }
    Ok(())
}

/// Goes through the rows of a group, up to the first that is damaged: values have no place of their
/// own by which those behind it could be found.
fn each_row_of(
    group: &dyn RowGroupReader,
    numbers: Range<u64>,
    take: &mut dyn FnMut(Found) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let damage = |number, detail: String| {
        let is_feature = detail.contains("Disabled feature");
        let anomaly = if is_feature { Anomaly::UnsupportedMember } else { Anomaly::CorruptChunk };
        Found::Damage { number, anomaly, detail }
    };
    let mut rows = match guarded(|| RowIter::from_row_group(None, group)) {
        Ok(rows) => rows,
        Err(detail) => return take(damage(numbers.start, detail)),
    };
    for number in numbers {
        match guarded(|| rows.next().transpose()) {
            Ok(None) => return Ok(()),
            Ok(Some(row)) => {
                let row = object(row);
                // Behind the last value there is nothing but null, whatever count the group claims.
                if row.is_empty() {
                    return take(damage(number, "a row without a value".to_owned()));
                }
                take(Found::Row { number, row })?;
            }
            Err(detail) => return take(damage(number, detail)),
        }
    }
    Ok(())
}

/// Calls the reader of the format, which gives up in more than one way on a damaged file.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("the file contradicts itself".to_owned()),
    }
}

/// A row or a group in it as an object, without what is null.
fn object(row: Row) -> Map<String, Value> {
    in_order(row.into_columns().into_iter().map(|(name, field)| (name, value(field))))
}

/// An object whose keys are in order, so that a record is the same text every time.
fn in_order(members: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let members: BTreeMap<_, _> = members.filter(|(_, value)| !value.is_null()).collect();
    members.into_iter().collect()
}

fn value(field: Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => truth.into(),
        Field::Byte(number) => number.into(),
        Field::Short(number) => number.into(),
        Field::Int(number) => number.into(),
        Field::Long(number) => number.into(),
        Field::UByte(number) => number.into(),
        Field::UShort(number) => number.into(),
        Field::UInt(number) => number.into(),
        Field::ULong(number) => number.into(),
        Field::Float(number) => float(f64::from(number)),
        Field::Double(number) => float(number),
        Field::Str(text) => text.into(),
        // Writers that do not say that their texts are such.
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into(),
        Field::TimestampMillis(time) => moment(time.checked_mul(1000)),
        Field::TimestampMicros(time) => moment(Some(time)),
        Field::Group(row) => {
            let object = object(row);
            if object.is_empty() { Value::Null } else { object.into() }
        }
        Field::ListInternal(list) => list.elements().iter().cloned().map(value).collect(),
        Field::MapInternal(map) => {
            let key = |field: &Field| match value(field.clone()) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let entries = map.entries().iter();
            in_order(entries.map(|(name, it)| (key(name), value(it.clone())))).into()
        }
        other => other.to_string().into(),
    }
}

fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn moment(microseconds: Option<i64>) -> Value {
    let moment = microseconds.and_then(|it| jiff::Timestamp::from_microsecond(it).ok());
    moment.map_or(Value::Null, |moment| moment.to_string().into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write;
    use std::sync::Arc;

    use ::parquet::arrow::ArrowWriter;
    use ::parquet::file::properties::WriterProperties;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::{
        ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, StructArray,
        TimestampMicrosecondArray,
    };
    use arrow_schema::{DataType, Field as ArrowField, Schema};
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::{RecordReference, Table};
    use proptest::prelude::*;

    use super::{Parquet, records};
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    /// A file of connections as Security Lake has them, with two rows in a group.
    fn file(addresses: &[&str]) -> Vec<u8> {
        let count = addresses.len();
        let column = |name: &str, array: ArrayRef| {
            (Arc::new(ArrowField::new(name, array.data_type().clone(), true)), array)
        };
        let texts = |texts: Vec<Option<&str>>| Arc::new(StringArray::from(texts)) as ArrayRef;
        let source = StructArray::from(vec![
            column("ip", texts(addresses.iter().map(|it| Some(*it)).collect())),
            column("port", Arc::new(Int32Array::from(vec![49200; count]))),
        ]);
        let target = StructArray::from(vec![
            column("ip", texts(vec![Some("192.0.2.7"); count])),
            column("hostname", texts(vec![None; count])),
        ]);
        let mut profiles = ListBuilder::new(StringBuilder::new());
        for _ in 0..count {
            profiles.values().append_value("cloud");
            profiles.append(true);
        }
        let metadata = StructArray::from(vec![
            column("version", texts(vec![Some("1.1.0"); count])),
            column("profiles", Arc::new(profiles.finish())),
        ]);
        let times = vec![1_714_816_800_123_000_i64; count];
        let columns: Vec<(_, ArrayRef)> = vec![
            column("class_uid", Arc::new(Int32Array::from(vec![4001; count]))),
            column("category_uid", Arc::new(Int32Array::from(vec![4; count]))),
            column("time", Arc::new(Int64Array::from(vec![1_714_816_800_123_i64; count]))),
            column("time_dt", Arc::new(TimestampMicrosecondArray::from(times))),
            column("src_endpoint", Arc::new(source)),
            column("dst_endpoint", Arc::new(target)),
            column("metadata", Arc::new(metadata)),
        ];
        let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("a batch");
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, schema, Some(properties)).expect("a writer");
        writer.write(&batch).expect("it is written");
        writer.close().expect("it is closed");
        bytes
    }

    const ADDRESSES: [&str; 3] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];

    const RECORD: &str = r#"{"category_uid":4,"class_uid":4001,"dst_endpoint":{"ip":"192.0.2.7"},"metadata":{"profiles":["cloud"],"version":"1.1.0"},"src_endpoint":{"ip":"10.0.0.3","port":49200},"time":1714816800123,"time_dt":"2024-05-04T10:00:00.123Z"}"#;

    #[test]
    fn a_row_is_a_record_of_whatever_shape_knows_it() {
        let file = file(&ADDRESSES);
        assert!(Parquet.recognises(&file));
        let kept = KeptRows::read(&Parquet, &file);
        let rows = kept.all(Table::Flow);
        assert_eq!(
            rows[2],
            "timestamp=1714816800123000 event_dataset=ocsf.network source_ip=10.0.0.3 \
             source_port=49200 destination_ip=192.0.2.7"
        );
        assert_eq!((kept.records(), rows.len(), kept.anomalies()), (3, 3, vec![]));
    }

    #[test]
    fn a_record_is_found_again_by_its_number() {
        let mut log = tempfile::NamedTempFile::new().expect("a file");
        log.write_all(&file(&ADDRESSES)).expect("it is written");
        let source = log.path().display().to_string();
        let reference = |offset, length| RecordReference {
            source: source.clone(),
            offset,
            length,
            sha256: None,
        };
        let length = RECORD.len() as u64;
        let fetched = crate::fetch(&[
            reference(2, length),
            reference(2, length - 1),
            reference(3, length),
            reference(2, length),
        ]);
        let expected = Some(RECORD.as_bytes().to_vec());
        assert_eq!(fetched, [expected.clone(), None, None, expected]);
        let first = records(&mut file(&ADDRESSES).as_slice(), &BTreeSet::from([0]));
        assert!(first[&0].starts_with(b"{\"category_uid\""));
    }

    #[test]
    fn a_file_without_its_end_is_told() {
        let file = file(&ADDRESSES);
        let kept = KeptRows::read(&Parquet, &file[..file.len() - 9]);
        assert_eq!((kept.count(), kept.anomalies()), (0, vec![(Anomaly::TruncatedStream, 1)]));
    }

    #[test]
    fn columns_that_nobody_knows_are_shown() {
        let array: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let schema = Schema::new(vec![ArrowField::new("colour", DataType::Int32, true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![array]).expect("a batch");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("it is written");
        writer.close().expect("it is closed");
        let kept = KeptRows::read(&Parquet, &bytes);
        assert_eq!(kept.anomalies(), [(Anomaly::UnknownFormat, 1)]);
    }

    proptest! {
        /// A damaged byte costs rows of its group at most, and is never silent about it unless
        /// nothing is lost.
        #[test]
        fn damage_is_survived(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut file = file(&ADDRESSES);
            let place = place.index(file.len());
            file[place] = byte;
            let kept = KeptRows::read(&Parquet, &file);
            prop_assert!(kept.records() <= 3 || !kept.anomalies().is_empty());
        }
    }
}
