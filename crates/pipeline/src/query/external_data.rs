//! What `externaldata` names: files that the user keeps, never an address.
//!
//! The user says which file stands for an address: in a list of `address,file` lines, or by a folder in which
//! the file is called as the address ends.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use coldtrail_rules::kql::{Dynamic, Schema, Type, Value};
use flate2::read::MultiGzDecoder;

/// A file may hold so many bytes, unpacked.
const MOST_BYTES: u64 = 256 << 20;

/// Which file stands for an address.
#[derive(Clone, Debug, Default)]
pub struct ExternalFiles {
    listed: Vec<(String, PathBuf)>,
    folder: Option<PathBuf>,
}

impl ExternalFiles {
    /// Reads the list, or takes the folder.
    ///
    /// # Errors
    ///
    /// When there is neither, or a line of the list is not `address,file`.
    pub fn of(path: &Path) -> Result<Self, String> {
        if path.is_dir() {
            return Ok(Self { listed: Vec::new(), folder: Some(path.to_owned()) });
        }
        let text =
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut listed = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || (number == 0 && line == "address,file") {
                continue;
            }
            let Some((address, file)) = line.rsplit_once(',') else {
                return Err(format!(
                    "{}, line {}: write `address,file`",
                    path.display(),
                    number + 1
                ));
            };
            listed.push((
                address.trim().trim_matches('"').to_owned(),
                folder.join(file.trim().trim_matches('"')),
            ));
        }
        Ok(Self { listed, folder: None })
    }

    /// The file that stands for an address.
    fn file(&self, address: &str) -> Option<PathBuf> {
        let bare = address.split([';', '?', '#']).next().unwrap_or(address);
        let is_it = |listed: &str| listed == address || listed == bare;
        if let Some((_, file)) = self.listed.iter().find(|(listed, _)| is_it(listed)) {
            return Some(file.clone());
        }
        let name = bare
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .filter(|name| !name.is_empty() && *name != "..")?;
        let file = self.folder.as_ref()?.join(name);
        file.is_file().then_some(file)
    }

    /// The rows of the files that stand for addresses.
    ///
    /// # Errors
    ///
    /// Why there are none, and what to do about it.
    pub(super) fn rows(
        &self,
        schema: &Schema,
        addresses: &[String],
        properties: &[(String, Value)],
    ) -> Result<Vec<Vec<Value>>, String> {
        let said = |name: &str| {
            properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.text())
        };
        let skips_first =
            said("ignorefirstrecord").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let mut rows = Vec::new();
        for address in addresses {
            let Some(file) = self.file(address) else {
                return Err(format!(
                    "nothing is ever fetched, and no file stands for `{address}`: get it yourself, and name it with --external \
                     (a file of `address,file` lines, or a folder in which the file is called as the address ends)"
                ));
            };
            let text = read(&file)?;
            let format = said("format").unwrap_or_else(|| ending(address)).to_ascii_lowercase();
            match format.as_str() {
                "tsv" | "tsve" => separated(&text, b'\t', skips_first, schema, &mut rows),
                "psv" => separated(&text, b'|', skips_first, schema, &mut rows),
                "scsv" => separated(&text, b';', skips_first, schema, &mut rows),
                "txt" => {
                    let lines = text.lines().skip(usize::from(skips_first));
                    rows.extend(lines.map(|line| filled(schema, std::iter::once(line))));
                }
                "raw" => rows.push(filled(schema, std::iter::once(text.as_str()))),
                "json" | "multijson" | "jsonl" => objects(&text, schema, &mut rows),
                "csv" | "" => separated(&text, b',', skips_first, schema, &mut rows),
                other => {
                    return Err(format!(
                        "data in the format `{other}` is not read; supported are csv, tsv, psv, scsv, txt, raw, json and multijson"
                    ));
                }
            }
        }
        Ok(rows)
    }
}

