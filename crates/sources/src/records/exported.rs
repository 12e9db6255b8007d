//! Whether a file is the export of a table: one that nobody needs to read to know what its records are.

use std::fs::File;
use std::io::Read;

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use serde_json::{Map, Value};

use crate::csv::Header;
use crate::discover::{Input, Origin};
use crate::framing::Framed;
use crate::framing::csv_rows::{Row, Rows};
use crate::json;
use crate::parquet::{guarded, is_parquet};

/// As much of a file as tells its header.
const HEAD: u64 = 64 << 10;

/// Whether a file is a table, in CSV or Parquet, whose columns are those of a format, such as `defender`.
///
/// Its header alone decides: should somebody have joined the tables of several products in one file of CSV, it
/// is taken for what comes first.
pub fn is_export_of(input: &Input, format: &str) -> bool {
    let Origin::File(path) = &input.origin else { return false };
    // A named pipe must not be opened: what is read of it is gone.
    if !path.is_file() {
        return false;
    }
    let names = File::open(path).ok().and_then(names);
    names.is_some_and(|names| {
        let object: Map<String, Value> =
            names.into_iter().map(|name| (name, Value::Null)).collect();
        json::shape_of(&object) == Some(format)
    })
}

/// The names of a table's columns.
fn names(mut file: File) -> Option<Vec<String>> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).ok()?;
    if is_parquet(&head) {
        let whole = guarded(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())).ok()?;
        return Some(whole.schema().fields().iter().map(|field| field.name().clone()).collect());
    }
    let mut head = head.as_slice();
    let mut rows = Rows::new(&mut head);
    let Some(Framed::Record(Row { cells: Ok(cells), .. })) = rows.next(0) else { return None };
    Some(Header::of(&cells)?.names)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::is_export_of;
    use crate::discover::{Input, Origin};

    #[test]
    fn a_header_tells_whose_table_it_is() {
        let folder = std::env::temp_dir().join("coldtrail-is-export-of");
        std::fs::create_dir_all(&folder).expect("a folder");
        let input = |name: &str, text: &str| {
            let path: PathBuf = folder.join(name);
            std::fs::write(&path, text).expect("a file");
            Input { name: name.to_owned(), origin: Origin::File(path) }
        };
        let export = input("a.csv", "Timestamp,DeviceName,ActionType,RemoteUrl\n");
        assert!(is_export_of(&export, "defender"));
        assert!(!is_export_of(&export, "sentinel"));
        assert!(!is_export_of(&input("b.csv", "when,who\n1,2\n"), "defender"));
        assert!(!is_export_of(&input("c.json", "{\"Timestamp\":1}\n"), "defender"));
        let missing = Input { name: String::new(), origin: Origin::File(folder.join("none")) };
        assert!(!is_export_of(&missing, "defender"));
    }
}
