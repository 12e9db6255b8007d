//! A query's answer on its way out: CSV, JSON lines, Parquet, or cells for a table.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema as ArrowSchema, SchemaRef, TimeUnit};
use coldtrail_detect::lower::values::{Cells, cells, data_type};
use coldtrail_rules::kql::{Column, DateTime, Dynamic, Schema, Type, Value};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

/// How a cell's text is changed before it is written, such as to blank secrets in it.
pub type Shown = fn(&str) -> String;

/// Where rows go.
pub enum AnswerWriter<W: Write + Send> {
    /// A header and a line for each row. A text that a spreadsheet would take for a formula begins with `'`.
    Csv(Box<csv::Writer<W>>, Shown),
    /// An object a line, with the columns in order.
    JsonLines(W, Shown),
    /// A Parquet file, moments in microseconds.
    Parquet(Box<ArrowWriter<W>>),
    /// Rows in memory, up to so many, and how many there were.
    Rows(Vec<Vec<String>>, usize, u64, Shown),
}

/// Why an answer was not written.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The writer took no more.
    #[error("cannot write the answer")]
    Write(#[from] io::Error),
    /// A row could not be written as CSV.
    #[error("cannot write the answer as CSV")]
    Csv(#[from] csv::Error),
    /// Rows could not be converted.
    #[error("cannot convert the answer")]
    Convert(#[from] ArrowError),
    /// Rows could not be written as Parquet.
    #[error("cannot write the answer as Parquet")]
    Parquet(#[from] ParquetError),
}

impl<W: Write + Send> AnswerWriter<W> {
    /// Writes CSV.
    ///
    /// # Errors
    ///
    /// When the header cannot be written.
    pub fn csv(schema: &Schema, writer: W, shown: Shown) -> Result<Self, AnswerError> {
        let mut writer = csv::Writer::from_writer(writer);
        writer.write_record(schema.iter().map(|column| harmless(&column.name)))?;
        Ok(AnswerWriter::Csv(Box::new(writer), shown))
    }

    /// Writes JSON lines.
    pub fn json_lines(writer: W, shown: Shown) -> Self {
        AnswerWriter::JsonLines(writer, shown)
    }

    /// Writes Parquet.
    ///
    /// # Errors
    ///
    /// When the file cannot be begun.
    pub fn parquet(schema: &Schema, writer: W) -> Result<Self, AnswerError> {
        let rows = ArrowWriter::try_new(writer, outer_schema(schema), None)?;
        Ok(AnswerWriter::Parquet(Box::new(rows)))
    }

    /// Keeps so many rows as texts.
    pub fn rows(most: usize, shown: Shown) -> Self {
        AnswerWriter::Rows(Vec::new(), most, 0, shown)
    }

    /// Writes the rows of a batch that has the schema's columns.
    ///
    /// # Errors
    ///
    /// When they cannot be converted or written.
    pub fn batch(&mut self, schema: &Schema, batch: &RecordBatch) -> Result<(), AnswerError> {
        if let AnswerWriter::Parquet(rows) = self {
            let batch = outer(schema, batch)?;
            return Ok(rows.write(&batch)?);
        }
        let columns = cells(batch.columns(), schema.iter().map(|column| column.r#type))?;
        for row in 0..batch.num_rows() {
            self.row(schema, &columns, row)?;
        }
        Ok(())
    }

    fn row(&mut self, schema: &Schema, columns: &[Cells], row: usize) -> Result<(), AnswerError> {
        match self {
            AnswerWriter::Csv(writer, shown) => {
                for (cells, column) in columns.iter().zip(schema) {
                    let value = cells.value(row);
                    let text = shown(&value.text());
                    let is_text = matches!(column.r#type, Type::String | Type::Dynamic);
                    writer.write_field(if is_text { harmless(&text) } else { text })?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            AnswerWriter::JsonLines(writer, shown) => {
                writer.write_all(b"{")?;
                for (place, (cells, column)) in columns.iter().zip(schema).enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    let name = Dynamic::String(column.name.clone()).json();
                    write!(writer, "{comma}{name}:{}", json(cells.value(row), *shown))?;
                }
                writer.write_all(b"}\n")?;
            }
            AnswerWriter::Rows(rows, most, count, shown) => {
                *count += 1;
                if rows.len() < *most {
                    rows.push(
                        columns.iter().map(|cells| shown(&cells.value(row).text())).collect(),
                    );
                }
            }
            AnswerWriter::Parquet(_) => {}
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// When the last of it cannot be written.
    pub fn finish(self) -> Result<(Vec<Vec<String>>, u64), AnswerError> {
        match self {
            AnswerWriter::Csv(mut writer, _) => writer.flush()?,
            AnswerWriter::JsonLines(mut writer, _) => writer.flush()?,
            AnswerWriter::Parquet(rows) => {
                rows.close()?;
            }
            AnswerWriter::Rows(rows, _, count, _) => return Ok((rows, count)),
        }
        Ok((Vec::new(), 0))
    }
}

/// A text that no spreadsheet takes for a formula.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn json(value: Value, shown: Shown) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Real(number) if number.is_finite() => Dynamic::Real(number).json(),
        Value::Dynamic(dynamic) => clean(dynamic, shown).json(),
        other => Dynamic::String(shown(&other.text())).json(),
    }
}

/// A dynamic value with all its texts as they are shown.
fn clean(dynamic: Dynamic, shown: Shown) -> Dynamic {
    match dynamic {
        Dynamic::String(text) => Dynamic::String(shown(&text)),
        Dynamic::Array(items) => {
            Dynamic::Array(items.into_iter().map(|item| clean(item, shown)).collect())
        }
        Dynamic::Bag(bag) => {
            Dynamic::Bag(bag.into_iter().map(|(name, value)| (name, clean(value, shown))).collect())
        }
        other => other,
    }
}

/// Moments as Arrow's, all else as it is.
fn outer_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.iter().map(|column| {
        let of = match column.r#type {
            Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            other => data_type(other),
        };
        Field::new(&column.name, of, true)
    });
    Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()))
}

fn outer(schema: &Schema, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema).map(|(column, known)| match known.r#type {
        Type::DateTime => {
            let ticks = column.as_primitive::<Int64Type>();
            let moments: PrimitiveArray<TimestampMicrosecondType> =
                ticks.unary(|ticks| ticks.saturating_sub(DateTime::EPOCH).div_euclid(10));
            Arc::new(moments.with_timezone("UTC")) as ArrayRef
        }
        _ => Arc::clone(column),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(outer_schema(schema), columns.collect(), &options)
}

/// The columns of a batch of the engine's own types, as those of KQL: what SQL gives.
///
/// # Errors
///
/// When a column cannot be converted.
pub fn as_kql(batch: &RecordBatch) -> Result<(Schema, RecordBatch), ArrowError> {
    let mut schema: Schema = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let (of, column) = match field.data_type() {
            DataType::Boolean => (Type::Bool, Arc::clone(column)),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                (Type::Real, cast(column, &DataType::Float64)?)
            }
            of if of.is_integer() => (Type::Long, cast(column, &DataType::Int64)?),
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                let moments = cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
                let micros = cast(&moments, &DataType::Int64)?;
                let ticks: PrimitiveArray<Int64Type> = micros
                    .as_primitive::<Int64Type>()
                    .unary(|micros| micros.saturating_mul(10).saturating_add(DateTime::EPOCH));
                (Type::DateTime, Arc::new(ticks) as ArrayRef)
            }
            DataType::List(_) => (Type::String, shown_list(column)?),
            _ => (Type::String, cast(column, &DataType::Utf8)?),
        };
        schema.push(Column::new(field.name(), of));
        columns.push(column);
    }
    let fields =
        schema.iter().map(|column| Field::new(&column.name, data_type(column.r#type), true));
    let arrow = Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok((schema, RecordBatch::try_new_with_options(arrow, columns, &options)?))
}

/// Lists as they are shown, such as `[a, b]`.
fn shown_list(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let texts = (0..column.len()).map(|row| formatter.value(row).to_string());
    Ok(Arc::new(StringArray::from_iter_values(texts)))
}

#[cfg(test)]
mod tests {
    use coldtrail_detect::lower::values::batch;
    use coldtrail_rules::kql::{Column, DateTime, Dynamic, Type, Value};

    use super::AnswerWriter;

    fn written(begin: impl FnOnce(Vec<u8>) -> AnswerWriter<Vec<u8>>) -> String {
        let schema = vec![
            Column::new("When", Type::DateTime),
            Column::new("What", Type::String),
            Column::new("How", Type::Dynamic),
            Column::new("Many", Type::Long),
        ];
        let bag = Dynamic::of_json(r#"{"b":"x","a":[1]}"#).expect("JSON");
        let rows = vec![
            vec![
                Value::DateTime(DateTime::parse("2026-04-13T09:00:00.5").expect("a time")),
                Value::String("=1+1,\"".to_owned()),
                Value::Dynamic(bag),
                Value::Long(-1),
            ],
            vec![Value::Null, Value::String(String::new()), Value::Null, Value::Null],
        ];
        let rows = batch(&schema, &rows).expect("a batch");
        let mut writer = begin(Vec::new());
        writer.batch(&schema, &rows).expect("rows");
        match writer {
            AnswerWriter::Csv(writer, _) => {
                String::from_utf8(writer.into_inner().expect("bytes")).expect("text")
            }
            AnswerWriter::JsonLines(bytes, _) => String::from_utf8(bytes).expect("text"),
            _ => String::new(),
        }
    }

    #[test]
    fn csv_begins_no_formula() {
        let schema =
            ["When", "What", "How", "Many"].map(|name| Column::new(name, Type::String)).to_vec();
        let text =
            written(|bytes| AnswerWriter::csv(&schema, bytes, str::to_owned).expect("a header"));
        let expected = "When,What,How,Many\n2026-04-13T09:00:00.5000000Z,\"'=1+1,\"\"\",\"{\"\"b\"\":\"\"x\"\",\"\"a\"\":[1]}\",-1\n,,,\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn json_keeps_types_and_order() {
        let text = written(|bytes| AnswerWriter::json_lines(bytes, str::to_owned));
        let expected = "{\"When\":\"2026-04-13T09:00:00.5000000Z\",\"What\":\"=1+1,\\\"\",\"How\":{\"b\":\"x\",\"a\":[1]},\"Many\":-1}\n{\"When\":null,\"What\":\"\",\"How\":null,\"Many\":null}\n";
        assert_eq!(text, expected);
    }
}
