//! Decodes base64 (RFC 4648, section 4), by which Pub/Sub packs what it carries.

/// The bytes of a text in base64; `None` where it is no such text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_ascii().trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for character in text.bytes() {
        bits = bits << 6 | u32::from(value(character)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    // A character alone holds no byte, and what is left of the last one holds nothing.
    (held < 6 && bits == 0).then_some(bytes)
}

/// The number that a character stands for, in the alphabet for URLs as well.
fn value(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_of_rfc_4648() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob")]
        {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("-_-_").as_deref(), decode("+/+/").as_deref());
        for text in ["Z", "Zh==", "Zm 9v", "Zm9v!"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
