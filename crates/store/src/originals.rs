//! The original records of contacts: kept with the row, so that evidence outlives the log.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use coldtrail_model::{Field, RecordReference};
use coldtrail_sources::fetch;

use crate::snapshot::Snapshot;
use crate::sorted::Piece;

/// Where the bytes of sources are: the file that is read under each name of an input.
#[derive(Debug, Default)]
pub(crate) struct Originals {
    paths: BTreeMap<String, String>,
}

impl Originals {
    /// Says which file an input is read from.
    pub(crate) fn read_from(&mut self, input: &str, path: &Path) {
        self.paths.insert(input.to_owned(), path.display().to_string());
    }

    /// Says where the logs lay when they were read.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut originals = Self::default();
        for (name, source) in snapshot.sources() {
            let input = name.split_once("!/").map_or(name, |(input, _)| input);
            originals.read_from(input, Path::new(&source.path));
        }
        originals
    }

    /// Fetches the bytes of records.
    pub(crate) fn fetch(&self, references: &[RecordReference]) -> Vec<Option<Vec<u8>>> {
        let lying: Vec<_> =
            references.iter().map(|reference| self.lying(reference.clone())).collect();
        fetch(&lying)
    }

    /// Fetches what is missing of the rows' original records: some formats do not hand them over.
    pub(crate) fn fill_in(&self, pieces: &mut [Piece]) {
        let mut places = Vec::new();
        let mut references = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            for row in 0..piece.batch.num_rows() {
                if is_missing(&piece.batch, row)
                    && let Some(reference) = reference(&piece.batch, row)
                {
                    places.push((number, row));
                    references.push(reference);
                }
            }
        }
        if references.is_empty() {
            return;
        }
        let fetched: BTreeMap<(usize, usize), Vec<u8>> = places
            .into_iter()
            .zip(self.fetch(&references))
            .filter_map(|(place, bytes)| Some((place, bytes?)))
            .collect();
        for (number, piece) in pieces.iter_mut().enumerate() {
            let of_piece = |row| fetched.get(&(number, row)).map(Vec::as_slice);
            if let Some(batch) = filled_in(&piece.batch, of_piece) {
                piece.batch = batch;
            }
        }
    }

    /// The reference by the name of the file that the record is in now.
    fn lying(&self, reference: RecordReference) -> RecordReference {
        let source = &reference.source;
        let ends = source.match_indices("!/").map(|(end, _)| end).chain([source.len()]);
        let found =
            ends.filter_map(|end| source.split_at_checked(end)).find_map(|(input, member)| {
                self.paths.get(input).map(|path| format!("{path}{member}"))
            });
        match found {
            Some(source) => RecordReference { source, ..reference },
            None => reference,
        }
    }
}

fn is_missing(batch: &RecordBatch, row: usize) -> bool {
    let originals = batch.column_by_name(Field::RecordOriginal.name());
    originals.is_none_or(|originals| originals.is_null(row))
}

/// The batch with original records where they were null.
fn filled_in<'f>(
    batch: &RecordBatch,
    fetched: impl Fn(usize) -> Option<&'f [u8]>,
) -> Option<RecordBatch> {
    let place = batch.schema().index_of(Field::RecordOriginal.name()).ok()?;
    let present = batch.column(place).as_binary_opt::<i32>()?;
    let mut builder = BinaryBuilder::new();
    for row in 0..batch.num_rows() {
        let known = present.is_valid(row).then(|| present.value(row));
        builder.append_option(known.or_else(|| fetched(row)));
    }
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    *columns.get_mut(place)? = Arc::new(builder.finish());
    RecordBatch::try_new(batch.schema(), columns).ok()
}

/// Where a row's original record is.
pub(crate) fn reference(batch: &RecordBatch, row: usize) -> Option<RecordReference> {
    let names = batch.column_by_name(Field::RecordSource.name())?;
    let names = names.as_dictionary_opt::<Int32Type>()?.downcast_dict::<StringArray>()?;
    let number = |field: Field| {
        let column = batch.column_by_name(field.name())?.as_primitive_opt::<Int64Type>()?;
        u64::try_from(column.value(row)).ok()
    };
    let name = names.keys().value(row);
    let source = names.values().value(usize::try_from(name).ok()?).to_owned();
    let (offset, length) = (number(Field::RecordOffset)?, number(Field::RecordLength)?);
    Some(RecordReference { source, offset, length, sha256: None })
}
