//! Parquet files: how they are written, and how they are read again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, DataType, Field as ArrowField, Schema, SchemaRef};
use coldtrail_model::Field;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowColumnWriter, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnPath;

use crate::commit::File;
use crate::error::StoreError;
use crate::gathering::Gathering;
use crate::kind::Kind;
use crate::log::below;
use crate::sorted::{Day, Piece, Place};

/// Rows of a row group: what a reader takes at a time, and what is in memory while it is written.
const ROWS_A_GROUP: usize = 131_072;

/// Rows of a page: what a reader skips by the page index.
const ROWS_A_PAGE: usize = 8192;

/// Columns that a page index is kept of: what readers look for.
const SOUGHT: [Field; 4] =
    [Field::Timestamp, Field::HostName, Field::SourceIp, Field::DestinationIp];

/// Texts that are nearly all different: a dictionary of them costs time and saves nothing.
const DIFFERENT: [Field; 4] = [
    Field::RecordOriginal,
    Field::NetworkSessionId,
    Field::ProcessEntityId,
    Field::ScriptBlockText,
];

/// Writes rows to a file, in their order, and makes sure that it lasts. Returns how many bytes it
/// has.
pub(crate) fn write(
    path: &Path,
    kind: Kind,
    pieces: &[Piece],
    day: &Day,
) -> Result<u64, StoreError> {
    let refused = |error| StoreError::file("write", path, error);
    let encoding = |error| StoreError::encode(path, error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| StoreError::file("make", folder, error))?;
    }
    let columns = columns(kind, pieces);
    let schema: SchemaRef = Arc::new(Schema::new(
        columns.iter().map(|(column, _)| Arc::clone(column)).collect::<Vec<_>>(),
    ));
    let file = fs::File::create(path).map_err(refused)?;
    let properties = Some(properties(&schema));
    let writer = ArrowWriter::try_new(file, schema, properties).map_err(encoding)?;
    let (mut writer, factory) = writer.into_serialized_writer().map_err(encoding)?;
    for (number, places) in day.places.chunks(ROWS_A_GROUP).enumerate() {
        let encoders = factory.create_column_writers(number).map_err(encoding)?;
        let mut group = writer.next_row_group().map_err(encoding)?;
        write_group(&mut group, encoders, &columns, places).map_err(encoding)?;
        group.close().map_err(encoding)?;
    }
    let file = writer.into_inner().map_err(encoding)?;
    file.sync_all().map_err(refused)?;
    Ok(file.metadata().map_err(refused)?.len())
}

/// Writes rows column by column, so that what a column is put together from stays in the cache.
fn write_group(
    group: &mut SerializedRowGroupWriter<'_, fs::File>,
    encoders: Vec<ArrowColumnWriter>,
    columns: &[Column<'_>],
    places: &[Place],
) -> Result<(), ParquetError> {
    let gathering = Gathering::new(places);
    let mut encoders = encoders.into_iter();
    for (field, parts) in columns {
        let column = gathering.column(parts)?;
        for (leaf, mut encoder) in compute_leaves(field, &column)?.iter().zip(encoders.by_ref()) {
            encoder.write(leaf)?;
            encoder.close()?.append_to_row_group(group)?;
        }
    }
    Ok(())
}

type Column<'p> = (Arc<ArrowField>, Vec<&'p dyn Array>);

/// The columns that have a value in any row, with their parts in all pieces.
fn columns(kind: Kind, pieces: &[Piece]) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    for field in kind.schema().fields() {
        let parts: Option<Vec<&dyn Array>> = pieces
            .iter()
            .map(|piece| piece.batch.column_by_name(field.name()).map(|column| column.as_ref()))
            .collect();
        let Some(parts) = parts else { continue };
        if parts.iter().any(|part| part.null_count() < part.len()) {
            columns.push((Arc::clone(field), parts));
        }
    }
    columns
}

fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(ROWS_A_GROUP))
        .set_data_page_row_count_limit(ROWS_A_PAGE)
        .set_write_batch_size(ROWS_A_PAGE)
        .set_statistics_enabled(EnabledStatistics::None);
    for field in SOUGHT {
        let column = ColumnPath::from(field.name());
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::Page);
    }
    for field in DIFFERENT {
        let column = ColumnPath::from(field.name());
        properties = properties.set_column_dictionary_enabled(column, false);
    }
    for column in schema.fields() {
        let is_number = matches!(column.data_type(), DataType::Int64 | DataType::Timestamp(..));
        if is_number && column.name() != Field::DestinationPort.name() {
            // What is packed cannot be compressed.
            let column = ColumnPath::from(column.name().as_str());
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(column, Compression::UNCOMPRESSED);
        }
    }
    properties.build()
}

/// The rows of a file, in batches of its kind's whole schema.
pub(crate) struct Rows {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
}

impl Rows {
    /// Opens a file of the store in a folder.
    pub(crate) fn open(root: &Path, file: &File, schema: SchemaRef) -> Result<Self, StoreError> {
        let path = below(root, &file.path);
        let opened = open(&path, file)?;
        let reader = opened.with_batch_size(ROWS_A_PAGE).build();
        let reader = reader.map_err(|source| StoreError::DamagedFile { path, source })?;
        Ok(Self { reader, schema })
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.and_then(|batch| whole(&batch, &self.schema)).map_err(ParquetError::from))
    }
}

/// Reads the end of a file, where it says what it holds.
pub(crate) fn check(root: &Path, file: &File) -> Result<(), StoreError> {
    open(&below(root, &file.path), file).map(|_| ())
}

fn open(path: &Path, file: &File) -> Result<ParquetRecordBatchReaderBuilder<fs::File>, StoreError> {
    let damaged = |source| StoreError::DamagedFile { path: path.to_owned(), source };
    let opened = fs::File::open(path).map_err(|error| StoreError::file("open", path, error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(damaged)?;
    let rows = builder.metadata().file_metadata().num_rows();
    if u64::try_from(rows) != Ok(file.rows) {
        let detail = format!("it has {rows} rows instead of {}", file.rows);
        return Err(damaged(ParquetError::General(detail)));
    }
    Ok(builder)
}

/// Adds the columns that are null in all rows of a file, in the place that the schema gives them.
fn whole(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns: BTreeMap<&str, &ArrayRef> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .zip(batch.columns())
        .collect();
    let column = |field: &Arc<ArrowField>| match columns.get(field.name().as_str()) {
        Some(column) => Arc::clone(column),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(column).collect())
}
