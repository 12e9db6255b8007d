//! `base64offset` leaves out what depends on the text around, and `wide` changes a text by itself too.
//!
//! The library keeps the last letter of an encoded value, which depends on what follows the value, so that the value
//! is found only at the end of a text; it encodes wildcards as if they were letters; and it ignores `wide`,
//! `utf16le`, `utf16be` and `utf16` that no base64 follows.

use coldtrail_diagnostics::ProblemKind;
use rsigma_parser::{Modifier, StringPart};

use super::super::document::Fault;

/// The byte order mark that `utf16` puts before a text, as a letter; base64 encodes it as `FF FE`.
const MARK: char = '\u{feff}';

/// A text in base64, as a whole.
pub(in super::super) fn encoded(pattern: &[StringPart]) -> Result<Vec<Vec<StringPart>>, Fault> {
    Ok(vec![vec![StringPart::Plain(base64(&bytes(pattern)?))]])
}

/// What a text looks like within base64, at each of the three places where it may begin.
pub(in super::super) fn anywhere(pattern: &[StringPart]) -> Result<Vec<Vec<StringPart>>, Fault> {
    let bytes = bytes(pattern)?;
    let mut all = Vec::new();
    for offset in 0..3_usize {
        let mut padded = vec![0; offset];
        padded.extend_from_slice(&bytes);
        // Six bits a letter: those of other bytes begin the first one that is left, or end the last one.
        let (first, end) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
        let text = base64(&padded);
        if let Some(text) = text.get(first..end).filter(|text| !text.is_empty()) {
            all.push(vec![StringPart::Plain(text.to_owned())]);
        }
    }
    if all.is_empty() {
        let reason = "an empty value cannot be found in base64";
        let help = "write the text to look for";
        return Err(Fault::new(ProblemKind::InvalidValue, reason, help));
    }
    Ok(all)
}

/// A text in an encoding of two bytes a letter, each byte of which is a letter.
pub(in super::super) fn wide(encoding: Modifier, pattern: &[StringPart]) -> Vec<StringPart> {
    let mut wide = Vec::new();
    if encoding == Modifier::Utf16 {
        wide.push(StringPart::Plain(MARK.to_string()));
    }
    for part in pattern {
        wide.push(match part {
            StringPart::Plain(text) => {
                let units = text.encode_utf16().flat_map(|unit| match encoding {
                    Modifier::Utf16be => unit.to_be_bytes(),
                    _ => unit.to_le_bytes(),
                });
                StringPart::Plain(units.map(char::from).collect())
            }
            StringPart::Special(_) => part.clone(),
        });
    }
    wide
}

/// The bytes of a text without wildcards. A text that [`wide`] made has a letter for each byte.
fn bytes(pattern: &[StringPart]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let is_wide = pattern.iter().any(|part| {
        matches!(part, StringPart::Plain(text) if text.contains('\0') || text.starts_with(MARK))
    });
    for part in pattern {
        let StringPart::Plain(text) = part else {
            let reason = "a value with wildcards cannot be encoded in base64";
            let help = "leave `*` and `?` out, or write `\\*` for the sign itself";
            return Err(Fault::new(ProblemKind::InvalidValue, reason, help));
        };
        for letter in text.chars() {
            match u8::try_from(letter) {
                _ if letter == MARK => bytes.extend([0xff, 0xfe]),
                Ok(byte) if is_wide => bytes.push(byte),
                _ => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
    }
    Ok(bytes)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_u32 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            let is_there = place as usize <= chunk.len();
            let letter = LETTERS.get(index).copied().unwrap_or(b'=');
            text.push(if is_there { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};
    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_stands_in_a_text() {
        for value in ["foo", "barx", "/bin/bash", "ab"] {
            let detection = format!("{{s: {{C|base64offset|contains: '{value}'}}, condition: s}}");
            for before in ["", "x", "xy", "xyz"] {
                for after in ["", "q", "qr", "~~~"] {
                    let text =
                        format!("echo {}", base64(format!("{before}{value}{after}").as_bytes()));
                    assert!(holds(&detection, &[("C", &text)]), "{before}{value}{after}: {text}");
                }
            }
            assert!(!holds(&detection, &[("C", &base64(b"something else"))]), "{value}");
        }
    }

    #[test]
    fn a_value_is_encoded_as_a_whole() {
        let detection = "{s: {C|base64: foobar}, condition: s}";
        assert!(holds(detection, &[("C", "Zm9vYmFy")]));
        assert!(!holds(detection, &[("C", "Zm9vYmFyIQ==")]));
        assert!(holds("{s: {C|base64|contains: fo}, condition: s}", &[("C", "x Zm8= x")]));
    }

    #[test]
    fn wide_values_are_encoded() {
        // What `cmd` is in UTF-16: 63 00 6d 00 64 00, and the other way round.
        assert!(holds("{s: {C|wide|base64: cmd}, condition: s}", &[("C", "YwBtAGQA")]));
        assert!(holds("{s: {C|utf16le|base64: cmd}, condition: s}", &[("C", "YwBtAGQA")]));
        assert!(holds("{s: {C|utf16be|base64: cmd}, condition: s}", &[("C", "AGMAbQBk")]));
        assert!(holds("{s: {C|utf16|base64: cmd}, condition: s}", &[("C", "//5jAG0AZAA=")]));
        assert!(holds("{s: {C|wide|contains: cmd}, condition: s}", &[("C", "x c\0m\0d\0")]));
        assert!(!holds("{s: {C|wide|contains: cmd}, condition: s}", &[("C", "x cmd")]));
        let detection = "{s: {C|wide|base64offset|contains: 'http://é'}, condition: s}";
        let text: Vec<u8> = "x http://é/".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(holds(detection, &[("C", &base64(&text))]));
    }

    #[test]
    fn wildcards_cannot_be_encoded() {
        let told = problem("{s: {C|base64: 'a*b'}, condition: s}");
        assert!(told.reason.contains("wildcards"), "{told:?}");
        assert!(holds("{s: {C|base64: 'a\\*b'}, condition: s}", &[("C", "YSpi")]));
        assert_eq!(
            problem("{s: {C|base64offset: ''}, condition: s}").kind,
            ProblemKind::InvalidValue
        );
    }
}
