//! A field that is absent is null in a list of values too.
//!
//! The library takes an absent field for null only where `null` is the one value it is compared with, not in a list
//! such as `['', null]`.

use rsigma_ir::{IrDetection, IrMatcher};

use super::super::detection::{all_of, any_matcher, any_of, one};

/// The detection that a field with values is.
pub(in super::super) fn detection(
    field: String,
    matchers: Vec<IrMatcher>,
    needs_all: bool,
) -> IrDetection {
    let is_null = |matcher: &IrMatcher| *matcher == IrMatcher::Null;
    let has_null = matchers.iter().any(is_null);
    let (_, others): (Vec<_>, Vec<_>) = matchers.into_iter().partition(is_null);
    let null = has_null.then(|| one(&field, IrMatcher::Null));
    let others = (!others.is_empty()).then(|| {
        let together = if needs_all && others.len() > 1 {
            IrMatcher::AllOf(others)
        } else {
            any_matcher(others)
        };
        one(&field, together)
    });
    let both: Vec<IrDetection> = null.into_iter().chain(others).collect();
    if needs_all && let Some(all) = all_of(both.clone()) { all } else { any_of(both) }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, holds_for};
    use serde_json::json;

    #[test]
    fn null_in_a_list_is_an_absent_field() {
        let detection = "{s: {A: 1, C: ['', '-', null]}, condition: s}";
        assert!(holds(detection, &[("A", "1")]));
        assert!(holds(detection, &[("A", "1"), ("C", "")]));
        assert!(!holds(detection, &[("A", "1"), ("C", "x")]));
        assert!(!holds(detection, &[("C", "")]));
        let json = json!({"A": 1, "C": null});
        assert!(holds_for(detection, &json));
    }

    #[test]
    fn null_alone_and_an_empty_text_differ() {
        assert!(holds("{s: {C: null}, condition: s}", &[("A", "1")]));
        assert!(!holds("{s: {C: null}, condition: s}", &[("C", "")]));
        assert!(holds("{s: {C: ''}, condition: s}", &[("C", "")]));
        assert!(!holds("{s: {C: ''}, condition: s}", &[("A", "1")]));
        assert!(holds("{s: {C: null}, condition: not s}", &[("C", "x")]));
    }
}
