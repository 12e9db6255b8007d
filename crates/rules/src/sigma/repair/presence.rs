//! `exists` asks whether a field is there, "not its value, be it empty or null".
//!
//! The library takes a field that is there and null for an absent one.

use rsigma_ir::{IrDetection, IrMatcher};

use super::super::detection::{not, one};

/// The detection that a field is there, or is not.
pub(in super::super) fn detection(field: String, is_there: bool) -> IrDetection {
    // An absent field matches nothing but null alone; one that is there either is null or is not.
    let anything = vec![IrMatcher::Null, IrMatcher::Not(Box::new(IrMatcher::Null))];
    let there = one(&field, IrMatcher::AnyOf(anything));
    if is_there { there } else { not(there) }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds_for, problem};
    use serde_json::json;

    #[test]
    fn a_field_is_there_whatever_it_holds() {
        for (json, is_there) in [
            (json!({"C": "x"}), true),
            (json!({"C": ""}), true),
            (json!({"C": null}), true),
            (json!({"C": {"a": 1}}), true),
            (json!({"C": []}), true),
            (json!({"B": "C"}), false),
        ] {
            assert_eq!(holds_for("{s: {C|exists: true}, condition: s}", &json), is_there, "{json}");
            assert_eq!(
                holds_for("{s: {C|exists: false}, condition: s}", &json),
                !is_there,
                "{json}"
            );
        }
    }

    #[test]
    fn exists_needs_a_truth_value() {
        assert!(problem("{s: {C|exists: maybe}, condition: s}").reason.contains("`exists` needs"));
    }
}
