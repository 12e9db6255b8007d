//! Rules that match every event of their log source.

use rsigma_parser::{ConditionExpr, Quantifier};

use super::LintCode;
use super::document::{Detection, Document, Item, Node};
use super::finding::{Findings, quote};
use crate::sigma::RuleKind;

/// Fields that every event of Windows has.
const WINDOWS: &[&str] =
    &["EventID", "Channel", "Provider_Name", "Computer", "Level", "EventRecordID"];

/// Fields that every event of a category or service has.
const OTHERS: &[(&str, &[&str])] = &[
    ("process_creation", &["Image", "CommandLine", "ProcessId", "User", "ParentImage"]),
    (
        "network_connection",
        &[
            "Image",
            "ProcessId",
            "Protocol",
            "Initiated",
            "SourceIp",
            "SourcePort",
            "DestinationIp",
            "DestinationPort",
        ],
    ),
    ("dns_query", &["QueryName", "QueryStatus", "Image", "ProcessId"]),
    ("file_event", &["TargetFilename", "Image", "ProcessId"]),
    ("image_load", &["ImageLoaded", "Image", "ProcessId"]),
    ("dns", &["query", "record_type"]),
    ("proxy", &["c-uri", "c-ip", "cs-method", "sc-status"]),
    ("firewall", &["src_ip", "dst_ip", "action"]),
    ("cloudtrail", &["eventName", "eventSource", "eventTime", "awsRegion"]),
];

/// How many events a part of a condition matches, as far as the rule alone says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// Each.
    All,
    /// Each that has some fields.
    Present,
    /// Some, perhaps none.
    Some,
}

/// Tells whether the rule, or an item of it, matches everything.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    if document.kind != RuleKind::Detection {
        return;
    }
    let mut told = Vec::new();
    for condition in document.conditions.iter().filter(|_| document.is_whole) {
        let Ok(parsed) = &condition.parsed else { continue };
        if is_negation(parsed) {
            only_negations(document, condition.text, &condition.node, findings);
        }
        let mut items = Vec::new();
        let share = share(document, parsed, &mut items);
        if share != Share::Some {
            whole_rule(document, share, &items, findings);
            told.extend(items);
        }
    }
    for item in document.items().filter(|item| is_any(item)) {
        let is_told = told.iter().any(|one: &&Item<'_>| std::ptr::eq(*one, item));
        if !is_told && !item.key.is_empty() {
            let any = item.values.iter().find(|value| is_any_value(item, value));
            let any = quote(any.map(Node::source).unwrap_or_default());
            let (key, field) = (quote(item.key), quote(item.field));
            let reason = format!("`{key}: {any}` matches whatever `{field}` holds");
            let help =
                format!("if it only has to be there, write `{}|exists: true`", quote(item.field));
            findings.add(LintCode::AnyValue, item.key_span.clone(), reason, help);
        }
    }
}

/// An item as it is written.
fn shown(item: &Item<'_>) -> String {
    let values: Vec<&str> = item.values.iter().map(Node::source).collect();
    let values = values.join(", ");
    if item.key.is_empty() {
        format!("`{}`", quote(&values))
    } else {
        format!("`{}`", quote(&format!("{}: {values}", item.key)))
    }
}

fn whole_rule(document: &Document<'_>, share: Share, items: &[&Item<'_>], findings: &mut Findings) {
    let Some(first) = items.first() else { return };
    let field = quote(first.field);
    let article =
        if field.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) { "an" } else { "a" };
    let events = quote(&document.events());
    let shown = shown(first);
    let reason = match share {
        _ if first.field.is_empty() => format!("{shown} matches every event of {events}"),
        Share::All => format!(
            "{shown} matches every event that has {article} {field}, which is every event of {events}"
        ),
        _ => format!("{shown} matches every event of {events} that has {article} {field}"),
    };
    let help = "compare a field with what only the events have that you look for".to_owned();
    let end = first.values.last().map_or(first.key_span.end, |value| value.span.end);
    let span = first.key_span.start..end.max(first.key_span.end);
    findings.add(LintCode::MatchesEverything, span, reason, help);
}

