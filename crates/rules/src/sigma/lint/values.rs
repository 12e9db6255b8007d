//! Values that a modifier cannot be used with, lists without anything, and nothing as one of several values.

use std::net::IpAddr;

use super::LintCode;
use super::document::{Document, Item, Node};
use super::finding::{Findings, quote};

/// Modifiers that compare numbers.
const NUMBERS: &[&str] = &["gt", "gte", "lt", "lte"];

/// Tells of values that cannot be compared with, or are none.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for detection in &document.detections {
        let is_empty = match detection.node.value {
            yaml_serde::Value::Mapping(mapping) => mapping.is_empty(),
            yaml_serde::Value::Sequence(list) => list.is_empty(),
            value => value.is_null(),
        };
        if is_empty {
            let reason = format!("the detection `{}` is empty", quote(detection.name));
            findings.add(
                LintCode::EmptyDetection,
                detection.name_span.clone(),
                reason,
                "write fields and values into it, or remove it",
            );
        }
    }
    for item in document.items().filter(|item| !item.key.is_empty()) {
        check_item(item, findings);
    }
}

fn check_item(item: &Item<'_>, findings: &mut Findings) {
    let key = quote(item.key);
    if item.is_list && item.values.is_empty() {
        let reason = format!("`{key}` is compared with an empty list");
        findings.add(
            LintCode::EmptyDetection,
            item.key_span.clone(),
            reason,
            "write values, or remove it",
        );
    }
    for value in &item.values {
        if item.is_list && value.value.is_null() {
            let reason = format!(
                "`{key}` has nothing (`null`) as one of its values: it matches events without the field too"
            );
            let help = "make that a detection of its own, such as `filter_null`, so that it can be seen in the condition";
            findings.add(LintCode::NullInList, value.span.clone(), reason, help);
        }
        if let Some(wanted) = wanted(item, value) {
            let modifier = item.modifiers.last().copied().unwrap_or_default();
            let reason = format!(
                "`{}` is {wanted}, which `|{}` is for",
                quote(value.source()),
                quote(modifier)
            );
            let help = format!("write {} as the value of `{key}`", example(modifier));
            findings.add(LintCode::InvalidValue, value.span.clone(), reason, help);
        }
    }
}

/// What a value is not, and would have to be.
fn wanted(item: &Item<'_>, value: &Node<'_>) -> Option<&'static str> {
    let text = value.written();
    if text.contains('%') {
        // Stands for something that is put in later.
        return None;
    }
    if item.has_any(NUMBERS) && text.parse::<f64>().is_err() {
        return Some("no number");
    }
    if item.has("exists")
        && !matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no")
    {
        return Some("neither true nor false");
    }
    (item.has("cidr") && !is_network(&text)).then_some("no network")
}

fn example(modifier: &str) -> &'static str {
    match modifier {
        "exists" => "`true` or `false`",
        "cidr" => "a network such as `10.0.0.0/8`",
        _ => "a number",
    }
}

fn is_network(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    // An old form of networks has a star for what may be anything.
    if text.ends_with(".*") {
        return true;
    }
    match (address.parse(), length.parse::<u8>()) {
        (Ok(IpAddr::V4(_)), Ok(length)) => length <= 32,
        (Ok(IpAddr::V6(_)), Ok(length)) => length <= 128,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    #[test]
    fn values_that_their_modifier_is_for() {
        let codes = ["invalid-value", "empty-detection", "null-in-list"];
        for (item, expected) in [
            ("Size|gt: 5", &[][..]),
            ("Size|gt: '5'", &[]),
            ("Size|gt: many", &["invalid-value"]),
            ("Image|exists: true", &[]),
            ("Image|exists: maybe", &["invalid-value"]),
            ("Ip|cidr: ['10.0.0.0/8', '::1/128']", &[]),
            ("Ip|cidr: '10.0.0.0/33'", &["invalid-value"]),
            ("Ip|cidr: 'ten/8'", &["invalid-value"]),
            ("Image: []", &["empty-detection"]),
            ("Image: null", &[]),
            ("Image: [null, 'a']", &["null-in-list"]),
        ] {
            let text = rule(&format!("selection:\n  {item}\ncondition: selection"));
            assert_eq!(codes_of(&text, &codes), expected, "{item}");
        }
        let empty = rule("selection: {}\ncondition: selection");
        assert_eq!(codes_of(&empty, &codes), ["empty-detection"]);
        let lint = &found(
            &rule("selection:\n  A|gt:\n    - 1\n    - ten\ncondition: selection"),
            "invalid-value",
        )[0];
        assert_eq!((lint.line, lint.column), (13, 9));
        assert_eq!(lint.reason, "`ten` is no number, which `|gt` is for");
    }
}
