//! What a user keeps beside the logs: functions and watchlists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coldtrail_rules::kql::{Column, Schema, Type, Value, stored_functions};
use walkdir::WalkDir;

/// At most so many files of functions are read.
const MOST_FILES: usize = 20_000;

/// Functions by name.
#[derive(Clone, Debug, Default)]
pub struct StoredFunctions {
    texts: BTreeMap<String, String>,
    /// What was wrong with files of the folder: the file, and why.
    pub problems: Vec<(PathBuf, String)>,
}

impl StoredFunctions {
    /// The functions of all `.kql`, `.csl`, `.txt`, `.yaml` and `.yml` files of a folder, or of one file.
    pub fn of(path: &Path) -> Self {
        let mut stored = Self::default();
        let files = WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok);
        let files = files.filter(|entry| entry.file_type().is_file()).take(MOST_FILES);
        for entry in files {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let is_kql =
                [".kql", ".csl", ".kusto", ".txt"].iter().any(|ending| name.ends_with(ending));
            if !is_kql && ![".yaml", ".yml"].iter().any(|ending| name.ends_with(ending)) {
                continue;
            }
            let text = fs::read_to_string(entry.path()).map_err(|error| error.to_string());
            match text.and_then(|text| stored_functions(&entry.path().to_string_lossy(), &text)) {
                Ok(functions) => stored.texts.extend(functions),
                Err(reason) => stored.problems.push((entry.path().to_owned(), reason)),
            }
        }
        stored
    }

    /// The text of a function.
    pub(super) fn text(&self, name: &str) -> Option<&String> {
        self.texts.get(name)
    }

    /// The names of all, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.texts.keys()
    }
}

/// A watchlist: the file `name.csv` of a folder, with a header.
///
/// Its columns are texts, as in Sentinel; `SearchKey` is the column of that name, or else the first.
///
/// # Errors
///
/// Why there is none, and what to do about it.
pub(super) fn watchlist(
    folder: Option<&Path>,
    name: &str,
) -> Result<(Schema, Vec<Vec<Value>>), String> {
    let Some(folder) = folder else {
        return Err(format!(
            "there is no watchlist `{name}`: export it as `{name}.csv`, and name its folder with --watchlists"
        ));
    };
    let mut files =
        fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let wanted = format!("{name}.csv");
    let file = files.find_map(|entry| {
        let entry = entry.ok()?;
        entry.file_name().to_string_lossy().eq_ignore_ascii_case(&wanted).then(|| entry.path())
    });
    let Some(file) = file else {
        return Err(format!(
            "there is no watchlist `{name}`: {} has no file `{wanted}`",
            folder.display()
        ));
    };
    let told = |error: csv::Error| format!("{}: {error}", file.display());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&file).map_err(told)?;
    let mut schema: Schema = Vec::new();
    for header in reader.headers().map_err(told)? {
        let name = header.trim_start_matches('\u{feff}').trim();
        if !schema.iter().any(|column| column.name == name) {
            schema.push(Column::new(name, Type::String));
        }
    }
    let width = schema.len();
    let has_key = schema.iter().any(|column| column.name == "SearchKey");
    if !has_key {
        schema.push(Column::new("SearchKey", Type::String));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        let mut row: Vec<Value> = (0..width)
            .map(|place| Value::String(record.get(place).unwrap_or_default().to_owned()))
            .collect();
        if !has_key {
            row.push(Value::String(record.get(0).unwrap_or_default().to_owned()));
        }
        rows.push(row);
    }
    Ok((schema, rows))
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::kql::Value;

    use super::{StoredFunctions, watchlist};

    #[test]
    fn a_folder_stores_functions() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("deep")).expect("a folder");
        std::fs::write(folder.path().join("deep/Mine.kql"), "(a:long) { print a }")
            .expect("a file");
        std::fs::write(folder.path().join("broken.yaml"), "a: [").expect("a file");
        let stored = StoredFunctions::of(folder.path());
        assert_eq!(stored.text("Mine").map(String::as_str), Some("(a:long) { print a }"));
        assert_eq!(stored.problems.len(), 1);
    }

    #[test]
    fn a_watchlist_has_a_key_to_search_by() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("VIPs.csv"), "User,Why\njane,\"boss, really\"\n")
            .expect("a file");
        let (schema, rows) = watchlist(Some(folder.path()), "vips").expect("a list");
        let names: Vec<&str> = schema.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["User", "Why", "SearchKey"]);
        assert_eq!(rows[0][2], Value::String("jane".to_owned()));
        assert!(watchlist(Some(folder.path()), "others").expect_err("none").contains("others.csv"));
        assert!(watchlist(None, "vips").expect_err("none").contains("--watchlists"));
    }
}
