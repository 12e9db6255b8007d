//! Whole days go, the oldest first.

use coldtrail_model::Timestamp;
use coldtrail_store::Expiry;

use crate::logs::{CONN, DNS, NOW, Scene, connections, queries, rows};

const DAY: i64 = 86_400 * 1_000_000;

/// Three days of queries and one of connections.
fn store() -> Scene {
    let scene = Scene::new();
    scene.write("dns.log", format!("{DNS}{}", queries(0..4000)));
    scene.write("conn.log", format!("{CONN}{}", connections(0..4000)));
    scene.ingest();
    scene
}

#[test]
fn by_age() {
    let scene = store();
    let store = scene.store();
    let before = rows(&store);
    let expiry = Expiry { older_than_days: Some(1), ..Expiry::default() };
    assert!(store.expire(&expiry, Timestamp(NOW.0 - DAY)).unwrap().days.is_empty());
    let expired = store.expire(&expiry, NOW).unwrap();
    assert_eq!(expired.days, ["2026-04-13"]);
    let monday = NOW.0 - DAY;
    let kept: Vec<_> = before.into_iter().filter(|row| row.timestamp >= monday).collect();
    assert_eq!(rows(&store), kept);
    assert_eq!(scene.ingest().rows, 0, "what went does not come back");
    assert_eq!(store.expire(&expiry, Timestamp(NOW.0 + DAY / 24)).unwrap().removed, expired.files);
}

#[test]
fn by_size() {
    let scene = store();
    let store = scene.store();
    let bytes: u64 = store.snapshot().unwrap().files().map(|file| file.bytes).sum();
    let keep = |bytes| Expiry { larger_than_bytes: Some(bytes), ..Expiry::default() };
    assert_eq!(store.expire(&keep(bytes), NOW).unwrap().files, 0);
    assert_eq!(store.expire(&keep(bytes - 1), NOW).unwrap().days, ["2026-04-13"]);
    assert_eq!(store.expire(&keep(0), NOW).unwrap().days, ["2026-04-14", "2026-04-15"]);
    assert!(rows(&store).is_empty());
}
