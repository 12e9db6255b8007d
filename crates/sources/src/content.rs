//! What tells the content of one source from that of another, whatever they are called, wherever
//! they lie and however they are packed.
//!
//! A log that is read again and again is known by its content alone: rotation renames it, and
//! whoever archives it packs it. [`Content`] stands for a stretch from the beginning of an unpacked
//! stream to some place in it, and [`compare()`] finds the longest of the known stretches that the
//! members of a file begin with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use coldtrail_diagnostics::Faults;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::container::{Peeked, Visitor, plain, unpack};
use crate::discover::{Input, Origin};
use crate::format::Stopped;
use crate::read::regular;

/// How much of a beginning is hashed: the most of these that the stretch has, so that a stretch is
/// found by its beginning whatever comes behind it.
const HEADS: [usize; 7] = [1, 4, 16, 64, 256, 1024, LONGEST_HEAD];

/// The most of a beginning that is hashed, in bytes.
const LONGEST_HEAD: usize = 4096;

/// How much of an end is hashed, in bytes. Logs begin alike, but they do not go on alike.
const TAIL: usize = 64 << 10;

/// How much of a stream is remembered behind the place that it was read to, in bytes.
const REMEMBERED: usize = 1 << 20;

/// Binary Windows logs change in place: the header of the file, and that of the chunk that is being
/// filled. All else only grows. See <https://github.com/libyal/libevtx>, "File header" and "Chunk
/// header".
const EVTX_MAGIC: &[u8] = b"ElfFile\0";
const EVTX_HEADER: u64 = 4096;
const EVTX_CHUNK: u64 = 65_536;
const EVTX_CHUNK_HEADER: u64 = 512;

/// Where the first record of a binary log begins.
const EVTX_BEGIN: usize = 4608;

/// Stands for a stretch from the beginning of an unpacked stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Content {
    /// How many bytes the stretch has.
    pub length: u64,
    /// SHA-256 of its first bytes, 128 bits of it in hexadecimal.
    pub head: String,
    /// SHA-256 of its last 64 KiB, likewise. Empty where they were not at hand any more, since more
    /// than a MiB of an unfinished record follows.
    pub tail: String,
}

impl Content {
    fn new(length: u64, head: &[u8], tail: Option<&[u8]>) -> Option<Self> {
        let hashed = HEADS.iter().rev().find(|step| **step <= head.len())?;
        let head = digest(head.get(..*hashed)?);
        Some(Self { length, head, tail: tail.map(digest).unwrap_or_default() })
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Stretches that were read another time.
#[derive(Clone, Debug, Default)]
pub struct Known {
    by_head: BTreeMap<String, BTreeSet<Content>>,
}

impl Known {
    /// Adds a stretch.
    pub fn add(&mut self, content: Content) {
        self.by_head.entry(content.head.clone()).or_default().insert(content);
    }

    /// The stretches that begin as those bytes do, shortest first.
    fn beginning_with(&self, head: &[u8]) -> Vec<&Content> {
        if self.by_head.is_empty() {
            return Vec::new();
        }
        let steps = HEADS.iter().filter_map(|step| head.get(..*step));
        let mut all: Vec<&Content> =
            steps.filter_map(|beginning| self.by_head.get(&digest(beginning))).flatten().collect();
        all.sort_by_key(|content| content.length);
        all
    }
}

/// What a file is, compared with what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// A packed file that is known as it lies there.
    Whole,
    /// Something to look at member by member.
    Members {
        /// The file as it lies there, if it is packed.
        packed: Option<Content>,
        /// Its members, or the one stream that it is.
        members: Vec<Member>,
    },
}

/// A member of a file, compared with what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, as its rows would have it.
    pub name: String,
    /// Its first bytes, up to 4 KiB, from where they tell it from others.
    pub head: Vec<u8>,
    /// The longest known stretch that it begins with.
    pub known: Option<Content>,
    /// Whether there is nothing behind that stretch.
    pub is_whole: bool,
}