fn only_negations(document: &Document<'_>, text: &str, node: &Node<'_>, findings: &mut Findings) {
    let reason = format!(
        "the condition `{}` matches every event of {}, but those that it excludes",
        quote(text),
        quote(&document.events())
    );
    let help = "name what to look for first, such as `selection and not filter`";
    findings.add(LintCode::OnlyNegations, node.span.clone(), reason, help);
}

/// Whether a condition says only what must not be.
fn is_negation(condition: &ConditionExpr) -> bool {
    match condition {
        ConditionExpr::Not(_) => true,
        ConditionExpr::And(parts) => parts.iter().all(is_negation),
        ConditionExpr::Or(parts) => parts.iter().any(is_negation),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector { .. } => false,
    }
}

/// How many events a condition matches; collects the items that it matches them by.
fn share<'i>(
    document: &'i Document<'_>,
    condition: &ConditionExpr,
    items: &mut Vec<&'i Item<'i>>,
) -> Share {
    match condition {
        ConditionExpr::And(parts) => {
            least(parts.iter().map(|part| share(document, part, items)).collect())
        }
        ConditionExpr::Or(parts) => {
            most(parts.iter().map(|part| share(document, part, items)).collect())
        }
        ConditionExpr::Not(_) => Share::Some,
        ConditionExpr::Identifier(name) => {
            let found = document.detections.iter().find(|detection| detection.name == name);
            found.map_or(Share::Some, |detection| of_detection(document, detection, items))
        }
        ConditionExpr::Selector { quantifier, pattern } => {
            let named =
                document.detections.iter().filter(|one| pattern.matches_detection_name(one.name));
            let shares: Vec<Share> = named.map(|one| of_detection(document, one, items)).collect();
            match quantifier {
                Quantifier::All => least(shares),
                Quantifier::Any => most(shares),
                Quantifier::Count(_) => Share::Some,
            }
        }
    }
}

fn least(shares: Vec<Share>) -> Share {
    if shares.is_empty() || shares.contains(&Share::Some) {
        Share::Some
    } else if shares.contains(&Share::Present) {
        Share::Present
    } else {
        Share::All
    }
}

fn most(shares: Vec<Share>) -> Share {
    let one = [Share::All, Share::Present].into_iter().find(|share| shares.contains(share));
    one.unwrap_or(Share::Some)
}

fn of_detection<'i>(
    document: &'i Document<'_>,
    detection: &'i Detection<'_>,
    items: &mut Vec<&'i Item<'i>>,
) -> Share {
    let before = items.len();
    let of_item = |item: &Item<'_>| match item {
        item if !is_any(item) => Share::Some,
        item if item.field.is_empty() || is_always_there(document, item.field) => Share::All,
        _ => Share::Present,
    };
    let shares: Vec<Share> = detection.items.iter().map(of_item).collect();
    let is_choice = detection.node.value.is_sequence();
    // Of a choice, mappings of several items are not looked into: it is enough to find what is plain.
    let is_plain = detection.node.value.as_sequence().is_none_or(|list| list.len() == shares.len());
    let share = if !is_plain {
        Share::Some
    } else if is_choice {
        most(shares)
    } else {
        least(shares)
    };
    if share != Share::Some {
        items.extend(detection.items.iter().filter(|item| is_any(item)));
    }
    items.truncate(if share == Share::Some { before } else { items.len() });
    share
}

/// Whether an item matches whatever the field holds.
fn is_any(item: &Item<'_>) -> bool {
    if item.values.is_empty() || item.has_any(&["exists", "cidr", "fieldref", "expand", "neq"]) {
        return false;
    }
    let matches = |value: &Node<'_>| is_any_value(item, value);
    if item.has("all") || item.field.is_empty() && !item.is_list {
        item.values.iter().all(matches)
    } else {
        item.values.iter().any(matches)
    }
}

