//! Base64, in which a text looks different by its place.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};

/// Tells of encoded texts that are found in one of three places only.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items() {
        if !item.has("contains") {
            continue;
        }
        if let Some(index) = item.modifiers.iter().position(|modifier| *modifier == "base64") {
            let reason = format!(
                "`{}` finds the text only where it begins a group of three bytes: once in three",
                quote(item.key)
            );
            let help = format!("write `{}`", quote(&item.key.replace("|base64", "|base64offset")));
            findings.add(LintCode::Base64WithoutOffset, item.modifier_span(index), reason, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn parts_of_base64_need_all_three_places() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let lint = &found(&with("CommandLine|base64|contains: http"), "base64-without-offset")[0];
        assert_eq!(lint.help, "write `CommandLine|base64offset|contains`");
        assert_eq!(lint.column, 17);
        assert!(
            found(&with("CommandLine|base64offset|contains: http"), "base64-without-offset")
                .is_empty()
        );
        assert!(found(&with("CommandLine|base64: http"), "base64-without-offset").is_empty());
    }
}
