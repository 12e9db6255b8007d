//! Which rows can be contacts: what a hunt looks at first lies apart from the rest.

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, ListArray, RecordBatch, StringArray};
use coldtrail_catalogue::Catalogue;
use coldtrail_model::{Field, Table};

/// For each row, whether the catalogue knows what was contacted; `None` where no row of the table
/// says what was.
pub(crate) fn contacts(
    catalogue: &Catalogue,
    table: Table,
    batch: &RecordBatch,
) -> Option<BooleanArray> {
    let (name, path, answers) = columns(table)?;
    let names = texts(batch, name)?;
    let paths = path.and_then(|path| texts(batch, path));
    let answers = answers.and_then(|answers| lists(batch, answers));
    let is_contact = |row: usize| {
        if names.is_null(row) {
            return false;
        }
        let path = paths.filter(|paths| paths.is_valid(row)).map(|paths| paths.value(row));
        catalogue.is_contact(names.value(row), path, answers_of(answers, row))
    };
    let all: BooleanArray = (0..batch.num_rows()).map(|row| Some(is_contact(row))).collect();
    (all.true_count() > 0).then_some(all)
}

/// The columns that say what was contacted: the name, the URL's path, the answers of DNS.
fn columns(table: Table) -> Option<(Field, Option<Field>, Option<Field>)> {
    match table {
        Table::Dns => Some((Field::DnsQuestionName, None, Some(Field::DnsAnswersData))),
        Table::Tls => Some((Field::TlsClientServerName, None, None)),
        Table::Web => Some((Field::UrlDomain, Some(Field::UrlPath), None)),
        Table::Flow => Some((Field::DestinationDomain, None, None)),
        Table::Process | Table::File | Table::Script | Table::Cloud => None,
    }
}

fn answers_of(answers: Option<&ListArray>, row: usize) -> impl Iterator<Item = &str> {
    let of_row = answers.filter(|answers| answers.is_valid(row)).and_then(|answers| {
        let texts = answers.values().as_string_opt::<i32>()?;
        let offsets = answers.value_offsets();
        let (from, to) = (*offsets.get(row)?, *offsets.get(row + 1)?);
        Some((texts, usize::try_from(from).ok()?..usize::try_from(to).ok()?))
    });
    of_row.into_iter().flat_map(|(texts, range)| {
        range.filter(|place| texts.is_valid(*place)).map(|place| texts.value(place))
    })
}

pub(crate) fn texts(batch: &RecordBatch, field: Field) -> Option<&StringArray> {
    batch.column_by_name(field.name())?.as_string_opt::<i32>()
}

fn lists(batch: &RecordBatch, field: Field) -> Option<&ListArray> {
    batch.column_by_name(field.name())?.as_list_opt::<i32>()
}
