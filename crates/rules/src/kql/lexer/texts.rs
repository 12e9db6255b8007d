//! Texts in quotes: plain, verbatim, secret, and of several lines.

use std::borrow::Cow;

/// A text as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Its length in bytes, quotes and prefixes among it.
    pub length: usize,
    /// Whether its closing quote was found.
    pub is_closed: bool,
}

/// The marks around a text.
struct Marks<'a> {
    is_obfuscated: bool,
    is_verbatim: bool,
    quote: &'a str,
    /// Of the prefix and the opening quote.
    length: usize,
}

/// An escape that is none: where it stands in the text and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// The byte of the backslash, counted from the text's begin.
    pub at: usize,
    /// The backslash and what follows.
    pub escape: String,
}

/// The text that begins here, if one does.
pub fn scan(rest: &str) -> Option<Scanned> {
    let marks = marks(rest)?;
    let inside = rest.get(marks.length..)?;
    let (length, is_closed) = match closing(inside, &marks) {
        Some(at) => (marks.length + at + marks.quote.len(), true),
        None if marks.quote.len() > 1 => (rest.len(), false),
        None => (marks.length + inside.find(['\n', '\r']).unwrap_or(inside.len()), false),
    };
    Some(Scanned { length, is_closed })
}

/// Whether a text begins with `h`, which keeps it out of traces.
pub fn is_obfuscated(token: &str) -> bool {
    marks(token).is_some_and(|marks| marks.is_obfuscated)
}

/// What a text says, without its quotes and with its escapes resolved.
///
/// # Errors
///
/// The first escape that the language does not have.
pub fn content(token: &str) -> Result<Cow<'_, str>, BadEscape> {
    let Some(marks) = marks(token) else { return Ok(Cow::Borrowed(token)) };
    let inside = token.get(marks.length..).unwrap_or_default();
    let inside = inside.strip_suffix(marks.quote).unwrap_or(inside);
    if marks.quote.len() > 1 {
        return Ok(Cow::Borrowed(inside));
    }
    if marks.is_verbatim {
        let doubled = marks.quote.repeat(2);
        return Ok(match inside.contains(&doubled) {
            true => Cow::Owned(inside.replace(&doubled, marks.quote)),
            false => Cow::Borrowed(inside),
        });
    }
    unescape(inside).map_err(|bad| BadEscape { at: bad.at + marks.length, ..bad })
}

fn marks(rest: &str) -> Option<Marks<'_>> {
    let plain = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
    let bare = plain.strip_prefix('@').unwrap_or(plain);
    let is_verbatim = bare.len() < plain.len();
    let quote = ["```", "~~~", "\"", "'"].into_iter().find(|quote| bare.starts_with(quote))?;
    if is_verbatim && quote.len() > 1 {
        return None;
    }
    Some(Marks {
        is_obfuscated: plain.len() < rest.len(),
        is_verbatim,
        quote: bare.get(..quote.len())?,
        length: rest.len() - bare.len() + quote.len(),
    })
}

/// Where the closing quote stands in what follows the opening one.
fn closing(inside: &str, marks: &Marks<'_>) -> Option<usize> {
    if marks.quote.len() > 1 {
        return inside.find(marks.quote);
    }
    let quote = *marks.quote.as_bytes().first()?;
    let bytes = inside.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return None,
            b'\\' if !marks.is_verbatim => at += 2,
            _ if byte != quote => at += 1,
            _ if marks.is_verbatim && bytes.get(at + 1) == Some(&quote) => at += 2,
            _ => return Some(at),
        }
    }
    None
}

fn unescape(inside: &str) -> Result<Cow<'_, str>, BadEscape> {
    if !inside.contains('\\') {
        return Ok(Cow::Borrowed(inside));
    }
    let mut text = String::with_capacity(inside.len());
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        text.push_str(&rest[..plain]);
        at += plain;
        let Some(escape) = rest.get(plain..).filter(|rest| !rest.is_empty()) else { break };
        let Some((letter, length)) = escaped(&escape[1..]) else {
            return Err(BadEscape { at, escape: escape.chars().take(2).collect() });
        };
        text.push(letter);
        at += 1 + length;
    }
    Ok(Cow::Owned(text))
}

