//! Whatever else the library refuses, in its own words, so that a rule without errors is one that loads.

use rsigma_parser::SigmaCollection;

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use super::patterns::MAX_COMPILED;
use crate::sigma::RuleKind;

/// At most so many values of a file are loaded. Some become regular expressions, which take long.
const MAX_LOADED: usize = 20_000;

/// Loads a document that has no error so far, unless that would take long.
pub(super) fn check(document: &Document<'_>, text: &str, findings: &mut Findings) {
    if !document.is_whole || document.kind != RuleKind::Detection {
        return;
    }
    findings.loaded += document.items().map(|item| item.values.len()).sum::<usize>();
    if findings.loaded > MAX_LOADED || findings.compiled > MAX_COMPILED {
        return;
    }
    let why = match rsigma_parser::parse_sigma_yaml(text) {
        Err(error) => Some(error.to_string()),
        Ok(SigmaCollection { rules, .. }) => match rules.as_slice() {
            [] => Some("it is no rule".to_owned()),
            rules => rules
                .iter()
                .find_map(|rule| rsigma_eval::compile_rule(rule).err())
                .map(|error| error.to_string()),
        },
    };
    if let Some(why) = why {
        let reason = format!("the rule cannot be loaded: {}", quote(&why));
        let span = document
            .root
            .entry("detection")
            .map_or_else(|| document.head(), |entry| entry.key_span);
        findings.add(
            LintCode::Invalid,
            span,
            reason,
            "look for a modifier and a value that do not go together",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn what_the_library_refuses_is_told() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let lint = &found(&with("A|contains|gt: 5"), "invalid")[0];
        assert!(lint.reason.contains("cannot be loaded"), "{lint:?}");
        assert_eq!((lint.line, lint.column), (9, 1));
        assert!(found(&with("A|gt: 5"), "invalid").is_empty());
    }
}
