//! One writer at a time.

use std::fs::File;

use coldtrail_store::{Ingest, Store, StoreError};

use crate::logs::{CONN, NOW, Scene, connections};

#[test]
fn a_second_writer_is_told_who_the_first_is() {
    let scene = Scene::new();
    scene.write("conn.log", format!("{CONN}{}", connections(0..10)));
    scene.ingest();
    let store = scene.store();
    let first = File::open(store.root().join("lock")).unwrap();
    first.lock().unwrap();
    let (inputs, _) = coldtrail_sources::discover(&[scene.log("").display().to_string()]);
    let error = store.ingest(&inputs, &Ingest::at(NOW), &|_| {}).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }));
    let expected = format!("process {} since 2026-04-15T00:00:00Z", std::process::id());
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(matches!(store.compact(NOW), Err(StoreError::Busy { .. })));
    assert_eq!(scene.uids().len(), 10, "readers never wait");
    drop(first);
    store.compact(NOW).unwrap();
}

#[test]
fn many_at_once_lose_nothing() {
    let scene = Scene::new();
    for part in 0..8 {
        let lines = connections(part * 100..part * 100 + 100);
        scene.write(&format!("{part}.log"), format!("{CONN}{lines}"));
    }
    let store = Store::open_or_create(&scene.folder().join("store")).unwrap();
    std::thread::scope(|scope| {
        for part in 0..8 {
            let (scene, store) = (&scene, &store);
            scope.spawn(move || {
                let path = scene.log(&format!("{part}.log")).display().to_string();
                let (inputs, _) = coldtrail_sources::discover(&[path]);
                loop {
                    match store.ingest(&inputs, &Ingest::at(NOW), &|_| {}) {
                        Err(StoreError::Busy { .. }) => std::thread::yield_now(),
                        ingested => break assert_eq!(ingested.unwrap().rows, 100),
                    }
                }
            });
        }
    });
    assert_eq!(scene.uids().len(), 800);
}
