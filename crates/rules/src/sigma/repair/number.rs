//! Numbers are compared exactly, and infinity is none.
//!
//! The library compares all numbers as floating point, in which whole numbers of more than 53 bits, such as
//! identifiers of logons, fall together; and the text `inf` is greater than every number for it.

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::{IrMatcher, IrStrOp};
use rsigma_parser::Modifier;

use super::super::detection::literal;
use super::super::document::Fault;
use super::wildcard;

/// Whole numbers up to this one are exact in floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The comparison with a number.
pub(in super::super) fn equal(number: &yaml_serde::Number) -> IrMatcher {
    match number.as_f64() {
        Some(value) if value.abs() < EXACT => IrMatcher::NumericEq(literal(value)),
        _ => wildcard::text(IrStrOp::Exact, &number.to_string(), false),
    }
}

/// The comparison with a bound.
pub(in super::super) fn order(modifier: Modifier, bound: f64) -> Result<IrMatcher, Fault> {
    let (matcher, finite) = match modifier {
        Modifier::Gt => (IrMatcher::NumericGt(literal(bound)), true),
        Modifier::Gte => (IrMatcher::NumericGte(literal(bound)), true),
        Modifier::Lt => (IrMatcher::NumericLt(literal(bound)), false),
        Modifier::Lte => (IrMatcher::NumericLte(literal(bound)), false),
        other => {
            let reason = format!("`{other:?}` compares no numbers");
            return Err(Fault::new(ProblemKind::Unsupported, reason, "use gt, gte, lt or lte"));
        }
    };
    let other_end = match finite {
        true => IrMatcher::NumericLte(literal(f64::MAX)),
        false => IrMatcher::NumericGte(literal(f64::MIN)),
    };
    Ok(IrMatcher::AllOf(vec![matcher, other_end]))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, holds_for, problem};
    use serde_json::json;

    #[test]
    fn a_number_is_found_as_text_and_as_number() {
        assert!(holds("{s: {EventID: 4688}, condition: s}", &[("EventID", "4688")]));
        assert!(holds_for("{s: {EventID: 4688}, condition: s}", &json!({"EventID": 4688})));
        assert!(holds_for("{s: {EventID: '4688'}, condition: s}", &json!({"EventID": 4688})));
        assert!(!holds("{s: {EventID: '04688'}, condition: s}", &[("EventID", "4688")]));
        assert!(!holds("{s: {EventID: 4688}, condition: s}", &[("EventID", "46880")]));
        assert!(holds("{s: {EventID|contains: 68}, condition: s}", &[("EventID", "4688")]));
        assert!(holds("{s: {N: 1.5}, condition: s}", &[("N", "1.50")]));
    }

    #[test]
    fn large_numbers_do_not_fall_together() {
        let detection = "{s: {Id: 9007199254740993}, condition: s}";
        assert!(holds(detection, &[("Id", "9007199254740993")]));
        assert!(!holds(detection, &[("Id", "9007199254740992")]));
        assert!(holds_for(detection, &json!({"Id": 9_007_199_254_740_993_i64})));
        assert!(!holds_for(detection, &json!({"Id": 9_007_199_254_740_992_i64})));
    }

    #[test]
    fn bounds_hold_for_numbers_alone() {
        for (key, text, expected) in [
            ("gt", "11", true),
            ("gt", "10", false),
            ("gte", "10", true),
            ("lt", "9.5", true),
            ("lt", "10", false),
            ("lte", "10", true),
            ("gt", "inf", false),
            ("lt", "-infinity", false),
            ("gt", "NaN", false),
            ("gt", "x", false),
        ] {
            let detection = format!("{{s: {{N|{key}: 10}}, condition: s}}");
            assert_eq!(holds(&detection, &[("N", text)]), expected, "{key} {text}");
        }
        assert!(problem("{s: {N|gt: ten}, condition: s}").reason.contains("a number is needed"));
    }
}
