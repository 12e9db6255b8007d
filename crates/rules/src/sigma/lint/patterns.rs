//! Regular expressions that cannot be compiled, and those that are plain texts.

use super::LintCode;
use super::document::{Document, Item, Node};
use super::finding::{Findings, quote};

/// At most so many expressions of a file are compiled; of the others, only the form is looked at. Compiling one
/// can take a tenth of a second.
pub(super) const MAX_COMPILED: usize = 200;

/// How much memory an expression may take, as much as when the rule is run.
const MAX_PATTERN_BYTES: usize = 10 << 20;

/// Tells of expressions that are wrong, or not needed.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items().filter(|item| item.has("re")) {
        for value in &item.values {
            findings.compiled += 1;
            match wrong(&value.written(), findings.compiled <= MAX_COMPILED) {
                Some(why) => invalid(value, &why, findings),
                None => plain(item, value, findings),
            }
        }
    }
}

/// Why an expression cannot be compiled.
fn wrong(pattern: &str, is_compiled: bool) -> Option<String> {
    let told = |message: String| {
        // The library draws a picture; its last line says what it is about.
        let last = message.lines().last().unwrap_or_default();
        last.trim().trim_start_matches("error: ").to_owned()
    };
    if let Err(error) = regex_automata::util::syntax::parse(pattern) {
        return Some(told(error.to_string()));
    }
    if is_compiled
        && let Err(error) = regex::RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build()
    {
        return Some(match error {
            regex::Error::CompiledTooBig(_) => {
                format!("it takes more than {} MiB", MAX_PATTERN_BYTES >> 20)
            }
            error => told(error.to_string()),
        });
    }
    None
}

fn invalid(value: &Node<'_>, why: &str, findings: &mut Findings) {
    let pattern = value.written();
    let has = |parts: &[&str]| parts.iter().any(|part| pattern.contains(part));
    let help = if has(&["(?=", "(?!", "(?<=", "(?<!"]) {
        "what must not be there belongs into a detection of its own, with `not` in the condition; what must be there, into another item".to_owned()
    } else if why.contains("backreference") {
        "a repetition of what was found before cannot be asked for: write out what may be repeated"
            .to_owned()
    } else {
        "see https://docs.rs/regex/latest/regex/#syntax for what can be written".to_owned()
    };
    let reason = format!("the regular expression `{}` cannot be compiled: {why}", quote(&pattern));
    findings.add(LintCode::InvalidPattern, value.span.clone(), reason, help);
}

/// Tells of an expression that is a text, perhaps with `.*` around it.
fn plain(item: &Item<'_>, value: &Node<'_>, findings: &mut Findings) {
    let pattern = value.written();
    let (mut rest, mut from_start, mut to_end) = (pattern.as_str(), false, false);
    if let Some(text) = rest.strip_prefix('^') {
        (rest, from_start) = (text, true);
    }
    if let Some(text) = rest.strip_suffix('$').filter(|text| !text.ends_with('\\')) {
        (rest, to_end) = (text, true);
    }
    if let Some(text) = rest.strip_prefix(".*") {
        (rest, from_start) = (text, false);
    }
    if let Some(text) = rest.strip_suffix(".*").filter(|text| !text.ends_with('\\')) {
        (rest, to_end) = (text, false);
    }
    let Some(text) = literal(rest).filter(|text| !text.is_empty()) else { return };
    let modifier = match (from_start, to_end) {
        (true, true) => "",
        (true, false) => "|startswith",
        (false, true) => "|endswith",
        (false, false) => "|contains",
    };
    let cased = if item.has("i") || item.has("ignorecase") { "" } else { "|cased" };
    let reason = format!("the regular expression `{}` is a plain text", quote(&pattern));
    let help = format!(
        "write `{}{modifier}{cased}: '{}'`, which is read and run more easily",
        quote(item.field),
        quote(&text)
    );
    findings.add(LintCode::PlainPattern, value.span.clone(), reason, help);
}

/// The text that an expression stands for, if it stands for one.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next()? {
                escaped if escaped.is_ascii_alphanumeric() => return None,
                escaped => text.push(escaped),
            },
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                return None;
            }
            c => text.push(c),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    fn with(pattern: &str) -> String {
        rule(&format!("selection:\n  Image|re: '{pattern}'\ncondition: selection"))
    }

    #[test]
    fn expressions_that_cannot_be_compiled() {
        for (pattern, why) in [
            ("(a", "unclosed group"),
            ("a(?=b)", "look-around"),
            (r"(a)\1", "backreference"),
            ("(((a{1000}){1000}){1000})", "MiB"),
        ] {
            let lints = found(&with(pattern), "invalid-pattern");
            assert!(lints[0].reason.contains(why), "{lints:?}");
            assert_eq!((lints[0].line, lints[0].column), (11, 15));
        }
        assert!(found(&with(r"^\d+[a-z]{2}$"), "invalid-pattern").is_empty());
    }

    #[test]
    fn expressions_that_are_texts() {
        for (pattern, help) in [
            (r".*\\curl\.exe", r"`Image|contains|cased: '\curl.exe'`"),
            (r".*\\curl\.exe$", r"`Image|endswith|cased: '\curl.exe'`"),
            ("^abc", "`Image|startswith|cased: 'abc'`"),
            ("^abc$", "`Image|cased: 'abc'`"),
        ] {
            assert!(found(&with(pattern), "plain-pattern")[0].help.contains(help), "{pattern}");
        }
        for pattern in ["a.c", "a|b", r"\d", ".*", "[ab]"] {
            assert!(found(&with(pattern), "plain-pattern").is_empty(), "{pattern}");
        }
    }
}
