//! Samples of the kit with what their vendor made of them.
//!
//! * Elastic: `x.log` beside `x.log-expected.json`, a document a record. Events that a collector has
//!   already wrapped are in `x.json`, in a list; what it read is in their `message`, unless they are
//!   what the collector itself makes of Windows events.
//!   Large ones are compressed, or only their documents.
//! * Winlogbeat: `x.evtx` beside `x.evtx.golden.json`.
//! * Sekoia: input and document in one file.
//! * Tenzir: records of OCSF in `x.txt` beside the pipeline `x.tql` ([`tenzir`]).

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use walkdir::WalkDir;

use super::documents::Documents;
use super::{name_in_kit, tenzir};

/// A stream with the documents of its records.
pub(super) struct Pair {
    /// The folder of the kit and the product, such as `proxy/squid`.
    pub(super) format: String,
    /// The input's name in the kit.
    pub(super) file: String,
    pub(super) stream: Vec<u8>,
    /// Nothing where it cannot be said which document belongs to which record.
    pub(super) documents: Option<Documents>,
}

/// How the names of documents end, behind the name of their input, and how that goes on.
const ENDINGS: [(&str, &str); 4] = [
    ("-expected.json", ""),
    ("-expected.json.gz", ".gz"),
    ("-expected.json.gz", ""),
    (".golden.json", ""),
];

/// Formats of the kit whose messages a collector has taken out of syslog or of a container's log, where
/// they had their time, and how such a message begins.
const WITHOUT_HEADER: [(&str, &str); 5] = [
    ("dns/bind", "client "),
    ("dns/coredns", "[INFO] "),
    ("dns/ddi", "client "),
    ("dns/solidserver-ddi", ""),
    ("dns/unbound", "["),
];

/// A header in front of such a message.
const HEADER: &str = "<30>1 2024-05-04T10:00:00Z - - - - - ";

const GZIP: &[u8] = b"\x1f\x8b";

