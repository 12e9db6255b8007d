//! What is wrong with files that people wrote, one problem a line, as compilers tell it.

use coldtrail_diagnostics::Problem;
use unicode_width::UnicodeWidthStr;

use crate::redacted;

/// One line for a problem of a file in a folder: place, weight, reason, advice.
pub fn problem(folder: &str, problem: &Problem) -> String {
    let Problem { file, line, column, kind, is_used, reason, help } = problem;
    let mut place = match file.as_str() {
        "" => folder.to_owned(),
        file if folder.is_empty() => file.to_owned(),
        file => format!("{}/{file}", folder.trim_end_matches('/')),
    };
    for number in [line, column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    let weight = if *is_used { "warning" } else { "error" };
    redacted(&format!("{place}: {weight}: {reason}; {help} [{}]", kind.code()))
}

/// A place in a text that a person wrote, with what is wrong there.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'t> {
    /// What the text is called: a file, or `query`.
    pub name: &'t str,
    /// The whole text.
    pub text: &'t str,
    /// The first byte that is to blame.
    pub start: usize,
    /// The byte behind the last that is to blame.
    pub end: usize,
    /// How much it weighs, in a word: `error` if the text is of no use because of it.
    pub weight: &'t str,
    /// What is wrong.
    pub reason: &'t str,
    /// What to do about it; may be empty.
    pub help: &'t str,
}

/// No line of an excerpt is longer.
const MOST_SHOWN: usize = 160;

impl Excerpt<'_> {
    /// The problem as compilers tell it: what, where, the line with a mark below it, and what to do.
    pub fn lines(&self) -> Vec<String> {
        let start = floor(self.text, self.start);
        let before = self.text.get(..start).unwrap_or_default();
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let lead = self.text.get(begin..start).unwrap_or_default();
        let (number, column) = (before.matches('\n').count() + 1, lead.chars().count() + 1);
        let mut lines = vec![redacted(&format!("{}: {}", self.weight, self.reason))];
        let gutter = " ".repeat(number.to_string().len());
        lines.push(redacted(&format!("{gutter}--> {}:{number}:{column}", self.name)));
        // A mark below a cut or blanked line would point at nothing.
        let shown = redacted(line);
        if shown == line && line.chars().count() <= MOST_SHOWN && self.end > start {
            let marked = self.text.get(start..floor(self.text, self.end)).unwrap_or_default();
            let length = marked.lines().next().unwrap_or_default().width().max(1);
            lines.push(format!("{number} | {line}"));
            lines.push(format!("{gutter} | {}{}", " ".repeat(lead.width()), "^".repeat(length)));
        }
        if !self.help.is_empty() {
            lines.push(redacted(&format!("{gutter} = help: {}", self.help)));
        }
        lines
    }
}

/// The next place at or before a byte where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::{Problem, ProblemKind};

    use super::{Excerpt, problem};

    #[test]
    fn a_place_in_a_query_is_marked() {
        let text = "T\n| where é == Remoteurl";
        let start = text.find("Remoteurl").expect("the column");
        let excerpt = Excerpt {
            name: "query",
            text,
            start,
            end: start + 9,
            weight: "error",
            reason: "there is no column `Remoteurl` here",
            help: "did you mean `RemoteUrl`?",
        };
        let expected = [
            "error: there is no column `Remoteurl` here",
            " --> query:2:14",
            "2 | | where é == Remoteurl",
            "  |              ^^^^^^^^^",
            "  = help: did you mean `RemoteUrl`?",
        ];
        assert_eq!(excerpt.lines(), expected);
    }

    #[test]
    fn place_weight_reason_and_advice_stand_on_one_line() {
        let mut told = Problem {
            file: "sanctioned.csv".to_owned(),
            line: Some(4),
            column: Some(12),
            kind: ProblemKind::TooWide,
            is_used: false,
            reason: "`*.workers.dev\u{1b}[2J` is too wide".to_owned(),
            help: "name your own tenant".to_owned(),
        };
        assert_eq!(
            problem("context/", &told),
            "context/sanctioned.csv:4:12: error: `*.workers.dev\\u{1b}[2J` is too wide; name your \
             own tenant [too-wide]"
        );
        (told.file, told.line, told.column) = (String::new(), None, None);
        told.is_used = true;
        assert!(problem("context", &told).starts_with("context: warning: "));
    }
}
