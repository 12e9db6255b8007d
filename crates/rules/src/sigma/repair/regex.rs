//! Regular expressions of rules, within bounds.
//!
//! The library makes a text small before it matches expressions that begin with `(?i)`, though a part of them may ask
//! for capitals: `(?i)a(?-i:B)`. An empty group before the expression keeps it from that.

use coldtrail_diagnostics::ProblemKind;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use rsigma_ir::IrMatcher;

use super::super::detection::beginning;
use super::super::document::Fault;

/// The comparison with a regular expression.
pub(in super::super) fn matcher(
    pattern: &str,
    flags: &str,
    most_bytes: usize,
) -> Result<IrMatcher, Fault> {
    let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
    let whole = format!("(?:){flags}{pattern}");
    // The size is known only when it is compiled; the library would take whatever comes.
    let compiled = thompson::Compiler::new()
        .syntax(syntax::Config::new().nest_limit(100))
        .configure(thompson::Config::new().nfa_size_limit(Some(most_bytes)))
        .build(&whole);
    if let Err(error) = compiled {
        return Err(unusable(pattern, &error, most_bytes));
    }
    Ok(IrMatcher::Regex {
        pattern: whole,
        case_insensitive: false,
        multiline: false,
        dotall: false,
        cased: true,
    })
}

fn unusable(pattern: &str, error: &thompson::BuildError, most_bytes: usize) -> Fault {
    let told = beginning(pattern);
    if error.size_limit().is_some() {
        let reason = format!("the regular expression `{told}` takes more than {most_bytes} bytes");
        let help = "write smaller repetitions and fewer alternatives";
        return Fault::new(ProblemKind::TooLarge, reason, help);
    }
    let cause =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    // The last line of a message is the cause; those before show the place in the expression.
    let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    if cause.contains("look-around") || cause.contains("backreferences") {
        let reason = format!("the regular expression `{told}` cannot be run: {cause}");
        let help = "Sigma has neither look-around nor backreferences; write conditions instead";
        return Fault::new(ProblemKind::Unsupported, reason, help);
    }
    let reason = format!("`{told}` is no regular expression: {cause}");
    Fault::new(
        ProblemKind::InvalidValue,
        reason,
        "write a valid one, with `\\` before signs such as `(`",
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};
    use super::*;

    fn matches(key: &str, value: &str, text: &str) -> bool {
        holds(&format!("{{s: {{'{key}': '{value}'}}, condition: s}}"), &[("C", text)])
    }

    #[test]
    fn an_expression_matches_anywhere_and_by_case() {
        assert!(matches("C|re", "b.d", "abcde") && !matches("C|re", "B.d", "abcde"));
        assert!(matches("C|re|i", "B.d", "abcde"));
        assert!(!matches("C|re", "a.c", "a\nc") && matches("C|re|s", "a.c", "a\nc"));
        assert!(!matches("C|re", "^b$", "a\nb") && matches("C|re|m", "^b$", "a\nb"));
        assert!(matches("C|re|i|m|s", "^B.$", "a\nb\n"));
        assert!(matches("C|re", r"\\srv\/x", r"\srv/x"));
        assert!(matches("C|re|contains", "b.d", "abcde"));
    }

    #[test]
    fn a_part_of_an_expression_may_ask_for_capitals() {
        let detection = "{s: {C|re: ['(?i)a(?-i:B)', '(?i)x', '(?i)y']}, condition: s}";
        assert!(holds(detection, &[("C", "AB")]) && holds(detection, &[("C", "aB")]));
        assert!(!holds(detection, &[("C", "ab")]));
    }

    #[test]
    fn what_cannot_be_run_is_told() {
        let told = |value: &str| problem(&format!("{{s: {{C|re: '{value}'}}, condition: s}}"));
        for value in ["a(?=b)", "a(?!b)", "(?<=a)b", r"(a)\1"] {
            assert_eq!(told(value).kind, ProblemKind::Unsupported, "{value}");
        }
        assert_eq!(told("a(b").kind, ProblemKind::InvalidValue);
        assert_eq!(told("(a{1000}){1000}").kind, ProblemKind::TooLarge);
        assert_eq!(told(&"(".repeat(10_000)).kind, ProblemKind::InvalidValue);
        let alternatives: Vec<String> = (0..10_000).map(|number| format!("v{number}")).collect();
        assert!(holds(
            &format!("{{s: {{C|re: '{}'}}, condition: s}}", alternatives.join("|")),
            &[("C", "xv9876")]
        ));
    }
}
