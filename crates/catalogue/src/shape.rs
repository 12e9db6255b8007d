//! What a placeholder may stand for.
//!
//! Identifiers and regions are accepted by how they look, never from a list: published lists of
//! regions are behind the day they appear. A shape is given only where it tells two readings of a
//! name apart; elsewhere a placeholder takes any label, so that a platform which lengthens its ids
//! is not lost.

use std::ops::RangeInclusive;

/// The text a placeholder accepts: characters of a class, in a number within a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    class: Class,
    length: RangeInclusive<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Class {
    /// Anything within a path segment.
    Anything,
    /// Letters, digits, dashes and underscores.
    Label,
    /// A label without a double dash, which many platforms use as a separator.
    Slug,
    Letters,
    Digits,
    Hex,
    Alphanumeric,
    /// Letters and digits, at least one of each: a random id, hardly ever a word.
    Mixed,
    /// Groups of 8, 4, 4, 4 and 12 hexadecimal digits.
    Uuid,
    /// `us-east-1`, `us-gov-west-1`.
    AwsRegion,
    /// `europe-west1`, `northamerica-northeast1`.
    GoogleRegion,
    /// One of these words.
    OneOf(Vec<String>),
}

/// The longest path segment that can be captured, in bytes. No platform's id comes near it, and an
/// endpoint must not grow with a hostile URL.
const LONGEST_SEGMENT: usize = 255;

/// The longest DNS label, in bytes (RFC 1035, section 2.3.4).
pub(crate) const LONGEST_LABEL: usize = 63;

impl Shape {
    /// Any one label of a host.
    pub(crate) fn label() -> Self {
        Self { class: Class::Label, length: 1..=LONGEST_LABEL }
    }

    /// Any one segment of a path.
    pub(crate) fn segment() -> Self {
        Self { class: Class::Anything, length: 1..=LONGEST_SEGMENT }
    }

    /// Reads the notation of the data files: a class, then perhaps a length or a range of lengths
    /// (`hex32`, `digits6-14`), or words separated by bars (`exec|dev`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.contains('|') {
            let words: Vec<String> = text.split('|').map(str::to_owned).collect();
            let longest = words.iter().map(String::len).max()?;
            return Some(Self { class: Class::OneOf(words), length: 1..=longest });
        }
        match text {
            "uuid" => return Some(Self { class: Class::Uuid, length: 36..=36 }),
            "aws-region" => return Some(Self { class: Class::AwsRegion, length: 9..=20 }),
            "google-region" => return Some(Self { class: Class::GoogleRegion, length: 8..=30 }),
            _ => {}
        }
        let digits_start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (class, length) = text.split_at_checked(digits_start)?;
        let class = match class {
            "slug" => Class::Slug,
            "letters" => Class::Letters,
            "digits" => Class::Digits,
            "hex" => Class::Hex,
            "alnum" => Class::Alphanumeric,
            "mixed" => Class::Mixed,
            _ => return None,
        };
        Some(Self { class, length: parse_length(length)? })
    }

    /// Whether this shape is narrower than "any label".
    pub(crate) fn is_specific(&self) -> bool {
        !matches!(self.class, Class::Anything | Class::Label)
    }

    /// The lengths worth trying at the start of `text`, longest first. Each still has to pass
    /// [`Shape::fits`].
    pub(crate) fn lengths(&self, text: &str) -> impl Iterator<Item = usize> + use<> {
        let run = text.bytes().take(*self.length.end()).take_while(|&b| self.allows(b)).count();
        (*self.length.start()..=run).rev()
    }

    /// Whether `text`, made of allowed characters, is one of these.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match &self.class {
            Class::Slug => !text.contains("--"),
            Class::Mixed => {
                text.bytes().any(|b| b.is_ascii_digit())
                    && text.bytes().any(|b| b.is_ascii_alphabetic())
            }
            Class::Uuid => is_uuid(text),
            Class::AwsRegion => is_aws_region(text),
            Class::GoogleRegion => is_google_region(text),
            Class::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
            _ => true,
        }
    }

    fn allows(&self, byte: u8) -> bool {
        match self.class {
            Class::Anything => true,
            Class::Letters => byte.is_ascii_alphabetic(),
            Class::Digits => byte.is_ascii_digit(),
            Class::Hex => byte.is_ascii_hexdigit(),
            Class::Alphanumeric | Class::Mixed => byte.is_ascii_alphanumeric(),
            Class::Uuid => byte.is_ascii_hexdigit() || byte == b'-',
            Class::Label
            | Class::Slug
            | Class::AwsRegion
            | Class::GoogleRegion
            | Class::OneOf(_) => is_label_byte(byte),
        }
    }
}

