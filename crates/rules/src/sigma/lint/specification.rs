//! What else the specification demands, as the library's own linter sees it: correlations, filters, relations,
//! and lists that say things twice. What the other checks tell better is left to them.

use rsigma_parser::lint::{LintRule, lint_yaml_value};

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote_message};

/// At most so many verdicts on a document are taken over.
const MAX_VERDICTS: usize = 1_000;

/// Takes over the verdicts of the library.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    if !document.is_whole {
        return;
    }
    for verdict in lint_yaml_value(document.root.value).into_iter().take(MAX_VERDICTS) {
        if let Some((code, help)) = meaning(verdict.rule) {
            let span = document.root.at_path(&verdict.path);
            let span = if span == document.root.span { document.head() } else { span };
            findings.add(
                code,
                span,
                quote_message(&verdict.message.replace(['"', '\''], "`")),
                help,
            );
        }
    }
}

/// Which of our codes a verdict is, and what to do about it.
fn meaning(rule: LintRule) -> Option<(LintCode, &'static str)> {
    Some(match rule {
        LintRule::MissingCorrelation
        | LintRule::MissingCorrelationType
        | LintRule::InvalidCorrelationType
        | LintRule::MissingCorrelationRules
        | LintRule::EmptyCorrelationRules
        | LintRule::MissingCorrelationTimespan
        | LintRule::InvalidTimespanFormat
        | LintRule::MissingCorrelationCondition
        | LintRule::MissingConditionField
        | LintRule::InvalidConditionOperator
        | LintRule::ConditionValueNotNumeric
        | LintRule::InvalidWindowMode
        | LintRule::MissingSessionGap
        | LintRule::GapWithoutSession
        | LintRule::InvalidGapFormat
        | LintRule::GenerateNotBoolean => (
            LintCode::InvalidCorrelation,
            "a correlation has a type, rules, a timespan such as `5m` and a condition such as `gte: 10`",
        ),
        LintRule::MissingGroupBy => (
            LintCode::NotRecommended,
            "without `group-by`, matches of all hosts and users are counted together",
        ),
        LintRule::MissingFilter
        | LintRule::MissingFilterRules
        | LintRule::EmptyFilterRules
        | LintRule::MissingFilterSelection
        | LintRule::MissingFilterCondition => (
            LintCode::InvalidFilter,
            "a filter has the rules that it is for, or `any`, selections and a condition",
        ),
        LintRule::MissingFilterLogsource => {
            (LintCode::MissingLogSource, "write the log source of the rules that it is for")
        }
        LintRule::FilterHasLevel | LintRule::FilterHasStatus => (
            LintCode::NotRecommended,
            "remove it: a filter takes away matches, and has none of its own",
        ),
        LintRule::InvalidRelatedType
        | LintRule::InvalidRelatedId
        | LintRule::RelatedMissingRequired => (
            LintCode::InvalidRelated,
            "write the `id` of the other rule, and as `type` derived, obsolete, merged, renamed, similar or correlation",
        ),
        LintRule::DeprecatedWithoutRelated => {
            (LintCode::NotRecommended, "name the rule that replaces it as `related:`")
        }
        LintRule::DuplicateTags | LintRule::DuplicateReferences | LintRule::DuplicateFields => {
            (LintCode::Repeated, "remove one of the two")
        }
        LintRule::DescriptionTooLong | LintRule::NameTooLong | LintRule::TaxonomyTooLong => {
            (LintCode::TooLong, "say it in fewer words")
        }
        LintRule::LogsourceValueNotLowercase => {
            (LintCode::NotRecommended, "write it in small letters")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    const CORRELATION: &str = "title: Many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [User]\n  timespan: 5m\n  condition:\n    gte: 10\n";

    #[test]
    fn correlations_and_filters() {
        let codes = [
            "invalid-correlation",
            "invalid-filter",
            "not-recommended",
            "missing-detection",
            "matches-everything",
        ];
        assert!(codes_of(CORRELATION, &codes).is_empty());
        let lint = &found(&CORRELATION.replace("5m", "soon"), "invalid-correlation")[0];
        assert_eq!((lint.line, lint.column), (6, 13));
        assert_eq!(codes_of(&CORRELATION.replace("gte", "more"), &codes), ["invalid-correlation"]);
        assert_eq!(
            codes_of(&CORRELATION.replace("  group-by: [User]\n", ""), &codes),
            ["not-recommended"]
        );
        let filter = "title: F\nlogsource:\n  category: dns\nfilter:\n  rules: any\n  selection:\n    query: a\n  condition: not selection\n";
        assert!(codes_of(filter, &codes).is_empty());
        assert_eq!(codes_of(&filter.replace("selection:", "rules2:"), &codes), ["invalid-filter"]);
        assert_eq!(codes_of(&format!("{filter}level: low\n"), &codes), ["not-recommended"]);
    }

    #[test]
    fn relations_and_lists() {
        let text = rule("selection:\n  Image: a\ncondition: selection");
        let codes = ["invalid-related", "repeated"];
        assert!(codes_of(&text, &codes).is_empty());
        let lint = &found(&format!("{text}tags:\n- attack.t1583\n- attack.t1583\n"), "repeated")[0];
        assert_eq!((lint.line, lint.column), (15, 3));
        assert_eq!(
            codes_of(&format!("{text}related:\n- id: x\n  type: derved\n"), &codes),
            ["invalid-related", "invalid-related"]
        );
    }
}
