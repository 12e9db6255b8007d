//! What is wrong with a store is told, with its place, and the rest goes on being readable.

use std::fs;
use std::process::{Command, Stdio};

use coldtrail_sources::discover;
use coldtrail_store::{Ingest, MARKER, Store, StoreError};

use crate::logs::{CONN, DNS, NOW, Scene, connections, named, queries, uids};

fn store() -> Scene {
    let scene = Scene::new();
    scene.write("conn.log", format!("{CONN}{}", connections(0..1000)));
    scene.ingest();
    scene
}

#[test]
fn a_folder_that_is_no_store() {
    let scene = store();
    let logs = scene.log("");
    assert!(matches!(Store::open(&logs), Err(StoreError::NotAStore(_))));
    assert!(matches!(Store::open_or_create(&logs), Err(StoreError::NotEmpty(_))));
}

#[test]
fn a_newer_version_is_refused_by_name() {
    let scene = store();
    let marker = scene.store().root().join(MARKER);
    fs::write(&marker, "{\"format\":\"coldtrail.store/2\",\"more\":1}").unwrap();
    let error = Store::open(scene.store_folder()).unwrap_err().to_string();
    assert!(error.contains("coldtrail.store/2") && error.contains("newer"), "{error}");
    fs::write(&marker, "{").unwrap();
    assert!(matches!(Store::open(scene.store_folder()), Err(StoreError::DamagedMarker { .. })));
}

#[test]
fn a_half_written_file_is_named_and_others_are_read() {
    let scene = store();
    scene.write("dns.log", format!("{DNS}{}", queries(0..500)));
    scene.ingest();
    let store = scene.store();
    let snapshot = store.snapshot().unwrap();
    let file = snapshot.files().find(|file| file.table == "flow").unwrap();
    let bytes = fs::read(store.path_of(file)).unwrap();
    fs::write(store.path_of(file), &bytes[..bytes.len() / 2]).unwrap();
    let error = store.rows(file).err().unwrap().to_string();
    assert!(error.contains(file.path.rsplit('/').next().unwrap()), "{error}");
    let status = store.status().unwrap();
    assert_eq!(status.damaged.keys().collect::<Vec<_>>(), [&file.path]);
    let others = snapshot.files().filter(|other| other.path != file.path);
    assert!(
        others.map(|file| store.rows(file).unwrap().map(Result::unwrap).count()).sum::<usize>() > 0
    );
    // Compacting leaves it alone, and goes on.
    scene.write("more.log", format!("{CONN}{}", connections(1000..1100)));
    scene.ingest();
    let compacted = store.compact_with_grace(NOW, 0).unwrap();
    assert_eq!(compacted.damaged, std::slice::from_ref(&file.path));
    fs::write(store.path_of(file), &bytes).unwrap();
    assert_eq!(uids(&store).len(), 1600);
}

#[test]
fn a_damaged_entry_of_the_log_is_named() {
    let scene = store();
    let entry = scene.store().root().join("log/00000000000000000001.json");
    let bytes = fs::read(&entry).unwrap();
    fs::write(&entry, &bytes[..bytes.len() / 2]).unwrap();
    let error = scene.store().snapshot().unwrap_err().to_string();
    assert!(error.contains("00000000000000000001.json"), "{error}");
    fs::write(&entry, &bytes).unwrap();
    assert_eq!(scene.uids(), named('C', 0..1000));
}

#[test]
fn what_a_killed_writer_left_is_swept_away() {
    let scene = store();
    let store = scene.store();
    let orphan = store.root().join("table=dns/date=2026-04-13/00000000000000000002-0.parquet");
    fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    fs::write(&orphan, "half").unwrap();
    fs::write(store.root().join("log/00000000000000000002.json.new"), "half").unwrap();
    assert_eq!(store.status().unwrap().orphans.len(), 1);
    scene.ingest();
    assert!(store.status().unwrap().orphans.is_empty() && !orphan.exists());
    assert_eq!(scene.uids(), named('C', 0..1000));
}

/// A limit on the size of files is what a test can have of a full disk: writing fails half way.
#[test]
fn a_full_disk_loses_nothing() {
    let scene = store();
    let store = scene.store();
    let before = store.snapshot().unwrap();
    scene.write("large.log", format!("{CONN}{}", connections(1000..60_000)));
    let child = |blocks: &str| {
        Command::new("sh")
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "damage::ingest_in_a_child", "--ignored"])
            .env("COLDTRAIL_SCENE", scene.folder())
            // The limit holds for a file that the output of tests goes to as well.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
    };
    assert!(child("64").success(), "it fails as it should");
    assert_eq!(store.snapshot().unwrap(), before);
    assert_eq!(scene.uids(), named('C', 0..1000));
    scene.ingest();
    assert_eq!(scene.uids(), named('C', 0..60_000));
}

#[test]
#[ignore = "runs as a child of a_full_disk_loses_nothing"]
fn ingest_in_a_child() {
    let Some(folder) = std::env::var_os("COLDTRAIL_SCENE").map(std::path::PathBuf::from) else {
        return;
    };
    let (inputs, _) = discover(&[folder.join("logs").display().to_string()]);
    let store = Store::open(&folder.join("store")).unwrap();
    let error = store.ingest(&inputs, &Ingest::at(NOW), &|_| {}).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let scene = store();
    let store = scene.store();
    let set = |mode| {
        for entry in walkdir::WalkDir::new(store.root()) {
            let entry = entry.unwrap();
            let mode = if entry.file_type().is_dir() { mode | 0o111 } else { mode };
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o444);
    if fs::write(store.root().join("probe"), "").is_err() {
        reads_and_may_not_write(&store);
    } else {
        // Permissions do not bind the superuser, who can be somebody else in a child.
        fs::remove_file(store.root().join("probe")).unwrap();
        fs::set_permissions(scene.folder(), fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "damage::read_in_a_child", "--ignored"])
            .env("COLDTRAIL_SCENE", scene.folder())
            .uid(65_534)
            .status();
        match child {
            Ok(status) => assert!(status.success()),
            Err(error) => println!("skipped: nobody may run this test ({error})"),
        }
    }
    set(0o644);
}

#[test]
#[ignore = "runs as a child of a_store_that_may_only_be_read_is_read"]
fn read_in_a_child() {
    if let Some(folder) = std::env::var_os("COLDTRAIL_SCENE").map(std::path::PathBuf::from) {
        reads_and_may_not_write(&Store::open(&folder.join("store")).unwrap());
    }
}

fn reads_and_may_not_write(store: &Store) {
    assert_eq!(uids(store), named('C', 0..1000));
    let error = store.compact(NOW).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}

impl Scene {
    fn store_folder(&self) -> &'static std::path::Path {
        Box::leak(self.folder().join("store").into_boxed_path())
    }
}
