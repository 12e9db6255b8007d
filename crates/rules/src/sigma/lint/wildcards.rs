//! Wildcards that are none, and wildcards that say what the modifier says.

use super::LintCode;
use super::document::{Document, Node};
use super::finding::{Findings, quote};
use super::modifiers::PARTS;

/// Tells of wildcards behind one backslash, and of those that are not needed.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items().filter(|item| !item.has_any(&["re", "cidr"])) {
        for value in &item.values {
            let Some(text) = value.as_str() else { continue };
            if let Some(at) = escaped(text) {
                let wildcard =
                    text.get(at + 1..).and_then(|rest| rest.chars().next()).unwrap_or('*');
                let reason = format!(
                    "`\\{wildcard}` in `{}` is the character `{wildcard}` itself, not any text behind a backslash",
                    quote(text)
                );
                let help = format!("write `\\\\{wildcard}` for a backslash and anything behind it");
                findings.add(LintCode::EscapedWildcard, value.within(at..at + 2), reason, help);
            }
            if let Some(part) = PARTS.iter().find(|part| item.has(part)) {
                doubled(part, item.key, value, text, findings);
            }
        }
    }
}

/// Where a path has a wildcard that one backslash makes a character.
fn escaped(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (1..bytes.len().saturating_sub(1)).find(|at| {
        let (before, behind) = (bytes.get(at - 1), bytes.get(at + 2));
        bytes.get(*at) == Some(&b'\\')
            && bytes.get(at + 1) == Some(&b'*')
            // A path goes on before it, and it is the last part or stands between two backslashes.
            && before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b')'))
            && matches!(behind, None | Some(b'\\'))
            && is_path(bytes)
    })
}

/// Whether a text is part of a path: it has a drive, or a name behind a backslash.
fn is_path(text: &[u8]) -> bool {
    let is_name = |pair: &[u8]| matches!(pair, [b'\\', name] if name.is_ascii_alphanumeric());
    let has_drive = matches!(text, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic());
    has_drive || text.windows(2).any(is_name)
}

fn doubled(part: &str, key: &str, value: &Node<'_>, text: &str, findings: &mut Findings) {
    let is_escaped = |text: &str| {
        let backslashes = text.len() - text.trim_end_matches('\\').len();
        backslashes % 2 == 1
    };
    let first = text.strip_prefix('*').filter(|_| part != "startswith");
    let last = text.strip_suffix('*').filter(|rest| part != "endswith" && !is_escaped(rest));
    if (first.is_none() && last.is_none()) || text.trim_matches('*').is_empty() {
        return;
    }
    let short = first.unwrap_or(text);
    let short = if last.is_some() { short.strip_suffix('*').unwrap_or(short) } else { short };
    let reason = format!("`|{part}` says already what the `*` around `{}` says", quote(short));
    let help = format!("write `{}: '{}'`", quote(key), quote(short));
    findings.add(LintCode::DoubleWildcard, value.span.clone(), reason, help);
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    #[test]
    fn wildcards_behind_backslashes_and_beside_modifiers() {
        let with = |item: &str| rule(&format!("selection:\n  {item}\ncondition: selection"));
        let codes = ["escaped-wildcard", "double-wildcard"];
        for (item, expected) in [
            (r"Image: 'C:\Temp\*'", &["escaped-wildcard"][..]),
            (r"Image: 'C:\Users\*\a.exe'", &["escaped-wildcard"]),
            (r"Image: 'C:\Temp\\*'", &[]),
            (r"CommandLine|contains: 'del \*'", &[]),
            (r"CommandLine|contains: '\*abc\*'", &[]),
            (r"CommandLine|contains: ':\*'", &[]),
            (r"CommandLine|re: 'C:\Temp\*'", &[]),
            ("CommandLine|contains: '*abc*'", &["double-wildcard"]),
            ("CommandLine|endswith: '*abc'", &["double-wildcard"]),
            ("CommandLine|startswith: 'abc*'", &["double-wildcard"]),
            ("CommandLine|endswith: 'abc*'", &[]),
            ("CommandLine|contains: 'a*c'", &[]),
            (r"CommandLine|contains: 'abc\*'", &[]),
            ("CommandLine: '*abc*'", &[]),
        ] {
            assert_eq!(codes_of(&with(item), &codes), expected, "{item}");
        }
        let lint = &found(&with(r"Image: 'C:\Users\*\a.exe'"), "escaped-wildcard")[0];
        assert_eq!((lint.column, lint.end - lint.start), (21, 2));
        assert!(lint.help.contains(r"`\\*`"));
    }
}
