//! Archives and compression, in one another.

use std::fs::File;
use std::io::{Cursor, Read, Write};

use coldtrail_diagnostics::Anomaly;
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::received::{Received, connections};

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn gzip_of_several_parts_is_one_stream() {
    let packed = [gzip(&connections(&["C1"])), gzip(&connections(&["C2"]))].concat();
    let received = Received::from(&packed[..]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.sources(), [("input", Some("zeek-json"))]);
    assert!(received.faults().is_empty());
}

#[test]
fn zstd_of_several_frames_is_one_stream() {
    let frame = |uid| zstd::encode_all(&connections(&[uid])[..], 1).unwrap();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
    let received = Received::from(&[skippable, frame("C1"), frame("C2")].concat()[..]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert!(received.faults().is_empty());
}

#[test]
fn members_are_named_and_wrong_extensions_do_not_matter() {
    let (one, two) = (connections(&["C1"]), gzip(&connections(&["C2"])));
    let members: [(&str, &[u8]); 3] =
        [("logs/conn.evtx", &one), ("../../etc/passwd.zip", &two), ("empty.log", b"")];
    let expected = [
        ("input!/logs/conn.evtx", Some("zeek-json")),
        ("input!/../../etc/passwd.zip", Some("zeek-json")),
        ("input!/empty.log", None),
    ];
    let received = Received::from(&zip(&members)[..]);
    assert_eq!(received.sources(), expected);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert!(received.faults().is_empty());
}

#[test]
fn gzip_of_tar_of_gzip() {
    let long = format!("{}/conn.log.gz", "folder".repeat(40));
    let inner = gzip(&connections(&["C1"]));
    let packed = gzip(&tar(&[(&long, &inner), ("dns.log", &connections(&["C2"]))]));
    let received = Received::from(&packed[..]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.sources()[0].0, format!("input!/{long}"));
    assert!(received.faults().is_empty());
}

#[test]
fn pax_headers_give_long_names() {
    let name = format!("{}/conn.log", "ü".repeat(100));
    let content = connections(&["C1"]);
    let mut builder = tar::Builder::new(Vec::new());
    let records = [("comment", "=any=".as_bytes()), ("path", name.as_bytes())];
    builder.append_pax_extensions(records).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_path("short").unwrap();
    header.set_cksum();
    builder.append(&header, &content[..]).unwrap();
    let received = Received::from(&builder.into_inner().unwrap()[..]);
    assert_eq!(received.sources()[0].0, format!("input!/{name}"));
    assert_eq!(received.uids(), ["C1"]);
}

#[test]
fn a_zip_in_a_zip_is_read() {
    let inner = zip(&[("conn.log", &connections(&["C1"]))]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outer.zip");
    std::fs::write(&path, zip(&[("inner.zip", &inner)])).unwrap();
    let received = Received::from_file(&path);
    let expected = format!("{}!/inner.zip!/conn.log", path.display());
    assert_eq!(received.sources(), [(expected.as_str(), Some("zeek-json"))]);
    assert_eq!(received.uids(), ["C1"]);
}

#[test]
fn members_of_one_name_are_told_apart() {
    let packed = tar(&[("a", &connections(&["C1"])), ("a", &connections(&["C2"]))]);
    let received = Received::from(&packed[..]);
    assert_eq!(received.sources()[0].0, "input!/a");
    assert_eq!(received.sources()[1].0, "input!/a#2");
    assert_eq!(received.uids(), ["C1", "C2"]);
}

#[test]
fn members_without_end_are_given_up() {
    let member = &tar(&[("a", b"")])[..512];
    let received = Received::from(&member.repeat(100_001)[..]);
    assert_eq!(received.sources()[99_999].0, "input!/a#100000");
    assert_eq!(received.faults(), [("input", Anomaly::UnsupportedMember, 1)]);
}

#[test]
fn packing_without_end_is_given_up() {
    let mut packed = connections(&["C1"]);
    for _ in 0..4 {
        packed = gzip(&packed);
    }
    assert_eq!(Received::from(&packed[..]).uids(), ["C1"]);
    let received = Received::from(&gzip(&packed)[..]);
    assert_eq!(received.faults(), [("input", Anomaly::NestedTooDeep, 1)]);
}

#[test]
fn a_cut_gzip_gives_what_came_before_the_cut() {
    let uids: Vec<String> = (0..2000).map(|number| format!("C{number}")).collect();
    let uids: Vec<&str> = uids.iter().map(String::as_str).collect();
    let packed = gzip(&connections(&uids));
    let received = Received::from(&packed[..packed.len() / 2]);
    let read = received.uids();
    assert!(read.len() > 500 && read.iter().zip(&uids).all(|(read, uid)| read == uid));
    let truncated = |anomaly| ("input", anomaly, 1);
    let expected = [truncated(Anomaly::TruncatedStream), truncated(Anomaly::TruncatedRecord)];
    assert_eq!(received.faults(), expected);
}

#[test]
fn a_damaged_gzip_gives_what_came_before_the_damage() {
    let first = gzip(&connections(&["C1"]));
    let mut second = gzip(&connections(&["C2"]));
    let checksum = second.len() - 8;
    second[checksum] ^= 1;
    let received = Received::from(&[first.clone(), second].concat()[..]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::CorruptStream, 1)]);

    let received = Received::from(&[&first[..], b"something else"].concat()[..]);
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::CorruptStream, 1)]);
}

