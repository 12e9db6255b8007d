//! Arrays: what they hold, and parts of them in another order.

use super::super::arguments::{Arguments, MOST_ELEMENTS, array, long, number};
use super::super::{Accepts, Function, Type, Value};
use super::sets::key;
use super::size::bounded;
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const LONG: Accepts = Accepts::Only(Type::Long);

const LENGTH: Function = Function::define("array_length", &[DYNAMIC], Type::Long, |arguments| {
    long(arguments.array(0).map(|elements| elements.len() as i64))
});

const CONCAT: Function =
    Function::define("array_concat", &[DYNAMIC], Type::Dynamic, concat).with_rest(DYNAMIC);

const IFF: Function =
    Function::define("array_iff", &[DYNAMIC, Accepts::Any, Accepts::Any], Type::Dynamic, iff);

const STRCAT: Function =
    Function::define("strcat_array", &[DYNAMIC, Accepts::Only(Type::String)], Type::String, strcat);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    LENGTH,
    LENGTH.also("arraylength"),
    CONCAT,
    CONCAT.also("arrayconcat"),
    IFF,
    IFF.also("array_iif"),
    Function::define(
        "array_index_of",
        &[DYNAMIC, Accepts::Any, LONG, LONG, LONG],
        Type::Long,
        index_of,
    )
    .with_optional(3),
    Function::define("array_reverse", &[DYNAMIC], Type::Dynamic, reverse),
    Function::define("array_rotate_left", &[DYNAMIC, LONG], Type::Dynamic, |arguments| {
        rotate(arguments, 1)
    }),
    Function::define("array_rotate_right", &[DYNAMIC, LONG], Type::Dynamic, |arguments| {
        rotate(arguments, -1)
    }),
    Function::define(
        "array_shift_left",
        &[DYNAMIC, LONG, Accepts::Any],
        Type::Dynamic,
        |arguments| shift(arguments, 1),
    )
    .with_optional(1),
    Function::define(
        "array_shift_right",
        &[DYNAMIC, LONG, Accepts::Any],
        Type::Dynamic,
        |arguments| shift(arguments, -1),
    )
    .with_optional(1),
    Function::define("array_slice", &[DYNAMIC, LONG, LONG], Type::Dynamic, slice),
    Function::define("array_split", &[DYNAMIC, Accepts::Any], Type::Dynamic, split),
    Function::define("array_sum", &[DYNAMIC], Type::Real, sum),
    STRCAT,
];

fn concat(arguments: &[Value]) -> Value {
    let mut elements = Vec::new();
    for place in 0..arguments.len() {
        let Some(further) = arguments.array(place) else { return Value::Null };
        if elements.len() + further.len() > MOST_ELEMENTS {
            return Value::Null;
        }
        elements.extend_from_slice(further);
    }
    bounded(Dynamic::Array(elements))
}

/// Picks element by element; a condition that is neither bool nor number picks a null.
fn iff(arguments: &[Value]) -> Value {
    let Some(conditions) = arguments.array(0) else { return Value::Null };
    let choices = [Choice::of(arguments.at(1)), Choice::of(arguments.at(2))];
    let picked = conditions.iter().enumerate().map(|(place, condition)| {
        match condition {
            Dynamic::Bool(is_true) => Some(*is_true),
            other => number(other).map(|number| number != 0.0),
        }
        .map_or(Dynamic::Null, |is_true| choices[usize::from(!is_true)].element(place))
    });
    array(picked.collect())
}

/// What `array_iff` picks from: an array, or one value for all.
enum Choice<'a> {
    Array(&'a [Dynamic]),
    One(Dynamic),
}

impl Choice<'_> {
    fn of(value: &Value) -> Choice<'_> {
        match value {
            Value::Dynamic(Dynamic::Array(elements)) => Choice::Array(elements),
            other => Choice::One(other.clone().into_dynamic()),
        }
    }

    fn element(&self, place: usize) -> Dynamic {
        match self {
            Choice::Array(elements) => elements.get(place).cloned().unwrap_or(Dynamic::Null),
            Choice::One(value) => value.clone(),
        }
    }
}

