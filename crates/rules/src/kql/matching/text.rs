//! `contains`, `startswith` and `endswith`.

use super::search::Search;

/// Looks for a text anywhere, or at an end.
#[derive(Clone, Debug)]
pub struct TextMatcher {
    search: Search,
    place: Place,
}

/// Where a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere: `contains`.
    Anywhere,
    /// At the start: `startswith`.
    Start,
    /// At the end: `endswith`.
    End,
}

impl TextMatcher {
    /// Prepares what is looked for. The empty text is found everywhere.
    pub fn new(needle: &str, is_case_sensitive: bool, place: Place) -> TextMatcher {
        TextMatcher { search: Search::new(needle, is_case_sensitive), place }
    }

    /// Whether it is there.
    pub fn matches(&self, haystack: &str) -> bool {
        match self.place {
            Place::Anywhere => self.search.find(haystack, 0).is_some(),
            Place::Start => self.search.is_at_start(haystack),
            Place::End => self.search.is_at_end(haystack),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(haystack: &str, needle: &str, is_case_sensitive: bool, place: Place) -> bool {
        TextMatcher::new(needle, is_case_sensitive, place).matches(haystack)
    }

    #[test]
    fn case_counts_only_where_it_is_asked_for() {
        for (haystack, needle) in [("a\\B", "A\\b"), ("xÄÖy", "äö"), ("100% Q_", "% q_")] {
            assert!(matches(haystack, needle, false, Place::Anywhere), "{needle}");
            assert!(!matches(haystack, needle, true, Place::Anywhere), "{needle}");
        }
    }

    #[test]
    fn the_ends_are_the_ends() {
        for is_case_sensitive in [false, true] {
            assert!(matches("workers.dev", "work", is_case_sensitive, Place::Start));
            assert!(!matches("workers.dev", "dev", is_case_sensitive, Place::Start));
            assert!(matches("workers.dev", ".dev", is_case_sensitive, Place::End));
            assert!(!matches("dev", ".dev", is_case_sensitive, Place::End));
            assert!(matches("Größe", "röße", is_case_sensitive, Place::End));
            assert!(matches("", "", is_case_sensitive, Place::Anywhere));
        }
    }

    #[test]
    fn bytes_of_other_letters_are_no_match() {
        assert!(!matches("Ā", "\u{80}", false, Place::Anywhere));
        assert!(!matches("é", "e", false, Place::Anywhere));
    }
}
