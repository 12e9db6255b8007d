//! The levels that rules give their matches, gravest first.

use coldtrail_model::Severity;

/// How grave its author calls a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Critical,
    High,
    Medium,
    Low,
    /// It only adds to what is known, or the rule gives no level.
    Informational,
}

impl Level {
    /// All of them, in the order in which the model counts matches.
    pub(crate) const ALL: [Level; 5] =
        [Level::Critical, Level::High, Level::Medium, Level::Low, Level::Informational];

    /// The level that a rule calls by a word.
    pub(crate) fn of(word: &str) -> Level {
        let named = Level::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(word));
        named.unwrap_or(Level::Informational)
    }

    /// The word that rules have for it.
    pub(crate) fn name(self) -> &'static str {
        match self.severity() {
            Some(severity) => severity.name(),
            None => "informational",
        }
    }

    /// What is as grave among our own findings.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Level::Critical => Some(Severity::Critical),
            Level::High => Some(Severity::High),
            Level::Medium => Some(Severity::Medium),
            Level::Low => Some(Severity::Low),
            Level::Informational => None,
        }
    }

    /// Its share of matches that the model counts by level.
    pub(crate) fn count(self, matches: &[u64; 5]) -> u64 {
        let [critical, high, medium, low, informational] = *matches;
        match self {
            Level::Critical => critical,
            Level::High => high,
            Level::Medium => medium,
            Level::Low => low,
            Level::Informational => informational,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn words_are_levels_and_no_word_is_the_least() {
        for level in Level::ALL {
            assert_eq!(Level::of(&level.name().to_uppercase()), level);
        }
        assert_eq!([Level::of(""), Level::of("grave")], [Level::Informational; 2]);
    }

    #[test]
    fn counts_are_in_the_order_of_the_model() {
        let counts = Level::ALL.map(|level| level.count(&[5, 4, 3, 2, 1]));
        assert_eq!(counts, [5, 4, 3, 2, 1]);
    }
}