/// Compares a file with what is known. Of a file that is not packed, only the places that matter are
/// read; a packed one is unpacked as far as is needed.
///
/// # Errors
///
/// When the file cannot be read, or is none: what comes through a pipe cannot be looked at twice.
pub fn compare(input: &Input, known: &Known) -> io::Result<Compared> {
    let path = match &input.origin {
        Origin::File(path) | Origin::Tail { path, .. } | Origin::Rest { path, .. } => path,
        Origin::Stdin => return Err(no_file()),
    };
    let path = regular(path).ok_or_else(no_file)?;
    let mut file = File::open(path)?;
    let mut comparing = Comparing { known, members: Vec::new() };
    let mut beginning = Vec::new();
    (&mut file).take(2 * TAIL as u64).read_to_end(&mut beginning)?;
    if let Some(mark) = plain(&beginning) {
        let stream = beginning.get(mark..).unwrap_or_default();
        comparing.plain(&input.name, stream, mark as u64, &mut file)?;
        return Ok(Compared::Members { packed: None, members: comparing.members });
    }
    let packed = as_it_lies(&mut file, &beginning)?;
    if packed.as_ref().is_some_and(|packed| is_known(packed, &beginning, known)) {
        return Ok(Compared::Whole);
    }
    file.seek(SeekFrom::Start(0))?;
    // It has seen enough when it has seen everything.
    let _enough = unpack(&input.name, &mut file, Some(path), &|_| {}, &mut comparing);
    Ok(Compared::Members { packed, members: comparing.members })
}

fn no_file() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "not a file: what comes through a pipe cannot be told from what was read before; write it to a file first",
    )
}

/// The content of a file without a look into its packing.
fn as_it_lies(file: &mut File, beginning: &[u8]) -> io::Result<Option<Content>> {
    let length = file.metadata()?.len();
    let tail = window(file, length)?;
    let head = beginning.get(..LONGEST_HEAD).unwrap_or(beginning);
    Ok(Content::new(length, head, Some(&tail)))
}

fn is_known(packed: &Content, beginning: &[u8], known: &Known) -> bool {
    let head = beginning.get(..LONGEST_HEAD).unwrap_or(beginning);
    known.beginning_with(head).contains(&packed)
}

/// The last 64 KiB before a place of a file, or fewer if there are no more.
fn window(file: &mut File, end: u64) -> io::Result<Vec<u8>> {
    let length = end.min(TAIL as u64);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(end - length))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Comparing<'k> {
    known: &'k Known,
    members: Vec<Member>,
}

impl Comparing<'_> {
    /// Compares a stream that lies in a file behind a mark, by its beginning and by looking at the
    /// places where known stretches end.
    fn plain(&mut self, name: &str, stream: &[u8], mark: u64, file: &mut File) -> io::Result<()> {
        let head = telling(stream);
        let length = file.metadata()?.len().saturating_sub(mark);
        let mut known = None;
        for candidate in self.known.beginning_with(head).iter().rev() {
            if candidate.length > length {
                continue;
            }
            let start = candidate.length - candidate.length.min(TAIL as u64);
            let mut tail = window(file, mark + candidate.length)?;
            // The window of a short stretch reaches over the mark.
            tail.drain(..tail.len().saturating_sub((candidate.length - start) as usize));
            mask(&mut tail, start, is_evtx(stream));
            if candidate.tail.is_empty() || candidate.tail == digest(&tail) {
                known = Some((*candidate).clone());
                break;
            }
        }
        let is_whole = known.as_ref().is_some_and(|known| known.length == length);
        self.members.push(Member { name: name.to_owned(), head: head.to_vec(), known, is_whole });
        Ok(())
    }
}

