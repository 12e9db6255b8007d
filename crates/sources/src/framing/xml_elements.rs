//! Cuts a stream into the `<Event>` elements of Windows event logs, whatever surrounds them.
//!
//! Exports wrap events in `<Events>`, put one on a line, several on a line, or simply concatenate
//! them with or without XML declarations; none of that has to be well-formed to find the elements.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use memchr::memmem;

use super::window::Window;
use super::{Framed, LONGEST_RECORD, Skipped};

const OPENING: &[u8] = b"<Event";
const CLOSING: &[u8] = b"</Event";

/// The `<Event>` elements of a stream.
pub(crate) struct XmlElements<'r> {
    window: Window<'r>,
}

/// One element, from `<Event` to `</Event>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct XmlElement<'e> {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// Its bytes, which need not be well-formed.
    pub(crate) bytes: &'e [u8],
}

impl<'r> XmlElements<'r> {
    /// The elements of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self { window: Window::new(stream, 0) }
    }

    /// The next element, or the stretch of one that has no end or is longer than
    /// [`LONGEST_RECORD`].
    pub(crate) fn next(&mut self) -> Option<Framed<XmlElement<'_>>> {
        if !self.find_opening() {
            return None;
        }
        let offset = self.window.offset();
        let mut searched = OPENING.len();
        loop {
            let bytes = self.window.bytes();
            match next_tag(bytes, searched) {
                Some(Tag::Closing { end }) => {
                    return Some(Framed::Record(XmlElement {
                        offset,
                        bytes: self.window.take(end),
                    }));
                }
                Some(Tag::Opening { start }) => {
                    return Some(self.skip(offset, start, Anomaly::InvalidXml));
                }
                None => {}
            }
            searched = searched.max(bytes.len().saturating_sub(LONGEST_TAG));
            let length = bytes.len();
            if length > LONGEST_RECORD {
                return Some(self.skip(offset, searched, Anomaly::RecordTooLong));
            }
            if !self.window.fill() {
                return Some(self.skip(offset, length, Anomaly::TruncatedRecord));
            }
        }
    }

    /// Moves to the next `<Event` tag, past whatever lies before it.
    fn find_opening(&mut self) -> bool {
        loop {
            let bytes = self.window.bytes();
            if let Some(start) = opening(bytes, 0) {
                self.window.take(start);
                return true;
            }
            let seen = bytes.len().saturating_sub(LONGEST_TAG);
            self.window.take(seen);
            if !self.window.fill() {
                return false;
            }
        }
    }

    /// Leaves out what was begun, and whatever follows it up to the next element.
    fn skip(&mut self, offset: u64, length: usize, anomaly: Anomaly) -> Framed<XmlElement<'_>> {
        self.window.take(length);
        self.find_opening();
        let length = self.window.offset() - offset;
        Framed::Skipped(Skipped { offset, length, anomaly })
    }
}

/// A tag that is cut by the end of the window is looked at again with more bytes, so as many bytes
/// are kept: room for `</Event>` with some white space inside.
const LONGEST_TAG: usize = 64;

enum Tag {
    Opening { start: usize },
    Closing { end: usize },
}

/// The first opening or closing tag at or behind a place.
fn next_tag(bytes: &[u8], from: usize) -> Option<Tag> {
    let closing = closing(bytes, from);
    // An element that opens before this one closes means that this one was cut.
    let before = closing.map_or(bytes.len(), |(start, _)| start);
    if let Some(start) = opening(bytes.get(..before).unwrap_or_default(), from) {
        return Some(Tag::Opening { start });
    }
    closing.map(|(_, end)| Tag::Closing { end })
}

/// Where the next `<Event` begins; `<Events` and `<EventData` are other elements.
fn opening(bytes: &[u8], from: usize) -> Option<usize> {
    memmem::find_iter(bytes.get(from..)?, OPENING).map(|place| from + place).find(|start| {
        let next = bytes.get(start + OPENING.len());
        next.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    })
}

/// Where the next `</Event>` begins, and where it ends.
fn closing(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    memmem::find_iter(bytes.get(from..)?, CLOSING).find_map(|place| {
        let start = from + place;
        let rest = bytes.get(start + CLOSING.len()..)?;
        let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        (rest.get(spaces) == Some(&b'>')).then_some((start, start + CLOSING.len() + spaces + 1))
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use coldtrail_diagnostics::Anomaly;

    use super::{Framed, XmlElements};

    /// Every element as (offset, text), every skipped stretch as (offset, its anomaly's code).
    fn all(stream: &mut dyn Read) -> Vec<(u64, String)> {
        let mut elements = XmlElements::new(stream);
        let mut found = Vec::new();
        while let Some(framed) = elements.next() {
            found.push(match framed {
                Framed::Record(element) => {
                    (element.offset, String::from_utf8_lossy(element.bytes).into_owned())
                }
                Framed::Skipped(skipped) => (skipped.offset, skipped.anomaly.code().to_owned()),
            });
        }
        found
    }

    #[test]
    fn finds_elements_in_any_surroundings() {
        let input = "<?xml version='1.0'?><Events><Event xmlns='a'><EventData/></Event>\
                     <!-- -->\r\n<Event>x</Event ></Events>";
        let found = all(&mut input.as_bytes());
        assert_eq!(found[0].1, "<Event xmlns='a'><EventData/></Event>");
        assert_eq!(found[1], (76, "<Event>x</Event >".to_owned()));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_damaged_element_leaves_its_neighbours_alone() {
        let found = all(&mut "<Event>one</Eve\n<Event>two</Event>\n<Event>thr".as_bytes());
        let expected = [
            (0, Anomaly::InvalidXml.code().to_owned()),
            (16, "<Event>two</Event>".to_owned()),
            (35, Anomaly::TruncatedRecord.code().to_owned()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_endless_element_is_skipped() {
        let mut input = (&b"<Event>"[..])
            .chain(io::repeat(b'x').take(40 << 20))
            .chain(&b"</Event><Event>next</Event>"[..]);
        let found = all(&mut input);
        assert_eq!(found[0], (0, Anomaly::RecordTooLong.code().to_owned()));
        assert_eq!(found[1].1, "<Event>next</Event>");
    }

    #[test]
    fn tags_may_be_cut_by_the_window() {
        let event = "<Event Name='x'><System/></Event>";
        for shift in 0..64 {
            let shift = (256 << 10) - shift;
            let mut input = io::repeat(b' ').take(shift).chain(event.as_bytes());
            assert_eq!(all(&mut input), [(shift, event.to_owned())]);
        }
    }
}
