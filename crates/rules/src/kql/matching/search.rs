//! Where a text occurs in another, with regard to case or without.

use memchr::memmem::Finder;

/// How often bytes occur in logs, the most frequent first; what is not listed is rare.
const FREQUENT: &[u8] = b"etaoinsr lhdc./-mpu:\\fgw0by1\"=2v3k";

/// What is looked for, prepared.
#[derive(Clone, Debug)]
pub(super) enum Search {
    /// Bytes as they are.
    Exact(Box<Finder<'static>>),
    /// ASCII in either case. The byte at `rare` is looked for first.
    Ascii {
        /// In lower case.
        needle: Box<[u8]>,
        /// The place of the byte that is least likely to be met.
        rare: usize,
    },
    /// Any letters in either case, folded one by one.
    Folded(Box<[char]>),
}

/// Where something was found, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Of its first byte.
    pub(super) start: usize,
    /// Behind its last byte.
    pub(super) end: usize,
}

impl Search {
    pub(super) fn new(needle: &str, is_case_sensitive: bool) -> Search {
        if is_case_sensitive || !has_case(needle) {
            return Search::Exact(Box::new(Finder::new(needle.as_bytes()).into_owned()));
        }
        if needle.is_ascii() {
            let needle: Box<[u8]> = needle.to_ascii_lowercase().into_bytes().into();
            let rare = rarest(&needle);
            return Search::Ascii { needle, rare };
        }
        Search::Folded(needle.chars().map(fold).collect())
    }

    /// The first occurrence from that byte on, which begins a character.
    pub(super) fn find(&self, haystack: &str, from: usize) -> Option<Found> {
        match self {
            Search::Exact(finder) => {
                let start = from + finder.find(haystack.as_bytes().get(from..)?)?;
                Some(Found { start, end: start + finder.needle().len() })
            }
            Search::Ascii { needle, rare } => find_ascii(haystack.as_bytes(), needle, *rare, from),
            Search::Folded(needle) => {
                let rest = haystack.get(from..)?;
                rest.char_indices().find_map(|(place, _)| {
                    let length = folded_length(rest.get(place..)?, needle)?;
                    Some(Found { start: from + place, end: from + place + length })
                })
            }
        }
    }

    /// Whether it stands at the start.
    pub(super) fn is_at_start(&self, haystack: &str) -> bool {
        match self {
            Search::Exact(finder) => haystack.as_bytes().starts_with(finder.needle()),
            Search::Ascii { needle, .. } => haystack
                .as_bytes()
                .get(..needle.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(needle)),
            Search::Folded(needle) => folded_length(haystack, needle).is_some(),
        }
    }

    /// Whether it stands at the end.
    pub(super) fn is_at_end(&self, haystack: &str) -> bool {
        match self {
            Search::Exact(finder) => haystack.as_bytes().ends_with(finder.needle()),
            Search::Ascii { needle, .. } => haystack
                .len()
                .checked_sub(needle.len())
                .and_then(|start| haystack.as_bytes().get(start..))
                .is_some_and(|end| end.eq_ignore_ascii_case(needle)),
            Search::Folded(needle) => {
                let mut letters = haystack.chars().rev();
                needle.iter().rev().all(|wanted| letters.next().map(fold) == Some(*wanted))
            }
        }
    }
}

/// Whether two texts are the same but for case.
pub fn equals_ignoring_case(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().map(fold).eq(right.chars().map(fold))
}

/// The letter in lower case, if that is one letter.
pub(super) fn fold(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => letter,
    }
}

fn has_case(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_ascii() || letter.is_ascii_alphabetic())
}

fn rarest(needle: &[u8]) -> usize {
    let rank =
        |byte: &u8| FREQUENT.iter().position(|frequent| frequent == byte).unwrap_or(FREQUENT.len());
    let ranked = needle.iter().enumerate().max_by_key(|(_, byte)| rank(byte));
    ranked.map_or(0, |(place, _)| place)
}

fn find_ascii(haystack: &[u8], needle: &[u8], rare: usize, from: usize) -> Option<Found> {
    let byte = *needle.get(rare)?;
    let first = from + rare;
    let mut places = memchr::memchr2_iter(byte, byte.to_ascii_uppercase(), haystack.get(first..)?);
    places.find_map(|place| {
        let start = from + place;
        let end = start + needle.len();
        let is_here = haystack.get(start..end)?.eq_ignore_ascii_case(needle);
        is_here.then_some(Found { start, end })
    })
}

/// How many bytes at the start of the text are the needle.
fn folded_length(text: &str, needle: &[char]) -> Option<usize> {
    let mut letters = text.chars();
    let is_here = needle.iter().all(|wanted| letters.next().map(fold) == Some(*wanted));
    is_here.then(|| text.len() - letters.as_str().len())
}
