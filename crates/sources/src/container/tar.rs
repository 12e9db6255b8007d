//! Reads tar archives (POSIX.1-2001 pax, GNU, and the old ones before them).
//!
//! This reader is our own because long names and pax headers, which the `tar` crate reads into
//! memory whatever their size, have to be bounded; and because it finds the next member behind a
//! damaged header.

use std::io::{self, ErrorKind, Read};

use coldtrail_diagnostics::Anomaly;

use super::Unpacking;
use crate::format::Stopped;

const BLOCK: usize = 512;

/// A longer name, or a longer pax header, is cut.
const LONGEST_HEADER: u64 = 64 << 10;

/// Whether a stream begins with the header of a member.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(has_checksum)
}

/// Hands over the members of an archive, one after the other.
pub(super) fn members(
    unpacking: &mut Unpacking<'_>,
    archive: &str,
    stream: &mut dyn Read,
    depth: u32,
) -> Result<(), Stopped> {
    let mut tar = Tar { stream, offset: 0, extension: Extension::default(), is_lost: false };
    loop {
        let offset = Some(tar.offset);
        match tar.header() {
            Header::End => return Ok(()),
            Header::Cut => {
                unpacking.fault(archive, Anomaly::TruncatedStream, offset, "half a header");
                return Ok(());
            }
            Header::Damaged => {
                unpacking.fault(archive, Anomaly::CorruptStream, offset, "a damaged header");
            }
            Header::LongName { size } => tar.long_name(size),
            Header::Extension { size } => tar.extension(size),
            Header::Member { is_file, name, size } => {
                let Extension { path, size: true_size, sparse } =
                    std::mem::take(&mut tar.extension);
                let (name, size) = (path.unwrap_or(name), true_size.unwrap_or(size));
                let mut content = Content { tar: &mut tar, left: size };
                if is_file {
                    let Some(name) = unpacking.name(archive, &name) else { return Ok(()) };
                    if sparse {
                        unpacking.leave_out(&name, Anomaly::UnsupportedMember, "a sparse file");
                    } else {
                        unpacking.member(&name, &mut content, depth)?;
                    }
                }
                let left = content.left;
                tar.skip(left.saturating_add(padding(size)));
            }
        }
    }
}

struct Tar<'s> {
    stream: &'s mut dyn Read,
    offset: u64,
    /// What extended headers say of the member that follows them.
    extension: Extension,
    /// Whether a header was damaged, and no good one was met since.
    is_lost: bool,
}

#[derive(Default)]
struct Extension {
    path: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

enum Header {
    /// A file, or a folder, a link or a device, which have nothing to read.
    Member {
        is_file: bool,
        name: String,
        size: u64,
    },
    /// The name of the next member follows, as GNU writes one that is too long for a header.
    LongName {
        size: u64,
    },
    /// A pax header follows, which is about the next member.
    Extension {
        size: u64,
    },
    Damaged,
    Cut,
    End,
}

impl Tar<'_> {
    /// The next header. Two blocks of zeros end an archive; one is taken for enough.
    ///
    /// Behind a damaged header it is not known where the next one is, and every block that looks
    /// like one is.
    fn header(&mut self) -> Header {
        let mut block = [0; BLOCK];
        loop {
            match self.fill(&mut block) {
                0 => return Header::End,
                BLOCK => {}
                _ if self.is_lost => return Header::End,
                _ => return Header::Cut,
            }
            if has_checksum(&block)
                && let Some(size) = number(&block[124..136])
            {
                self.is_lost = false;
                return self.read_header(&block, size);
            }
            if !self.is_lost && block.iter().all(|byte| *byte == 0) {
                return Header::End;
            }
            if !std::mem::replace(&mut self.is_lost, true) {
                return Header::Damaged;
            }
        }
    }

    fn read_header(&mut self, block: &[u8; BLOCK], size: u64) -> Header {
        match block[156] {
            b'L' => Header::LongName { size },
            b'x' => Header::Extension { size },
            kind => {
                self.extension.sparse |= kind == b'S';
                let is_file = matches!(kind, 0 | b'0' | b'7' | b'S');
                Header::Member { is_file, name: name(block), size }
            }
        }
    }

    fn long_name(&mut self, size: u64) {
        self.extension.path = Some(text(&self.small(size)));
    }

