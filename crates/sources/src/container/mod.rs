//! Peels the packing off an input until logs come out.
//!
//! Packing is recognised by its first bytes, never by a file name: gzip and zstd hold one stream,
//! zip and tar hold members, and each may hold another. Whatever comes out streams through memory of
//! fixed size. Parsers below never see an error: a stream that breaks ends there for them, and what
//! broke it is kept as a fault, with its offset behind the packing.
//!
//! Nothing is ever written to a place that an archive names; the names of members are labels only.

mod counted;
mod guarded;
mod peeked;
mod spooled;
mod tar;
mod text;
mod zip;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use coldtrail_diagnostics::{Anomaly, Faults};
use flate2::read::MultiGzDecoder;

pub(crate) use self::counted::Counted;
pub(crate) use self::counted::Progress;
use self::guarded::Guarded;
pub(crate) use self::peeked::Peeked;
pub(crate) use self::spooled::spooled;
use crate::format::Stopped;

/// How many layers of packing are taken off: enough for a gzip in a tar in a gzip in a zip.
const DEEPEST: u32 = 4;

/// How many members are read of one input, so that an archive of nothing but names stays bounded.
const MOST_MEMBERS: u32 = 100_000;

/// How many characters of a member's name are kept.
const LONGEST_NAME: usize = 1000;

/// Takes what comes out of the packing.
pub(crate) trait Visitor {
    /// Takes one member, or the input itself where it is no archive. It may be left half read.
    ///
    /// `may_go_on` says, once the stream has ended, whether there may be more of it another time:
    /// somebody may still write to a file, and what was packed may have come out only in part.
    fn member(
        &mut self,
        name: &str,
        stream: &mut Peeked<'_>,
        may_go_on: &dyn Fn() -> bool,
    ) -> Result<(), Stopped>;

    /// Takes what was wrong with the packing around the member that was just taken, or with a
    /// source that holds none.
    fn faults(&mut self, source: &str, faults: Faults);
}

/// Hands everything that is packed in a stream to the visitor. `file` is where the stream comes
/// from, when that is a regular file, which can be opened again.
pub(crate) fn unpack(
    name: &str,
    stream: &mut dyn Read,
    file: Option<&Path>,
    progress: Progress<'_>,
    visitor: &mut dyn Visitor,
) -> Result<(), Stopped> {
    let damage = Damage::default();
    let counted = Counted::new(stream, Some(progress));
    let mut stream = Guarded::unpacked(counted, name, &damage);
    let mut unpacking = Unpacking {
        visitor,
        progress: Some(progress),
        damage,
        members_left: MOST_MEMBERS,
        names: BTreeMap::new(),
    };
    let outcome = unpacking.layer(name, &mut stream, 0, file);
    unpacking.report(name);
    outcome
}

/// Faults that readers notice while somebody else reads through them.
type Damage = Rc<RefCell<Faults>>;

struct Unpacking<'v> {
    visitor: &'v mut dyn Visitor,
    progress: Option<Progress<'v>>,
    damage: Damage,
    members_left: u32,
    /// How often each name was met: archives may hold several members of one name, and a reference
    /// to a record must say which.
    names: BTreeMap<String, u32>,
}

enum Packing {
    Gzip,
    Zstd,
    Zip,
    Tar,
}

