//! Whatever else keeps a rule from being loaded, so that one without errors is one that runs.

use coldtrail_diagnostics::Problem;

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote_message};
use super::patterns::MAX_COMPILED;
use super::place::Span;
use crate::sigma::{Limits, RuleKind, RuleSet, RuleText};

/// At most so many values of a file are loaded. Some become regular expressions, which take long.
const MAX_LOADED: usize = 20_000;

/// Loads a document that has no error so far, unless that would take long.
pub(super) fn check(document: &Document<'_>, text: &str, piece: Span, findings: &mut Findings) {
    if !document.is_whole || document.kind != RuleKind::Detection {
        return;
    }
    findings.loaded += 1 + document.items().map(|item| item.values.len()).sum::<usize>();
    if findings.loaded > MAX_LOADED || findings.compiled > MAX_COMPILED {
        return;
    }
    let text = text.get(piece.clone()).unwrap_or_default();
    let file = RuleText { file: "rule".into(), text: text.to_owned(), license: String::new() };
    let set = RuleSet::load(&[file], &placeholders(document), &|_| true, &Limits::default());
    if let Some(problem) = set.problems().iter().find(|problem| !problem.is_used) {
        let at = place(text, problem).map(|at| piece.start + at..piece.start + at);
        let span = at.unwrap_or_else(|| document.head());
        let reason = format!("the rule cannot be loaded: {}", quote_message(&problem.reason));
        findings.add(LintCode::Invalid, span, reason, problem.help.clone());
    }
}

/// A value for every placeholder of the rule: which ones there are is not the rule's to say.
fn placeholders(document: &Document<'_>) -> Vec<(String, Vec<String>)> {
    let expanded = document.items().filter(|item| item.has("expand"));
    let texts = expanded.flat_map(|item| &item.values).filter_map(|value| value.as_str());
    let names = texts.flat_map(|text| text.split('%').skip(1).step_by(2));
    names.map(|name| (name.to_owned(), vec!["value".to_owned()])).collect()
}

/// The byte of a text at which a problem is.
fn place(text: &str, problem: &Problem) -> Option<usize> {
    let (line, column) = (problem.line?, problem.column?);
    let lines = text.split_inclusive('\n').take(line.checked_sub(1)? as usize);
    let before: usize = lines.map(str::len).sum();
    let columns = text.get(before..)?.chars().take(column.checked_sub(1)? as usize);
    Some(before + columns.map(char::len_utf8).sum::<usize>())
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn what_cannot_be_loaded_is_told() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let lint = &found(&with("A|contains|gt: 5"), "invalid")[0];
        assert!(lint.reason.contains("cannot be loaded"), "{lint:?}");
        assert_eq!((lint.line, lint.column), (11, 5));
        assert!(found(&with("A|gt: 5"), "invalid").is_empty());
        assert!(found(&with("A|expand: '%names%'"), "invalid").is_empty());
    }
}
