//! Records in Parquet files of one flat table, as exports and archives have them: only wanted columns are
//! read, row groups by different threads, and where a column has to hold something, the others are decoded
//! only for rows that do.
//!
//! Reading row by row as objects ([`crate::parquet`]) gives the same records but for the writing of values,
//! and is what is done where columns are nested, where a file does not lie on disk as it is, and where the
//! length of records is wanted.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
    RowFilter,
};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use arrow_select::filter::filter_record_batch;
use coldtrail_diagnostics::Anomaly;

use super::csv::TablePlan;
use super::needles::RecordNeedles;
use super::{RECORD_LENGTH, RECORD_OFFSET, RECORD_SOURCE, Records};
use crate::csv::Header;
use crate::line_format::{Crew, Part, share};
use crate::parquet::guarded;
use crate::{Collector, Stopped};

/// Rows that are decoded at a time.
const ROWS_A_BATCH: usize = 8192;

/// What a file holds, and how its wanted columns are read.
pub(crate) struct ParquetTable {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    records: Arc<Records>,
    names: Vec<String>,
    plan: TablePlan,
}

impl ParquetTable {
    /// The table of a file, if this is the way to read it.
    pub(crate) fn open(records: &Arc<Records>, path: &Path) -> Option<Self> {
        let is_place = |name: &String| name == RECORD_OFFSET || name == RECORD_LENGTH;
        if records.fields().iter().any(is_place) {
            return None;
        }
        let file = File::open(path).ok()?;
        let whole = guarded(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())).ok()?;
        let names: Vec<String> =
            whole.schema().fields().iter().map(|field| field.name().clone()).collect();
        let header = Header { names };
        let plan = TablePlan::of(records, &header)?;
        let Header { names } = header;
        let wanted = wanted(records, &plan, &names);
        if wanted.iter().any(|place| whole.schema().field(*place).data_type().is_nested()) {
            return None;
        }
        let tested = tested(records, &plan, &names);
        let metadata = guarded(|| {
            let options = ArrowReaderOptions::new().with_schema(hinted(whole.schema(), &tested));
            ArrowReaderMetadata::try_new(Arc::clone(whole.metadata()), options)
        });
        // Where a column does not lie in the file as texts do, it is read as it is.
        let metadata = metadata.unwrap_or(whole);
        let records = Arc::clone(records);
        Some(Self { path: path.to_owned(), metadata, records, names, plan })
    }

    /// How many bytes the file has.
    pub(crate) fn length(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Reads all of it.
    pub(crate) fn read(
        self,
        collector: &mut Collector<'_>,
        crew: Option<&Crew>,
    ) -> Result<(), Stopped> {
        let table = Arc::new(self);
        let mut groups = 0..table.metadata.metadata().num_row_groups();
        let mut begin = 0_u64;
        let mut next = |collector: &mut Collector<'_>| {
            let group = groups.next().filter(|_| !collector.selection().is_stopped())?;
            let rows = table.metadata.metadata().row_group(group).num_rows();
            let first = begin;
            begin = begin.saturating_add(u64::try_from(rows).unwrap_or_default());
            let (table, last) = (Arc::clone(&table), begin);
            let read = Box::new(move |collector: &mut Collector<'_>| {
                table.read_group(group, first, last - first, collector)
            });
            Some(Part { read, is_led: false })
        };
        share(&mut next, collector, crew)
    }

    /// Reads a row group, whose first row has that number.
    fn read_group(
        &self,
        group: usize,
        first: u64,
        rows: u64,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        collector.count_records(first, rows);
        let is_constant = self.plan.is_constant();
        if is_constant && !self.records.is_wanted(self.plan.fit, None, collector.source()) {
            return Ok(());
        }
        collector.note_shape(self.records.format_of_table());
        let mut batches = match guarded(|| self.reader(group)) {
            Ok(batches) => batches,
            Err(detail) => {
                collector.anomaly_at(Anomaly::CorruptChunk, Some(first), &detail);
                return Ok(());
            }
        };
        loop {
            let batch = match guarded(|| Ok(batches.next().transpose()?)) {
                Ok(None) => return Ok(()),
                Ok(Some(batch)) => batch,
                Err(detail) => {
                    collector.anomaly_at(Anomaly::CorruptChunk, Some(first), &detail);
                    return Ok(());
                }
            };
            match self.records_of(&batch, collector.source()) {
                Ok(batch) if batch.num_rows() > 0 => collector.take_batch(batch)?,
                Ok(_) => {}
                Err(error) => {
                    let detail = error.to_string();
                    collector.anomaly_at(Anomaly::CorruptChunk, Some(first), &detail);
                }
            }
        }
    }

    fn reader(
        &self,
        group: usize,
    ) -> ::parquet::errors::Result<::parquet::arrow::arrow_reader::ParquetRecordBatchReader> {
        let file = File::open(&self.path)?;
        let columns = self.metadata.parquet_schema();
        let mask = |places: Vec<usize>| ProjectionMask::roots(columns, places);
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![group])
                .with_batch_size(ROWS_A_BATCH)
                .with_projection(mask(wanted(&self.records, &self.plan, &self.names)));
        let mut predicates: Vec<Box<dyn ::parquet::arrow::arrow_reader::ArrowPredicate>> =
            Vec::new();
        for (field, needles) in self.records.needles() {
            // A record without the field holds nothing, and what comes nevertheless does no harm.
            let Some(place) = position(&self.names, field) else { continue };
            let test = Test { needles: Arc::clone(needles), latest: Mutex::default() };
            let holds = move |batch: RecordBatch| test.holds(batch.column(0));
            predicates.push(Box::new(ArrowPredicateFn::new(mask(vec![place]), holds)));
        }
        if predicates.is_empty() {
            return builder.build();
        }
        builder.with_row_filter(RowFilter::new(predicates)).build()
    }

    /// The wanted fields of the rows that are of the wanted kind.
    fn records_of(&self, batch: &RecordBatch, source: &str) -> Result<RecordBatch, ArrowError> {
        let rows = batch.num_rows();
        let mut columns = Vec::new();
        for name in self.records.fields() {
            columns.push(match (name.as_str(), batch.column_by_name(name)) {
                (RECORD_SOURCE, _) => {
                    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(source, rows)))
                }
                (_, Some(column)) => texts(column)?,
                (_, None) => Arc::new(StringArray::new_null(rows)) as ArrayRef,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let all = RecordBatch::try_new_with_options(self.records.schema(), columns, &options)?;
        if self.plan.is_constant() {
            return Ok(all);
        }
        filter_record_batch(&all, &self.of_kind(batch, source)?)
    }

    /// Which rows are of the wanted kind.
    fn of_kind(&self, batch: &RecordBatch, source: &str) -> Result<BooleanArray, ArrowError> {
        let column = |place: usize| {
            let name = self.names.get(place).map_or("", String::as_str);
            batch.column_by_name(name).map(texts).transpose()
        };
        let saying = self.plan.saying.iter().map(|place| column(*place));
        let saying: Vec<ArrayRef> =
            saying.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let action = self.plan.action.map(column).transpose()?.flatten();
        let text = |column: &'_ ArrayRef, row: usize| {
            let column = column.as_string::<i32>();
            (column.is_valid(row) && !column.value(row).is_empty())
                .then(|| column.value(row).to_owned())
        };
        let is_of_kind = |row: usize| {
            let said = saying.iter().find_map(|it| self.records.names_it(&text(it, row)?));
            said.unwrap_or_else(|| {
                let action = action.as_ref().and_then(|it| text(it, row));
                self.records.is_wanted(self.plan.fit, action.as_deref(), source)
            })
        };
        Ok((0..batch.num_rows()).map(|row| Some(is_of_kind(row))).collect())
    }
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|known| known == name)
}

