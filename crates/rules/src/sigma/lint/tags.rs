//! Tags: a namespace, a dot, and a name.

use super::LintCode;
use super::document::{Document, Node};
use super::finding::{Findings, nearest, quote};

/// The namespaces of the specification.
const NAMESPACES: &[&str] = &["attack", "car", "cve", "d3fend", "detection", "stp", "tlp"];

/// ATT&CK's tactics, as tags write them: those of the enterprise, and two that only other matrices have.
const TACTICS: &[&str] = &[
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "defense-impairment",
    "stealth",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
    "inhibit-response-function",
    "impair-process-control",
];

/// Tells of tags that nobody will find.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let Some(tags) = document.root.get("tags") else { return };
    for tag in tags.members() {
        one(&tag, findings);
    }
}

fn one(node: &Node<'_>, findings: &mut Findings) {
    let tag = node.written();
    let shown = quote(&tag);
    let mut add =
        |code, reason: String, help: String| findings.add(code, node.span.clone(), reason, help);
    let is_part =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let (namespace, name) = tag.split_once('.').unwrap_or((&tag, ""));
    if name.is_empty() || !tag.chars().all(is_part) {
        let small = tag.to_lowercase().replace(' ', "-");
        let help = if small != tag && small.contains('.') {
            format!("write `{}`", quote(&small))
        } else {
            "write a namespace, a dot and a name, such as `attack.t1583.007`".to_owned()
        };
        return add(
            LintCode::InvalidTag,
            format!("the tag `{shown}` is not a namespace, a dot and a name in small letters"),
            help,
        );
    }
    if !NAMESPACES.contains(&namespace) {
        let help = match nearest(namespace, NAMESPACES.iter().copied()) {
            Some(near) => format!("did you mean `{near}.{}`?", quote(name)),
            None => format!("there are {}", NAMESPACES.join(", ")),
        };
        return add(
            LintCode::UnknownTagNamespace,
            format!("the tag `{shown}` is of no namespace that Sigma has"),
            help,
        );
    }
    if namespace != "attack" || is_identifier(name) {
        return;
    }
    let new = name.replace('_', "-");
    if TACTICS.contains(&name) {
    } else if TACTICS.contains(&new.as_str()) {
        let reason = format!("the tag `{shown}` has the form that Sigma used before 2.0");
        add(LintCode::OldTag, reason, format!("write `attack.{new}`"));
    } else {
        let help = match nearest(&new, TACTICS.iter().copied()) {
            Some(near) => format!("did you mean `attack.{near}`?"),
            None => "write the number of a technique, such as `attack.t1583.007`, or the name of a tactic, such as `attack.command-and-control`".to_owned(),
        };
        add(
            LintCode::InvalidTag,
            format!("`{shown}` is neither a technique nor a tactic of ATT&CK"),
            help,
        );
    }
}

/// Whether it is the number of a technique, group, software or data source.
fn is_identifier(name: &str) -> bool {
    let (kind, number) = name.split_at_checked(1).unwrap_or_default();
    let (number, part) = number.split_once('.').unwrap_or((number, "001"));
    let is_number =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let (is_technique, is_other) = (kind == "t", matches!(kind, "g" | "s" | "c" | "m"));
    (is_technique && is_number(part, 3) || is_other && part == "001") && is_number(number, 4)
        || name.strip_prefix("ta").is_some_and(|number| is_number(number, 4))
        || name.strip_prefix("ds").is_some_and(|number| is_number(number, 4))
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    #[test]
    fn tags_and_what_is_wrong_with_them() {
        let text = rule("selection:\n  Image: a\ncondition: selection");
        let codes = ["invalid-tag", "unknown-tag-namespace", "old-tag"];
        for (tag, expected) in [
            ("attack.t1583.007", &[][..]),
            ("attack.g0016", &[]),
            ("attack.command-and-control", &[]),
            ("cve.2021-44228", &[]),
            ("attack.command_and_control", &["old-tag"]),
            ("attack.T1583", &["invalid-tag"]),
            ("attack.t158", &["invalid-tag"]),
            ("attack.comand-and-control", &["invalid-tag"]),
            ("attack", &["invalid-tag"]),
            ("atack.t1583", &["unknown-tag-namespace"]),
        ] {
            assert_eq!(codes_of(&format!("{text}tags: [{tag}]\n"), &codes), expected, "{tag}");
        }
        let lint = &found(
            &format!("{text}tags:\n- attack.t1583\n- atack.t1584\n"),
            "unknown-tag-namespace",
        )[0];
        assert!(lint.help.contains("`attack.t1584`"));
        assert_eq!(lint.column, 3);
    }
}
