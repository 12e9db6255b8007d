//! Many small files become few large ones, with the same rows.

use std::fs;

use coldtrail_store::{Commit, Ingest, Store};

use crate::logs::{CONN, DNS, NOW, Scene, connections, queries, rows, rows_of, summed};

/// A store of twenty commits over two days.
fn store() -> Scene {
    let scene = Scene::new();
    for part in 0..10 {
        let lines = part * 400..part * 400 + 400;
        scene.write(&format!("dns-{part}.log"), format!("{DNS}{}", queries(lines.clone())));
        scene.write(&format!("conn-{part}.log"), format!("{CONN}{}", connections(lines)));
    }
    scene.ingest_as(&Ingest { bytes_a_commit: 1, ..Ingest::at(NOW) });
    scene
}

#[test]
fn the_same_rows_in_fewer_files() {
    let scene = store();
    let store = scene.store();
    let (before, sums) = (rows(&store), summed(&store));
    assert_eq!(store.snapshot().unwrap().commit, 20);
    let compacted = store.compact_with_grace(NOW, 0).unwrap();
    assert!(compacted.replaced > 40 && compacted.by < 15, "{compacted:?}");
    assert_eq!(compacted.removed, compacted.replaced);
    assert_eq!(rows(&store), before);
    assert_eq!(summed(&store), sums);
    assert!(store.status().unwrap().orphans.is_empty());

    let commit = store.snapshot().unwrap().commit;
    let again = store.compact_with_grace(NOW, 0).unwrap();
    assert_eq!((again.replaced, again.by), (0, 0));
    assert_eq!(store.snapshot().unwrap().commit, commit);
}

#[test]
fn readers_keep_their_files_for_an_hour() {
    let scene = store();
    let store = scene.store();
    let snapshot = store.snapshot().unwrap();
    store.compact(NOW).unwrap();
    for file in snapshot.files().filter(|file| file.event_table().is_some()) {
        assert!(!rows_of(&store, file).is_empty());
    }
    let later = coldtrail_model::Timestamp(NOW.0 + 3600 * 1_000_000);
    assert!(store.compact(later).unwrap().removed > 40);
    assert!(snapshot.files().any(|file| !store.path_of(file).exists()));
}

#[test]
fn the_log_does_not_grow_for_ever() {
    let scene = store();
    let store = scene.store();
    let before = rows(&store);
    for part in 10..14 {
        store.compact_with_grace(NOW, 0).unwrap();
        scene.write("more.log", format!("{CONN}{}", connections(part * 1000..part * 1000 + 10)));
        scene.ingest();
    }
    let entries = fs::read_dir(store.root().join("log")).unwrap().count();
    assert!(entries < 8, "{entries}");
    assert_eq!(rows(&store).len(), before.len() + 40);
}

#[test]
fn rows_are_split_by_the_catalogue_of_today() {
    let scene = store();
    let store = scene.store();
    let before = rows(&store);
    pretend_an_older_catalogue(&store);
    let snapshot = store.snapshot().unwrap();
    let status = store.status().unwrap();
    assert_eq!(status.outdated, 1);
    let outdated = snapshot.files().find(|file| file.catalogue == "older").unwrap().clone();
    assert!(!outdated.contacts);
    store.compact_with_grace(NOW, 0).unwrap();
    assert_eq!(store.status().unwrap().outdated, 0);
    assert_eq!(rows(&store), before, "contacts are contacts again, with their original records");
}

/// Replaces the files of one day of DNS by one that an older catalogue knew no contacts in.
fn pretend_an_older_catalogue(store: &Store) {
    store.compact_with_grace(NOW, 0).unwrap();
    let snapshot = store.snapshot().unwrap();
    let day: Vec<_> = snapshot
        .files()
        .filter(|file| file.table == "dns" && file.date == "2026-04-13")
        .cloned()
        .collect();
    assert_eq!(day.len(), 2);
    // A file of contacts is read as one of the rest: its columns are the same and one more.
    let added = day
        .iter()
        .filter(|file| file.contacts)
        .map(|file| coldtrail_store::File {
            contacts: false,
            catalogue: "older".to_owned(),
            ..file.clone()
        })
        .collect();
    let number = snapshot.commit + 1;
    let commit = Commit { number, time: NOW.0, added, ..Commit::default() };
    let path = store.root().join("log").join(format!("{number:020}.json"));
    fs::write(path, serde_json::to_vec(&commit).unwrap()).unwrap();
}
