//! Modifiers that Sigma does not have, and those that do nothing where they stand.

use std::str::FromStr;

use rsigma_parser::Modifier;

use super::LintCode;
use super::document::{Document, Item};
use super::finding::{Findings, nearest, quote};

/// Every modifier of the specification.
const NAMES: &[&str] = &[
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "day",
    "dotall",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "ignorecase",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "multiline",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
];

/// Modifiers that look for a part of a text.
pub(super) const PARTS: &[&str] = &["contains", "startswith", "endswith"];

/// Tells of modifiers that are unknown, or do nothing.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items() {
        for (index, modifier) in item.modifiers.iter().enumerate() {
            if Modifier::from_str(modifier).is_err() {
                unknown(item, index, modifier, findings);
            }
        }
        if item.has("all") && item.values.len() == 1 {
            let value =
                item.values.first().map(|value| quote(&value.written())).unwrap_or_default();
            let reason =
                format!("`|all` in `{}` asks for all of one value, `{value}`", quote(item.key));
            let help = format!("write `{}`", quote(&item.key.replace("|all", "")));
            findings.add(LintCode::LoneAll, item.key_span.clone(), reason, help);
        }
        misused(item, findings);
    }
}

fn unknown(item: &Item<'_>, index: usize, modifier: &str, findings: &mut Findings) {
    let reason = format!("Sigma has no modifier `{}`", quote(modifier));
    let help = match nearest(modifier, NAMES.iter().copied()) {
        _ if modifier == "not" => "write `not` in the condition, before the detection".to_owned(),
        Some(name) => format!("did you mean `{name}`?"),
        None => "there are contains, startswith, endswith, re, cidr, exists, all, windash, base64offset, and more".to_owned(),
    };
    findings.add(LintCode::UnknownModifier, item.modifier_span(index), reason, help);
}

fn misused(item: &Item<'_>, findings: &mut Findings) {
    let mut misuse = |modifier: &str, reason: String, help: &str| {
        let index = item.modifiers.iter().position(|one| *one == modifier).unwrap_or_default();
        findings.add(LintCode::MisusedModifier, item.modifier_span(index), reason, help);
    };
    let texts = || item.values.iter().filter_map(|value| value.as_str());
    for whole in ["re", "cidr"] {
        if item.has(whole) && item.has_any(PARTS) {
            let reason = format!(
                "`{}` asks for a part of a text and for `|{whole}` at once",
                quote(item.key)
            );
            misuse(whole, reason, "use one of the two");
        }
    }
    if item.has("windash") && texts().next().is_some() && !texts().any(has_flag) {
        let text = texts().next().map(quote).unwrap_or_default();
        let reason =
            format!("`|windash` has no flag to change in `{text}`: none begins with `-` or `/`");
        misuse("windash", reason, "remove `|windash`, or write the flag with its `-`");
    }
    let is_network = |text: &str| text.contains('/') || text.contains(':');
    if item.has("cidr") && texts().next().is_some() && texts().all(|text| !is_network(text)) {
        let text = texts().next().map(quote).unwrap_or_default();
        let reason = format!("`|cidr` is for networks, and `{text}` is a single address");
        misuse(
            "cidr",
            reason,
            "write the network with its length, such as `10.0.0.0/8`, or remove `|cidr`",
        );
    }
}

/// Whether a text has a flag of a command: `-` or `/`, at its beginning or behind a blank, and a letter.
fn has_flag(text: &str) -> bool {
    let is_dash = |c: char| matches!(c, '-' | '/' | '–' | '—' | '―');
    let mut before = ' ';
    text.chars().any(|c| {
        let starts = is_dash(c) && (before.is_whitespace() || !before.is_alphanumeric());
        before = c;
        starts
    })
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    fn with(item: &str) -> String {
        rule(&format!("selection:\n  {item}\ncondition: selection"))
    }

    #[test]
    fn unknown_modifiers() {
        let lint = &found(&with("Image|endwith: 'a'"), "unknown-modifier")[0];
        assert_eq!((lint.line, lint.column, lint.end - lint.start), (11, 11, 7));
        assert!(lint.help.contains("`endswith`"));
        assert!(found(&with("Image|not: 'a'"), "unknown-modifier")[0].help.contains("condition"));
        assert!(found(&with("Image|contains|all: ['a', 'b']"), "unknown-modifier").is_empty());
    }

    #[test]
    fn modifiers_that_do_nothing() {
        let codes = ["lone-all", "misused-modifier"];
        for (item, expected) in [
            ("CommandLine|contains|all: ['a', 'b']", &[][..]),
            ("CommandLine|contains|all: a", &["lone-all"]),
            ("CommandLine|contains|all: [a]", &["lone-all"]),
            ("CommandLine|contains|windash: ' -enc '", &[]),
            ("CommandLine|contains|windash: enc", &["misused-modifier"]),
            ("CommandLine|re: 'a+'", &[]),
            ("CommandLine|re|contains: 'a+'", &["misused-modifier"]),
            ("DestinationIp|cidr: 10.0.0.0/8", &[]),
            ("DestinationIp|cidr: 'fe80::/10'", &[]),
            ("DestinationIp|cidr: 10.0.0.1", &["misused-modifier"]),
        ] {
            assert_eq!(codes_of(&with(item), &codes), expected, "{item}");
        }
    }
}