impl Visitor for Comparing<'_> {
    fn member(
        &mut self,
        name: &str,
        stream: &mut Peeked<'_>,
        _: &dyn Fn() -> bool,
    ) -> Result<(), Stopped> {
        let head = telling(stream.head()).to_vec();
        let mut followed = Followed::new(stream);
        let mut known: Option<Content> = None;
        for candidate in self.known.beginning_with(&head) {
            followed.read_to(candidate.length);
            let same = |content: &Content| {
                content.head == candidate.head
                    && (content.tail == candidate.tail || candidate.tail.is_empty())
            };
            if followed.content(candidate.length).as_ref().is_some_and(same) {
                known = Some(candidate.clone());
            }
        }
        let is_whole = known.as_ref().is_some_and(|known| {
            followed.read_to(known.length + 1);
            followed.length == known.length
        });
        self.members.push(Member { name: name.to_owned(), head, known, is_whole });
        Ok(())
    }

    fn faults(&mut self, _: &str, _: Faults) {}
}

/// The beginning of a stream, from where it tells the stream from others.
fn telling(stream: &[u8]) -> &[u8] {
    let skipped = if is_evtx(stream) { EVTX_BEGIN } else { 0 };
    let telling = stream.get(skipped..).unwrap_or_default();
    telling.get(..LONGEST_HEAD).unwrap_or(telling)
}

fn is_evtx(stream: &[u8]) -> bool {
    stream.starts_with(EVTX_MAGIC)
}

/// Blanks what changes in place of a stretch that begins at an offset of the stream.
fn mask(stretch: &mut [u8], start: u64, is_evtx: bool) {
    if !is_evtx {
        return;
    }
    for (offset, byte) in (start..).zip(stretch) {
        let in_chunk = offset.checked_sub(EVTX_HEADER).map(|offset| offset % EVTX_CHUNK);
        if in_chunk.is_none_or(|offset| offset < EVTX_CHUNK_HEADER) {
            *byte = 0;
        }
    }
}

/// A stream that remembers its beginning and what was read last, so that the content up to a place
/// not far behind can be told.
pub(crate) struct Followed<'s> {
    stream: &'s mut dyn Read,
    beginning: Vec<u8>,
    recent: Vec<u8>,
    length: u64,
    /// A place on the way, and the content up to it once it was passed.
    passed: (u64, Option<Content>),
}

impl<'s> Followed<'s> {
    pub(crate) fn new(stream: &'s mut dyn Read) -> Self {
        Self::passing(stream, 0)
    }

    /// Follows a stream, and tells its content at a place on the way.
    pub(crate) fn passing(stream: &'s mut dyn Read, place: u64) -> Self {
        let (beginning, recent) = (Vec::new(), Vec::new());
        Self { stream, beginning, recent, length: 0, passed: (place, None) }
    }

    /// The content up to the place on the way.
    pub(crate) fn passed(&self) -> Option<&Content> {
        self.passed.1.as_ref()
    }

    /// The content from the beginning to a place; `None` where there is nothing before it, or where
    /// the stream was not read that far.
    pub(crate) fn content(&self, length: u64) -> Option<Content> {
        if self.length < length {
            return None;
        }
        let head = telling(&self.beginning);
        let before = if is_evtx(&self.beginning) { EVTX_BEGIN } else { 0 };
        let within = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(before);
        self.hashed(length, head.get(..within).unwrap_or(head))
    }

    /// Whether whoever writes the stream fills room in it that lies there already.
    pub(crate) fn is_filled_in_place(&self) -> bool {
        is_evtx(&self.beginning)
    }

    fn hashed(&self, length: u64, head: &[u8]) -> Option<Content> {
        let start = length - length.min(TAIL as u64);
        let first = self.length - self.recent.len() as u64;
        let tail = start.checked_sub(first).and_then(|skipped| {
            let from = usize::try_from(skipped).ok()?;
            let to = from.checked_add(usize::try_from(length - start).ok()?)?;
            self.recent.get(from..to)
        });
        let mut tail = tail.map(<[u8]>::to_vec);
        if let Some(tail) = &mut tail {
            mask(tail, start, is_evtx(&self.beginning));
        }
        Content::new(length, head, tail.as_deref())
    }

