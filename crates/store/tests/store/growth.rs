//! A log is known by its content, whatever happens to it.

use std::fs;
use std::io::Write;

use coldtrail_store::Ingest;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use crate::logs::{CONN, DNS, NOW, Scene, connections, named, queries, rows};

fn gzipped(content: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_same_file_adds_nothing() {
    let scene = Scene::new();
    scene.write("conn.log", format!("{CONN}{}", connections(0..500)));
    let first = scene.ingest();
    assert_eq!((first.new, first.grown, first.known, first.rows), (1, 0, 0, 500));
    let commit = scene.store().snapshot().unwrap();
    let again = scene.ingest();
    assert_eq!((again.new, again.grown, again.known, again.rows), (0, 0, 1, 0));
    assert_eq!(scene.store().snapshot().unwrap(), commit, "there was nothing to commit");
}

#[test]
fn a_file_that_was_renamed_or_packed_adds_nothing() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..3000));
    scene.write("conn.log", &log);
    scene.ingest();
    fs::rename(scene.log("conn.log"), scene.log("conn.log.1")).unwrap();
    assert_eq!(scene.ingest().known, 1);
    fs::remove_file(scene.log("conn.log.1")).unwrap();
    scene.write("conn.log.1.gz", gzipped(&log));
    assert_eq!(scene.ingest().known, 1);
    scene.write("elsewhere.zst", gzipped(&log));
    assert_eq!(scene.ingest().known, 2);
    assert_eq!(scene.uids(), named('C', 0..3000));
}

#[test]
fn the_same_log_twice_in_one_run_is_read_once() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..3000));
    scene.write("a.log", &log);
    scene.write("b.log.gz", gzipped(&log));
    scene.write("c.log", format!("{CONN}{}", connections(0..4000)));
    let ingested = scene.ingest();
    assert_eq!((ingested.new, ingested.grown, ingested.known), (1, 1, 1));
    assert_eq!(scene.uids(), named('C', 0..4000));
}

#[test]
fn a_file_that_grew_is_read_from_where_it_ended() {
    let scene = Scene::new();
    let grow = |to| scene.write("conn.log", format!("{CONN}{}", connections(0..to)));
    for (to, new) in [(10, 1), (2000, 0), (2001, 0), (9000, 0)] {
        grow(to);
        assert_eq!(scene.ingest().new, new);
        assert_eq!(scene.uids(), named('C', 0..to));
    }
    assert_eq!(scene.store().snapshot().unwrap().sources().count(), 1);
    // Whoever made a copy at one of these times brings nothing new with it.
    scene.write("copy.log", format!("{CONN}{}", connections(0..2001)));
    assert_eq!(scene.ingest().known, 2);
    // And growth goes on where it rotates to, packed as well.
    fs::remove_file(scene.log("conn.log")).unwrap();
    fs::remove_file(scene.log("copy.log")).unwrap();
    scene.write("conn.log.1.gz", gzipped(&format!("{CONN}{}", connections(0..9500))));
    assert_eq!(scene.ingest().grown, 1);
    assert_eq!(scene.uids(), named('C', 0..9500));
    assert!(rows(&scene.store()).iter().all(|row| row.source.ends_with("conn.log")));
}

#[test]
fn a_file_that_was_rewritten_is_new() {
    let scene = Scene::new();
    scene.write("conn.log", format!("{CONN}{}", connections(0..100)));
    scene.ingest();
    scene.write("conn.log", format!("{CONN}{}", connections(100..150)));
    assert_eq!(scene.ingest().new, 1);
    scene.write("conn.log", format!("{CONN}{}", connections(100..300)));
    assert_eq!(scene.ingest().grown, 1);
    assert_eq!(scene.uids(), named('C', 0..300));
    // References lead to one record each, and never to another log that has the name by now.
    let store = scene.store();
    let mut places: Vec<_> = rows(&store).into_iter().map(|row| (row.source, row.offset)).collect();
    places.dedup();
    assert_eq!(places.len(), 300);
}

