//! Builds batches of texts, a record at a time.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::{OwnFields, RECORD_LENGTH, RECORD_OFFSET, RECORD_SOURCE, Records};

/// Enough rows to make columnar work pay, few enough to stay in the cache.
const ROWS_A_BATCH: usize = 8192;

/// A batch of long texts is cut earlier, so that memory is bounded by bytes and not only by rows.
const BYTES_A_BATCH: usize = 4 << 20;

/// Where a record lies.
#[derive(Clone, Copy)]
pub(crate) struct Place<'s> {
    /// The name of the source.
    pub(crate) source: &'s str,
    /// The offset of its first byte.
    pub(crate) offset: u64,
    /// How many bytes it has.
    pub(crate) length: u64,
}

/// Builds batches of the wanted fields.
pub(crate) struct RecordBuilder {
    schema: SchemaRef,
    names: Vec<String>,
    columns: Vec<StringBuilder>,
    rows: usize,
    bytes: usize,
}

impl RecordBuilder {
    /// Nothing built yet of what is wanted.
    pub(crate) fn new(records: &Records) -> Self {
        let columns = records.fields().iter().map(|_| StringBuilder::new()).collect();
        let names = records.fields().to_vec();
        Self { schema: records.schema(), names, columns, rows: 0, bytes: 0 }
    }

    /// Adds a row; the batch, if it is full.
    pub(crate) fn add(&mut self, record: &dyn OwnFields, place: Place<'_>) -> Option<RecordBatch> {
        for (name, column) in self.names.iter().zip(&mut self.columns) {
            let before = column.values_slice().len();
            match name.as_str() {
                RECORD_SOURCE => column.append_value(place.source),
                RECORD_OFFSET => column.append_value(place.offset.to_string()),
                RECORD_LENGTH => column.append_value(place.length.to_string()),
                name => column.append_option(record.own(name)),
            }
            self.bytes += column.values_slice().len() - before;
        }
        self.rows += 1;
        (self.rows >= ROWS_A_BATCH || self.bytes >= BYTES_A_BATCH).then(|| self.cut()).flatten()
    }

    /// The rows since the last cut, if there are any.
    pub(crate) fn cut(&mut self) -> Option<RecordBatch> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows == 0 {
            return None;
        }
        let columns = self.columns.iter_mut().map(|it| Arc::new(it.finish()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        // The columns are made of the schema, so that they always fit.
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).ok()
    }
}