/// Whether a host's label may contain `byte`. Underscores are not allowed in host names but occur
/// in DNS, and some platforms accept them.
pub(crate) fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn parse_length(text: &str) -> Option<RangeInclusive<usize>> {
    if text.is_empty() {
        return Some(1..=LONGEST_LABEL);
    }
    let (shortest, longest) = text.split_once('-').unwrap_or((text, text));
    let length = shortest.parse().ok()?..=longest.parse().ok()?;
    (!length.is_empty() && *length.start() > 0 && *length.end() <= LONGEST_SEGMENT)
        .then_some(length)
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12])
}

/// Two to four letters, words, one number, joined by dashes.
fn is_aws_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else { return false };
    let Some((area, directions)) = words.split_once('-') else { return false };
    (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && (2..=4).contains(&area.len())
        && area.bytes().all(|b| b.is_ascii_alphabetic())
        && directions.split('-').all(is_word)
}

/// A word, a dash, and a word with a number behind it.
fn is_google_region(text: &str) -> bool {
    let Some((area, direction)) = text.split_once('-') else { return false };
    let word = direction.trim_end_matches(|c: char| c.is_ascii_digit());
    is_word(area) && is_word(word) && word.len() < direction.len()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(notation: &str, text: &str) -> bool {
        let shape = Shape::parse(notation).expect("a shape");
        shape.lengths(text).next() == Some(text.len()) && shape.fits(text)
    }

    #[test]
    fn regions_are_known_by_their_shape() {
        for region in ["us-east-1", "us-gov-west-1", "mx-central-1", "cn-northwest-1"] {
            assert!(accepts("aws-region", region), "{region}");
        }
        for other in ["us-east", "useast1-----", "us-east-1a", "u-east-1-", "execute-api"] {
            assert!(!accepts("aws-region", other), "{other}");
        }
        assert!(accepts("google-region", "northamerica-northeast1"));
        assert!(accepts("google-region", "us-central1"));
        assert!(!accepts("google-region", "us-central"));
        assert!(!accepts("google-region", "us-east-1"));
    }

    #[test]
    fn a_random_id_has_letters_and_digits() {
        assert!(accepts("mixed9", "4kvt3r9p8"));
        assert!(!accepts("mixed9", "portfolio"));
        assert!(!accepts("mixed9", "123456789"));
    }

    #[test]
    fn lengths_and_words_are_exact() {
        assert!(accepts("hex32", "d41d8cd98f00b204e9800998ecf8427e"));
        assert!(!accepts("hex32", "d41d8cd98f00b204e9800998ecf8427"));
        assert!(accepts("digits6-14", "1053047382554"));
        assert!(!accepts("digits6-14", "12345"));
        assert!(accepts("exec|dev", "EXEC"));
        assert!(!accepts("exec|dev", "executable"));
        assert!(accepts("uuid", "0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53"));
        assert!(!accepts("uuid", "0b39a4b46bcb-4f3b-9e0e-6e1b1f0c8f53-"));
        assert!(!accepts("slug", "deploy--site"));
    }

    #[test]
    fn nonsense_is_not_a_shape() {
        for text in ["", "word", "hex0", "hex9-3", "hex999", "hexa", "digits-"] {
            assert_eq!(Shape::parse(text), None, "{text}");
        }
    }
}
