//! Values with wildcards match over lines, and `startswith` and `endswith` stay what they are.
//!
//! In the library no wildcard matches the end of a line, so that nothing is found in a script of several lines; and
//! `startswith` with a wildcard in the value looks at the end of a text, `endswith` at the start.

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::{IrMatcher, IrPattern, IrPatternPart, IrStrOp};
use rsigma_parser::{SpecialChar, StringPart};

use super::super::document::Fault;

/// A value may have so many wildcards between its texts.
const MOST: usize = 1_000;

/// The comparison with a value.
pub(in super::super) fn matcher(
    pattern: &[StringPart],
    op: IrStrOp,
    is_cased: bool,
) -> Result<IrMatcher, Fault> {
    let many = |part: &StringPart| *part == StringPart::Special(SpecialChar::WildcardMulti);
    let begins = pattern.iter().take_while(|part| many(part)).count();
    let ends = pattern.iter().rev().take_while(|part| many(part)).count();
    let inner = pattern.get(begins..pattern.len().saturating_sub(ends)).unwrap_or_default();
    let is_open_before = begins > 0 || matches!(op, IrStrOp::Contains | IrStrOp::EndsWith);
    let is_open_after = ends > 0 || matches!(op, IrStrOp::Contains | IrStrOp::StartsWith);
    let mut plain = String::new();
    let mut longest = "";
    let mut wildcards = 0;
    let mut regex = String::from("(?s");
    regex.push_str(if is_cased { ")" } else { "i)" });
    if !is_open_before {
        regex.push('^');
    }
    for part in inner {
        match part {
            StringPart::Plain(text) => {
                plain.push_str(text);
                regex.push_str(&::regex::escape(text));
                if text.len() > longest.len() {
                    longest = text;
                }
            }
            StringPart::Special(SpecialChar::WildcardMulti) => {
                wildcards += 1;
                regex.push_str(".*");
            }
            StringPart::Special(SpecialChar::WildcardSingle) => {
                wildcards += 1;
                regex.push('.');
            }
        }
    }
    if !is_open_after {
        regex.push('$');
    }
    if wildcards == 0 {
        let op = match (is_open_before, is_open_after) {
            (true, true) => IrStrOp::Contains,
            (true, false) => IrStrOp::EndsWith,
            (false, true) => IrStrOp::StartsWith,
            (false, false) => IrStrOp::Exact,
        };
        return Ok(text(op, &plain, is_cased));
    }
    if wildcards > MOST {
        let reason = format!("a value has {wildcards} wildcards");
        let help = format!("write values with at most {MOST} of them");
        return Err(Fault::new(ProblemKind::TooLarge, reason, help));
    }
    let regex = IrMatcher::Regex {
        pattern: regex,
        case_insensitive: false,
        multiline: false,
        dotall: false,
        cased: is_cased,
    };
    // A text without the longest part need not be looked at, and the library finds rules by such parts.
    Ok(match longest {
        "" => regex,
        part => IrMatcher::AllOf(vec![text(IrStrOp::Contains, part, is_cased), regex]),
    })
}

/// The comparison with a text as it is.
pub(in super::super) fn text(op: IrStrOp, text: &str, is_cased: bool) -> IrMatcher {
    let pattern = IrPattern { parts: vec![IrPatternPart::Literal(text.to_owned())] };
    IrMatcher::Str { op, pattern, case_insensitive: !is_cased }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};
    use super::*;

    fn matches(key: &str, value: &str, text: &str) -> bool {
        holds(&format!("{{s: {{'{key}': '{value}'}}, condition: s}}"), &[("C", text)])
    }

    #[test]
    fn a_wildcard_matches_over_lines() {
        assert!(matches("C", "a*z", "A\n\r\nz"));
        assert!(matches("C|contains", "b?y", "a\nb\ny\nz"));
        assert!(!matches("C", "a*z", "a\nz\n"));
    }

    #[test]
    fn startswith_and_endswith_look_where_they_should() {
        assert!(matches("C|startswith", "a*c", "abc and more"));
        assert!(!matches("C|startswith", "a*c", "more abc"));
        assert!(matches("C|endswith", "a*c", "more abc"));
        assert!(!matches("C|endswith", "a*c", "abc and more"));
    }

    #[test]
    fn wildcards_at_the_ends_open_the_value() {
        assert!(
            matches("C", "*b*", "abc") && matches("C", "a*", "abc") && matches("C", "*c", "abc")
        );
        assert!(
            !matches("C", "a*", "bac") && !matches("C", "*c", "acb") && !matches("C", "b", "abc")
        );
        assert!(matches("C", "**", "") && matches("C", "*", "any"));
        assert!(matches("C", "?*", "x") && !matches("C", "?*", ""));
        assert!(matches("C", "a?c", "aéc") && !matches("C", "a?c", "ac"));
    }

    #[test]
    fn a_backslash_escapes_wildcards_and_itself_alone() {
        assert!(matches("C", r"a\*c", "a*c") && !matches("C", r"a\*c", "abc"));
        assert!(matches("C", r"a\?c", "a?c") && !matches("C", r"a\?c", "abc"));
        assert!(matches("C", r"a\\*", r"a\b") && !matches("C", r"a\\*", "ab"));
        assert!(matches("C", r"C:\Windows\x", r"c:\windows\X"));
        assert!(matches("C", r"\\\\srv\x", r"\\srv\x"));
        assert!(matches("C|endswith", r"\", r"a\"));
        assert!(matches("C", "a.c", "a.c") && !matches("C", "a.c", "abc"));
    }

    #[test]
    fn case_matters_only_where_the_rule_says_so() {
        assert!(matches("C", "ab*É", "AB\né") && matches("C|contains", "ÄB", "xäb"));
        assert!(matches("C|cased", "aB*", "aBc") && !matches("C|cased", "aB*", "abc"));
        assert!(
            !matches("C|contains|cased", "a?B", "xa.b")
                && matches("C|contains|cased", "a?B", "xa.B")
        );
    }

    #[test]
    fn thousands_of_wildcards_are_told() {
        let told = problem(&format!("{{s: {{C: '{}'}}, condition: s}}", "a*".repeat(5_000)));
        assert_eq!(told.kind, ProblemKind::TooLarge);
    }
}
