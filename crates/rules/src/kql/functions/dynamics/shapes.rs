//! Arrays put together: of values, of a range, of other arrays, of paths.

use indexmap::IndexSet;

use super::super::arguments::{Arguments, MOST_ELEMENTS, array, text};
use super::super::{Accepts, Function, Type, Value};
use super::size::{bounded, is_too_big};
use crate::kql::{DateTime, Dynamic, TimeSpan};

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("pack_array", &[], Type::Dynamic, pack_array).with_rest(Accepts::Any),
    Function::define("range", &[Accepts::Any, Accepts::Any, Accepts::Any], Type::Dynamic, range)
        .with_optional(1),
    Function::define("repeat", &[Accepts::Any, Accepts::Only(Type::Long)], Type::Dynamic, repeat),
    Function::define("zip", &[DYNAMIC], Type::Dynamic, zip).with_rest(DYNAMIC),
    Function::define("treepath", &[DYNAMIC], Type::Dynamic, treepath),
];

fn pack_array(arguments: &[Value]) -> Value {
    bounded(Dynamic::Array(arguments.iter().map(|value| value.clone().into_dynamic()).collect()))
}

/// Values from the first to the second and with it, an hour or 1 apart unless the third says otherwise. The
/// end is cut off if there are too many.
fn range(arguments: &[Value]) -> Value {
    let (first, last) = (arguments.at(0), arguments.at(1));
    let numbers = match (ticks(first), ticks(last), ticks(arguments.at(2))) {
        (Some(first), Some(last), Some(step)) => whole(first, last, step),
        (Some(first), Some(last), None) if arguments.at(2) == &Value::Null => {
            let hour = 3600 * TimeSpan::SECOND;
            whole(first, last, if is_whole(arguments.at(0)) { 1 } else { hour })
        }
        _ => return reals(arguments),
    };
    let Some(numbers) = numbers else { return Value::Null };
    let kind: fn(i64) -> Dynamic = match first {
        Value::DateTime(_) | Value::Dynamic(Dynamic::DateTime(_)) => {
            |ticks| Dynamic::DateTime(DateTime(ticks))
        }
        Value::TimeSpan(_) | Value::Dynamic(Dynamic::TimeSpan(_)) => {
            |ticks| Dynamic::TimeSpan(TimeSpan(ticks))
        }
        _ => Dynamic::Long,
    };
    array(numbers.into_iter().map(kind).collect())
}

/// A whole number, or the ticks of a moment or of a length of time.
fn ticks(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(i64::from(*number)),
        Value::Long(number) | Value::Dynamic(Dynamic::Long(number)) => Some(*number),
        Value::DateTime(moment) | Value::Dynamic(Dynamic::DateTime(moment)) => Some(moment.0),
        Value::TimeSpan(span) | Value::Dynamic(Dynamic::TimeSpan(span)) => Some(span.0),
        _ => None,
    }
}

fn is_whole(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Long(_) | Value::Dynamic(Dynamic::Long(_)))
}

fn whole(first: i64, last: i64, step: i64) -> Option<Vec<i64>> {
    if step == 0 {
        return None;
    }
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    let is_within = |number: &i64| if step > 0 { *number <= last } else { *number >= last };
    Some(numbers.take_while(is_within).take(MOST_ELEMENTS).collect())
}

/// Each is computed from the first, so that rounding does not add up.
fn reals(arguments: &[Value]) -> Value {
    let step = if arguments.at(2) == &Value::Null { Some(1.0) } else { arguments.real(2) };
    let (Some(first), Some(last), Some(step)) = (arguments.real(0), arguments.real(1), step) else {
        return Value::Null;
    };
    if step == 0.0 {
        return Value::Null;
    }
    let numbers = (0..MOST_ELEMENTS)
        .map(|place| first + step * place as f64)
        .take_while(|number| if step > 0.0 { *number <= last } else { *number >= last });
    array(numbers.map(Dynamic::Real).collect())
}

fn repeat(arguments: &[Value]) -> Value {
    let Some(count) = arguments.long(1).and_then(|count| usize::try_from(count).ok()) else {
        return Value::Null;
    };
    let value = arguments.dynamic(0);
    if count > MOST_ELEMENTS || is_too_big(&value, count) {
        return Value::Null;
    }
    array(vec![value; count])
}

