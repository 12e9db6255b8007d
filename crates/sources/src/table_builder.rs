//! Builds Arrow batches of one event table, a value at a time.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder,
    StringDictionaryBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;
use coldtrail_model::{Field, FieldType};

use crate::selection::Columns;

/// Enough rows to make columnar work pay, few enough to stay in the cache.
const ROWS_A_BATCH: usize = 8192;

/// A batch of long texts is cut earlier, so that memory is bounded by bytes and not only by rows.
const BYTES_A_BATCH: usize = 2 << 20;

/// Builds batches of the wanted columns of one table. Within a row, each column is set at most once:
/// the first value wins.
pub(crate) struct TableBuilder {
    schema: SchemaRef,
    /// Where a field's column is; `None` for a field that the table does not have or nobody wants.
    places: [Option<usize>; Field::COUNT],
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    /// Rows to leave out when the batch is cut, ascending.
    abandoned: Vec<usize>,
}

enum Column {
    Time(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Keyword(StringDictionaryBuilder<Int32Type>),
    Number(Int64Builder),
    Truth(BooleanBuilder),
    Texts(ListBuilder<StringBuilder>),
    Numbers(ListBuilder<Int64Builder>),
    Bytes(BinaryBuilder),
}

impl TableBuilder {
    pub(crate) fn new(wanted: &Columns) -> Self {
        let mut places = [None; Field::COUNT];
        for (place, field) in wanted.fields().iter().enumerate() {
            if let Some(slot) = places.get_mut(*field as usize) {
                *slot = Some(place);
            }
        }
        let columns = wanted.fields().iter().map(|field| Column::new(field.field_type())).collect();
        let schema = wanted.schema();
        Self { schema, places, columns, rows: 0, bytes: 0, abandoned: Vec::new() }
    }

    pub(crate) fn time(&mut self, field: Field, value: i64) {
        if let Some(Column::Time(column)) = self.unset(field) {
            column.append_value(value);
        }
    }

    pub(crate) fn text(&mut self, field: Field, value: &str) {
        match self.unset(field) {
            Some(Column::Text(column)) => column.append_value(value),
            Some(Column::Keyword(column)) => column.append_value(value),
            _ => return,
        }
        self.bytes += value.len();
    }

    pub(crate) fn number(&mut self, field: Field, value: i64) {
        if let Some(Column::Number(column)) = self.unset(field) {
            column.append_value(value);
        }
    }

    pub(crate) fn truth(&mut self, field: Field, value: bool) {
        if let Some(Column::Truth(column)) = self.unset(field) {
            column.append_value(value);
        }
    }

    pub(crate) fn texts<'t>(&mut self, field: Field, values: impl Iterator<Item = &'t str>) {
        let mut bytes = 0;
        if let Some(Column::Texts(column)) = self.unset(field) {
            for value in values {
                column.values().append_value(value);
                bytes += value.len();
            }
            column.append(true);
        }
        self.bytes += bytes;
    }

    pub(crate) fn numbers(&mut self, field: Field, values: impl Iterator<Item = Option<i64>>) {
        if let Some(Column::Numbers(column)) = self.unset(field) {
            for value in values {
                column.values().append_option(value);
            }
            column.append(true);
        }
    }

    pub(crate) fn bytes(&mut self, field: Field, value: &[u8]) {
        if let Some(Column::Bytes(column)) = self.unset(field) {
            column.append_value(value);
            self.bytes += value.len();
        }
    }

    /// Completes the current row: columns that were not set become null.
    pub(crate) fn finish_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            if column.len() < self.rows {
                column.append_null();
            }
        }
    }

    /// Drops whatever was set for a row that was not finished. Arrow builders only grow, so the
    /// row is completed here and filtered out when the batch is cut.
    pub(crate) fn forget_row(&mut self) {
        if self.columns.iter().any(|column| column.len() > self.rows) {
            self.abandoned.push(self.rows);
            self.finish_row();
        }
    }

    /// Whether it is time to cut a batch.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= ROWS_A_BATCH || self.bytes >= BYTES_A_BATCH
    }

    /// The rows since the last cut, if there are any.
    pub(crate) fn cut(&mut self) -> Option<RecordBatch> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows == 0 {
            return None;
        }
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            arrays,
            &RecordBatchOptions::new().with_row_count(Some(rows)),
        )
        .ok()?;
        let abandoned = std::mem::take(&mut self.abandoned);
        if abandoned.is_empty() {
            return Some(batch);
        }
        let kept = (0..rows).map(|row| Some(abandoned.binary_search(&row).is_err()));
        filter_record_batch(&batch, &kept.collect()).ok()
    }

    /// Whether the field has a column.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.places.get(field as usize).is_some_and(Option::is_some)
    }

    /// The field's column, unless it was already set in this row or the table lacks it.
    fn unset(&mut self, field: Field) -> Option<&mut Column> {
        let place = self.places.get(field as usize).copied().flatten()?;
        let rows = self.rows;
        self.columns.get_mut(place).filter(|column| column.len() == rows)
    }
}

impl Column {
    fn new(shape: FieldType) -> Self {
        match shape {
            FieldType::Time => {
                Column::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            FieldType::Text => Column::Text(StringBuilder::new()),
            FieldType::Keyword => Column::Keyword(StringDictionaryBuilder::new()),
            FieldType::Number => Column::Number(Int64Builder::new()),
            FieldType::Truth => Column::Truth(BooleanBuilder::new()),
            FieldType::Texts => Column::Texts(ListBuilder::new(StringBuilder::new())),
            FieldType::Numbers => Column::Numbers(ListBuilder::new(Int64Builder::new())),
            FieldType::Bytes => Column::Bytes(BinaryBuilder::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Column::Time(column) => column.len(),
            Column::Text(column) => column.len(),
            Column::Keyword(column) => column.len(),
            Column::Number(column) => column.len(),
            Column::Truth(column) => column.len(),
            Column::Texts(column) => column.len(),
            Column::Numbers(column) => column.len(),
            Column::Bytes(column) => column.len(),
        }
    }

    fn append_null(&mut self) {
        match self {
            Column::Time(column) => column.append_null(),
            Column::Text(column) => column.append_null(),
            Column::Keyword(column) => column.append_null(),
            Column::Number(column) => column.append_null(),
            Column::Truth(column) => column.append_null(),
            Column::Texts(column) => column.append_null(),
            Column::Numbers(column) => column.append_null(),
            Column::Bytes(column) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let builder: &mut dyn ArrayBuilder = match self {
            Column::Time(column) => column,
            Column::Text(column) => column,
            Column::Keyword(column) => column,
            Column::Number(column) => column,
            Column::Truth(column) => column,
            Column::Texts(column) => column,
            Column::Numbers(column) => column,
            Column::Bytes(column) => column,
        };
        builder.finish()
    }
}
