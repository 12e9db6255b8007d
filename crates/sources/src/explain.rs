//! What was made of a log: what it was recognised as, and what each of its fields became.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use coldtrail_model::{Field, FieldType, Table, Timestamp};

use crate::collector::{Output, Receiver};
use crate::discover::Input;
use crate::format::Stopped;
use crate::mapped::Mapping;
use crate::read::{SourceTally, read_into};
use crate::selection::Selection;

/// How much of an example is kept.
const SHOWN: usize = 200;

/// What was made of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What was counted.
    pub source: SourceTally,
    /// The columns of each table that has rows, in the table's order.
    pub tables: BTreeMap<Table, Vec<ExplainedColumn>>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedColumn {
    /// The column.
    pub field: Field,
    /// In how many rows it has a value.
    pub filled: u64,
    /// What records call the value, in order; empty where it is made of more than one field.
    pub origins: Vec<String>,
    /// The first value.
    pub example: Option<String>,
}

/// Reads an input whole, and says of each source in it what became of its fields.
pub fn explain(input: &Input, mappings: Arc<[Mapping]>) -> Vec<Explanation> {
    let selection = Arc::new(Selection::everything().mapped(mappings).explained());
    let mut output = Output::new(selection);
    let mut columns = Columns::default();
    let tallies = read_into(input, &mut output, &mut columns, None, &|_bytes| {});
    let _enough = output.finish(&mut columns);
    tallies.into_iter().map(|source| columns.explanation(source)).collect()
}

/// The columns of all rows, by source.
#[derive(Default)]
struct Columns {
    seen: BTreeMap<(String, Table, Field), Seen>,
}

#[derive(Default)]
struct Seen {
    filled: u64,
    example: Option<String>,
}

impl Columns {
    fn explanation(&mut self, source: SourceTally) -> Explanation {
        let mut tables = BTreeMap::new();
        for table in source.tally.rows.keys() {
            let shown = table.fields().iter().filter(|field| !is_reference(**field));
            let columns = shown.map(|field| {
                let key = (source.source.clone(), *table, *field);
                let seen = self.seen.remove(&key).unwrap_or_default();
                let origins = source.tally.origins.get(&(*table, *field));
                ExplainedColumn {
                    field: *field,
                    filled: seen.filled,
                    origins: origins.into_iter().flatten().cloned().collect(),
                    example: seen.example,
                }
            });
            tables.insert(*table, columns.collect());
        }
        Explanation { source, tables }
    }
}

fn is_reference(field: Field) -> bool {
    matches!(
        field,
        Field::RecordSource | Field::RecordOffset | Field::RecordLength | Field::RecordOriginal
    )
}

impl Receiver for Columns {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let Some(sources) = batch.column_by_name(Field::RecordSource.name()) else {
            return Ok(());
        };
        let sources: Vec<String> = (0..batch.num_rows())
            .map(|row| shown(sources, FieldType::Keyword, row).unwrap_or_default())
            .collect();
        for field in table.fields() {
            let Some(column) = batch.column_by_name(field.name()) else { continue };
            for (row, source) in sources.iter().enumerate() {
                if !column.is_valid(row) || is_reference(*field) {
                    continue;
                }
                let seen = self.seen.entry((source.clone(), table, *field)).or_default();
                seen.filled += 1;
                if seen.example.is_none() {
                    seen.example = shown(column, field.field_type(), row);
                }
            }
        }
        Ok(())
    }
}

/// A value as text.
fn shown(column: &ArrayRef, field_type: FieldType, row: usize) -> Option<String> {
    let text = match field_type {
        FieldType::Time => {
            Timestamp(column.as_primitive_opt::<TimestampMicrosecondType>()?.value(row)).to_string()
        }
        FieldType::Text => column.as_string_opt::<i32>()?.value(row).to_owned(),
        FieldType::Keyword => {
            let dictionary = column.as_dictionary_opt::<Int32Type>()?;
            let key = usize::try_from(dictionary.keys().value(row)).ok()?;
            dictionary.values().as_string_opt::<i32>()?.value(key).to_owned()
        }
        FieldType::Number => column.as_primitive_opt::<Int64Type>()?.value(row).to_string(),
        FieldType::Truth => column.as_boolean_opt()?.value(row).to_string(),
        FieldType::Texts | FieldType::Numbers => {
            let list = column.as_list_opt::<i32>()?.value(row);
            let inner = match list.data_type() {
                DataType::Int64 => FieldType::Number,
                _ => FieldType::Text,
            };
            let parts = (0..list.len()).filter(|part| list.is_valid(*part));
            parts.filter_map(|part| shown(&list, inner, part)).collect::<Vec<_>>().join(", ")
        }
        FieldType::Bytes => return None,
    };
    Some(text.chars().take(SHOWN).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coldtrail_model::{Field, Table};

    use super::explain;
    use crate::discover;
    use crate::mapped::Mapping;

    #[test]
    fn each_column_says_what_the_record_calls_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        let log = "{\"_path\":\"dns\",\"ts\":1714816800.5,\"id.orig_h\":\"10.0.0.5\",\"query\":\"a.example\"}\n";
        std::fs::write(&path, log).expect("a file");
        let (inputs, _faults) = discover(&[path.display().to_string()]);
        let explanations = explain(&inputs[0], Arc::default());
        let columns = &explanations[0].tables[&Table::Dns];
        let column = |field| columns.iter().find(|column| column.field == field).expect("a column");
        let name = column(Field::DnsQuestionName);
        assert_eq!((name.filled, name.origins.as_slice()), (1, &["query".to_owned()][..]));
        assert_eq!(name.example.as_deref(), Some("a.example"));
        assert_eq!(column(Field::SourceIp).origins, ["id.orig_h"]);
        assert_eq!(column(Field::HostName).filled, 0);
    }

    #[test]
    fn a_mapping_is_named_by_the_fields_that_it_maps() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        std::fs::write(&path, "when,who\n2026-04-13T09:00:00Z,10.0.0.5\n").expect("a file");
        let mapping: Mapping = "name = \"m\"\ntable = \"flow\"\nrecords = \"csv\"\n\
                                time = { from = \"when\" }\n[columns]\nsource_ip = \"who\"\n"
            .parse()
            .expect("a mapping");
        let (inputs, _faults) = discover(&[path.display().to_string()]);
        let explanations = explain(&inputs[0], Arc::from([mapping]));
        assert_eq!(explanations[0].source.format, Some("m"));
        let columns = &explanations[0].tables[&Table::Flow];
        let source = columns.iter().find(|column| column.field == Field::SourceIp);
        assert_eq!(source.map(|source| source.origins.clone()), Some(vec!["who".to_owned()]));
    }
}