#[test]
fn an_encrypted_member_is_named_and_its_neighbours_are_read() {
    use zip::unstable::write::FileOptionsExt;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let open = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let locked = open.with_deprecated_encryption(b"secret").unwrap();
    for (name, options, uid) in [("a", open, "C1"), ("b", locked, "C2"), ("c", open, "C3")] {
        zip.start_file(name, options).unwrap();
        zip.write_all(&connections(&[uid])).unwrap();
    }
    let received = Received::from(&zip.finish().unwrap().into_inner()[..]);
    assert_eq!(received.uids(), ["C1", "C3"]);
    assert_eq!(received.faults(), [("input!/b", Anomaly::UnsupportedMember, 1)]);
    assert_eq!(received.detail(), "it is encrypted");
}

#[test]
fn a_member_of_an_unknown_method_is_named_and_its_neighbours_are_read() {
    let mut packed = zip(&[("a", &connections(&["C1"])), ("b", &connections(&["C2"]))]);
    // The method stands at 8 in a local header and at 10 in the list; 98 is PPMd.
    let places = |magic: &[u8]| memchr::memmem::find(&packed, magic).unwrap();
    let (local, list) = (places(b"PK\x03\x04"), places(b"PK\x01\x02"));
    packed[local + 8] = 98;
    packed[list + 10] = 98;
    let received = Received::from(&packed[..]);
    assert_eq!(received.uids(), ["C2"]);
    assert_eq!(received.faults(), [("input!/a", Anomaly::UnsupportedMember, 1)]);
}

#[test]
fn a_zip_without_its_end_is_read_from_its_beginning() {
    let packed = zip(&[("a", &connections(&["C1"])), ("b", &connections(&["C2"]))]);
    let list = memchr::memmem::find(&packed, b"PK\x01\x02").unwrap();
    let received = Received::from(&packed[..list]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    assert_eq!(received.faults(), [("input", Anomaly::TruncatedStream, 1)]);
}

#[test]
fn a_cut_tar_gives_what_came_before_the_cut() {
    let packed = tar(&[("a", &connections(&["C1"])), ("b", &connections(&["C2", "C3"]))]);
    let second = 512 + 512 + 512;
    let received = Received::from(&packed[..second + 300]);
    assert_eq!(received.uids(), ["C1", "C2"]);
    let truncated = |anomaly| ("input!/b", anomaly, 1);
    let expected = [truncated(Anomaly::TruncatedStream), truncated(Anomaly::TruncatedRecord)];
    assert_eq!(received.faults(), expected);
    let received = Received::from(&packed[..1024 + 100]);
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::TruncatedStream, 1)]);
}

#[test]
fn a_damaged_header_of_a_tar_hides_one_member_only() {
    let content = connections(&["C1"]);
    let mut packed = tar(&[("a", &content), ("b", &connections(&["C2"])), ("c", &content)]);
    packed[1024] ^= 1;
    let received = Received::from(&packed[..]);
    assert_eq!(received.uids(), ["C1", "C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::CorruptStream, 1)]);
}

#[test]
fn a_bomb_takes_time_and_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.gz");
    let mut encoder = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    let mut bomb = b"{\"a\":\"".chain(std::io::repeat(b'x').take(300 << 20));
    std::io::copy(&mut bomb, &mut encoder).unwrap();
    encoder.finish().unwrap();
    let received = Received::from_file(&path);
    let expected = path.display().to_string();
    assert_eq!(received.faults(), [(expected.as_str(), Anomaly::RecordTooLong, 1)]);
    assert_eq!(received.tallies[0].bytes, (300 << 20) + 6);
}