    /// Takes over what a pax header says: lines of `length key=value`.
    fn extension(&mut self, size: u64) {
        let records = self.small(size);
        let mut records = &records[..];
        while let Some(space) = memchr::memchr(b' ', records) {
            let (length, _) = records.split_at(space);
            let length = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok());
            let Some((record, rest)) = length.and_then(|length| records.split_at_checked(length))
            else {
                return;
            };
            // A record that ends before its content begins would be read over and over again.
            let Some(record) = record.get(space + 1..) else { return };
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let equals = memchr::memchr(b'=', record).unwrap_or(record.len());
            let (key, value) = record.split_at(equals);
            let value = text(value.strip_prefix(b"=").unwrap_or_default());
            match key {
                b"path" => self.extension.path = Some(value),
                b"size" => self.extension.size = value.parse().ok(),
                _ => self.extension.sparse |= key.starts_with(b"GNU.sparse."),
            }
            records = rest;
        }
    }

    /// The content of a header that extends another, as far as it is taken.
    fn small(&mut self, size: u64) -> Vec<u8> {
        let mut bytes = vec![0; size.min(LONGEST_HEADER) as usize];
        let read = self.fill(&mut bytes);
        bytes.truncate(read);
        self.skip(size.saturating_add(padding(size)) - read as u64);
        bytes
    }

    fn skip(&mut self, length: u64) {
        // A stream that ends before says so at the next header.
        let skipped = io::copy(&mut (&mut *self.stream).take(length), &mut io::sink());
        self.offset += skipped.unwrap_or(0);
    }

    /// Reads until the buffer is full, or the stream ends.
    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let mut filled = 0;
        while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
            match self.stream.read(free) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.offset += filled as u64;
        filled
    }
}

/// The content of one member.
struct Content<'t, 's> {
    tar: &'t mut Tar<'s>,
    left: u64,
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let read = self.tar.stream.read(buffer)?;
        if read == 0 {
            let detail = format!("{} bytes of it are missing", self.left);
            return Err(io::Error::new(ErrorKind::UnexpectedEof, detail));
        }
        self.left -= read as u64;
        self.tar.offset += read as u64;
        Ok(read)
    }
}

/// How many bytes fill up the last block of a content of that size.
fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// Whether the sum of the header's bytes, its own field taken as spaces, is the one it states.
fn has_checksum(block: &[u8; BLOCK]) -> bool {
    let sum = block.iter().enumerate().map(|(place, byte)| match place {
        148..156 => u64::from(b' '),
        _ => u64::from(*byte),
    });
    number(&block[148..156]) == Some(sum.sum())
}

/// A number in octal digits, or in base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first & 0x80 != 0 {
        return rest.iter().try_fold(u64::from(*first & 0x7f), |value, byte| {
            value.checked_mul(256).map(|value| value | u64::from(*byte))
        });
    }
    let digits = std::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// The member's name, behind the prefix that POSIX headers have for long ones.
fn name(block: &[u8; BLOCK]) -> String {
    let name = text(&block[..100]);
    let prefix = text(&block[345..500]);
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        format!("{prefix}/{name}")
    } else {
        name
    }
}

/// Text up to the first NUL.
fn text(field: &[u8]) -> String {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Extension, Tar, number, padding};

    fn extension(records: &[u8]) -> Extension {
        let mut stream = records;
        let mut tar =
            Tar { stream: &mut stream, offset: 0, extension: Extension::default(), is_lost: false };
        tar.extension(records.len() as u64);
        tar.extension
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0"), Some(0));
        assert_eq!(number(b"\x80\0\x01\0"), Some(256));
        assert_eq!(number(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(number(b"0000648\0"), None);
        assert_eq!([0, 1, 512, u64::MAX].map(padding), [0, 511, 0, 1]);
    }

    #[test]
    fn pax_headers_are_read_as_far_as_they_go() {
        let read = extension(b"12 path=a b\n13 size=1000\n18 GNU.sparse.n=1\n");
        assert_eq!((read.path.as_deref(), read.size, read.sparse), (Some("a b"), Some(1000), true));
        for broken in ["0 path=a", "2 path=a", "-1 path=a", "99999999999999999999 path=a", "x", " "]
        {
            assert_eq!(extension(broken.as_bytes()).path, None, "{broken}");
        }
    }
}
