//! Text in other encodings than UTF-8, which is what Windows tools write.
//!
//! UTF-16 becomes UTF-8 here, so offsets of records then refer to the UTF-8 text; a mark at the
//! beginning of UTF-8 is left out, and offsets begin behind it.

use std::io::Read;

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// How a stream writes text.
pub(super) enum Encoding {
    /// Bytes as they are, behind a byte order mark of so many bytes.
    Plain { mark: usize },
    /// UTF-16, with or without its byte order mark.
    Utf16(&'static encoding_rs::Encoding),
}

/// How many bytes must look like UTF-16 where no mark says so.
const SAMPLE: usize = 32;

/// The encoding of a stream that begins like this.
pub(super) fn encoding(head: &[u8]) -> Encoding {
    match head {
        [0xef, 0xbb, 0xbf, ..] => Encoding::Plain { mark: 3 },
        [0xff, 0xfe, ..] => Encoding::Utf16(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => Encoding::Utf16(encoding_rs::UTF_16BE),
        _ if every_other_is_nul(head, 1) => Encoding::Utf16(encoding_rs::UTF_16LE),
        _ if every_other_is_nul(head, 0) => Encoding::Utf16(encoding_rs::UTF_16BE),
        _ => Encoding::Plain { mark: 0 },
    }
}

/// Reads UTF-16 as UTF-8. What is no UTF-16 becomes U+FFFD.
pub(super) fn decoder<R: Read>(
    encoding: &'static encoding_rs::Encoding,
    stream: R,
) -> DecodeReaderBytes<R, Vec<u8>> {
    DecodeReaderBytesBuilder::new().encoding(Some(encoding)).strip_bom(true).build(stream)
}

/// Whether the stream begins with ASCII in UTF-16. Logs begin with a brace, a `<`, a `#` or the
/// name of a column, and no binary log begins with such a pattern.
fn every_other_is_nul(head: &[u8], nul: usize) -> bool {
    let sample = head.get(..head.len().min(SAMPLE) & !1).unwrap_or_default();
    sample.len() >= 4
        && sample.iter().enumerate().all(|(place, byte)| (*byte == 0) == (place % 2 == nul))
}