/// Whether one of its values matches whatever the field holds.
fn is_any_value(item: &Item<'_>, value: &Node<'_>) -> bool {
    let Some(text) = value.as_str() else { return false };
    if item.has("re") {
        return is_any_pattern(text);
    }
    let is_stars = text.contains('*') && text.bytes().all(|byte| matches!(byte, b'*' | b'?'));
    let is_part = item.has_any(super::modifiers::PARTS);
    is_stars && text.matches('?').count() <= 1 || is_part && text.is_empty()
}

/// Whether a regular expression matches any text, or any that is not empty.
fn is_any_pattern(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    matches!(
        inner,
        "" | ".*" | ".+" | ".*?" | ".+?" | "(.*)" | "(.+)" | "." | "[\\s\\S]*" | "[\\s\\S]+"
    )
}

fn is_always_there(document: &Document<'_>, field: &str) -> bool {
    let source = &document.log_source;
    let of = |name: &str| {
        OTHERS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, fields)| fields)
    };
    let lists = [of(&source.category), of(&source.service)];
    (source.product == "windows" && WINDOWS.contains(&field))
        || lists.iter().any(|fields| fields.contains(&field))
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    const CODES: &[&str] = &["matches-everything", "only-negations", "any-value"];

    fn with(item: &str, condition: &str) -> String {
        rule(&format!("selection:\n  {item}\nother:\n  Image: x\ncondition: {condition}"))
    }

    #[test]
    fn a_selection_of_anything_matches_everything() {
        for item in [
            "EventID: '*'",
            "EventID: '**'",
            "EventID: '?*'",
            "EventID: ['*', 1]",
            "EventID|contains: ''",
            "EventID|re: .*",
            "EventID|re: '^.+$'",
        ] {
            let lints = found(&with(item, "selection"), "matches-everything");
            assert!(lints[0].reason.ends_with("matches every event that has an EventID, which is every event of windows/network_connection"), "{lints:?}");
            assert_eq!((lints[0].line, lints[0].column), (11, 5));
            assert_eq!(
                codes_of(&with(item, "selection or other"), CODES),
                ["matches-everything"],
                "{item}"
            );
            assert_eq!(
                codes_of(&with(item, "selection and other"), CODES),
                ["any-value"],
                "{item}"
            );
        }
        let lint = &found(&with("Rare: '*'", "selection"), "matches-everything")[0];
        assert!(lint.reason.contains("every event of windows/network_connection that has a Rare"));
        assert_eq!(
            codes_of(&rule("keywords:\n- '*'\ncondition: keywords"), CODES),
            ["matches-everything"]
        );
        assert_eq!(
            codes_of(&rule("selection:\n- EventID: '*'\n- Image: x\ncondition: 1 of sel*"), CODES),
            ["matches-everything"]
        );
    }

    #[test]
    fn what_is_compared_with_something_does_not() {
        for item in [
            "EventID: 3",
            "EventID: '3*'",
            "EventID|re: '.*3'",
            "EventID|exists: true",
            "EventID|contains|all: ['', 'x']",
            "EventID: ''",
            "EventID: '?'",
        ] {
            assert!(codes_of(&with(item, "selection"), CODES).is_empty(), "{item}");
        }
    }

    #[test]
    fn conditions_that_only_exclude() {
        let text = with("EventID: 3", "not selection");
        let lint = &found(&text, "only-negations")[0];
        assert!(
            lint.reason
                .contains("`not selection` matches every event of windows/network_connection")
        );
        assert_eq!(
            codes_of(&with("EventID: 3", "not selection and not other"), CODES),
            ["only-negations"]
        );
        assert!(codes_of(&with("EventID: 3", "other and not selection"), CODES).is_empty());
    }
}