/// The letter that an escape stands for, and its length without the backslash.
fn escaped(behind: &str) -> Option<(char, usize)> {
    let letter = match behind.chars().next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        same @ ('\\' | '"' | '\'') => same,
        'x' => return numbered(behind.get(1..3)?, 16).map(|letter| (letter, 3)),
        'u' => return unit(behind),
        'U' => return numbered(behind.get(1..9)?, 16).map(|letter| (letter, 9)),
        '0'..='7' => {
            let digits = behind.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte));
            let length = digits.count();
            return numbered(&behind[..length], 8).map(|letter| (letter, length));
        }
        _ => return None,
    };
    Some((letter, 1))
}

/// `u0041`, or two of them that are one letter in UTF-16.
fn unit(behind: &str) -> Option<(char, usize)> {
    let first = number(behind.get(1..5)?, 16)?;
    if let Some(letter) = char::from_u32(first) {
        return Some((letter, 5));
    }
    let second = behind.get(5..11).and_then(|text| text.strip_prefix("\\u"));
    let units = [u16::try_from(first).ok()?, u16::try_from(number(second?, 16)?).ok()?];
    let letter = char::decode_utf16(units).next()?.ok()?;
    Some((letter, 11))
}

fn numbered(digits: &str, base: u32) -> Option<char> {
    char::from_u32(number(digits, base)?)
}

fn number(digits: &str, base: u32) -> Option<u32> {
    // `from_str_radix` takes a sign, which no escape has.
    let is_plain = digits.chars().all(|digit| digit.is_digit(base));
    is_plain.then(|| u32::from_str_radix(digits, base).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(token: &str) -> Cow<'_, str> {
        assert_eq!(scan(token), Some(Scanned { length: token.len(), is_closed: true }), "{token}");
        content(token).expect(token)
    }

    #[test]
    fn every_form_says_what_stands_in_it() {
        assert_eq!(says(r#""a\\b\"c\n""#), "a\\b\"c\n");
        assert_eq!(says(r#"@"C:\a""b""#), "C:\\a\"b");
        assert_eq!(says(r"@'C:\''a'"), "C:\\'a");
        assert_eq!(says("h'secret'"), "secret");
        assert_eq!(says(r#"H@"a\b""#), r"a\b");
        assert_eq!(says("```a\n'b' \\n```"), "a\n'b' \\n");
        assert_eq!(says("~~~a ``` b~~~"), "a ``` b");
        assert_eq!(says(r#""\x41\u0042\U00000043\104\uD83D\uDE00""#), "ABCD😀");
        assert!(is_obfuscated("h\"a\"") && !is_obfuscated("@\"h\""));
    }

    #[test]
    fn a_verbatim_text_may_end_in_a_backslash() {
        assert_eq!(scan(r#"@"C:\" and"#), Some(Scanned { length: 6, is_closed: true }));
    }

    #[test]
    fn a_word_that_begins_with_h_is_no_text() {
        assert_eq!(scan("has 'a'"), None);
        assert_eq!(scan("@h'a'"), None);
    }

    #[test]
    fn an_escape_that_is_none_is_told() {
        let bad = content(r#""C:\Windows""#).expect_err("no escape");
        assert_eq!(bad, BadEscape { at: 3, escape: "\\W".to_owned() });
        for wrong in [r"'\x4'", r"'\u12'", r"'\q'", r"'\uD800'", "'\\", r"'\x+1'"] {
            assert!(content(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_open_text_ends_with_its_line() {
        assert_eq!(scan("'a\nb'"), Some(Scanned { length: 2, is_closed: false }));
        assert_eq!(scan("'a\\"), Some(Scanned { length: 3, is_closed: false }));
        assert_eq!(scan("'"), Some(Scanned { length: 1, is_closed: false }));
    }
}
