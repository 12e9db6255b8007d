//! Rows of our tables as events.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use coldtrail_model::{Field, FieldType, Table, Timestamp, Window};

use super::hit::Place;

/// The rows of a batch that took place in a window, with the types that the columns of a table have: an engine
/// may have others for the same.
pub(crate) fn within(
    table: Table,
    batch: &RecordBatch,
    window: Window,
) -> Result<RecordBatch, ArrowError> {
    let columns = table.fields().iter().filter_map(|field| {
        let column = batch.column_by_name(field.name())?;
        Some(cast(column, &field.field_type().arrow()).map(|column| (field.name(), column)))
    });
    let batch = &RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>, _>>()?)?;
    let moments = batch.column_by_name(Field::Timestamp.name());
    let Some(moments) = moments.and_then(|it| it.as_primitive_opt::<TimestampMicrosecondType>())
    else {
        return Ok(batch.clone());
    };
    let wanted = moments.iter().map(|moment| moment.map(|it| window.contains(Timestamp(it))));
    filter_record_batch(batch, &wanted.collect::<BooleanArray>())
}

/// The rows of a batch.
pub(crate) struct Rows<'b> {
    columns: Vec<(Field, &'b dyn Array)>,
}

impl<'b> Rows<'b> {
    /// The rows of a batch of a table, whichever of its columns there are.
    pub(crate) fn of(table: Table, batch: &'b RecordBatch) -> Self {
        let column = |field: &Field| {
            let column = batch.column_by_name(field.name())?;
            (*column.data_type() == field.field_type().arrow()).then_some((*field, column.as_ref()))
        };
        Self { columns: table.fields().iter().filter_map(column).collect() }
    }

    /// The text of a column; nothing where it is null, or no text.
    pub(crate) fn text(&self, field: Field, row: usize) -> Option<&'b str> {
        let (_, column) = self.columns.iter().find(|(known, _)| *known == field)?;
        if column.is_null(row) {
            return None;
        }
        match field.field_type() {
            FieldType::Text => Some(column.as_string::<i32>().value(row)),
            FieldType::Keyword => keyword(*column, row),
            _ => None,
        }
    }

    fn number(&self, field: Field, row: usize) -> i64 {
        let column = self.columns.iter().find(|(known, _)| *known == field);
        column.map_or(0, |(_, column)| column.as_primitive::<Int64Type>().value(row))
    }

    /// When a row took place, in microseconds since 1970.
    pub(crate) fn moment(&self, row: usize) -> i64 {
        let column = self.columns.iter().find(|(known, _)| *known == Field::Timestamp);
        column.map_or(0, |(_, it)| it.as_primitive::<TimestampMicrosecondType>().value(row))
    }

    /// Where the record of a row is.
    pub(crate) fn place(&self, row: usize) -> Place {
        Place {
            source: self.text(Field::RecordSource, row).unwrap_or_default().to_owned(),
            offset: self.number(Field::RecordOffset, row).unsigned_abs(),
            length: self.number(Field::RecordLength, row).unsigned_abs(),
        }
    }

    /// Names of columns and what a row has in them: what is null is left out, and of a list each member
    /// stands by itself.
    pub(crate) fn pairs(&self, row: usize) -> Vec<(Cow<'b, str>, Cow<'b, str>)> {
        let mut pairs = Vec::with_capacity(self.columns.len());
        for (field, column) in self.columns.iter().filter(|(_, column)| !column.is_null(row)) {
            let name = Cow::Borrowed(field.name());
            match field.field_type() {
                FieldType::Text => {
                    pairs.push((name, Cow::Borrowed(column.as_string::<i32>().value(row))));
                }
                FieldType::Keyword => {
                    pairs.extend(keyword(*column, row).map(|text| (name, Cow::Borrowed(text))));
                }
                FieldType::Number => {
                    let number = column.as_primitive::<Int64Type>().value(row);
                    pairs.push((name, number.to_string().into()));
                }
                FieldType::Truth => {
                    let truth = if column.as_boolean().value(row) { "true" } else { "false" };
                    pairs.push((name, truth.into()));
                }
                FieldType::Time => {
                    let moment = column.as_primitive::<TimestampMicrosecondType>().value(row);
                    pairs.push((name, Timestamp(moment).to_string().into()));
                }
                FieldType::Texts => {
                    let list = column.as_list::<i32>();
                    let members = list.values().as_string::<i32>();
                    for member in range(list.value_offsets(), row) {
                        if members.is_valid(member) {
                            pairs.push((name.clone(), Cow::Borrowed(members.value(member))));
                        }
                    }
                }
                FieldType::Numbers => {
                    let list = column.as_list::<i32>();
                    let members = list.values().as_primitive::<Int64Type>();
                    for member in range(list.value_offsets(), row) {
                        pairs.push((name.clone(), members.value(member).to_string().into()));
                    }
                }
                FieldType::Bytes => {}
            }
        }
        pairs
    }
}

fn range(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |place: usize| offsets.get(place).and_then(|it| usize::try_from(*it).ok());
    at(row).unwrap_or_default()..at(row + 1).unwrap_or_default()
}

fn keyword(column: &dyn Array, row: usize) -> Option<&str> {
    let dictionary = column.as_dictionary::<Int32Type>();
    let values: &StringArray = dictionary.values().as_string();
    let key = usize::try_from(dictionary.keys().value(row)).ok()?;
    (key < values.len()).then(|| values.value(key))
}
