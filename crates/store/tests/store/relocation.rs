//! A copy of the folder is the same store.

use std::fs;

use coldtrail_model::RecordReference;
use coldtrail_store::{Snapshot, Store};
use walkdir::WalkDir;

use crate::logs::{CONN, DNS, NOW, Scene, connections, queries, rows};

#[test]
fn a_copy_reads_the_same() {
    let scene = Scene::new();
    scene.write("dns.log", format!("{DNS}{}", queries(0..2000)));
    scene.ingest();
    scene.store().compact(NOW).unwrap();
    scene.write("conn.log", format!("{CONN}{}", connections(0..2000)));
    scene.ingest();
    let (from, to) = (scene.store().root().to_owned(), scene.folder().join("copy"));
    for entry in WalkDir::new(&from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(&from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    let copy = Store::open(&to).unwrap();
    assert_eq!(rows(&copy), rows(&scene.store()));
    assert_eq!(copy.snapshot().unwrap(), scene.store().snapshot().unwrap());

    // As object storage hands it out: names and bytes.
    let entries = fs::read_dir(to.join("log")).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (
            format!("prefix/log/{}", path.file_name().unwrap().to_str().unwrap()),
            fs::read(path).unwrap(),
        )
    });
    assert_eq!(Snapshot::fold(entries).unwrap(), copy.snapshot().unwrap());
}

#[test]
fn original_records_of_contacts_outlive_the_log() {
    let scene = Scene::new();
    scene.write("dns.log", format!("{DNS}{}", queries(0..100)));
    scene.ingest();
    let store = scene.store();
    let log = fs::read(scene.log("dns.log")).unwrap();
    let check = |rest_is_there: bool| {
        for row in rows(&store) {
            let (from, to) = (row.offset as usize, (row.offset + row.length) as usize);
            let reference = RecordReference {
                source: row.source.clone(),
                offset: row.offset as u64,
                length: row.length as u64,
                sha256: None,
            };
            let expected = (row.contact || rest_is_there).then(|| log[from..to].to_vec());
            assert_eq!(store.original(&reference).unwrap(), expected, "{row:?}");
        }
    };
    check(true);
    // Another log by that name is no evidence.
    scene.write("dns.log", format!("{DNS}{}", queries(100..200)));
    check(false);
    fs::remove_file(scene.log("dns.log")).unwrap();
    check(false);
}

#[test]
fn formats_without_originals_at_hand_have_theirs_fetched() {
    let scene = Scene::new();
    let csv = "Timestamp,DeviceName,ActionType,RemoteIP,RemotePort,RemoteUrl,Protocol,LocalIP,LocalPort\n\
        2026-04-13T08:00:00.0000000Z,ws-01,ConnectionSuccess,192.0.2.1,443,sync.acme.workers.dev,Tcp,10.0.0.1,50000\n\
        2026-04-13T09:00:00.0000000Z,ws-01,ConnectionSuccess,192.0.2.1,443,www.example.com,Tcp,10.0.0.1,50001\n";
    scene.write("DeviceNetworkEvents.csv", csv);
    assert_eq!(scene.ingest().rows, 2);
    let contacts: Vec<_> = rows(&scene.store()).into_iter().filter(|row| row.contact).collect();
    let line = csv.lines().nth(1).unwrap();
    assert_eq!(contacts.len(), 1);
    let original = String::from_utf8(contacts[0].original.clone().unwrap()).unwrap();
    assert_eq!(original.trim_end(), line);
}
