//! The bytes of a record can be fetched again by the reference that its row carries.

use coldtrail_model::RecordReference;
use coldtrail_sources::fetch;

use crate::packing::{gzip, tar, zip};
use crate::received::{Received, connection, connections};

fn written(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd!");
    std::fs::create_dir(&path).unwrap();
    let path = path.join("logs");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn every_record_is_found_again_in_any_packing() {
    let (one, two) = (connections(&["C1", "C2"]), connections(&["C3"]));
    let envelope = format!("{{\"records\":[{}, {}]}}", connection("C1"), connection("C2"));
    let envelope = [envelope.as_bytes(), b"\n", &two].concat();
    for input in [
        [&one[..], &two].concat(),
        gzip(&[&b"\xef\xbb\xbf"[..], &one, &two].concat()),
        envelope,
        tar(&[("a", &one), ("a", &two)]),
        gzip(&tar(&[("a", &gzip(&one)), ("unknown", b"junk"), ("b", &two)])),
        zip(&[("a", &one), ("b.zip", &zip(&[("c", &two)]))]),
    ] {
        let (_folder, path) = written(&input);
        let references = Received::from_file(&path).references();
        let expected = ["C1", "C2", "C3"].map(|uid| Some(connection(uid).into_bytes()));
        assert_eq!(fetch(&references), expected);
        let reversed: Vec<RecordReference> = references.iter().rev().cloned().collect();
        assert!(fetch(&reversed).iter().eq(expected.iter().rev()));
    }
}

#[test]
fn a_record_inside_another_is_found() {
    let (_folder, path) = written(b"0123456789");
    let reference = |offset, length| RecordReference {
        source: path.display().to_string(),
        offset,
        length,
        sha256: None,
    };
    let references = [reference(3, 2), reference(1, 8), reference(8, 2), reference(1, 8)];
    let expected =
        [Some(b"34".to_vec()), Some(b"12345678".to_vec()), None, Some(b"12345678".to_vec())];
    assert_eq!(fetch(&references), expected);
    assert_eq!(fetch(&[reference(9, 2), reference(10, 0)]), [None, Some(Vec::new())]);
}

#[test]
fn what_cannot_be_fetched_is_none() {
    let reference = |source: &str, length| RecordReference {
        source: source.to_owned(),
        offset: 0,
        length,
        sha256: None,
    };
    let gone = [
        reference("-", 1),
        reference("-!/conn.log", 1),
        reference("nowhere.log", 1),
        reference("nowhere.log", 1 << 40),
    ];
    assert_eq!(fetch(&gone), [None, None, None, None]);
}
