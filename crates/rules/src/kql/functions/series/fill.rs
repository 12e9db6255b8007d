//! Missing elements filled in. What is missing is null, or equal to what the argument for it says.

use super::super::arguments::{Arguments, array};
use super::super::{Accepts, Function, Type, Value};
use super::finite;
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_fill_forward", &[DYNAMIC, Accepts::Any], Type::Dynamic, |arguments| {
        let Some(elements) = arguments.array(0) else { return Value::Null };
        array(carried(elements.iter(), &arguments.dynamic(1)))
    })
    .with_optional(1),
    Function::define(
        "series_fill_backward",
        &[DYNAMIC, Accepts::Any],
        Type::Dynamic,
        |arguments| {
            let Some(elements) = arguments.array(0) else { return Value::Null };
            let mut filled = carried(elements.iter().rev(), &arguments.dynamic(1));
            filled.reverse();
            array(filled)
        },
    )
    .with_optional(1),
    Function::define(
        "series_fill_const",
        &[DYNAMIC, Accepts::Any, Accepts::Any],
        Type::Dynamic,
        constant,
    )
    .with_optional(1),
    Function::define(
        "series_fill_linear",
        &[DYNAMIC, Accepts::Any, Accepts::Only(Type::Bool), Accepts::Any],
        Type::Dynamic,
        |arguments| {
            let Some(elements) = arguments.array(0) else { return Value::Null };
            let fills_edges = arguments.bool(2).unwrap_or(true);
            let constant =
                if arguments.len() > 3 { arguments.dynamic(3) } else { Dynamic::Real(0.0) };
            array(linear(elements, &arguments.dynamic(1), fills_edges, &constant))
        },
    )
    .with_optional(3),
];

fn is_missing(element: &Dynamic, placeholder: &Dynamic) -> bool {
    match (finite(element), finite(placeholder)) {
        (Some(element), Some(placeholder)) => element == placeholder,
        _ => element == placeholder,
    }
}

/// Elements in that order, each missing one as the one before it.
fn carried<'a>(elements: impl Iterator<Item = &'a Dynamic>, placeholder: &Dynamic) -> Vec<Dynamic> {
    let mut last = placeholder;
    let filled = elements.map(|element| {
        if !is_missing(element, placeholder) {
            last = element;
        }
        last.clone()
    });
    filled.collect()
}

fn constant(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let (constant, placeholder) = (arguments.dynamic(1), arguments.dynamic(2));
    let filled = elements.iter().map(|element| {
        if is_missing(element, &placeholder) { constant.clone() } else { element.clone() }
    });
    array(filled.collect())
}

/// Elements between others lie on the line between them, rounded toward zero if all others are whole; those
/// at the edges are as the nearest. If all are missing, each is the constant.
pub(super) fn linear(
    elements: &[Dynamic],
    placeholder: &Dynamic,
    fills_edges: bool,
    constant: &Dynamic,
) -> Vec<Dynamic> {
    let known: Vec<(usize, &Dynamic)> = elements
        .iter()
        .enumerate()
        .filter(|(_, element)| !is_missing(element, placeholder))
        .collect();
    let is_whole = known.iter().all(|(_, element)| matches!(element, Dynamic::Long(_)));
    let (Some((first_place, first)), Some((last_place, last))) = (known.first(), known.last())
    else {
        let value = if constant == &Dynamic::Null { placeholder } else { constant };
        return vec![value.clone(); elements.len()];
    };
    let edge = |value: &Dynamic| if fills_edges { value.clone() } else { placeholder.clone() };
    let mut filled = vec![edge(first); *first_place];
    for pair in known.windows(2) {
        let [(left_place, left), (right_place, right)] = pair else { continue };
        filled.push((*left).clone());
        for place in left_place + 1..*right_place {
            let share = (place - left_place) as f64 / (right_place - left_place) as f64;
            filled.push(match (finite(left), finite(right)) {
                (Some(left), Some(right)) => {
                    let value = left + (right - left) * share;
                    if is_whole { Dynamic::Long(value as i64) } else { Dynamic::Real(value) }
                }
                _ => placeholder.clone(),
            });
        }
    }
    filled.push((*last).clone());
    filled.resize(elements.len().max(last_place + 1), edge(last));
    filled
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn filling_as_documented() {
        let whole = "[null,111,null,36,41,null,null,16,61,33,null,null]";
        let real = "[null,111.0,null,36.0,41.0,null,null,16.0,61.0,33.0,null,null]";
        check_near(&[
            ("series_fill_backward", &["[1,null,36,null,null,16,null]"], "[1,36,36,16,16,16,null]"),
            ("series_fill_forward", &["[null,36,null,null,16,null]"], "[null,36,36,36,16,16]"),
            ("series_fill_forward", &["[0,36,0,null]", "0"], "[0,36,36,null]"),
            ("series_fill_const", &["[111,null,36]", "0.0"], "[111,0.0,36]"),
            ("series_fill_const", &["[111,0,36]", "-1", "0.0"], "[111,-1,36]"),
            ("series_fill_linear", &[whole], "[111,111,73,36,41,32,24,16,61,33,33,33]"),
            (
                "series_fill_linear",
                &[real, "null", "false"],
                "[null,111.0,73.5,36.0,41.0,32.667,24.333,16.0,61.0,33.0,null,null]",
            ),
            ("series_fill_linear", &["[null,null]"], "[0.0,0.0]"),
            (
                "series_fill_linear",
                &["[null,null]", "null", "true", "3.14159"],
                "[3.14159,3.14159]",
            ),
            ("series_fill_linear", &["[]"], "[]"),
        ]);
    }
}
