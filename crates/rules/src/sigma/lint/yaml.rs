//! Documents of a file of YAML, as values, read within limits.
//!
//! A file is cut at its markers (`---`) first, so that a document that is broken harms no other. Aliases may
//! stand for more than memory holds, and brackets for more than the library reads in bearable time; both are
//! counted.

use std::cell::Cell;
use std::fmt::Formatter;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use yaml_serde::{Mapping, Value};

use super::place::Span;

/// How many bytes values may take, with what aliases stand for.
const MAX_BYTES: usize = 128 << 20;

/// What a value is counted as, beside its text.
const VALUE_BYTES: usize = 64;

/// How many brackets may open a list or a mapping in a document. The library's time grows with their square.
const MAX_BRACKETS: usize = 2_000;

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The byte of the text where it shows.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) reason: String,
}

/// The places of the documents of a file: what is between its markers, unless that is only comments.
pub(super) fn documents(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut start, mut at) = (begin, begin);
    let mut is_empty = true;
    for line in text.get(begin..).unwrap_or_default().split_inclusive('\n') {
        let is_marker = |marker| {
            line.strip_prefix(marker).is_some_and(|rest: &str| {
                rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r'])
            })
        };
        let is_begin = is_marker("---");
        if is_begin || is_marker("...") {
            if !is_empty {
                found.push(start..at);
            }
            // A document may begin behind its marker.
            start = at + 3;
            is_empty = !is_begin || is_comment(line.get(3..).unwrap_or_default());
        } else if is_empty && !is_comment(line) && !line.starts_with('%') {
            is_empty = false;
        }
        at += line.len();
    }
    if !is_empty {
        found.push(start..text.len());
    }
    found
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Reads a document, which is a piece of a text.
pub(super) fn read(text: &str, document: Span) -> Result<Value, Unreadable> {
    let piece = text.get(document.clone()).unwrap_or_default();
    if let Some(at) = too_many_brackets(piece) {
        let reason = format!("more than {MAX_BRACKETS} brackets open a list or a mapping");
        return Err(Unreadable { at: document.start + at, reason });
    }
    let left = Cell::new(MAX_BYTES);
    Bounded { left: &left }.deserialize(yaml_serde::Deserializer::from_str(piece)).map_err(
        |error| {
            let at = error.location().map_or(0, |location| location.index());
            let is_bomb = left.get() == 0 || error.to_string().contains("repetition limit");
            let reason = if is_bomb {
                "what its aliases stand for is more than is read".to_owned()
            } else {
                // The place is told with the finding, counted in the file and not in the document.
                let message = error.to_string();
                message
                    .split(" at line ")
                    .next()
                    .unwrap_or_default()
                    .trim_start_matches(": ")
                    .to_owned()
            };
            let mut at = (document.start + at).min(document.end);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            Unreadable { at, reason }
        },
    )
}

/// Where a document has more brackets than are read, of those that may open a list or a mapping. Some of
/// these are part of a text; none that does open one is missed.
fn too_many_brackets(piece: &str) -> Option<usize> {
    let mut before = b'\n';
    let mut opens = piece.bytes().enumerate().filter_map(move |(at, byte)| {
        let may_open = before.is_ascii_whitespace() || b"[{,:-?".contains(&before);
        before = byte;
        (matches!(byte, b'[' | b'{') && may_open).then_some(at)
    });
    opens.nth(MAX_BRACKETS)
}

/// Makes values as long as there is room for them.
#[derive(Clone, Copy)]
struct Bounded<'l> {
    left: &'l Cell<usize>,
}

impl Bounded<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        match self.left.get().checked_sub(VALUE_BYTES + bytes) {
            Some(left) if left > 0 => {
                self.left.set(left);
                Ok(())
            }
            _ => {
                self.left.set(0);
                Err(E::custom("too large"))
            }
        }
    }

    fn number<E: Error>(self, number: impl Into<yaml_serde::Number>) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Number(number.into()))
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("any YAML value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.number(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.number(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.number(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.take(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut list = Vec::new();
        while let Some(member) = members.next_element_seed(self)? {
            list.push(member);
        }
        Ok(Value::Sequence(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut mapping = Mapping::new();
        while let Some(key) = entries.next_key_seed(self)? {
            if mapping.contains_key(&key) {
                let name = key.as_str().unwrap_or("a key");
                return Err(A::Error::custom(format!("`{name}` is there twice")));
            }
            let value = entries.next_value_seed(self)?;
            mapping.insert(key, value);
        }
        Ok(Value::Mapping(mapping))
    }

    /// A value with a tag is what it is without.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_tag, value) = tagged.variant_seed(self)?;
        value.newtype_variant_seed(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        documents(text).into_iter().map(|piece| &text[piece]).collect()
    }

    #[test]
    fn a_file_is_cut_at_its_markers() {
        assert_eq!(pieces("a: 1\n---\nb: 2\n...\n# end\n"), ["a: 1\n", "\nb: 2\n"]);
        assert_eq!(
            pieces("# c\n--- # first\na: 1\n--- {b: 2}\n"),
            [" # first\na: 1\n", " {b: 2}\n"]
        );
        assert_eq!(pieces("\u{feff}a: ---\n ---\n"), ["a: ---\n ---\n"]);
        assert!(pieces("# nothing\n\n---\n").is_empty());
    }

    #[test]
    fn values_are_those_that_the_library_reads() {
        for text in [
            "a: 1\nb: [x, 2.5, null, true, -3]\nc: {d: 'e'}\n",
            "x",
            "- 0x10\n- 1_0\n- ~\n",
            "a: &b 1\nc: *b\n",
        ] {
            assert_eq!(
                read(text, 0..text.len()).unwrap(),
                yaml_serde::from_str::<Value>(text).unwrap()
            );
        }
        assert_eq!(read("!t x", 0..4).unwrap(), Value::String("x".into()));
    }

    #[test]
    fn what_is_broken_or_too_large_is_told() {
        let text = "ok: 1\n---\na: 1\nb: [\n";
        let error = read(text, documents(text)[1].clone()).unwrap_err();
        assert!(error.at >= 18 && !error.reason.contains("line"), "{error:?}");
        assert!(
            read("a: 1\nb: 2\na: 3\n", 0..15).unwrap_err().reason.contains("`a` is there twice")
        );
        let mut bomb = format!("a: &a ['{}']\n", "x".repeat(1_000));
        for (name, of) in ["ba", "cb", "dc", "ed", "fe", "gf"].map(|pair| pair.split_at(1)) {
            let aliases = vec![format!("*{of}"); 20].join(", ");
            bomb += &format!("{name}: &{name} [{aliases}]\n");
        }
        assert!(read(&bomb, 0..bomb.len()).unwrap_err().reason.contains("aliases"));
        let deep = "[".repeat(1_000_000);
        assert!(read(&deep, 0..deep.len()).unwrap_err().reason.contains("brackets"));
        let deep = "- ".repeat(100_000);
        assert!(read(&deep, 0..deep.len()).is_err());
    }
}