/// The place of a value: -1 if it is not there, null if what is asked makes no sense.
fn index_of(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let wanted = key(&arguments.dynamic(1));
    let start = arguments.long(2).unwrap_or(0);
    let length = arguments.long(3).unwrap_or(-1);
    let occurrence = arguments.long(4).unwrap_or(1);
    if occurrence < 1 || length < -1 {
        return Value::Null;
    }
    let all = elements.len() as i64;
    let start = if start < 0 { start.saturating_add(all).max(0) } else { start };
    let end = if length < 0 { all } else { start.saturating_add(length).min(all) };
    let found = elements
        .iter()
        .enumerate()
        .filter(|(place, element)| {
            (start..end).contains(&(*place as i64)) && key(element) == wanted
        })
        .nth(usize::try_from(occurrence - 1).unwrap_or(usize::MAX));
    Value::Long(found.map_or(-1, |(place, _)| place as i64))
}

fn reverse(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    array(elements.iter().rev().cloned().collect())
}

fn rotate(arguments: &[Value], direction: i64) -> Value {
    let (Some(elements), Some(count)) = (arguments.array(0), arguments.long(1)) else {
        return Value::Null;
    };
    let mut elements = elements.to_vec();
    if !elements.is_empty() {
        let left = count.wrapping_mul(direction).rem_euclid(elements.len() as i64);
        elements.rotate_left(left as usize);
    }
    array(elements)
}

fn shift(arguments: &[Value], direction: i64) -> Value {
    let (Some(elements), Some(count)) = (arguments.array(0), arguments.long(1)) else {
        return Value::Null;
    };
    let filler = arguments.dynamic(2);
    let shifted = (0..elements.len() as i64).map(|place| {
        let source = count.checked_mul(direction).and_then(|by| place.checked_add(by));
        source
            .and_then(|source| elements.get(usize::try_from(source).ok()?))
            .unwrap_or(&filler)
            .clone()
    });
    array(shifted.collect())
}

/// From one place to another and with both; places below zero count from the end.
fn slice(arguments: &[Value]) -> Value {
    let (Some(elements), Some(start), Some(end)) =
        (arguments.array(0), arguments.long(1), arguments.long(2))
    else {
        return Value::Null;
    };
    let length = elements.len() as i64;
    let from_end = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
    let start = from_end(start).clamp(0, length);
    let behind = from_end(end).saturating_add(1).clamp(start, length);
    array(elements.get(start as usize..behind as usize).unwrap_or_default().to_vec())
}

/// Parts that begin at the start and at each of the places.
fn split(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let places: Vec<i64> = match arguments.at(1) {
        Value::Dynamic(Dynamic::Array(places)) => {
            places.iter().filter_map(number).map(|place| place as i64).collect()
        }
        _ => match arguments.long(1) {
            Some(place) => vec![place],
            None => return Value::Null,
        },
    };
    let length = elements.len() as i64;
    let mut parts = Vec::with_capacity(places.len() + 1);
    let mut begin = 0;
    for place in places {
        let place = if place < 0 { place.saturating_add(length) } else { place };
        let end = place.clamp(begin, length);
        parts.push(part(elements, begin, end));
        begin = end;
    }
    parts.push(part(elements, begin, length));
    array(parts)
}

fn part(elements: &[Dynamic], begin: i64, end: i64) -> Dynamic {
    Dynamic::Array(elements.get(begin as usize..end as usize).unwrap_or_default().to_vec())
}

/// Null unless every element is a number.
fn sum(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    elements.iter().map(number).sum::<Option<f64>>().map_or(Value::Null, Value::Real)
}

