//! Tenzir's samples: pipelines that map logs to OCSF, with the records that come out of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use super::documents::Documents;
use super::{ecs, ocsf, tql};

/// Before the name of a pipeline's input, which lies in a folder `inputs` above it.
const INPUTS: &str = "{env(\"TENZIR_INPUTS\")}/";

/// Whether the file is a pipeline whose records lie beside it.
pub(super) fn is_pipeline(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tql")
        && path.with_extension("txt").is_file()
}

/// The input of a pipeline, and the documents of its records; `None` where nothing is mapped to OCSF.
///
/// A record that keeps what it was made of is compared with that, since pipelines sort; otherwise the
/// input is read as it is.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<(Vec<u8>, Option<Documents>)>> {
    let pipeline = fs::read_to_string(path)?;
    let records = fs::read_to_string(path.with_extension("txt"))?;
    // Where a pipeline warns, the text has more than records.
    let Ok(records) = tql::records(&records) else { return Ok(None) };
    let of_ocsf = |record: &Value| record.get("class_uid").is_some();
    if records.is_empty() || !records.iter().all(of_ocsf) {
        return Ok(None);
    }
    if let Some(kept) = kept(&records) {
        return Ok(Some(kept));
    }
    let Some(input) = input(path, &pipeline) else { return Ok(None) };
    let stream = fs::read(&input).with_context(|| format!("cannot read {}", input.display()))?;
    let is_in_order = records.len() == 1 || !pipeline.contains("sort");
    let documents = records.iter().map(ocsf::as_ecs).collect();
    let documents = Documents::align(&stream, documents).filter(|_| is_in_order);
    Ok(Some((stream, documents)))
}

/// What the records were made of, if they all keep it.
fn kept(records: &[Value]) -> Option<(Vec<u8>, Option<Documents>)> {
    let mut stream = Vec::new();
    let mut places = Vec::new();
    for record in records {
        let original = ecs::at(record, "raw_data").first()?.as_str()?;
        places.push((stream.len() as u64, ocsf::as_ecs(record)));
        stream.extend(original.as_bytes());
        stream.push(b'\n');
    }
    Some((stream, Some(Documents::at(places))))
}

fn input(path: &Path, pipeline: &str) -> Option<PathBuf> {
    let (_, rest) = pipeline.split_once(INPUTS)?;
    let name = rest.split('"').next()?;
    let input = path.parent()?.parent()?.join("inputs").join(name);
    input.is_file().then_some(input)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::json;

    use super::{is_pipeline, read};

    fn write(folder: &Path, pipeline: &str, records: &str) -> std::path::PathBuf {
        fs::create_dir_all(folder.join("ocsf")).unwrap();
        fs::create_dir_all(folder.join("inputs")).unwrap();
        fs::write(folder.join("inputs/x.json"), "{\"a\":1}\n{\"a\":2}\n").unwrap();
        let path = folder.join("ocsf/x.tql");
        fs::write(&path, pipeline).unwrap();
        fs::write(path.with_extension("txt"), records).unwrap();
        path
    }

    const PIPELINE: &str = "from_file f\"{env(\"TENZIR_INPUTS\")}/x.json\" {\n  read_json\n}\n";

    #[test]
    fn the_input_is_the_one_that_the_pipeline_names() {
        let folder = tempfile::tempdir().unwrap();
        let records = "{ class_uid: 1, file: { path: \"/a\" } }\n{ class_uid: 1, time: 5 }\n";
        let path = write(folder.path(), PIPELINE, records);
        assert!(is_pipeline(&path) && !is_pipeline(&path.with_extension("txt")));
        let (stream, documents) = read(&path).unwrap().unwrap();
        assert_eq!(stream.len(), 16);
        let second = json!({"@timestamp": 5});
        assert_eq!(documents.unwrap().of(8), Some((1, &second)));
        let sorted = write(folder.path(), &format!("{PIPELINE}sort time"), records);
        assert!(read(&sorted).unwrap().unwrap().1.is_none());
    }

    #[test]
    fn what_a_record_keeps_is_its_input() {
        let folder = tempfile::tempdir().unwrap();
        let records = "{ class_uid: 1, time: 5, raw_data: \"one\" }\n";
        let path = write(folder.path(), "sort time", records);
        let (stream, documents) = read(&path).unwrap().unwrap();
        assert_eq!((stream, documents.unwrap().count()), (b"one\n".to_vec(), 1));
    }

    #[test]
    fn records_of_another_schema_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for records in ["{ a: 1 }\n", "warning: something\n", ""] {
            assert!(read(&write(folder.path(), PIPELINE, records)).unwrap().is_none());
        }
    }
}
