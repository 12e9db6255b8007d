//! Text that is no plain UTF-8.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Field;

use crate::packing::gzip;
use crate::received::{Received, connection, connections};

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    let lines = String::from_utf8(connections(&["C1", "Cü"])).unwrap();
    for mark in ["\u{feff}", ""] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let input = utf_16(&format!("{mark}{lines}"), order);
            for input in [gzip(&input), input] {
                let received = Received::from(&input[..]);
                assert_eq!(received.uids(), ["C1", "Cü"]);
                assert!(received.faults().is_empty());
            }
        }
    }
}

#[test]
fn a_mark_before_utf_8_is_left_out() {
    let input = [b"\xef\xbb\xbf", &connections(&["C1"])[..]].concat();
    let received = Received::from(&input[..]);
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.references()[0].offset, 0);
    assert!(received.faults().is_empty());
}

#[test]
fn a_binary_log_is_no_utf_16() {
    let mut header = b"ElfFile\0".to_vec();
    header.resize(4096, 0);
    let received = Received::from(&header[..]);
    assert_eq!(received.sources(), [("input", Some("evtx"))]);
}

#[test]
fn bytes_that_are_no_utf_8_are_shown_as_such() {
    let mut lines = connections(&["C1", "C2"]);
    let place = memchr::memmem::find(&lines, b"C1").unwrap();
    lines[place] = 0xff;
    let received = Received::from(&lines[..]);
    assert_eq!(received.uids(), ["\u{fffd}1", "C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::InvalidText, 1)]);
}

#[test]
fn half_a_surrogate_pair_and_control_characters_hide_no_record() {
    let lines = [
        connection(r"C\ud83d\ude00"),
        connection(r"C\ud83d"),
        connection(r"C\\ud83d"),
        connection("C\t\u{1}4"),
    ];
    let received = Received::from(lines.join("\n").as_bytes());
    assert_eq!(received.texts(Field::NetworkSessionId), ["C😀", "C\u{fffd}", r"C\ud83d", "C  4"]);
    assert_eq!(received.faults(), [("input", Anomaly::InvalidText, 2)]);
}
