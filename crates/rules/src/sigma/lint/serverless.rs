//! Rules about serverless hosts that look at no name, or know few of them.

use std::collections::BTreeSet;

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, and, quote};
use super::host_names::{is_name, may_hold_name};
use crate::sigma::RuleKind;

/// Ends or parts of names of serverless platforms, enough to see whether a rule knows more than a few.
const PLATFORMS: &[&str] = &[
    "workers.dev",
    "pages.dev",
    "r2.dev",
    "trycloudflare.com",
    "lambda-url",
    "execute-api",
    "cloudfront.net",
    "cloudfunctions.net",
    "run.app",
    "appspot.com",
    "web.app",
    "firebaseapp.com",
    "script.google",
    "azurewebsites.net",
    "azurecontainerapps.io",
    "azurefd.net",
    "azureedge.net",
    "azure-api.net",
    "logic.azure.com",
    "netlify",
    "vercel.app",
    "deno.dev",
    "fly.dev",
    "onrender.com",
    "herokuapp.com",
    "supabase.co",
    "glitch.me",
    "ngrok",
    "repl.co",
    "railway.app",
    "surge.sh",
    "github.io",
];

/// Techniques of ATT&CK about serverless infrastructure.
const TECHNIQUES: &[&str] = &["attack.t1583.007", "attack.t1584.007"];

/// More platforms than these are taken as many.
const FEW: usize = 3;

/// What is said of our own rules.
const OURS: &str = "`coldtrail rules run builtin` has rules for this";

/// Tells of rules about serverless hosts that hardly look for any.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    if document.kind != RuleKind::Detection || !document.is_whole {
        return;
    }
    let tag = technique(document);
    let title = document.root.get("title").map(|title| title.written()).unwrap_or_default();
    if tag.is_none() && !title.to_lowercase().contains("serverless") {
        return;
    }
    let mut platforms = BTreeSet::new();
    for value in document.items().flat_map(|item| &item.values) {
        let text = value.written().to_lowercase();
        platforms.extend(PLATFORMS.iter().copied().filter(|platform| text.contains(platform)));
    }
    if let Some((name, span)) = tag.filter(|_| !looks_at_a_name(document)) {
        let reason = format!(
            "the technique {name} is about infrastructure, and nothing in the rule looks at the name of a host"
        );
        let help = format!(
            "compare a name, such as `QueryName`, with those of serverless platforms; {OURS}"
        );
        findings.add(LintCode::NoNameTested, span, reason, help);
    } else if (1..=FEW).contains(&platforms.len()) {
        let names: Vec<&str> = platforms.into_iter().collect();
        let reason = format!("of the serverless platforms, the rule names only {}", and(&names));
        findings.add(
            LintCode::FewPlatforms,
            document.head(),
            reason,
            format!("there are dozens; {OURS}"),
        );
    }
}

/// The technique that makes it a rule about serverless infrastructure, as ATT&CK writes it, and its place.
fn technique(document: &Document<'_>) -> Option<(String, super::place::Span)> {
    let tags = document.root.get("tags")?.members();
    let tag =
        tags.into_iter().find(|tag| TECHNIQUES.contains(&tag.written().to_lowercase().as_str()))?;
    let name = tag.written().to_uppercase();
    Some((quote(name.strip_prefix("ATTACK.").unwrap_or(&name)), tag.span))
}

/// Whether an item has the name of a host in it, or looks for words that may be one.
fn looks_at_a_name(document: &Document<'_>) -> bool {
    document.items().any(|item| {
        let texts = item.values.iter().filter_map(|value| value.as_str());
        texts.into_iter().any(|text| {
            let inner = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            !inner.is_empty() && (may_hold_name(item.field) || is_name(inner) && !is_file(inner))
        })
    })
}

/// Whether what looks like a name is that of a program.
fn is_file(text: &str) -> bool {
    [".exe", ".dll", ".sys", ".js", ".vbs", ".bat"]
        .iter()
        .any(|end| text.to_lowercase().ends_with(end))
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    const CODES: &[&str] = &["no-name-tested", "few-platforms"];

    fn with(item: &str) -> String {
        rule(&format!("selection:\n  {item}\ncondition: selection")) + "tags: [attack.t1583.007]\n"
    }

    #[test]
    fn rules_about_serverless_hosts_have_to_name_them() {
        for (item, expected) in [
            ("EventID: '*'", &["no-name-tested"][..]),
            ("Image|endswith: 'curl.exe'", &["no-name-tested"]),
            ("QueryName|endswith: ['.workers.dev', '.pages.dev']", &["few-platforms"]),
            ("QueryName|endswith: ['.workers.dev', '.pages.dev', '.run.app', '.vercel.app']", &[]),
            ("QueryName|endswith: '.example.com'", &[]),
        ] {
            assert_eq!(codes_of(&with(item), CODES), expected, "{item}");
            assert!(
                codes_of(&with(item).replace("t1583.007", "t1059"), CODES).is_empty(),
                "{item}"
            );
        }
        let lint = &found(&with("EventID: '*'"), "no-name-tested")[0];
        assert!(
            lint.reason.contains("T1583.007") && lint.help.contains("coldtrail rules run builtin")
        );
        assert_eq!((lint.line, lint.column), (13, 8));
        let few = with("QueryName: x.workers.dev")
            .replace("t1583.007", "t1059")
            .replace("A rule", "Serverless C2");
        assert_eq!(codes_of(&few, CODES), ["few-platforms"]);
    }
}
