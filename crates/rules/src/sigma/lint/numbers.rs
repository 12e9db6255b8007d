//! Numbers that are looked for as parts of texts.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use super::modifiers::PARTS;

/// Tells of numbers that other numbers have in them.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items().filter(|item| item.has_any(PARTS) && !item.has("re")) {
        for value in item.values.iter().filter(|value| value.value.is_number()) {
            let number = value.written();
            let (found, before, after) = if item.has("endswith") {
                ("ends", "1", "")
            } else if item.has("startswith") {
                ("begins", "", "0")
            } else {
                ("is part of", "1", "0")
            };
            let with = if found == "is part of" { "" } else { " with it" };
            let reason = format!(
                "`{}: {number}` compares texts: `{before}{number}{after}` {}{with} too",
                quote(item.key),
                if with.is_empty() { "has it" } else { found },
            );
            let help = format!(
                "write `{}: {number}` for the number, or quotes if a part of a text is meant",
                quote(item.field)
            );
            findings.add(LintCode::NumberAsText, value.span.clone(), reason, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn numbers_and_texts_of_digits() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let lint = &found(&with("DestinationPort|endswith: 80"), "number-as-text")[0];
        assert_eq!(
            lint.reason,
            "`DestinationPort|endswith: 80` compares texts: `180` ends with it too"
        );
        assert_eq!(lint.column, 31);
        let lint = &found(&with("DestinationPort|contains: 80"), "number-as-text")[0];
        assert_eq!(lint.reason, "`DestinationPort|contains: 80` compares texts: `1800` has it too");
        for item in ["DestinationPort: 80", "CommandLine|contains: '80'", "Size|gt: 80"] {
            assert!(found(&with(item), "number-as-text").is_empty(), "{item}");
        }
    }
}
