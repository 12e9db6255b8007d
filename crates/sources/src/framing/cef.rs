//! ArcSight's Common Event Format: `CEF:0|vendor|product|version|signature|name|severity|extension`.
//!
//! In the header, `\|` and `\\` are escapes. The extension is `key=value` pairs between spaces, whose
//! values may hold spaces: a value ends where the next key begins, and an equals sign inside a value
//! is `\=`, or stands where no key can be.
//! <https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors/>

use std::borrow::Cow;

use crate::filling::Values;

/// No record has that many keys; what lies beyond is part of the last value.
const MOST_KEYS: usize = 4096;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cef<'l> {
    /// Who made the product.
    pub(crate) vendor: Cow<'l, str>,
    /// The product.
    pub(crate) product: Cow<'l, str>,
    /// The kind of event, as a number or a word.
    pub(crate) signature: Cow<'l, str>,
    /// What the event is called.
    pub(crate) name: Cow<'l, str>,
    /// The pairs of the extension, in order.
    pub(crate) extension: Vec<(&'l str, Cow<'l, str>)>,
}

/// How many bars a header has.
const BARS: usize = 7;

/// Whether a text begins like a record. Where a relay took `CEF:` for the name of a program, there is
/// nothing of it left, and the bars have to tell.
pub(crate) fn begins(text: &str) -> bool {
    let unmarked = text.strip_prefix("CEF:");
    let rest = unmarked.unwrap_or(text).trim_start_matches(' ');
    let is_version = rest.starts_with("0|") || rest.starts_with("1|");
    is_version
        && (unmarked.is_some() || rest.bytes().filter(|byte| *byte == b'|').nth(BARS - 1).is_some())
}

impl<'l> Cef<'l> {
    /// The record that a text is; `None` if parts of its header are missing.
    pub(crate) fn of(text: &'l str) -> Option<Self> {
        let mut rest = text.strip_prefix("CEF:").unwrap_or(text).trim_start_matches(' ');
        let mut part = || {
            let end = unescaped_places(rest, '|').next()?;
            let part = rest.get(..end)?;
            rest = rest.get(end + 1..)?;
            Some(unescape(part))
        };
        let _version = part()?;
        let (vendor, product, _product_version) = (part()?, part()?, part()?);
        let (signature, name, _severity) = (part()?, part()?, part()?);
        Some(Self { vendor, product, signature, name, extension: pairs(rest) })
    }

    /// The value of a key, the first one if there are several.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.extension.iter().find(|(known, _)| *known == key)?;
        (!matches!(value.as_ref(), "" | "-")).then_some(value)
    }

    /// The value of the custom key that has that label: `cs1` where `cs1Label=Rule`.
    pub(crate) fn labelled(&self, label: &str) -> Option<&str> {
        let is_label = |key: &str, value: &str| key.ends_with("Label") && value == label;
        let (key, _) = self.extension.iter().find(|(key, value)| is_label(key, value))?;
        self.get(key.strip_suffix("Label")?)
    }
}

impl Values for Cef<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// The pairs of an extension, or of what others write in the same way: a value goes on until the next
/// key.
pub(crate) fn pairs(text: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut keys = unescaped_places(text, '=')
        .filter_map(|equals| Some((key_before(text.get(..equals)?)?, equals)))
        .take(MOST_KEYS)
        .peekable();
    let mut pairs = Vec::new();
    while let Some((begin, equals)) = keys.next() {
        let end = keys.peek().map_or(text.len(), |(next, _)| *next);
        let (Some(key), Some(value)) = (text.get(begin..equals), text.get(equals + 1..end)) else {
            continue;
        };
        pairs.push((key, unescape(value.trim_ascii())));
    }
    pairs
}

/// Where the key begins that a text ends with: behind a space, or at the beginning.
fn key_before(text: &str) -> Option<usize> {
    let begin = text.rfind([' ', '\t', '|']).map_or(0, |space| space + 1);
    let key = text.get(begin..)?;
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte);
    (!key.is_empty() && key.bytes().all(is_key)).then_some(begin)
}

/// The places of a character that no backslash stands before.
fn unescaped_places(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut is_escaped = false;
    text.char_indices().filter_map(move |(place, character)| {
        let is_found = character == wanted && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_found.then_some(place)
    })
}

/// A text without its escapes. A backslash before any other character is one.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let meant = match characters.peek() {
            Some(next @ ('\\' | '|' | '=')) if character == '\\' => Some(*next),
            Some('n') if character == '\\' => Some('\n'),
            Some('r') if character == '\\' => Some('\r'),
            _ => None,
        };
        plain.push(meant.unwrap_or(character));
        if meant.is_some() {
            characters.next();
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cef, begins};

    #[test]
    fn a_value_ends_where_the_next_key_begins() {
        let cef = Cef::of(
            r"CEF:0|A \| B|C\\D|1|100|a name|3|src=10.0.0.5 msg=what was\=said, and done  request=http://a.example/x?b=c&d=e cs1=my rule cs1Label=Rule empty= end=1",
        )
        .expect("a record");
        assert_eq!((cef.vendor.as_ref(), cef.product.as_ref()), ("A | B", r"C\D"));
        assert_eq!((cef.signature.as_ref(), cef.name.as_ref()), ("100", "a name"));
        assert_eq!(cef.get("src"), Some("10.0.0.5"));
        assert_eq!(cef.get("msg"), Some("what was=said, and done"));
        assert_eq!(cef.get("request"), Some("http://a.example/x?b=c&d=e"));
        assert_eq!(cef.labelled("Rule"), Some("my rule"));
        assert_eq!((cef.get("empty"), cef.get("end")), (None, Some("1")));
    }

    #[test]
    fn half_a_header_is_no_record() {
        assert_eq!(Cef::of("CEF:0|a|b|c"), None);
        assert!(begins("CEF: 0|a") && begins("0|a|b|c|d|e|3|"));
        assert!(!begins("CEF:x") && !begins("CEF") && !begins("0|a"));
    }

    proptest! {
        #[test]
        fn values_read_back_as_written(written in prop::collection::vec("[a-c=|\\\\é]{1,5}", 1..6)) {
            let escape = |value: &String| value.replace('\\', "\\\\").replace('=', "\\=");
            let pairs: Vec<_> = written.iter().map(|value| format!("k={}", escape(value))).collect();
            let line = format!("CEF:1|v|p|1|s|n|0|{}", pairs.join(" "));
            let values: Vec<String> = Cef::of(&line).expect("a record").extension
                .into_iter().map(|(_, value)| value.into_owned()).collect();
            prop_assert_eq!(values, written);
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "CEF:0[|a=\\\\ é]{0,60}") {
            let _ = Cef::of(&text);
        }
    }
}
