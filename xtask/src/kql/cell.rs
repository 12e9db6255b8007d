//! Whether a printed cell says what an engine answered.
//!
//! Pages print values without their types, so the answer's type decides how the text is read. What cannot
//! be told apart in print, such as a null and an empty text, counts as equal; nothing else does.

use serde_json::Value;

use super::{loose, moment};

/// How far apart numbers may be: pages print fifteen digits, and sums depend on their order.
const RELATIVE: f64 = 1e-9;

/// Whether they are equal.
pub(super) fn says(printed: &str, answered: &Value) -> bool {
    let printed = printed.trim();
    match answered {
        Value::Null => printed.is_empty() || printed.eq_ignore_ascii_case("null"),
        Value::Bool(answered) => {
            let words = if *answered { ["true", "1"] } else { ["false", "0"] };
            words.iter().any(|word| printed.eq_ignore_ascii_case(word))
        }
        Value::Number(answered) => match answered.as_i64() {
            Some(whole) => match printed.parse::<i64>() {
                Ok(printed) => printed == whole,
                Err(_) => is_number(printed, whole as f64),
            },
            None => answered.as_f64().is_some_and(|answered| is_number(printed, answered)),
        },
        Value::String(answered) => is_text(printed, answered),
        Value::Array(_) | Value::Object(_) => {
            loose::document(printed).is_some_and(|printed| is_document(&printed, answered))
        }
    }
}

/// Whether two answers of engines are equal: those of lists and bags in the depth.
pub(super) fn are_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => are_near(one.as_f64().unwrap_or(f64::NAN), other.as_f64().unwrap_or(f64::NAN)),
        },
        (Value::Array(ones), Value::Array(others)) => {
            ones.len() == others.len()
                && ones.iter().zip(others).all(|(one, other)| are_equal(one, other))
        }
        (Value::Object(ones), Value::Object(others)) => {
            ones.len() == others.len()
                && ones
                    .iter()
                    .all(|(name, one)| others.get(name).is_some_and(|other| are_equal(one, other)))
        }
        _ => one == other,
    }
}

fn are_near(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= RELATIVE * one.abs().max(other.abs())
}

/// Whether a printed number is that one, as far as its digits go.
fn is_number(printed: &str, answered: f64) -> bool {
    let printed = without_thousands(printed);
    let Ok(number) = printed.parse::<f64>() else { return false };
    let digits = printed.split_once('.').filter(|(_, digits)| !digits.contains(['e', 'E']));
    let places = digits.map_or(0, |(_, digits)| digits.len());
    let rounding = 0.5 * 10_f64.powi(-i32::try_from(places).unwrap_or(i32::MAX));
    are_near(number, answered)
        || places > 1 && (number - answered).abs() <= rounding * (1.0 + RELATIVE)
}

/// A number without the commas that part its digits by threes.
fn without_thousands(printed: &str) -> String {
    let mut groups = printed.split(',');
    let first = groups.next().unwrap_or_default();
    let are_threes = groups.all(|group| group.len() == 3 && group.parse::<u16>().is_ok());
    let is_whole = first.len() <= 4 && !first.is_empty();
    if are_threes && is_whole { printed.replace(',', "") } else { printed.to_owned() }
}

/// What is no number to JSON: an engine writes it as a text.
fn is_infinity(printed: &str, answered: &str) -> bool {
    let is_one = |text: &str, sign: &str| {
        let word = text.strip_prefix(sign).unwrap_or_default().to_lowercase();
        ["∞", "inf", "infinity"].contains(&word.as_str())
    };
    ["", "-"].iter().any(|sign| is_one(printed, sign) && is_one(answered, sign))
}

fn is_text(printed: &str, answered: &str) -> bool {
    let lines = |text: &str| {
        let lines: Vec<String> = text.trim().lines().map(|line| line.trim().to_owned()).collect();
        lines.join("\n")
    };
    let unquoted = printed.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let has_point = printed.contains('.') && answered.contains('.');
    let has_thousands = without_thousands(printed) != printed;
    lines(printed) == lines(answered)
        || unquoted.is_some_and(|printed| printed == answered)
        || linked(printed).is_some_and(|address| address == answered)
        || is_infinity(printed, answered)
        || moment::are_equal(printed, answered)
        || (has_point || has_thousands)
            && answered.parse().is_ok_and(|number| is_number(printed, number))
        || match (loose::document(printed), loose::document(answered)) {
            (Some(printed), Some(answered)) => is_document(&printed, &answered),
            _ => false,
        }
}

