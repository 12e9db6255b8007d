//! `has` and its kin: text between the edges of terms.
//!
//! A term is a run of letters and digits of any script; whatever else there is, the underscore too, ends one.
//! Where an edge of what is looked for is itself a letter or digit, no other may stand beside it.

use super::search::Search;

/// Looks for a text as whole terms, or as the beginning or end of one.
#[derive(Clone, Debug)]
pub struct TermMatcher {
    search: Search,
    /// Whether a term has to begin where the text begins.
    begins_term: bool,
    /// Whether a term has to end where the text ends.
    ends_term: bool,
}

/// At which of its edges a text has to be at an edge of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// At both: `has`.
    Whole,
    /// At its start: `hasprefix`.
    Prefix,
    /// At its end: `hassuffix`.
    Suffix,
}

impl TermMatcher {
    /// Prepares what is looked for. The empty text is found everywhere.
    pub fn new(needle: &str, is_case_sensitive: bool, edge: Edge) -> TermMatcher {
        let starts = needle.chars().next().is_some_and(is_of_term);
        let ends = needle.chars().next_back().is_some_and(is_of_term);
        TermMatcher {
            search: Search::new(needle, is_case_sensitive),
            begins_term: edge != Edge::Suffix && starts,
            ends_term: edge != Edge::Prefix && ends,
        }
    }

    /// Whether it is there.
    pub fn matches(&self, haystack: &str) -> bool {
        let mut from = 0;
        while let Some(found) = self.search.find(haystack, from) {
            let is_before = self.begins_term && is_of_term_before(haystack, found.start);
            let is_behind = self.ends_term && is_of_term_behind(haystack, found.end);
            if !is_before && !is_behind {
                return true;
            }
            let Some(next) = haystack.get(found.start..).and_then(|rest| rest.chars().next())
            else {
                return false;
            };
            from = found.start + next.len_utf8();
        }
        false
    }
}

fn is_of_term(letter: char) -> bool {
    letter.is_alphanumeric()
}

fn is_of_term_before(haystack: &str, place: usize) -> bool {
    haystack.get(..place).and_then(|before| before.chars().next_back()).is_some_and(is_of_term)
}

fn is_of_term_behind(haystack: &str, place: usize) -> bool {
    haystack.get(place..).and_then(|behind| behind.chars().next()).is_some_and(is_of_term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(haystack: &str, needle: &str) -> bool {
        TermMatcher::new(needle, false, Edge::Whole).matches(haystack)
    }

    #[test]
    fn everything_but_letters_and_digits_ends_a_term() {
        assert!(has("a_b", "a"));
        assert!(!has("éa", "a"));
        assert!(!has("a1", "a"));
        assert!(!has("errors", "error"));
        assert!(has("evil.workers.dev", "workers.dev"));
        assert!(!has("myworkers.dev", "workers.dev"));
        assert!(has("x.lambda-url.us-east-1.on.aws", "lambda-url"));
    }

    #[test]
    fn an_edge_counts_only_if_it_is_of_a_term() {
        assert!(!has("xa b", "a "));
        assert!(has("a b", "a "));
        assert!(!has("x ab y", " a"));
        assert!(has("b .b-", " "));
        assert!(has("anything", ""));
        assert!(has("", ""));
    }

    #[test]
    fn a_later_occurrence_counts_as_well() {
        assert!(has("aa a", "A"));
        assert!(has("abab-aba ba aba", "ABA ba"));
        assert!(has("ÄÄ Ä", "ä"));
    }

    #[test]
    fn prefixes_and_suffixes_have_one_edge() {
        let prefix = |haystack: &str, needle| {
            TermMatcher::new(needle, false, Edge::Prefix).matches(haystack)
        };
        let suffix = |haystack: &str, needle| {
            TermMatcher::new(needle, false, Edge::Suffix).matches(haystack)
        };
        assert!(prefix("x-error", "err"));
        assert!(!prefix("err or", "r o"));
        assert!(prefix("x ab y", " a"));
        assert!(suffix("x-error", "ror"));
        assert!(!suffix("x-error", "err"));
    }

    #[test]
    fn case_counts_where_it_is_asked_for() {
        assert!(has("PowerShell.exe", "powershell"));
        assert!(!TermMatcher::new("powershell", true, Edge::Whole).matches("PowerShell.exe"));
    }
}
