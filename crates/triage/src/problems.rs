//! Collects what is wrong with one file, and stops collecting where a file is nothing but wrong.

use coldtrail_diagnostics::{Problem, ProblemKind};

/// More than this in one file are counted, not told one by one.
const MOST_TOLD: usize = 1_000;

/// A reason quotes the file, so it is cut.
const LONGEST_QUOTE: usize = 120;

/// What is wrong with one file.
#[derive(Debug)]
pub(crate) struct Problems {
    file: String,
    told: Vec<Problem>,
    untold: usize,
}

/// A place in a file: line and column, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<u64>,
}

impl Place {
    /// The place of a line, or of a character in it.
    pub(crate) fn at(line: u64, column: u64) -> Self {
        Self { line: Some(line), column: Some(column) }
    }

    /// Where a text first stands in another; nowhere if it does not.
    pub(crate) fn of(needle: &str, text: &str) -> Self {
        let Some((before, _)) = text.split_once(needle).filter(|_| !needle.is_empty()) else {
            return Self::default();
        };
        let last_line = before.rsplit('\n').next().unwrap_or(before);
        let line = before.matches('\n').count() as u64 + 1;
        Self::at(line, last_line.chars().count() as u64 + 1)
    }
}

impl Problems {
    /// A collection for a file.
    pub(crate) fn of(file: &str) -> Self {
        Self { file: file.to_owned(), told: Vec::new(), untold: 0 }
    }

    /// Tells of an entry that is not used.
    pub(crate) fn error(&mut self, place: Place, kind: ProblemKind, reason: String, help: &str) {
        self.add(place, kind, false, reason, help);
    }

    /// Tells of an entry that is used all the same.
    pub(crate) fn warning(&mut self, place: Place, kind: ProblemKind, reason: String, help: &str) {
        self.add(place, kind, true, reason, help);
    }

    fn add(&mut self, place: Place, kind: ProblemKind, is_used: bool, reason: String, help: &str) {
        if self.told.len() >= MOST_TOLD {
            self.untold += 1;
            return;
        }
        let (Place { line, column }, file, help) = (place, self.file.clone(), help.to_owned());
        self.told.push(Problem { file, line, column, kind, is_used, reason, help });
    }

    /// Where a text stands in the file; nowhere once problems are not told any more, since looking for
    /// it takes a walk over the file.
    pub(crate) fn place_of(&self, needle: &str, text: &str) -> Place {
        if self.told.len() < MOST_TOLD { Place::of(needle, text) } else { Place::default() }
    }

    /// Everything that was told, and how much was not.
    pub(crate) fn into_list(self) -> Vec<Problem> {
        let Self { file, mut told, untold } = self;
        if untold > 0 {
            told.push(Problem {
                file,
                line: None,
                column: None,
                kind: ProblemKind::TooMany,
                is_used: true,
                reason: format!("{untold} more problems like these"),
                help: "put the first ones right and check again".to_owned(),
            });
        }
        told
    }
}

/// A text of the file, between backticks and cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut quote: String = text.chars().take(LONGEST_QUOTE).collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        quote.push('…');
    }
    format!("`{quote}`")
}

/// The known name that is most like another, if any is.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Below this, a suggestion is a guess.
    const ALIKE: f64 = 0.8;
    let name: String = name.chars().take(64).collect();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(known, &name), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}
