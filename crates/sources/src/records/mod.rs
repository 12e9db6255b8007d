//! Records as they were exported: a row for each record of a wanted kind, with the record's own fields.
//!
//! Event tables keep what all products have in common; a query that was written for one product asks for
//! that product's fields. It reads the same files through the same containers, formats and framings: where
//! a format would make rows of a record, the record itself is taken, if it is of the
//! [wanted kind](Records). Fields are texts, as they are written; what they mean is for the query to say.

mod builder;
mod csv;
mod exported;
mod fields;
mod kind;
mod known_kinds;
mod needles;
mod parquet;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::csv::Csv;
use crate::format::Format;
use crate::selection::Selection;

pub(crate) use self::builder::{Place, RecordBuilder};
pub(crate) use self::csv::read as read_csv;
pub use self::exported::is_export_of;
pub(crate) use self::fields::{OwnFields, Wrapped, at};
pub(crate) use self::kind::{Fit, Fits, TableRecord};
pub use self::known_kinds::KnownKinds;
use self::needles::RecordNeedles;
pub(crate) use self::parquet::ParquetTable;

/// The field that holds the name of the source of a record.
pub const RECORD_SOURCE: &str = "record_source";
/// The field that holds the offset of a record in its unpacked source.
pub const RECORD_OFFSET: &str = "record_offset";
/// The field that holds how many bytes a record has.
pub const RECORD_LENGTH: &str = "record_length";

/// Which records are wanted, and what of them.
///
/// A kind is one of:
///
/// * a table of Microsoft's, such as `DeviceNetworkEvents`, `SigninLogs` or any custom one. The record says
///   its table (`$table`, `Type`, `SourceTable`, `TableName`, `category` of the streaming API); where none
///   does, its `ActionType` and its columns tell, compared with those of the [`KnownKinds`]; and if they
///   fit several kinds or none, the name of the file does, if it begins with the kind's.
/// * `windows`: events of Windows, in whatever framing, with the fields `TimeCreated`, `Provider`,
///   `EventID`, `Version`, `Level`, `Task`, `Opcode`, `Keywords`, `EventRecordID`, `ProcessID`, `ThreadID`,
///   `Channel`, `Computer`, `UserID`, `EventData` and `UserData` (objects of names and texts), and
///   `EventData.<name>`, `UserData.<name>`.
/// * `zeek:<path>`: a log of Zeek, such as `zeek:dns`, in tabs or JSON.
/// * the name of a [format](crate::formats), such as `aws-cloudtrail`. Fields are keys, or paths of keys
///   with dots between them; of formats whose records are lines, there is `message`, the line, alone.
///
/// Besides, every kind has the fields [`RECORD_SOURCE`], [`RECORD_OFFSET`] and [`RECORD_LENGTH`], by which
/// [`fetch`](crate::fetch()) finds the record again. What a record lacks is null.
#[derive(Clone, Debug)]
pub struct Records {
    kind: String,
    fields: Vec<String>,
    known: Arc<KnownKinds>,
    needles: Vec<(String, Arc<RecordNeedles>)>,
}

impl Records {
    /// Records of a kind, with those fields.
    pub fn new(kind: &str, fields: &[String]) -> Self {
        Self {
            kind: kind.to_owned(),
            fields: fields.to_vec(),
            known: Arc::default(),
            needles: Vec::new(),
        }
    }

    /// Tells records that do not say their table from one another by the columns of those kinds.
    pub fn among(mut self, known: Arc<KnownKinds>) -> Self {
        self.known = known;
        self
    }

    /// Wants only records whose field holds one of the texts, whatever the case of letters in ASCII.
    ///
    /// It only spares work: rows that hold none may come nevertheless. Several such wishes have to be
    /// met all at once.
    pub fn with_needles(mut self, field: &str, texts: &[String]) -> Self {
        self.needles.push((field.to_owned(), Arc::new(RecordNeedles::new(texts))));
        self
    }

    /// Wants only those of the fields, by their places.
    pub fn projected(&self, places: &[usize]) -> Self {
        let fields = places.iter().filter_map(|place| self.fields.get(*place).cloned()).collect();
        Self { fields, ..self.clone() }
    }

    /// The wanted kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The wanted fields, in order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The schema of batches: a text for each wanted field, null where a record lacks it.
    pub fn schema(&self) -> SchemaRef {
        let columns = self.fields.iter().map(|name| Field::new(name, DataType::Utf8, true));
        Arc::new(Schema::new(columns.collect::<Vec<_>>()))
    }

    /// The fields of which a wanted record holds something.
    pub(crate) fn needles(&self) -> &[(String, Arc<RecordNeedles>)] {
        &self.needles
    }

    /// Whether a stretch of a log in which quotes, slashes and letters may be escaped can hold a wanted
    /// record.
    pub(crate) fn may_be_in_json(&self, bytes: &[u8]) -> bool {
        // XML inside JSON has ways of its own to write a letter.
        self.is_of_windows()
            || self.needles.iter().all(|(_, needles)| needles.may_be_in_json(bytes))
    }

    /// Whether a record holds what is wanted of it.
    pub(crate) fn wants(&self, record: &dyn OwnFields) -> bool {
        self.needles.iter().all(|(field, needles)| {
            record.own(field).is_some_and(|text| needles.touch(text.as_bytes()))
        })
    }
}

/// The format of a stream that nothing else recognises, but that holds wanted records: a table whose header
/// or name tells which one it is.
pub(crate) fn recognise(
    selection: &Selection,
    source: &str,
    head: &[u8],
) -> Option<&'static dyn Format> {
    let records = selection.records()?;
    csv::may_hold(records, source, head).then_some(&Csv as &dyn Format)
}