/// The first elements of all, then the second, and so on to the end of the longest.
fn zip(arguments: &[Value]) -> Value {
    let arrays: Option<Vec<&[Dynamic]>> =
        (0..arguments.len()).map(|place| arguments.array(place)).collect();
    let Some(arrays) = arrays else { return Value::Null };
    let longest = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
    if longest.saturating_mul(arrays.len()) > MOST_ELEMENTS {
        return Value::Null;
    }
    let zipped = (0..longest).map(|place| {
        let elements =
            arrays.iter().map(|array| array.get(place).cloned().unwrap_or(Dynamic::Null));
        Dynamic::Array(elements.collect())
    });
    array(zipped.collect())
}

/// Every path that leads somewhere; the elements of an array share `[0]`.
fn treepath(arguments: &[Value]) -> Value {
    let Value::Dynamic(dynamic) = arguments.at(0) else { return Value::Null };
    let mut paths = IndexSet::new();
    collect_paths(dynamic, "", &mut paths);
    bounded(Dynamic::Array(paths.into_iter().map(text).collect()))
}

fn collect_paths(dynamic: &Dynamic, path: &str, paths: &mut IndexSet<String>) {
    let children: Vec<(String, &Dynamic)> = match dynamic {
        Dynamic::Bag(properties) => {
            properties.iter().map(|(name, value)| (format!("{path}['{name}']"), value)).collect()
        }
        Dynamic::Array(elements) => {
            elements.iter().map(|element| (format!("{path}[0]"), element)).collect()
        }
        _ => return,
    };
    for (path, child) in children {
        if paths.len() >= MOST_ELEMENTS {
            return;
        }
        collect_paths_below(&path, child, paths);
    }
}

fn collect_paths_below(path: &str, child: &Dynamic, paths: &mut IndexSet<String>) {
    if !paths.contains(path) {
        paths.insert(path.to_owned());
    }
    collect_paths(child, path, paths);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, check};
    use super::*;

    #[test]
    fn shapes_as_documented() {
        check(&[
            ("pack_array", &["1", "\"2\"", "null"], r#"[1,"2",null]"#),
            ("range", &["1", "8", "3"], "[1,4,7]"),
            ("range", &["1", "3"], "[1,2,3]"),
            ("range", &["3", "1", "-1"], "[3,2,1]"),
            ("range", &["3", "1"], "[]"),
            ("range", &["1", "3", "0"], "null"),
            ("range", &["1", "2", "0.5"], "[1.0,1.5,2.0]"),
            ("range", &["\"a\"", "3"], "null"),
            ("repeat", &["1", "3"], "[1,1,1]"),
            ("repeat", &["1", "0"], "[]"),
            ("repeat", &["1", "-1"], "null"),
            ("repeat", &["1", "1048577"], "null"),
            ("zip", &[r#"["A",1,1.5]"#, r#"[{},"B"]"#], r#"[["A",{}],[1,"B"],[1.5,null]]"#),
            ("treepath", &[r#"{"a":"b","c":123}"#], r#"["['a']","['c']"]"#),
            (
                "treepath",
                &[r#"{"list":[100,200,"x",{"x":"y"}]}"#],
                r#"["['list']","['list'][0]","['list'][0]['x']"]"#,
            ),
        ]);
    }

    #[test]
    fn a_range_of_moments_goes_by_the_hour() {
        let hour = 3600 * TimeSpan::SECOND;
        let span = |hours: i64| Value::TimeSpan(TimeSpan(hours * hour));
        let expected = (1..=3).map(|hours| Dynamic::TimeSpan(TimeSpan(hours * hour))).collect();
        assert_eq!(call("range", &[span(1), span(3)]), array(expected));
        let moment = |days: i64| DateTime(DateTime::EPOCH + days * TimeSpan::DAY);
        let days = call(
            "range",
            &[
                Value::DateTime(moment(0)),
                Value::DateTime(moment(1)),
                Value::TimeSpan(TimeSpan(TimeSpan::DAY)),
            ],
        );
        assert_eq!(days, array(vec![Dynamic::DateTime(moment(0)), Dynamic::DateTime(moment(1))]));
    }

    #[test]
    fn what_grows_too_big_is_cut_or_null() {
        let cut = call("range", &[Value::Long(1), Value::Long(1_000_000_000)]);
        assert_eq!([cut].array(0).map(<[Dynamic]>::len), Some(MOST_ELEMENTS));
        let long = Value::String("x".repeat(1000));
        assert_eq!(call("repeat", &[long, Value::Long(1_000_000)]), Value::Null);
        let mut doubled = Value::String("x".repeat(1 << 23));
        for _ in 0..3 {
            doubled = call("pack_array", &[doubled.clone(), doubled]);
        }
        assert_eq!(doubled, Value::Null);
    }
}
