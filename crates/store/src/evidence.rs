//! The original bytes of records, from the store or from the logs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use coldtrail_model::{Field, RecordReference};
use coldtrail_sources::{Compared, Input, Known, Origin, compare};

use crate::error::StoreError;
use crate::originals::{Originals, reference};
use crate::snapshot::Snapshot;
use crate::store::Store;

impl Store {
    /// The original bytes of a record: see [`Store::originals`].
    ///
    /// # Errors
    ///
    /// When the log of the store cannot be read.
    pub fn original(&self, record: &RecordReference) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.originals(std::slice::from_ref(record))?.pop().flatten())
    }

    /// The original bytes of records, in the order of the references.
    ///
    /// Records of rows that can be contacts come from the store; others from the log, as long as it
    /// lies where it was read last and still begins as it did. `None` where there is neither. A file
    /// of the store that is damaged is passed over.
    ///
    /// # Errors
    ///
    /// When the log of the store cannot be read.
    pub fn originals(
        &self,
        records: &[RecordReference],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let snapshot = self.snapshot()?;
        let mut wanted: BTreeMap<(&str, u64), Vec<usize>> = BTreeMap::new();
        for (place, record) in records.iter().enumerate() {
            wanted.entry((&record.source, record.offset)).or_default().push(place);
        }
        let mut found: Vec<Option<Vec<u8>>> = vec![None; records.len()];
        for file in snapshot.files().filter(|file| file.contacts) {
            let Ok(batches) = self.rows(file) else { continue };
            for batch in batches.map_while(Result::ok) {
                let originals = batch.column_by_name(Field::RecordOriginal.name());
                let Some(originals) = originals.and_then(|column| column.as_binary_opt::<i32>())
                else {
                    continue;
                };
                for row in (0..batch.num_rows()).filter(|row| originals.is_valid(*row)) {
                    let Some(at) = reference(&batch, row) else { continue };
                    let places = wanted.get(&(at.source.as_str(), at.offset));
                    for place in places.into_iter().flatten() {
                        let same = records.get(*place).is_some_and(|one| one.length == at.length);
                        if let Some(slot) = found.get_mut(*place).filter(|_| same) {
                            *slot = Some(originals.value(row).to_vec());
                        }
                    }
                }
            }
        }
        from_logs(&snapshot, records, &mut found);
        Ok(found)
    }
}

/// Fetches what was not found from the logs, where they still lie.
fn from_logs(snapshot: &Snapshot, records: &[RecordReference], found: &mut [Option<Vec<u8>>]) {
    let mut originals = Originals::default();
    let mut lies_there: BTreeMap<&str, bool> = BTreeMap::new();
    let mut missing = Vec::new();
    for (place, record) in records.iter().enumerate() {
        if found.get(place).is_none_or(Option::is_some) {
            continue;
        }
        let source = record.source.as_str();
        if *lies_there.entry(source).or_insert_with(|| still_there(snapshot, source)) {
            if let Some(known) = snapshot.source(source) {
                originals.read_from(input_of(source), &PathBuf::from(&known.path));
            }
            missing.push((place, record.clone()));
        }
    }
    let references: Vec<RecordReference> =
        missing.iter().map(|(_, record)| record.clone()).collect();
    for ((place, _), bytes) in missing.iter().zip(originals.fetch(&references)) {
        if let Some(slot) = found.get_mut(*place) {
            *slot = bytes;
        }
    }
}

/// Whether the file that a source was still begins with what was read of it.
fn still_there(snapshot: &Snapshot, name: &str) -> bool {
    let Some(source) = snapshot.source(name) else { return false };
    let mut known = Known::default();
    source.contents.iter().for_each(|content| known.add(content.clone()));
    let input = Input {
        name: input_of(name).to_owned(),
        origin: Origin::File(PathBuf::from(&source.path)),
    };
    match compare(&input, &known) {
        Ok(Compared::Members { members, .. }) => {
            members.iter().any(|member| member.name == name && member.known.is_some())
        }
        _ => false,
    }
}

/// The part of a source's name that names the input.
fn input_of(source: &str) -> &str {
    source.split_once("!/").map_or(source, |(input, _)| input)
}