impl Unpacking<'_> {
    /// Takes off one layer, if there is one.
    fn layer(
        &mut self,
        name: &str,
        stream: &mut dyn Read,
        depth: u32,
        file: Option<&Path>,
    ) -> Result<(), Stopped> {
        let mut stream = Peeked::new(stream);
        let Some(packing) = packing(stream.head()) else {
            return self.leaf(name, &mut stream, depth);
        };
        if depth == DEEPEST {
            let detail = format!("packed more than {DEEPEST} times");
            self.fault(name, Anomaly::NestedTooDeep, None, &detail);
            return Ok(());
        }
        match packing {
            Packing::Gzip => {
                let decoder = MultiGzDecoder::new(stream);
                self.unpacked(name, decoder, depth)
            }
            Packing::Zstd => match zstd::Decoder::new(stream) {
                Ok(decoder) => self.unpacked(name, decoder, depth),
                Err(error) => {
                    self.fault(name, Anomaly::CorruptStream, None, &error.to_string());
                    Ok(())
                }
            },
            Packing::Zip => zip::members(self, name, &mut stream, depth, file),
            Packing::Tar => tar::members(self, name, &mut stream, depth),
        }
    }

    /// Goes on with what a decoder yields.
    fn unpacked(&mut self, name: &str, decoder: impl Read, depth: u32) -> Result<(), Stopped> {
        let mut stream = Guarded::packed(decoder, name, &self.damage);
        self.layer(name, &mut stream, depth + 1, None)
    }

    /// The name of an archive's next member, numbered from the second of the same name on; `None`
    /// when there were too many.
    fn name(&mut self, archive: &str, member: &str) -> Option<String> {
        let Some(left) = self.members_left.checked_sub(1) else {
            let detail = format!("more than {MOST_MEMBERS} members; the rest was not read");
            self.fault(archive, Anomaly::UnsupportedMember, None, &detail);
            return None;
        };
        self.members_left = left;
        let member: String = member.chars().take(LONGEST_NAME).collect();
        let name = format!("{archive}!/{member}");
        let met = self.names.entry(name.clone()).or_default();
        *met += 1;
        Some(if *met == 1 { name } else { format!("{name}#{met}") })
    }

    /// Goes on with a member of an archive.
    fn member(&mut self, name: &str, stream: &mut dyn Read, depth: u32) -> Result<(), Stopped> {
        let mut stream = Guarded::packed(stream, name, &self.damage);
        let outcome = self.layer(name, &mut stream, depth + 1, None);
        self.report(name);
        outcome
    }

    /// Goes on behind a member of an archive that is not read.
    fn leave_out(&mut self, name: &str, anomaly: Anomaly, detail: &str) {
        self.fault(name, anomaly, None, detail);
        self.report(name);
    }

    /// A stream that is not packed any more.
    fn leaf(&mut self, name: &str, stream: &mut Peeked<'_>, depth: u32) -> Result<(), Stopped> {
        let damage = Rc::clone(&self.damage);
        let may_go_on = || depth == 0 || !damage.borrow().is_empty();
        match text::encoding(stream.head()) {
            text::Encoding::Plain { mark } => {
                stream.skip(mark);
                self.visitor.member(name, stream, &may_go_on)
            }
            text::Encoding::Utf16(encoding) => {
                let mut decoder = text::decoder(encoding, stream);
                self.visitor.member(name, &mut Peeked::new(&mut decoder), &may_go_on)
            }
        }
    }

    fn fault(&mut self, source: &str, anomaly: Anomaly, offset: Option<u64>, detail: &str) {
        self.damage.borrow_mut().add(source, anomaly, offset, detail);
    }

    /// Hands over the faults so far.
    fn report(&mut self, source: &str) {
        let faults = self.damage.take();
        if !faults.is_empty() {
            self.visitor.faults(source, faults);
        }
    }
}

/// How long the mark before the text is, if a stream that begins like this is neither packed nor has
/// to be decoded.
pub(crate) fn plain(head: &[u8]) -> Option<usize> {
    match text::encoding(head) {
        text::Encoding::Plain { mark } if packing(head).is_none() => Some(mark),
        _ => None,
    }
}

/// How a stream that begins like this is packed.
fn packing(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1f, 0x8b, 0x08, ..] => Some(Packing::Gzip),
        // A frame, or the skippable frame that parallel compressors begin with (RFC 8878, 3.1).
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
        // A member, the end of an empty archive, or the mark of a split one.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => {
            Some(Packing::Zip)
        }
        _ => tar::recognises(head).then_some(Packing::Tar),
    }
}
