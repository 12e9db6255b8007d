//! Builds Arrow batches of one event table, a value at a time.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;
use coldtrail_model::{Field, FieldType};

use crate::keyword_builder::KeywordBuilder;
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
    columns: Vec<Growing>,
    rows: usize,
    bytes: usize,
    /// Rows to leave out when the batch is cut, ascending.
    abandoned: Vec<usize>,
}

/// A column, and how many rows it has. Most columns of a row are not set, so they are not touched
/// either: a column catches up when it is set again, or when the batch is cut.
struct Growing {
    column: Column,
    rows: usize,
    /// Nothing but nulls, as many as a batch has at most: shared by all batches in which nobody sets
    /// the column.
    nulls: ArrayRef,
}

enum Column {
    Time(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Keyword(KeywordBuilder),
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
        let columns = wanted.fields().iter().map(|field| Growing::new(field.field_type()));
        let columns = columns.collect();
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

    /// Completes the current row: columns that were not set are null.
    pub(crate) fn finish_row(&mut self) {
        self.rows += 1;
    }

    /// Drops whatever was set for a row that was not finished. Arrow builders only grow, so the
    /// row is completed here and filtered out when the batch is cut.
    pub(crate) fn forget_row(&mut self) {
        if self.columns.iter().any(|growing| growing.rows > self.rows) {
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
        let arrays = self.columns.iter_mut().map(|growing| growing.finish(rows)).collect();
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

    /// The field's column, unless it was already set in this row or the table lacks it. Whoever asks
    /// sets it: a field's type is that of its column.
    fn unset(&mut self, field: Field) -> Option<&mut Column> {
        let place = self.places.get(field as usize).copied().flatten()?;
        let rows = self.rows;
        let growing = self.columns.get_mut(place).filter(|growing| growing.rows <= rows)?;
        growing.catch_up(rows);
        growing.rows += 1;
        Some(&mut growing.column)
    }
}

impl Growing {
    fn new(shape: FieldType) -> Self {
        let nulls = new_null_array(&shape.arrow(), ROWS_A_BATCH);
        Self { column: Column::new(shape), rows: 0, nulls }
    }

    /// Appends nulls until there are so many rows.
    fn catch_up(&mut self, rows: usize) {
        if self.rows < rows {
            self.column.append_nulls(rows - self.rows);
            self.rows = rows;
        }
    }

    /// The rows of a batch of so many, and begins anew.
    fn finish(&mut self, rows: usize) -> ArrayRef {
        if self.rows == 0 && rows <= self.nulls.len() {
            return self.nulls.slice(0, rows);
        }
        self.catch_up(rows);
        self.rows = 0;
        self.column.finish()
    }
}

impl Column {
    fn new(shape: FieldType) -> Self {
        match shape {
            FieldType::Time => {
                Column::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            FieldType::Text => Column::Text(StringBuilder::new()),
            FieldType::Keyword => Column::Keyword(KeywordBuilder::default()),
            FieldType::Number => Column::Number(Int64Builder::new()),
            FieldType::Truth => Column::Truth(BooleanBuilder::new()),
            FieldType::Texts => Column::Texts(ListBuilder::new(StringBuilder::new())),
            FieldType::Numbers => Column::Numbers(ListBuilder::new(Int64Builder::new())),
            FieldType::Bytes => Column::Bytes(BinaryBuilder::new()),
        }
    }

    fn append_nulls(&mut self, nulls: usize) {
        match self {
            Column::Time(column) => column.append_nulls(nulls),
            Column::Text(column) => column.append_nulls(nulls),
            Column::Keyword(column) => column.append_nulls(nulls),
            Column::Number(column) => column.append_nulls(nulls),
            Column::Truth(column) => column.append_nulls(nulls),
            Column::Texts(column) => column.append_nulls(nulls),
            Column::Numbers(column) => column.append_nulls(nulls),
            Column::Bytes(column) => column.append_nulls(nulls),
        }
    }

    /// The rows, and begins anew. Builders keep no memory, so the new one is given room for as much
    /// as the last one had: growing copies.
    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Time(column) => {
                let rows = column.len();
                let finished = column.finish();
                *column = TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC");
                Arc::new(finished)
            }
            Column::Text(column) => {
                let (rows, bytes) = (column.len(), column.values_slice().len());
                let finished = column.finish();
                *column = StringBuilder::with_capacity(rows, bytes + bytes / 16);
                Arc::new(finished)
            }
            Column::Number(column) => {
                let rows = column.len();
                let finished = column.finish();
                *column = Int64Builder::with_capacity(rows);
                Arc::new(finished)
            }
            Column::Bytes(column) => {
                let (rows, bytes) = (column.len(), column.values_slice().len());
                let finished = column.finish();
                *column = BinaryBuilder::with_capacity(rows, bytes + bytes / 16);
                Arc::new(finished)
            }
            Column::Keyword(column) => column.finish(),
            Column::Truth(column) => Arc::new(column.finish()),
            Column::Texts(column) => Arc::new(column.finish()),
            Column::Numbers(column) => Arc::new(column.finish()),
        }
    }
}