#[test]
fn a_line_without_an_end_is_left_for_another_time() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..11));
    scene.write("conn.log", &log[..log.len() - 20]);
    let half = scene.ingest();
    assert_eq!((half.rows, half.pending.len()), (10, 1));
    // It looks whole, but may not be.
    scene.write("conn.log", &log[..log.len() - 1]);
    let unended = scene.ingest();
    assert_eq!((unended.rows, unended.pending.len(), unended.commits), (0, 1, 0));
    scene.write("conn.log", &log);
    let whole = scene.ingest();
    assert_eq!((whole.rows, whole.grown, whole.pending.len()), (1, 1, 0));
    assert_eq!(scene.uids(), named('C', 0..11));
    assert!(whole.faults.is_empty() && half.faults.is_empty(), "{half:?}");
    let store = scene.store().snapshot().unwrap();
    let (_, source) = store.sources().next().unwrap();
    assert_eq!((source.tally.records, source.tally.pending), (11, None));
}

#[test]
fn several_threads_on_one_log_leave_the_last_line_as_well() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..40_000));
    assert!(log.len() > 2 << 20, "a few blocks");
    let how = Ingest { threads: 4, ..Ingest::at(NOW) };
    scene.write("conn.log", &log[..log.len() - 1]);
    let first = scene.ingest_as(&how);
    assert_eq!((first.rows, first.pending.len()), (39_999, 1));
    scene.write("conn.log", format!("{log}{}", connections(40_000..50_000)));
    let second = scene.ingest_as(&how);
    assert_eq!((second.rows, second.grown, second.pending.len()), (10_001, 1, 0));
    assert_eq!(scene.uids(), named('C', 0..50_000));
}

#[test]
fn a_line_without_an_end_is_taken_on_request_and_in_packed_files() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..11));
    scene.write("conn.log", log.trim_end());
    let ingested = scene.ingest_as(&Ingest { whole: true, ..Ingest::at(NOW) });
    assert_eq!((ingested.rows, ingested.pending.len()), (11, 0));
    let log = format!("{DNS}{}", queries(0..11));
    scene.write("dns.log.gz", gzipped(log.trim_end()));
    assert_eq!(scene.ingest().rows, 11);
}

#[test]
fn a_packed_copy_that_was_cut_is_read_on_when_it_is_whole() {
    let scene = Scene::new();
    let packed = gzipped(&format!("{CONN}{}", connections(0..5000)));
    scene.write("conn.log.gz", &packed[..packed.len() / 2]);
    let half = scene.ingest();
    assert!(half.rows > 100 && half.rows < 4900, "{half:?}");
    scene.write("conn.log.gz", &packed);
    assert_eq!(scene.ingest().grown, 1);
    assert_eq!(scene.uids(), named('C', 0..5000));
}

#[test]
fn json_that_grows_is_read_from_where_it_ended() {
    let scene = Scene::new();
    let line = |uid: u64| {
        format!(
            "{{\"_path\":\"conn\",\"ts\":{}.5,\"uid\":\"C{uid}\",\"id.orig_h\":\"10.0.0.1\",\
             \"id.resp_h\":\"192.0.2.1\",\"conn_state\":\"SF\"}}\n",
            crate::logs::MONDAY + uid
        )
    };
    let log = |to| (0..to).map(line).collect::<String>();
    scene.write("conn.json", &log(8)[..log(8).len() - 30]);
    let first = scene.ingest();
    assert_eq!((first.rows, first.pending.len(), first.faults.len()), (7, 1, 0));
    scene.write("conn.json", log(12));
    assert_eq!(scene.ingest().rows, 5);
    assert_eq!(scene.uids(), named('C', 0..12));
}