/// The places of the columns that are read.
fn wanted(records: &Records, plan: &TablePlan, names: &[String]) -> Vec<usize> {
    let fields = records.fields().iter().filter_map(|field| position(names, field));
    let telling = plan.saying.iter().copied().chain(plan.action.filter(|_| plan.fit.by_action));
    let mut places: Vec<usize> = fields.chain(telling).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The places of the columns that are looked at before others, and are wanted for nothing else.
fn tested(records: &Records, plan: &TablePlan, names: &[String]) -> Vec<usize> {
    let tested = records.needles().iter().filter_map(|(field, _)| position(names, field));
    tested.chain(plan.saying.iter().copied()).chain(plan.action).collect()
}

/// The schema with texts of those columns as dictionaries: what occurs often is looked at once.
fn hinted(schema: &Schema, places: &[usize]) -> Arc<Schema> {
    let fields = schema.fields().iter().enumerate().map(|(place, field)| {
        let is_text = matches!(field.data_type(), DataType::Utf8);
        if is_text && places.contains(&place) {
            let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(Field::new(field.name(), kind, field.is_nullable()))
        } else {
            Arc::clone(field)
        }
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// Looks for needles in a column.
struct Test {
    needles: Arc<RecordNeedles>,
    /// The last dictionary, and which of its texts hold a needle: those of a row group mostly share one.
    latest: Mutex<Option<(ArrayRef, Vec<bool>)>>,
}

impl Test {
    fn holds(&self, column: &ArrayRef) -> Result<BooleanArray, ArrowError> {
        let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() else {
            return Ok(self.each(&texts(column)?).into_iter().map(Some).collect());
        };
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let values = dictionary.values();
        if !latest.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, values)) {
            *latest = Some((Arc::clone(values), self.each(values)));
        }
        let holds = latest.as_ref().map_or(&[][..], |(_, holds)| holds);
        let key = |key: Option<i32>| {
            let place = key.and_then(|key| usize::try_from(key).ok());
            Some(place.and_then(|place| holds.get(place).copied()).unwrap_or_default())
        };
        Ok(dictionary.keys().iter().map(key).collect())
    }

    fn each(&self, column: &ArrayRef) -> Vec<bool> {
        let Some(texts) = column.as_string_opt::<i32>() else { return vec![true; column.len()] };
        let holds = |text: Option<&str>| text.is_some_and(|it| self.needles.touch(it.as_bytes()));
        texts.iter().map(holds).collect()
    }
}

/// A column as texts.
fn texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Utf8 => Ok(Arc::clone(column)),
        DataType::Timestamp(unit, _) => {
            let counts = cast(column, &DataType::Int64)?;
            let counts = counts.as_primitive::<arrow_array::types::Int64Type>();
            let texts = counts.iter().map(|count| moment(count?, *unit));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        DataType::Binary | DataType::LargeBinary => {
            let bytes = cast(column, &DataType::Binary)?;
            let text = |it: Option<&[u8]>| it.map(|it| String::from_utf8_lossy(it).into_owned());
            Ok(Arc::new(bytes.as_binary::<i32>().iter().map(text).collect::<StringArray>()))
        }
        _ => cast(column, &DataType::Utf8),
    }
}

/// A moment since 1970 in ISO 8601, with as many digits as Microsoft writes.
fn moment(count: i64, unit: TimeUnit) -> Option<String> {
    let nanoseconds = i128::from(count)
        * match unit {
            TimeUnit::Second => 1_000_000_000,
            TimeUnit::Millisecond => 1_000_000,
            TimeUnit::Microsecond => 1000,
            TimeUnit::Nanosecond => 1,
        };
    let moment = jiff::Timestamp::from_nanosecond(nanoseconds).ok()?;
    let time = jiff::tz::Offset::UTC.to_datetime(moment);
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.subsec_nanosecond() / 100
    ))
}
