//! Texts of which a wanted record holds one, looked for in bytes before anything is decoded.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

/// Texts to look for, in any case of letters in ASCII.
#[derive(Debug)]
pub(crate) struct RecordNeedles {
    /// Of the texts in lower case; `None` where everything matters.
    automaton: Option<AhoCorasick>,
    /// Whether bytes that do not hold a text cannot hold it in any way of writing it, but for the escapes of
    /// JSON that may stand for anything.
    is_plain: bool,
}

impl RecordNeedles {
    /// Needles of those texts. Should there be an empty one, or more than an automaton can hold, everything
    /// matters.
    pub(crate) fn new(texts: &[String]) -> Self {
        let lower: Vec<String> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        let is_bounded = lower.iter().all(|text| !text.is_empty());
        // The kind by which it may look at many bytes at a time.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&lower);
        // Quotes, backslashes and line ends are not written as they are in every format, and a text that
        // is no ASCII may stand where bytes were damaged.
        let is_plain = |text: &String| {
            text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
        };
        let is_plain = lower.iter().all(is_plain);
        Self { automaton: automaton.ok().filter(|_| is_bounded), is_plain }
    }

    /// Whether the bytes hold one of the texts.
    pub(crate) fn touch(&self, bytes: &[u8]) -> bool {
        self.automaton
            .as_ref()
            .is_none_or(|automaton| automaton.is_match(&bytes.to_ascii_lowercase()))
    }

    /// Whether a field of a JSON text may hold one of the texts.
    pub(crate) fn may_be_in_json(&self, bytes: &[u8]) -> bool {
        !self.is_plain || self.touch(bytes) || may_hide(bytes)
    }

    /// The places in bytes in lower case at which one of the texts ends, as far as they say which fields may
    /// hold one; `None` where that cannot be told by the bytes.
    pub(crate) fn ends<'b>(&'b self, lower: &'b [u8]) -> Option<impl Iterator<Item = usize> + 'b> {
        let automaton = self.automaton.as_ref().filter(|_| self.is_plain)?;
        Some(automaton.find_iter(lower).map(|found| found.end()))
    }
}

/// What may stand for letters or slashes in a JSON text, or in one that is packed into its texts, where
/// backslashes are doubled; and the name under which a message of Pub/Sub carries a record in base64.
const HIDING: [&[u8]; 3] = [b"\\u", b"\\/", b"\"data\""];

fn may_hide(bytes: &[u8]) -> bool {
    HIDING.iter().any(|hiding| memmem::find(bytes, hiding).is_some())
}

#[cfg(test)]
mod tests {
    use super::RecordNeedles;

    fn needles(texts: &[&str]) -> RecordNeedles {
        RecordNeedles::new(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn escapes_hide_nothing() {
        let workers = needles(&["Workers.dev", "a/b"]);
        assert!(workers.touch(b"x.WORKERS.DEV") && !workers.touch(b"workers_dev"));
        for (json, may_be) in [
            (r#"{"a":"x.Workers.dev"}"#, true),
            (r#"{"a":"x.workers\u002edev"}"#, true),
            (r#"{"a":"a\/b"}"#, true),
            (r#"{"a":"{\"b\":\"x.workers\\u002edev\"}"}"#, true),
            (r#"{"a":"C:\\windows\\b"}"#, false),
            (r#"{"message":{"data":"eA=="}}"#, true),
            (r#"{"a":"b"}"#, false),
        ] {
            assert_eq!(workers.may_be_in_json(json.as_bytes()), may_be, "{json}");
        }
        assert!(needles(&["\\temp"]).may_be_in_json(b"{}"));
        assert!(needles(&[""]).touch(b"") && !needles(&[]).touch(b"a"));
    }
}
