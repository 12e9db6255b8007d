//! Recognises a format by the first bytes of a stream, and finds words for what nothing recognises.

use crate::format::Format;
use crate::registry::FORMATS;

/// The format of a stream that begins like this.
pub(crate) fn recognise(head: &[u8]) -> Option<&'static dyn Format> {
    FORMATS.into_iter().find(|format| format.recognises(head))
}

/// Files that end up among logs, by their first bytes: what they are, and what to do with some.
const KNOWN: [(&[u8], &str); 16] = [
    (b"BZh", "bzip2, which is not read; unpack it first"),
    (b"\xfd7zXZ\0", "xz, which is not read; unpack it first"),
    (b"\x04\x22\x4d\x18", "lz4, which is not read; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, which is not read; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not read; unpack it first"),
    (b"MSCF", "a cabinet archive, which is not read; unpack it first"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture; let Zeek make logs of it"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture; let Zeek make logs of it"),
    (b"\x4d\x3c\xb2\xa1", "a packet capture; let Zeek make logs of it"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture; let Zeek make logs of it"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Unix program"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"regf", "a Windows registry hive"),
];

/// How much of a first line is shown.
const SHOWN: usize = 80;

/// What a stream that begins like this looks like, for a person who wonders why it was not read.
pub(crate) fn describe(head: &[u8]) -> String {
    if let Some((_, words)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*words).to_owned();
    }
    let is_binary = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if head.iter().any(is_binary) {
        return "binary data".to_owned();
    }
    let text = String::from_utf8_lossy(head);
    match text.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => {
            format!("text that begins `{}`", line.chars().take(SHOWN).collect::<String>())
        }
        None => "nothing but white space".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{describe, recognise};

    #[test]
    fn formats_are_told_by_content() {
        for (head, name) in [
            ("#separator \\x09\n#path\tconn\n", "zeek-tsv"),
            ("\n{\"ts\":1}\n", "json"),
            ("[{\"a\":1},", "json"),
            ("{\"a\":\"half a rec", "json"),
            ("{\"a\":1}\n#separator \\x09\n", "json"),
            ("f a line\n{\"_path\":\"dns\",\"ts\":1}\n", "json"),
            ("#fields\tts\tpost\n1\t{\"_path\":\"dns\",\"ts\":1}\n", "zeek-tsv"),
            ("<Event xmlns='x'><System><Provider", "windows-xml"),
            ("ElfFile\0\0\0\0\0", "evtx"),
        ] {
            let found = recognise(head.as_bytes()).map(|format| format.name());
            assert_eq!(found, Some(name), "{head}");
        }
        for head in ["", "[section]\nkey=value", "{ not json }", "time,level,text\n1,2,3\n"] {
            assert!(recognise(head.as_bytes()).is_none(), "{head}");
        }
    }

    #[test]
    fn what_is_not_recognised_is_described() {
        assert_eq!(describe(b"\x00\x01\x02"), "binary data");
        assert_eq!(describe(b"\n  Dear reader,\n"), "text that begins `Dear reader,`");
        assert_eq!(describe(b"BZh91AY"), "bzip2, which is not read; unpack it first");
        assert_eq!(describe(b" \n"), "nothing but white space");
    }
}