fn strcat(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::String(String::new()) };
    let texts: Vec<String> =
        elements.iter().map(|element| Value::of_dynamic(element.clone()).text()).collect();
    Value::String(texts.join(arguments.text(1)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, check, dynamic};
    use super::*;

    #[test]
    fn arrays_as_documented() {
        check(&[
            ("array_length", &["[1, 2, 3, \"four\"]"], "4"),
            ("array_length", &["{}"], "null"),
            ("array_concat", &["[1,2,4]", "[1,2]"], "[1,2,4,1,2]"),
            ("array_concat", &["[1]", "null"], "null"),
            ("array_iff", &["[1,0,50]", "\"yes\"", "\"no\""], r#"["yes","no","yes"]"#),
            ("array_iff", &[r#"["x",null]"#, "1", "0"], "[null,null]"),
            ("array_iif", &["[true,true,true]", "[1,2]", "[3,4]"], "[1,2,null]"),
            ("array_reverse", &["[1,2,3]"], "[3,2,1]"),
            ("array_rotate_left", &["[1,2,3,4,5]", "2"], "[3,4,5,1,2]"),
            ("array_rotate_left", &["[1,2,3,4,5]", "-2"], "[4,5,1,2,3]"),
            ("array_rotate_right", &["[1,2,3,4,5]", "2"], "[4,5,1,2,3]"),
            ("array_rotate_right", &["[]", "2"], "[]"),
            ("array_shift_right", &["[1,2,3,4,5]", "2"], "[null,null,1,2,3]"),
            ("array_shift_right", &["[1,2,3,4,5]", "2", "-1"], "[-1,-1,1,2,3]"),
            ("array_shift_right", &["[1,2,3,4,5]", "-2", "-1"], "[3,4,5,-1,-1]"),
            ("array_shift_left", &["[1,2,3]", "9223372036854775807"], "[null,null,null]"),
            ("array_slice", &["[1,2,3]", "1", "2"], "[2,3]"),
            ("array_slice", &["[1,2,3,4,5]", "2", "-1"], "[3,4,5]"),
            ("array_slice", &["[1,2,3,4,5]", "-3", "-2"], "[3,4]"),
            ("array_slice", &["[1,2,3]", "2", "0"], "[]"),
            ("array_slice", &["[1,2,3]", "5", "9223372036854775807"], "[]"),
            ("array_split", &["[1,2,3,4,5]", "2"], "[[1,2],[3,4,5]]"),
            ("array_split", &["[1,2,3,4,5]", "[1,3]"], "[[1],[2,3],[4,5]]"),
            ("array_split", &["[1,2,3,4,5]", "[3,1]"], "[[1,2,3],[],[4,5]]"),
            ("array_sum", &["[1,2.5]"], "3.5"),
            ("array_sum", &["[1,\"a\"]"], "null"),
        ]);
    }

    #[test]
    fn index_of_counts_from_the_end_and_skips() {
        let array = dynamic(r#"["this","is","an","example","an","example"]"#);
        for (wanted, further, expected) in [
            ("an", &[][..], 2),
            ("example", &[1, 3], 3),
            ("example", &[1, 2], -1),
            ("is", &[2, 4], -1),
            ("example", &[2, -1], 3),
            ("an", &[1, -1, 2], 4),
            ("an", &[1, -1, 3], -1),
            ("an", &[-3], 4),
            ("is", &[-4], -1),
        ] {
            let mut arguments = vec![array.clone(), Value::String(wanted.to_owned())];
            arguments.extend(further.iter().map(|number| Value::Long(*number)));
            assert_eq!(
                call("array_index_of", &arguments),
                Value::Long(expected),
                "{wanted} {further:?}"
            );
        }
    }

    #[test]
    fn joining_writes_elements_as_text() {
        let joined =
            call("strcat_array", &[dynamic(r#"[1,"a",null,2.5]"#), Value::String("->".into())]);
        assert_eq!(joined, Value::String("1->a->->2.5".into()));
    }
}
