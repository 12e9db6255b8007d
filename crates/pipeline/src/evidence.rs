//! The original bytes of records: from where the rows lie, or else from the logs.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use coldtrail_detect::CONTACT_TABLES;
use coldtrail_engine::plan::{LogicalPlanBuilder, cast, column, in_list, lit};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, RecordReference};

/// The original bytes of records, in the order of the references; `None` where they are gone.
///
/// A store keeps the records of contacts beside their rows. All others are read from the log again.
///
/// # Errors
///
/// When the engine cannot run the plan.
pub(crate) async fn originals<E: Engine>(
    engine: &E,
    records: &[RecordReference],
) -> Result<Vec<Option<Vec<u8>>>, EngineError> {
    let mut kept = BTreeMap::new();
    if !records.is_empty() {
        for table in CONTACT_TABLES {
            let offsets = records.iter().map(|record| lit(record.offset as i64)).collect();
            let rows = LogicalPlanBuilder::from(engine.table(table, Rows::Contacts).await?)
                .filter(column(Field::RecordOriginal.name()).is_not_null())?
                .filter(in_list(column(Field::RecordOffset.name()), offsets, false))?
                .project([
                    cast(column(Field::RecordSource.name()), DataType::Utf8).alias("source"),
                    column(Field::RecordOffset.name()),
                    column(Field::RecordLength.name()),
                    column(Field::RecordOriginal.name()),
                ])?
                .build()?;
            for batch in engine.collect(rows).await? {
                keep(&batch, &mut kept);
            }
        }
    }
    let key = |record: &RecordReference| (record.source.clone(), record.offset, record.length);
    let mut found: Vec<Option<Vec<u8>>> =
        records.iter().map(|record| kept.get(&key(record)).cloned()).collect();
    let missing: Vec<usize> =
        (0..records.len()).filter(|place| found.get(*place).is_some_and(Option::is_none)).collect();
    let wanted: Vec<RecordReference> =
        missing.iter().filter_map(|place| records.get(*place).cloned()).collect();
    for (place, bytes) in missing.into_iter().zip(coldtrail_sources::fetch(&wanted)) {
        if let Some(slot) = found.get_mut(place) {
            *slot = bytes;
        }
    }
    Ok(found)
}

fn keep(batch: &RecordBatch, kept: &mut BTreeMap<(String, u64, u64), Vec<u8>>) {
    let [source, offset, length, original] = batch.columns() else { return };
    let (source, original) = (source.as_string::<i32>(), original.as_binary::<i32>());
    let (offset, length) = (offset.as_primitive::<Int64Type>(), length.as_primitive::<Int64Type>());
    for row in (0..batch.num_rows()).filter(|row| original.is_valid(*row)) {
        let (offset, length) = (offset.value(row) as u64, length.value(row) as u64);
        let key = (source.value(row).to_owned(), offset, length);
        kept.insert(key, original.value(row).to_vec());
    }
}
