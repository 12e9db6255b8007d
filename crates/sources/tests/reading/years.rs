//! Times without a year: the file's own time tells it, and what tells nothing is no time.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use coldtrail_diagnostics::Anomaly;

use crate::received::Received;

/// An event whose only time is that of its syslog header.
const LINE: &str = "<134>Dec 31 23:00:00 fw CEF:0|V|P|1|1|n|3|src=10.0.0.5 dst=192.0.2.7\n";

#[test]
fn the_time_of_the_file_tells_the_year() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages");
    fs::write(&path, LINE).unwrap();
    // 2024-01-02T00:00:00Z
    let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_153_600);
    File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let received = Received::from_file(&path);
    let name = path.display().to_string();
    let expected =
        [(name.as_str(), Anomaly::AssumedZone, 1), (name.as_str(), Anomaly::AssumedYear, 1)];
    assert_eq!(received.faults(), expected);
    // 2023-12-31T23:00:00Z
    let moment = 1_704_063_600_000_000;
    assert_eq!(received.sources(), [(name.as_str(), Some("cef"))]);
    assert_eq!(received.tallies[0].tally.span, Some((moment, moment)));
}

#[test]
fn a_stream_that_has_no_time_leaves_the_year_open() {
    let received = Received::from(LINE.as_bytes());
    assert_eq!(received.faults(), [("input", Anomaly::MissingYear, 1)]);
    assert_eq!(received.tallies[0].tally.rows.values().sum::<u64>(), 0);
}
