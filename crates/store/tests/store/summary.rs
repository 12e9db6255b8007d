//! The summary of activity, and where rows lie.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

use crate::logs::{CONN, DNS, MONDAY, Scene, connections, queries, rows_of, summed};

#[test]
fn sums_grow_with_each_commit() {
    let scene = Scene::new();
    for to in [50, 4000] {
        scene.write("conn.log", format!("{CONN}{}", connections(0..to)));
        scene.write("dns.log", format!("{DNS}{}", queries(0..to)));
        scene.ingest();
        let to = to as i64;
        let expected = BTreeMap::from([("dns".to_owned(), to), ("flow".to_owned(), to)]);
        assert_eq!(summed(&scene.store()), expected);
    }
}

#[test]
fn an_hour_of_a_host_is_a_row() {
    let scene = Scene::new();
    let line = |minute: u64, outbound: &str, sent: u64| {
        let second = MONDAY + 60 * minute;
        format!("{second}.5\tC{minute}\t10.0.0.1\t192.0.2.1\tSF\t{outbound}\t{sent}\t7\n")
    };
    let header = "#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tconn_state\tlocal_orig\t\
        orig_ip_bytes\tresp_ip_bytes\n";
    let header = header.replace("local_orig", "local_orig\tlocal_resp");
    let line = |minute, local: &str, sent| line(minute, local, sent);
    let log = [line(0, "T\tF", 10), line(59, "T\tF", 5), line(61, "T\tF", 1), line(62, "F\tT", 3)];
    scene.write("conn.log", format!("{header}{}", log.concat()));
    scene.ingest();
    let store = scene.store();
    let snapshot = store.snapshot().unwrap();
    let mut sums = Vec::new();
    for file in snapshot.files().filter(|file| file.table == "activity") {
        for batch in store.rows(file).unwrap().map(Result::unwrap) {
            let number = |name: &str, row| {
                batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(row)
            };
            let addresses = batch.column_by_name("source_ip").unwrap().as_string::<i32>();
            for row in 0..batch.num_rows() {
                let address = addresses.is_valid(row).then(|| addresses.value(row).to_owned());
                sums.push((
                    address,
                    number("events", row),
                    number("sent_bytes", row),
                    number("received_bytes", row),
                ));
            }
        }
    }
    let address = || Some("10.0.0.1".to_owned());
    sums.sort();
    assert_eq!(sums, [(None, 1, 3, 7), (address(), 1, 1, 7), (address(), 2, 15, 14)]);
}

#[test]
fn rows_lie_by_day_and_in_order() {
    let scene = Scene::new();
    scene.write("dns.log", format!("{DNS}{}", queries(0..4000)));
    scene.write("conn.log", format!("{CONN}{}", connections(0..4000)));
    let ingested = scene.ingest();
    assert_eq!((ingested.rows, ingested.contacts), (8000, 400));
    let store = scene.store();
    for file in store.snapshot().unwrap().files().filter(|file| file.event_table().is_some()) {
        let folder = format!("table={}/date={}/", file.table, file.date);
        assert!(file.path.starts_with(&folder), "{file:?}");
        assert_eq!(file.contacts, file.path.ends_with("-contacts.parquet"));
        let rows = rows_of(&store, file);
        let times: Vec<i64> = rows.iter().map(|row| row.timestamp).collect();
        assert_eq!(times.iter().min(), Some(&file.first));
        assert_eq!(times.iter().max(), Some(&file.last));
        assert!(file.table == "flow" || times.is_sorted());
        assert!(rows.iter().all(|row| row.original.is_some() == file.contacts));
    }
}

#[test]
fn a_log_of_very_many_days_makes_few_files() {
    let scene = Scene::new();
    let lines = |days: std::ops::Range<u64>| {
        let line = |day| {
            format!("{}.5\tC{day}\t10.0.0.1\t1\t192.0.2.1\t443\ttcp\tSF\t1\t1\n", day * 86_400)
        };
        days.map(line).collect::<String>()
    };
    scene.write("conn.log", format!("{CONN}{}", lines(100..20_000)));
    assert_eq!(scene.ingest().rows, 19_900);
    let store = scene.store();
    assert!(store.snapshot().unwrap().files().count() < 10);
    assert_eq!(scene.uids().len(), 19_900);
}