#[test]
fn logs_that_begin_alike_are_all_read() {
    let scene = Scene::new();
    let comment = "#comment\tthis header is longer than what is hashed of a beginning\n".repeat(80);
    assert!(comment.len() > 4096);
    scene.write("a.log", format!("{CONN}{comment}"));
    scene.write("b.log", format!("{CONN}{comment}"));
    for hour in 0..5 {
        let lines = connections(hour * 100..hour * 100 + 100);
        scene.write(&format!("hour-{hour}.log"), format!("{CONN}{comment}{lines}"));
    }
    scene.ingest();
    assert_eq!(scene.uids(), named('C', 0..500));
    let again = scene.ingest();
    assert_eq!((again.known, again.rows), (7, 0));
}

#[test]
fn members_of_an_archive_are_known_one_by_one() {
    let scene = Scene::new();
    let archive = |logs: &[(&str, String)]| {
        let mut builder = Vec::new();
        for (name, log) in logs {
            builder.extend(tar_member(name, log.as_bytes()));
        }
        builder.extend([0; 1024]);
        builder
    };
    let one = ("one.log", format!("{CONN}{}", connections(0..100)));
    let two = ("two.log", format!("{DNS}{}", queries(0..100)));
    scene.write("logs.tar", archive(std::slice::from_ref(&one)));
    assert_eq!(scene.ingest().new, 1);
    scene.write("logs.tar", archive(&[one, two]));
    let more = scene.ingest();
    assert_eq!((more.new, more.known, more.rows), (1, 1, 100));
    assert_eq!(scene.ingest().known, 1, "the archive as it lies there");
}

/// A member of a tar archive (POSIX.1-1988): a header of 512 bytes, and the content in blocks.
fn tar_member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[136..147].copy_from_slice(b"00000000000");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut member = [header.as_slice(), content].concat();
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

#[test]
fn what_is_no_log_is_told_and_not_remembered_twice() {
    let scene = Scene::new();
    scene.write("README", "nothing to see");
    scene.write("empty.log", "");
    let first = scene.ingest();
    assert_eq!((first.unrecognised.len(), first.rows, first.commits), (2, 0, 1));
    assert_eq!(scene.ingest().commits, 0);
    scene.write("empty.log", format!("{CONN}{}", connections(0..3)));
    assert_eq!(scene.ingest().rows, 3);
}

#[test]
fn a_log_that_rotates_before_its_last_line_ends_is_read_on() {
    let scene = Scene::new();
    let log = format!("{CONN}{}", connections(0..68));
    scene.write("conn.log", &log[..log.len() - 1]);
    scene.ingest();
    fs::remove_file(scene.log("conn.log")).unwrap();
    scene.write("conn.log.gz", gzipped(&log));
    let ingested = scene.ingest();
    assert_eq!((ingested.grown, ingested.rows), (1, 1), "{ingested:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a log goes through between two readings, each of its records is there once.
    #[test]
    fn each_record_is_there_once(steps in prop::collection::vec((0_u64..400, 0_usize..80, 0_u8..4), 1..6)) {
        let scene = Scene::new();
        let mut lines = 0;
        for (number, (more, cut, fate)) in steps.into_iter().enumerate() {
            lines += more;
            let log = format!("{CONN}{}", connections(0..lines));
            let new = connections(lines - more..lines).len();
            let part = &log[..log.len() - cut.min(new)];
            for file in fs::read_dir(scene.log("")).unwrap() {
                fs::remove_file(file.unwrap().path()).unwrap();
            }
            match fate {
                0 => scene.write("conn.log", part),
                1 => scene.write(&format!("conn.log.{number}"), part),
                2 => scene.write("conn.log.gz", gzipped(&log)),
                _ => {
                    scene.write("conn.log", part);
                    scene.write("copy.log.gz", gzipped(&log));
                }
            }
            scene.ingest();
            let there = scene.uids();
            let mut once = there.clone();
            once.dedup();
            prop_assert_eq!(&there, &once);
        }
        scene.write("conn.log", format!("{CONN}{}", connections(0..lines)));
        scene.ingest();
        prop_assert_eq!(scene.uids(), named('C', 0..lines));
    }
}
