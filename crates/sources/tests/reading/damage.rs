//! Inputs that are no logs, or not quite.

use std::io::{self, Read};

use coldtrail_diagnostics::Anomaly;
use proptest::prelude::*;

use crate::packing::{gzip, tar, zip};
use crate::received::{Received, connection, connections};

#[test]
fn an_empty_input_is_nothing_to_complain_about() {
    let received = Received::from(io::empty());
    assert_eq!(received.sources(), [("input", None)]);
    assert!(received.faults().is_empty());
    assert!(Received::from(&b"[]\n"[..]).faults().is_empty());
}

#[test]
fn half_a_line_at_the_end_is_counted() {
    let mut lines = connections(&["C1", "C2"]);
    lines.truncate(lines.len() - 30);
    let received = Received::from(&lines[..]);
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::TruncatedRecord, 1)]);
}

#[test]
fn a_log_without_its_beginning_is_recognised() {
    let lines = connections(&["C1", "C2"]);
    let received = Received::from(&lines[30..]);
    assert_eq!(received.uids(), ["C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::InvalidJson, 1)]);
}

#[test]
fn binary_junk_is_said_to_be_such() {
    let received = Received::from(&b"\x00\x01\x02\xff\xfe junk"[..]);
    assert_eq!(received.faults(), [("input", Anomaly::UnknownFormat, 1)]);
    assert_eq!(received.detail(), "binary data");
    assert_eq!(received.sources(), [("input", None)]);
}

#[test]
fn binary_junk_between_records_costs_no_record() {
    let junk: Vec<u8> = (0..=255).filter(|byte| *byte != b'{').cycle().take(5000).collect();
    let input = [&connections(&["C1"])[..], &junk, b"\n", &connections(&["C2"])].concat();
    let received = Received::from(&input[..]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::InvalidJson, 1)]);
}

#[test]
fn a_line_of_100_megabytes_costs_no_neighbour() {
    let (first, last) = (connections(&["C1"]), connections(&["C2"]));
    let long = (&b"{\"long\":\""[..]).chain(io::repeat(b'x').take(100 << 20)).chain(&b"\"}\n"[..]);
    let received = Received::from(first.chain(long).chain(&last[..]));
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::RecordTooLong, 1)]);
}

#[test]
fn a_stream_that_fails_gives_what_came_before() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    let lines = connections(&["C1"]);
    let received = Received::from((&lines[..]).chain(Failing));
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::Unreadable, 1)]);
    assert_eq!(received.detail(), "the disk is on fire");
}

/// A path below a file can be opened by nobody, not even by root.
#[test]
fn what_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let path = file.join("below");
    let received = Received::from_file(&path);
    let name = path.display().to_string();
    assert_eq!(received.faults(), [(name.as_str(), Anomaly::Unreadable, 1)]);
}

#[cfg(unix)]
#[test]
fn no_permission_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.log");
    std::fs::write(&path, connections(&["C1"])).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        println!("skipped: this user may read any file, as root may");
        return;
    }
    let name = path.display().to_string();
    let received = Received::from_file(&path);
    assert_eq!(received.faults(), [(name.as_str(), Anomaly::Unreadable, 1)]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: there is no mkfifo");
        return;
    }
    let packed = zip(&[("conn.log", &connections(&["C1"]))]);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || std::fs::write(path, packed)
    });
    let received = Received::from_file(&path);
    writer.join().unwrap().unwrap();
    assert_eq!(received.uids(), ["C1"]);
}

#[test]
fn a_receiver_that_has_enough_ends_the_reading() {
    use arrow_array::RecordBatch;
    use coldtrail_model::Table;
    use coldtrail_sources::{Receiver, Stopped, read_stream};
    struct Enough;
    impl Receiver for Enough {
        fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
            Err(Stopped)
        }
    }
    let lines = (connection("C1") + "\n").repeat(20_000).into_bytes();
    let packed = tar(&[("a", &lines), ("b", &lines)]);
    let tallies = read_stream("input", &mut &packed[..], &mut Enough);
    assert_eq!(tallies.len(), 1);
    assert!(tallies[0].tally.records < 20_000);
}

/// Bytes that are like packed logs, but for a few that are not.
fn nearly_packed() -> impl Strategy<Value = Vec<u8>> {
    let logs = connections(&["C1", "C2"]);
    let whole = prop::sample::select(vec![
        gzip(&logs),
        zstd::encode_all(&logs[..], 1).unwrap(),
        zip(&[("a", &logs), ("b", &gzip(&logs))]),
        tar(&[("a", &logs), ("b", &zip(&[("c", &logs)]))]),
        logs,
    ]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    (whole, changes).prop_map(|(mut bytes, changes)| {
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn nothing_makes_it_fall_over(bytes in nearly_packed(), cut in any::<prop::sample::Index>()) {
        let _whole = Received::from(&bytes[..]);
        let _cut = Received::from(&bytes[..cut.index(bytes.len())]);
    }
}