/// What a file holds, unpacked if it is gzip.
fn read(path: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let bytes = fs::read(path).map_err(told)?;
    let mut text = Vec::new();
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    let read = if packed {
        MultiGzDecoder::new(bytes.as_slice()).take(MOST_BYTES + 1).read_to_end(&mut text)
    } else {
        bytes.as_slice().take(MOST_BYTES + 1).read_to_end(&mut text)
    };
    if read.map_err(told)? as u64 > MOST_BYTES {
        return Err(format!(
            "{}: the file holds more than {} MiB",
            path.display(),
            MOST_BYTES >> 20
        ));
    }
    Ok(String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').to_owned())
}

/// The format that an address ends with.
fn ending(address: &str) -> String {
    let bare = address.split([';', '?', '#']).next().unwrap_or(address);
    let name = bare.rsplit('/').next().unwrap_or(bare);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once('.') {
        Some((_, ending @ ("csv" | "tsv" | "psv" | "txt" | "json" | "jsonl"))) => ending.to_owned(),
        _ => String::new(),
    }
}

fn separated(text: &str, by: u8, skips_first: bool, schema: &Schema, rows: &mut Vec<Vec<Value>>) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(by)
        .has_headers(skips_first)
        .flexible(true)
        .from_reader(text.as_bytes());
    for record in reader.records().flatten() {
        rows.push(filled(schema, record.iter()));
    }
}

/// A row of cells in the schema's order and types; what is not there is nothing.
fn filled<'c>(schema: &Schema, mut cells: impl Iterator<Item = &'c str>) -> Vec<Value> {
    let row = schema.iter().map(|column| match cells.next() {
        Some(cell) if column.r#type == Type::String => Value::String(cell.to_owned()),
        Some("") | None => Value::nothing(column.r#type),
        Some(cell) if column.r#type == Type::Dynamic => Value::of_dynamic(
            Dynamic::of_json(cell).unwrap_or_else(|| Dynamic::String(cell.to_owned())),
        ),
        Some(cell) => Value::String(cell.to_owned()).convert(column.r#type),
    });
    row.collect()
}

/// Objects one behind the other, or in one array. A property goes to the column of its name.
fn objects(text: &str, schema: &Schema, rows: &mut Vec<Vec<Value>>) {
    let stream = serde_json::Deserializer::from_str(text).into_iter::<Dynamic>();
    for part in stream.map_while(Result::ok) {
        match part {
            Dynamic::Array(items) => {
                items.into_iter().for_each(|item| rows.extend(object(item, schema)))
            }
            item => rows.extend(object(item, schema)),
        }
    }
}

fn object(item: Dynamic, schema: &Schema) -> Option<Vec<Value>> {
    let Dynamic::Bag(mut bag) = item else { return None };
    let row = schema.iter().map(|column| match bag.swap_remove(&column.name) {
        Some(value) => Value::of_dynamic(value).convert(column.r#type),
        None => Value::nothing(column.r#type),
    });
    Some(row.collect())
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::kql::{Column, Type, Value};

    use super::ExternalFiles;

    #[test]
    fn a_file_stands_for_an_address() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("hosts.csv"), "name,count\na.example.com,3\n\"b,c\",\n")
            .expect("a file");
        std::fs::write(
            folder.path().join("list"),
            "address,file\nhttps://example.com/x?y=1,hosts.csv\n",
        )
        .expect("a file");
        let schema = vec![Column::new("name", Type::String), Column::new("count", Type::Long)];
        let headed = [("ignorefirstrecord".to_owned(), Value::String("true".to_owned()))];
        let expected = vec![
            vec![Value::String("a.example.com".into()), Value::Long(3)],
            vec![Value::String("b,c".into()), Value::Null],
        ];
        let listed = ExternalFiles::of(&folder.path().join("list")).expect("a list");
        assert_eq!(
            listed.rows(&schema, &["https://example.com/x?y=1".into()], &headed),
            Ok(expected.clone())
        );
        let found = ExternalFiles::of(folder.path()).expect("a folder");
        assert_eq!(
            found.rows(&schema, &["https://example.org/lists/hosts.csv".into()], &headed),
            Ok(expected)
        );
        let reason = found
            .rows(&schema, &["https://example.org/other.csv".into()], &[])
            .expect_err("nothing");
        assert!(reason.contains("--external"), "{reason}");
    }

    #[test]
    fn objects_come_in_lines_or_in_a_list() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.json"), "{\"n\":1}\n[{\"n\":\"2\"},{\"m\":3}]")
            .expect("a file");
        let files = ExternalFiles::of(folder.path()).expect("a folder");
        let rows = files.rows(&vec![Column::new("n", Type::Long)], &["x/a.json".into()], &[]);
        assert_eq!(rows, Ok(vec![vec![Value::Long(1)], vec![Value::Long(2)], vec![Value::Null]]));
    }
}
