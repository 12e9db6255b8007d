//! Values as Arrow columns and back.
//!
//! | KQL | Arrow |
//! |---|---|
//! | `bool` | `Boolean` |
//! | `int`, `long`, `real` | `Int32`, `Int64`, `Float64` |
//! | `string` | `Utf8`, never null |
//! | `datetime`, `timespan` | `Int64`: ticks of 100 ns, moments since the year 1 |
//! | `decimal`, `guid` | `Utf8` as they are written |
//! | `dynamic` | `Utf8` of JSON |

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};
use coldtrail_rules::kql::{DateTime, Dynamic, Schema, TimeSpan, Type, Value};

/// The type of an Arrow column.
pub fn data_type(of: Type) -> DataType {
    match of {
        Type::Bool => DataType::Boolean,
        Type::Int => DataType::Int32,
        Type::Long | Type::DateTime | Type::TimeSpan => DataType::Int64,
        Type::Real => DataType::Float64,
        Type::Decimal | Type::String | Type::Guid | Type::Dynamic => DataType::Utf8,
    }
}

/// The Arrow schema of columns; all may be null as far as Arrow knows.
pub fn arrow_schema(schema: &Schema) -> SchemaRef {
    let fields =
        schema.iter().map(|column| Field::new(&column.name, data_type(column.r#type), true));
    Arc::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>()))
}

/// A batch of rows, each as long as the schema.
///
/// # Errors
///
/// When there is no such batch, which columns of one length keep from happening.
pub fn batch(schema: &Schema, rows: &[Vec<Value>]) -> Result<RecordBatch, ArrowError> {
    let columns = schema.iter().enumerate().map(|(place, column)| {
        array(column.r#type, rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null)))
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(arrow_schema(schema), columns.collect(), &options)
}

/// The rows of batches that have the columns of a schema.
///
/// # Errors
///
/// When a column is of a type that does not become its own.
pub fn rows(batches: &[RecordBatch], schema: &Schema) -> Result<Vec<Vec<Value>>, ArrowError> {
    let mut rows = Vec::new();
    for batch in batches {
        let columns = cells(batch.columns(), schema.iter().map(|column| column.r#type))?;
        rows.extend((0..batch.num_rows()).map(|row| row_of(&columns, row)));
    }
    Ok(rows)
}

/// Columns, ready for their cells to be read.
///
/// # Errors
///
/// As of [`Cells::new`].
pub fn cells(
    columns: &[ArrayRef],
    types: impl IntoIterator<Item = Type>,
) -> Result<Vec<Cells>, ArrowError> {
    columns.iter().zip(types).map(|(column, of)| Cells::new(column, of)).collect()
}

/// The values of a row.
pub fn row_of(columns: &[Cells], row: usize) -> Vec<Value> {
    columns.iter().map(|cells| cells.value(row)).collect()
}

/// A column of values, or what they become in the column's type.
pub fn array<'v>(of: Type, values: impl IntoIterator<Item = &'v Value>) -> ArrayRef {
    let values = values.into_iter();
    match of {
        Type::Bool => {
            let mut column = BooleanBuilder::new();
            values.for_each(|value| column.append_option(truth(value)));
            Arc::new(column.finish())
        }
        Type::Int => {
            let mut column = Int32Builder::new();
            values.for_each(|value| column.append_option(int(value)));
            Arc::new(column.finish())
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let mut column = Int64Builder::new();
            values.for_each(|value| column.append_option(long(value, of)));
            Arc::new(column.finish())
        }
        Type::Real => {
            let mut column = Float64Builder::new();
            values.for_each(|value| column.append_option(real(value)));
            Arc::new(column.finish())
        }
        Type::Decimal | Type::String | Type::Guid | Type::Dynamic => {
            let mut column = StringBuilder::new();
            for value in values {
                match (value, of) {
                    (Value::String(text), Type::String) => column.append_value(text),
                    (Value::Null, Type::String) => column.append_value(""),
                    (Value::Null, _) => column.append_null(),
                    (Value::Dynamic(dynamic), Type::Dynamic) => column.append_value(dynamic.json()),
                    (value, Type::Dynamic) => {
                        column.append_value(value.clone().into_dynamic().json());
                    }
                    (Value::Decimal(_), Type::Decimal) | (Value::Guid(_), Type::Guid) => {
                        column.append_value(value.text());
                    }
                    (value, of) => match value.convert(of) {
                        Value::Null => column.append_null(),
                        value => column.append_value(value.text()),
                    },
                }
            }
            Arc::new(column.finish())
        }
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Null => None,
        Value::Bool(truth) => Some(*truth),
        value => match value.convert(Type::Bool) {
            Value::Bool(truth) => Some(truth),
            _ => None,
        },
    }
}

fn int(value: &Value) -> Option<i32> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(*number),
        value => match value.convert(Type::Int) {
            Value::Int(number) => Some(number),
            _ => None,
        },
    }
}

fn long(value: &Value, of: Type) -> Option<i64> {
    match (value, of) {
        (Value::Null, _) => None,
        (Value::Long(number), Type::Long) => Some(*number),
        (Value::Int(number), Type::Long) => Some(i64::from(*number)),
        (Value::DateTime(moment), Type::DateTime) => Some(moment.0),
        (Value::TimeSpan(length), Type::TimeSpan) => Some(length.0),
        (value, of) => match value.convert(of) {
            Value::Long(number) => Some(number),
            Value::DateTime(moment) => Some(moment.0),
            Value::TimeSpan(length) => Some(length.0),
            _ => None,
        },
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Real(number) => Some(*number),
        Value::Int(number) => Some(f64::from(*number)),
        Value::Long(number) => Some(*number as f64),
        value => match value.convert(Type::Real) {
            Value::Real(number) => Some(number),
            _ => None,
        },
    }
}

/// A column whose cells can be read.
#[derive(Debug)]
pub struct Cells {
    of: Type,
    column: Column,
}

#[derive(Debug)]
enum Column {
    Truths(BooleanArray),
    Ints(Int32Array),
    Longs(Int64Array),
    Reals(Float64Array),
    Texts(StringArray),
}

impl Cells {
    /// The cells of a column of the type that stands for a KQL type, or of one that can become it.
    ///
    /// # Errors
    ///
    /// When the column's type cannot become that.
    pub fn new(column: &ArrayRef, of: Type) -> Result<Self, ArrowError> {
        let data_type = data_type(of);
        let column = match column.data_type() == &data_type {
            true => Arc::clone(column),
            false => cast(column, &data_type)?,
        };
        let column = match data_type {
            DataType::Boolean => Column::Truths(column.as_boolean().clone()),
            DataType::Int32 => Column::Ints(column.as_primitive::<Int32Type>().clone()),
            DataType::Int64 => Column::Longs(column.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Column::Reals(column.as_primitive::<Float64Type>().clone()),
            _ => Column::Texts(column.as_string::<i32>().clone()),
        };
        Ok(Self { of, column })
    }

    /// The value in a row; nothing behind the last.
    pub fn value(&self, row: usize) -> Value {
        let value = match &self.column {
            Column::Truths(column) => at(column, row).map(|()| Value::Bool(column.value(row))),
            Column::Ints(column) => at(column, row).map(|()| Value::Int(column.value(row))),
            Column::Reals(column) => at(column, row).map(|()| Value::Real(column.value(row))),
            Column::Longs(column) => at(column, row).map(|()| match self.of {
                Type::DateTime => Value::DateTime(DateTime(column.value(row))),
                Type::TimeSpan => Value::TimeSpan(TimeSpan(column.value(row))),
                _ => Value::Long(column.value(row)),
            }),
            Column::Texts(column) => at(column, row).map(|()| text(column.value(row), self.of)),
        };
        value.unwrap_or_else(|| Value::nothing(self.of))
    }
}

fn at(column: &dyn Array, row: usize) -> Option<()> {
    (row < column.len() && column.is_valid(row)).then_some(())
}

fn text(text: &str, of: Type) -> Value {
    match of {
        Type::String => Value::String(text.to_owned()),
        Type::Dynamic => match Dynamic::of_json(text) {
            Some(dynamic) => Value::of_dynamic(dynamic),
            None => Value::Dynamic(Dynamic::String(text.to_owned())),
        },
        of => Value::String(text.to_owned()).convert(of),
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::kql::{Column, DateTime, Schema, TimeSpan, Type, Value};

    use super::{batch, rows};

    #[test]
    fn rows_come_back_as_they_went() {
        let types = [Type::Bool, Type::Int, Type::Long, Type::Real, Type::DateTime, Type::TimeSpan];
        let mut schema: Schema = types.iter().map(|of| Column::new(of.name(), *of)).collect();
        schema.push(Column::new("text", Type::String));
        let full = vec![
            Value::Bool(true),
            Value::Int(-1),
            Value::Long(i64::MAX),
            Value::Real(0.5),
            Value::DateTime(DateTime(DateTime::EPOCH)),
            Value::TimeSpan(TimeSpan(-1)),
            Value::String("é".to_owned()),
        ];
        let mut empty = vec![Value::Null; 6];
        empty.push(Value::String(String::new()));
        let both = vec![full, empty];
        let batch = batch(&schema, &both).expect("a batch");
        assert_eq!(rows(&[batch], &schema).expect("rows"), both);
    }

    #[test]
    fn a_null_text_is_empty() {
        let schema = vec![Column::new("text", Type::String)];
        let batch = batch(&schema, &[vec![Value::Null]]).expect("a batch");
        assert_eq!(batch.column(0).null_count(), 0);
    }
}