    /// Reads on to a place, if the stream goes that far.
    fn read_to(&mut self, length: u64) {
        let missing = length.saturating_sub(self.length);
        // A stream that fails has ended, as everywhere in this crate.
        let _read = io::copy(&mut Read::take(&mut *self, missing), &mut io::sink());
    }

    fn note(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let wanted = EVTX_BEGIN + LONGEST_HEAD;
        let missing = wanted.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
        self.recent.extend_from_slice(bytes);
        let (place, None) = &self.passed else { return self.forget() };
        if *place > 0 && self.length >= *place {
            self.passed.1 = self.content(*place);
        }
        self.forget();
    }

    /// Forgets what lies far behind.
    fn forget(&mut self) {
        if self.recent.len() > 2 * REMEMBERED {
            self.recent.drain(..self.recent.len() - REMEMBERED);
        }
    }
}

impl Read for Followed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.note(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::{Compared, Content, Followed, Known, Member, compare};
    use crate::{Input, Origin};

    fn content(mut stream: &[u8], length: usize) -> Content {
        let mut followed = Followed::new(&mut stream);
        followed.read_to(length as u64);
        followed.content(length as u64).unwrap()
    }

    fn member(bytes: &[u8], known: &Known) -> Member {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let origin = Origin::File(file.path().to_owned());
        match compare(&Input { name: "input".to_owned(), origin }, known).unwrap() {
            Compared::Members { mut members, .. } => members.remove(0),
            Compared::Whole => panic!("no packed file is known"),
        }
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A stream begins with what was read of it, packed or not, and with nothing else.
        #[test]
        fn the_longest_stretch_is_found(
            seed in 1_u8..,
            length in 1_usize..200_000,
            places in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
            changed in any::<prop::sample::Index>(),
        ) {
            let byte = |place: usize| (place as u8).wrapping_mul(seed) ^ (place >> 8) as u8 | 1;
            let stream: Vec<u8> = (0..length).map(byte).collect();
            let mut lengths: Vec<usize> = places.iter().map(|place| place.index(length) + 1).collect();
            lengths.sort_unstable();
            let mut known = Known::default();
            for length in &lengths {
                known.add(content(&stream, *length));
            }
            let longest = lengths[lengths.len() - 1];
            for packed in [stream.clone(), gzipped(&stream)] {
                let member = member(&packed, &known);
                prop_assert_eq!(member.known.map(|known| known.length), Some(longest as u64));
                prop_assert_eq!(member.is_whole, longest == length);
            }

            // A byte that differs within what is hashed: stretches behind it are not found.
            let changed = changed.index(longest.min(4096));
            let mut other = stream;
            other[changed] = 0;
            for packed in [other.clone(), gzipped(&other)] {
                let found = member(&packed, &known).known.map_or(0, |known| known.length);
                let window = |length: usize| length <= changed || changed >= hashed_head(length) && changed + 65_536 < length;
                let expected = lengths.iter().copied().filter(|length| window(*length)).max();
                prop_assert_eq!(found, expected.unwrap_or(0) as u64);
            }
        }
    }

    fn hashed_head(length: usize) -> usize {
        super::HEADS.iter().copied().filter(|step| *step <= length).max().unwrap_or(0)
    }

    #[test]
    fn a_packed_file_is_known_as_it_lies_there() {
        let packed = gzipped(b"one\ntwo\n");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &packed).unwrap();
        let input =
            Input { name: "input".to_owned(), origin: Origin::File(file.path().to_owned()) };
        let Compared::Members { packed: Some(lying), .. } =
            compare(&input, &Known::default()).unwrap()
        else {
            panic!("it is packed, and new")
        };
        let mut known = Known::default();
        known.add(lying);
        assert_eq!(compare(&input, &known).unwrap(), Compared::Whole);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let stdin = Input { name: "-".to_owned(), origin: Origin::Stdin };
        assert!(compare(&stdin, &Known::default()).is_err());
        let folder = Input { name: ".".to_owned(), origin: Origin::File(".".into()) };
        assert!(compare(&folder, &Known::default()).is_err());
    }
}
