//! What checks find, until it is known on which lines it stands.

use super::LintCode;
use super::place::Span;

/// At most so many things are found in a file.
const MAX_FINDINGS: usize = 10_000;

/// At most so many characters of a rule are quoted.
const MAX_QUOTED: usize = 80;

/// What checks have found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) found: Vec<Finding>,
    /// How many regular expressions of the file were compiled, which takes long.
    pub(super) compiled: usize,
    /// How many values of the file were loaded as the library loads them.
    pub(super) loaded: usize,
}

/// Something about a rule that its author would want to know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) code: LintCode,
    pub(super) reason: String,
    pub(super) help: String,
}

impl Findings {
    pub(super) fn add(
        &mut self,
        code: LintCode,
        span: Span,
        reason: String,
        help: impl Into<String>,
    ) {
        if self.found.len() < MAX_FINDINGS {
            let (start, end) = (span.start, span.end);
            self.found.push(Finding { start, end, code, reason, help: help.into() });
        }
    }

    /// Whether so much is found that nothing more is told.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MAX_FINDINGS
    }

    /// Whether something from a place on makes the rule useless.
    pub(super) fn has_error_since(&self, count: usize) -> bool {
        self.found.iter().skip(count).any(|finding| finding.code.is_error())
    }
}

/// A piece of a rule in a sentence: on one line, and not too long.
pub(super) fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(MAX_QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted.replace(['\n', '\r', '\t'], " ")
}

/// A message of a library on one line, its words no longer than what is quoted elsewhere.
pub(super) fn quote_message(message: &str) -> String {
    let words: Vec<String> = message.split_whitespace().take(100).map(quote).collect();
    words.join(" ")
}

/// Of some names, that which is most like a word, if it is like it at all.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Distances of long words take long, and nobody means them.
    let word = word.to_lowercase();
    if word.len() > MAX_QUOTED {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&word, &name.to_lowercase());
    let most = 1 + word.chars().count() / 4;
    let names = names.into_iter().filter(|name| name.len() <= MAX_QUOTED);
    let (distance, name) = names.map(|name| (distance(name), name)).min()?;
    (distance <= most).then_some(name)
}

/// Names in a sentence: `a`, `b` and `c`.
pub(super) fn and(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", quote(name))).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_is_like_it() {
        assert_eq!(nearest("selecton", ["filter", "selection"]), Some("selection"));
        assert_eq!(nearest("endsWith", ["endswith", "startswith"]), Some("endswith"));
        assert_eq!(nearest("xyz", ["filter", "selection"]), None);
        assert_eq!(nearest("a", []), None);
    }

    #[test]
    fn what_is_quoted_is_short_and_on_one_line() {
        assert_eq!(quote("a\nb"), "a b");
        assert_eq!(quote(&"ä".repeat(200)).chars().count(), MAX_QUOTED + 1);
        assert_eq!(and(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(and(&["a"]), "`a`");
    }
}
