//! Whether the identifier of a rule is a UUID.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};

/// How many digits each group of a UUID has.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Tells what is wrong with the identifier.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let Some(id) = document.root.get("id") else { return };
    let text = id.written();
    if let Some(why) = wrong(&text) {
        let reason = format!("the identifier `{}` is no UUID: {why}", quote(&text));
        let help = "write a new one, such as `uuidgen` makes, and keep it when the rule changes";
        findings.add(LintCode::InvalidId, id.span, reason, help);
    }
}

/// Why a text is no UUID, of whatever version.
fn wrong(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii_hexdigit() && *c != '-') {
        return Some(match c {
            '{' | '}' => "it has braces around it".to_owned(),
            c if c.is_whitespace() => "it has a blank in it".to_owned(),
            c => format!("`{c}` is no hexadecimal digit"),
        });
    }
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups == GROUPS {
        return None;
    }
    let written: Vec<String> = groups.iter().take(8).map(usize::to_string).collect();
    Some(format!("its groups have {} digits, and not 8, 4, 4, 4, 12", written.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::wrong;
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn what_is_wrong_with_an_identifier() {
        assert_eq!(wrong("00000000-0000-7000-8000-00000000000A"), None);
        assert!(wrong("df00tech-t1583-007").unwrap().contains("`t` is no hexadecimal digit"));
        assert!(wrong("00000000-0000-7000-8000").unwrap().contains("8, 4, 4, 4 digits"));
        assert!(wrong("{00000000-0000-7000-8000-00000000000a}").unwrap().contains("braces"));
        let text = rule("selection:\n  Image: a\ncondition: selection");
        assert!(found(&text, "invalid-id").is_empty());
        let lint = &found(&text.replace("id: 5", "id: x"), "invalid-id")[0];
        assert_eq!((lint.line, lint.column), (2, 5));
    }
}
