//! Names of hosts, which have no case, compared by case.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use super::host_names::is_name_field;

/// Tells of names that are found in one case only.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items().filter(|item| is_name_field(item.field)) {
        if let Some(index) = item.modifiers.iter().position(|modifier| *modifier == "cased") {
            let reason = format!(
                "`{}` compares a host name by case: logs have names in any",
                quote(item.key)
            );
            let help = format!("write `{}`", quote(&item.key.replace("|cased", "")));
            findings.add(LintCode::CasedName, item.modifier_span(index), reason, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn case_is_for_what_has_one() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let lint = &found(&with("QueryName|endswith|cased: .workers.dev"), "cased-name")[0];
        assert_eq!((lint.column, lint.help.as_str()), (24, "write `QueryName|endswith`"));
        assert!(found(&with("QueryName|endswith: .workers.dev"), "cased-name").is_empty());
        assert!(found(&with("CommandLine|contains|cased: AbC"), "cased-name").is_empty());
    }
}