/// An address that a page prints as a link to itself.
fn linked(printed: &str) -> Option<&str> {
    let (shown, address) = printed.strip_prefix('[')?.strip_suffix(')')?.split_once("](")?;
    (shown == address).then_some(shown)
}

/// Whether a printed document is that one. Bags have no order, and text may be printed without marks.
fn is_document(printed: &Value, answered: &Value) -> bool {
    match (printed, answered) {
        (Value::Array(printed), Value::Array(answered)) => is_array(printed, answered),
        (Value::Object(printed), Value::Object(answered)) => {
            printed.len() == answered.len()
                && printed.iter().all(|(name, printed)| {
                    answered.get(name).is_some_and(|answered| is_document(printed, answered))
                })
        }
        (Value::Number(printed), Value::Number(_)) => says(&printed.to_string(), answered),
        (Value::String(printed), Value::String(answered)) => is_text(printed, answered),
        (Value::String(printed), Value::Number(_)) => says(printed, answered),
        (printed, answered) => printed == answered,
    }
}

fn is_array(printed: &[Value], answered: &[Value]) -> bool {
    let are_all = |printed: &[Value], answered: &[Value]| {
        printed.iter().zip(answered).all(|(printed, answered)| is_document(printed, answered))
    };
    let Some(gap) = printed.iter().position(|value| value == loose::GAP) else {
        return printed.len() == answered.len() && are_all(printed, answered);
    };
    let (before, behind) = printed.split_at(gap);
    let behind = behind.get(1..).unwrap_or_default();
    match answered.len().checked_sub(behind.len()) {
        Some(start) if start >= before.len() => {
            are_all(before, answered) && are_all(behind, answered.get(start..).unwrap_or_default())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{are_equal, says};

    #[test]
    fn a_cell_says_what_its_type_makes_of_it() {
        for (printed, answered) in [
            ("", json!(null)),
            ("", json!("")),
            ("True", json!(true)),
            ("0", json!(false)),
            ("5", json!(5)),
            ("9007199254740993", json!(9_007_199_254_740_993_i64)),
            ("1.4142135623731", json!(std::f64::consts::SQRT_2)),
            ("0.84", json!(0.838_095_238)),
            ("NaN", json!("NaN")),
            ("-∞", json!("-Infinity")),
            ("1,000,000,020", json!(1_000_000_020)),
            ("1,000,000,020", json!("1000000020")),
            ("2018-07-01 00:00:00.0000000", json!("2018-07-01T00:00:00.0000000Z")),
            ("4.00:00:00", json!("4.00:00:00")),
            ("[yes, no]", json!(["yes", "no"])),
            ("{\n  \"b\": 1,\n  \"a\": [ 2 ]\n}", json!({"a": [2], "b": 1})),
            ("[\"2007-01-01\", ..., 3]", json!(["2007-01-01T00:00:00.0000000Z", 1, 2, 3])),
            ("\"eA==\"", json!("eA==")),
            ("[http://example.com](http://example.com)", json!("http://example.com")),
        ] {
            assert!(says(printed, &answered), "{printed} is {answered}");
        }
    }

    #[test]
    fn what_is_near_is_not_equal() {
        for (printed, answered) in [
            ("", json!(0)),
            ("null", json!("")),
            ("0", json!(null)),
            ("2", json!(2.4)),
            ("0.5", json!(0.52)),
            ("9007199254740993", json!(9_007_199_254_740_995_i64)),
            ("007", json!("7")),
            ("∞", json!("-Infinity")),
            ("1,2", json!(12)),
            ("A", json!("a")),
            ("[1,2]", json!([2, 1])),
            ("[1,2]", json!([1, 2, 3])),
            ("[1,...,2]", json!([1])),
            ("{\"a\":1}", json!({"a": 1, "b": null})),
            ("2018-07-01", json!("2018-07-02T00:00:00.0000000Z")),
        ] {
            assert!(!says(printed, &answered), "{printed} is not {answered}");
        }
    }

    #[test]
    fn answers_of_engines_are_compared_with_their_types() {
        assert!(are_equal(&json!({"a": [0.1 + 0.2]}), &json!({"a": [0.3]})));
        assert!(!are_equal(&json!("1"), &json!(1)));
        assert!(!are_equal(&json!(null), &json!("")));
        let large = json!(9_007_199_254_740_993_i64);
        assert!(!are_equal(&large, &json!(9_007_199_254_740_992_i64)));
    }
}
