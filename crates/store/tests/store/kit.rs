//! Real logs, where they are there: a folder of public samples beside the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use coldtrail_model::RecordReference;
use coldtrail_sources::{Input, discover, fetch};
use coldtrail_store::{Ingest, Store};

use crate::logs::{NOW, Scene, rows, summed};

fn kit() -> Option<PathBuf> {
    let kit = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !kit.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(kit)
}

#[test]
fn every_sample_is_read_once() {
    let Some(kit) = kit() else { return };
    let scene = Scene::new();
    let store = scene.store();
    let (inputs, _) = discover(&[kit.display().to_string()]);
    let how = Ingest { threads: 2, bytes_a_commit: 8 << 20, whole: true, ..Ingest::at(NOW) };
    let ingested = store.ingest(&inputs, &how, &|_| {}).unwrap();
    assert!(ingested.commits > 1 && ingested.rows > 10_000, "{ingested:?}");

    // As many rows of each source as the readers say, and as the summary does.
    let snapshot = store.snapshot().unwrap();
    let all = rows(&store);
    let mut stored: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in &all {
        *stored.entry((&row.source, &row.table)).or_default() += 1;
    }
    let mut counted: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (name, source) in snapshot.sources() {
        for (table, rows) in &source.tally.rows {
            counted.insert((name, table), *rows);
        }
    }
    assert_eq!(stored, counted);
    assert_eq!(summed(&store).values().sum::<i64>(), all.len() as i64);

    // Contacts have the bytes that the logs have.
    let contacts: Vec<_> = all.iter().filter(|row| row.contact).collect();
    let references: Vec<RecordReference> = contacts
        .iter()
        .map(|row| RecordReference {
            source: row.source.clone(),
            offset: row.offset as u64,
            length: row.length as u64,
            sha256: None,
        })
        .collect();
    for (row, bytes) in contacts.iter().zip(fetch(&references)) {
        assert_eq!(row.original, bytes, "{row:?}");
    }

    let again = store.ingest(&inputs, &how, &|_| {}).unwrap();
    assert_eq!((again.rows, again.commits, again.new, again.grown), (0, 0, 0, 0), "{again:?}");
    store.compact_with_grace(NOW, 0).unwrap();
    assert_eq!(rows(&store), all);
    println!("{} rows, {} of them contacts", ingested.rows, ingested.contacts);
}

/// A chunk of a binary log and the header before the first one, in bytes.
const CHUNK: usize = 65_536;
const HEADER: usize = 4096;

#[test]
fn a_binary_log_that_is_filled_in_place_is_read_on() {
    let Some(kit) = kit() else { return };
    let (inputs, _) = discover(&[kit.join("windows_evtx").display().to_string()]);
    let mut grown = 0;
    for input in &inputs {
        let log = fs::read(&input.name).unwrap();
        if !log.starts_with(b"ElfFile\0") || log.len() < HEADER + 2 * CHUNK {
            continue;
        }
        let whole = rows(&ingested(std::slice::from_ref(&log)).0).len();
        let (store, scene) = ingested(&[log[..HEADER + CHUNK].to_vec(), log.clone()]);
        assert_eq!(rows(&store).len(), whole, "{}", input.name);
        assert_eq!(store.snapshot().unwrap().sources().count(), 1);
        // The headers tell how far the log is filled, and change with every record.
        let mut touched = log;
        touched[24] ^= 1;
        touched[HEADER + 8] ^= 1;
        scene.write("Security.evtx", touched);
        assert_eq!(scene.ingest().rows, 0);
        grown += 1;
    }
    println!("{grown} logs of several chunks");
}

/// A store that read one log in one state after another.
fn ingested(states: &[Vec<u8>]) -> (Store, Scene) {
    let scene = Scene::new();
    for state in states {
        scene.write("Security.evtx", state);
        scene.ingest();
    }
    (scene.store(), scene)
}

#[test]
fn inputs_are_named_as_they_are_in_raw_logs() {
    let Some(kit) = kit() else { return };
    let scene = Scene::new();
    let (inputs, _) = discover(&[kit.join("zeek").display().to_string()]);
    let ingested = scene.store().ingest(&inputs, &Ingest::at(NOW), &|_| {}).unwrap();
    assert!(ingested.rows > 0);
    let snapshot = scene.store().snapshot().unwrap();
    for (name, _) in snapshot.sources() {
        let input =
            |input: &Input| name == input.name || name.starts_with(&format!("{}!/", input.name));
        assert!(inputs.iter().any(input), "{name}");
    }
}