/// Every file with documents in folders of the kit, or in all of it, in order of name.
pub(super) fn find(kit: &Path, folders: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in files(kit, folders)? {
        let name = name_in_kit(kit, &path);
        let is_pair = is_of_sekoia(&name) && name.ends_with(".json");
        let is_pair = is_pair || tenzir::is_pipeline(&path);
        if is_pair || ENDINGS.iter().any(|(ending, _)| name.ends_with(ending)) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Every file in folders of the kit, or in all of it, in order of name.
pub(super) fn files(kit: &Path, folders: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let roots: Vec<PathBuf> = match folders {
        [] => vec![kit.to_owned()],
        folders => folders.iter().map(|folder| kit.join(folder)).collect(),
    };
    for root in roots {
        if !root.exists() {
            bail!("the kit has no {}", root.display());
        }
        for entry in WalkDir::new(root) {
            let entry = entry.context("cannot list the kit")?;
            if entry.file_type().is_file() {
                paths.push(entry.into_path());
            }
        }
    }
    paths.sort();
    paths.dedup();
    Ok(paths)
}

impl Pair {
    /// Reads an input with its documents; `None` where there is no input beside the documents.
    pub(super) fn read(kit: &Path, path: &Path) -> anyhow::Result<Option<Self>> {
        let name = name_in_kit(kit, path);
        if tenzir::is_pipeline(path) {
            let of_pipeline = tenzir::read(path)?;
            return Ok(of_pipeline.map(|(stream, documents)| Self {
                format: format(&name),
                file: name,
                stream,
                documents,
            }));
        }
        let written: Value = serde_json::from_slice(&unpacked(path)?)?;
        if is_of_sekoia(&name) {
            return Self::of_sekoia(name, &written).map(Some);
        }
        let mut inputs = ENDINGS
            .iter()
            .filter_map(|(ending, rest)| Some(format!("{}{rest}", name.strip_suffix(ending)?)));
        let Some(input) = inputs.find(|input| kit.join(input).is_file()) else { return Ok(None) };
        let path = kit.join(&input);
        let documents = match &written {
            Value::Array(documents) => documents,
            written => written["expected"].as_array().context("it has no list of documents")?,
        };
        Ok(Some(Self::beside(&input, unpacked(&path)?, documents)))
    }

    fn beside(file: &str, stream: Vec<u8>, documents: &[Value]) -> Self {
        let wrapped: Option<Value> = serde_json::from_slice(&stream).ok();
        let events = wrapped.as_ref().and_then(|wrapped| wrapped["events"].as_array());
        let (format, file) = (format(file), file.to_owned());
        match events {
            Some(events) if events.len() == documents.len() && events.iter().all(is_wrapped) => {
                let (stream, documents) = unwrapped(events, documents);
                Self { format, file, stream, documents: Some(documents) }
            }
            _ => {
                let stream = with_headers(&format, stream);
                let documents = Documents::align(&stream, documents.to_vec());
                Self { format, file, stream, documents }
            }
        }
    }

    fn of_sekoia(file: String, written: &Value) -> anyhow::Result<Self> {
        let message = written["input"]["message"].as_str().context("it has no message")?;
        let format = format(&file);
        let stream = with_headers(&format, message.as_bytes().to_vec());
        let documents = Documents::align(&stream, vec![written["expected"].clone()]);
        Ok(Self { format, file, stream, documents })
    }
}

/// The lines of a stream, those with a header again that a collector took it from.
fn with_headers(format: &str, stream: Vec<u8>) -> Vec<u8> {
    let Some((_, beginning)) = WITHOUT_HEADER.iter().find(|(name, _)| *name == format) else {
        return stream;
    };
    let text = String::from_utf8_lossy(&stream);
    let lines = text.split_inclusive('\n').map(|line| {
        let header = if line.starts_with(beginning) { HEADER } else { "" };
        format!("{header}{line}")
    });
    lines.collect::<String>().into_bytes()
}

/// The contents of a file, decompressed if need be.
fn unpacked(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    if !bytes.starts_with(GZIP) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// `proxy/squid` for `proxy/elastic-integrations/squid/log/x.log`: the folder, and what is below the
/// collection that the file came from, or the collection itself.
pub(super) fn format(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    let (folder, product) = match parts.as_slice() {
        [folder, collection, product, _, ..] if !collection.starts_with("tenzir") => {
            (*folder, *product)
        }
        [folder, collection, ..] => (*folder, *collection),
        _ => ("", name),
    };
    format!("{folder}/{}", product.to_lowercase().replace('_', "-"))
}

/// Whether a file has its input inside.
pub(super) fn is_of_sekoia(name: &str) -> bool {
    name.split('/').any(|part| part == "sekoia")
}

/// Whether a collector wrapped the event.
fn is_wrapped(event: &Value) -> bool {
    event.get("winlog").is_some() || event["message"].is_string()
}

/// What the collector read, a line each: the message, or the whole of a Windows event.
fn unwrapped(events: &[Value], documents: &[Value]) -> (Vec<u8>, Documents) {
    let mut stream = Vec::new();
    let mut places = Vec::new();
    for (event, document) in events.iter().zip(documents) {
        places.push((stream.len() as u64, document.clone()));
        match event["message"].as_str().filter(|_| event.get("winlog").is_none()) {
            Some(message) => stream.extend(message.as_bytes()),
            None => stream.extend(event.to_string().as_bytes()),
        }
        stream.push(b'\n');
    }
    (stream, Documents::at(places))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use serde_json::json;

    use super::{Pair, find, format};

    #[test]
    fn a_format_is_a_folder_and_a_product() {
        assert_eq!(format("proxy/elastic-integrations/squid/log/x.log"), "proxy/squid");
        assert_eq!(format("proxy/sekoia/Zscaler_ZIA/x.json"), "proxy/zscaler-zia");
        assert_eq!(format("dns/tenzir_named/ocsf-dns.tql"), "dns/tenzir-named");
        assert_eq!(format("zeek/tenzir/ocsf/conn.tql"), "zeek/tenzir");
        assert_eq!(format("windows_evtx/winlogbeat/x.evtx"), "windows_evtx/winlogbeat");
    }

    #[test]
    fn every_kind_of_pair_is_found_and_read() {
        let kit = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = kit.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/elastic/p/log/x.log", "one\ntwo\n");
        write("a/elastic/p/log/x.log-expected.json", r#"{"expected":[{"n":1},{"n":2}]}"#);
        write("a/elastic/p/log/y.json", r#"{"events":[{"message":"one"},{"message":"two"}]}"#);
        write("a/elastic/p/log/y.json-expected.json", r#"{"expected":[{"n":1},{"n":2}]}"#);
        write("a/elastic/p/log/z.log-expected.json", r#"{"expected":[{"n":1}]}"#);
        let pack = |text: &str| {
            let level = flate2::Compression::fast();
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), level);
            packed.write_all(text.as_bytes()).unwrap();
            packed.finish().unwrap()
        };
        let folder = kit.path().join("b/elastic/p/log");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("v.log.gz"), pack("one\n")).unwrap();
        fs::write(folder.join("v.log-expected.json.gz"), pack(r#"[{"n":1}]"#)).unwrap();
        write("b/sekoia/q/w.json", r#"{"input":{"message":"three"},"expected":{"n":3}}"#);
        let paths = find(kit.path(), &[]).unwrap();
        let pairs: Vec<Option<Pair>> =
            paths.iter().map(|path| Pair::read(kit.path(), path).unwrap()).collect();
        let names: Vec<Option<&str>> =
            pairs.iter().map(|pair| pair.as_ref().map(|pair| pair.file.as_str())).collect();
        let expected = [
            Some("a/elastic/p/log/x.log"),
            Some("a/elastic/p/log/y.json"),
            None,
            Some("b/elastic/p/log/v.log.gz"),
            Some("b/sekoia/q/w.json"),
        ];
        assert_eq!(names, expected);
        for pair in pairs.iter().flatten().take(2) {
            assert_eq!(pair.stream, b"one\ntwo\n");
            let documents = pair.documents.as_ref().unwrap();
            assert_eq!(documents.of(4), Some((1, &json!({"n": 2}))));
        }
        assert_eq!(find(kit.path(), &["b".to_owned()]).unwrap().len(), 2);
        assert!(find(kit.path(), &["c".to_owned()]).is_err());
    }
}
