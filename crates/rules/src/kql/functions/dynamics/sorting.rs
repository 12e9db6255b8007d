//! Arrays in order, and others with them.

use std::cmp::Ordering;

use super::super::arguments::{Arguments, array, number};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions. The arguments are arrays, then perhaps whether nulls come last. One array gives that
/// array; several give an array of them, which are columns of their own where a function may give several.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("array_sort_asc", &[DYNAMIC], Type::Dynamic, |arguments| {
        sort(arguments, false)
    })
    .with_rest(Accepts::Any),
    Function::define("array_sort_desc", &[DYNAMIC], Type::Dynamic, |arguments| {
        sort(arguments, true)
    })
    .with_rest(Accepts::Any),
];

fn sort(arguments: &[Value], is_descending: bool) -> Value {
    let Some(first) = arguments.array(0) else { return Value::Null };
    let last = arguments.len() - 1;
    let (arrays, nulls_last) = match arguments.bool(last) {
        Some(nulls_last) => (last, nulls_last),
        None => (last + 1, true),
    };
    let mut places: Vec<usize> = (0..first.len()).collect();
    places.sort_by(|left, right| match (first.get(*left), first.get(*right)) {
        (Some(left), Some(right)) => compare(left, right, is_descending, nulls_last),
        _ => Ordering::Equal,
    });
    let in_order = |place: usize| match arguments.array(place) {
        Some(elements) if elements.len() == places.len() => Dynamic::Array(
            places.iter().filter_map(|place| elements.get(*place)).cloned().collect(),
        ),
        _ => Dynamic::Null,
    };
    if arrays == 1 {
        Value::of_dynamic(in_order(0))
    } else {
        array((0..arrays).map(in_order).collect())
    }
}

fn compare(left: &Dynamic, right: &Dynamic, is_descending: bool, nulls_last: bool) -> Ordering {
    let (left_rank, right_rank) = (rank(left, nulls_last), rank(right, nulls_last));
    let within = || {
        let order = compare_kin(left, right);
        if is_descending { order.reverse() } else { order }
    };
    left_rank.cmp(&right_rank).then_with(within)
}

/// Kinds come in this order, whichever way each of them is sorted.
fn rank(element: &Dynamic, nulls_last: bool) -> u8 {
    match element {
        Dynamic::Null if nulls_last => 5,
        Dynamic::Null => 0,
        Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::DateTime(_) | Dynamic::TimeSpan(_) => 1,
        Dynamic::String(_) => 2,
        Dynamic::Guid(_) => 3,
        _ => 4,
    }
}

fn compare_kin(left: &Dynamic, right: &Dynamic) -> Ordering {
    match (left, right) {
        (Dynamic::Long(left), Dynamic::Long(right)) => left.cmp(right),
        (Dynamic::DateTime(left), Dynamic::DateTime(right)) => left.cmp(right),
        (Dynamic::TimeSpan(left), Dynamic::TimeSpan(right)) => left.cmp(right),
        (Dynamic::String(left), Dynamic::String(right)) => left.cmp(right),
        (Dynamic::Guid(left), Dynamic::Guid(right)) => left.cmp(right),
        (Dynamic::Bool(left), Dynamic::Bool(right)) => left.cmp(right),
        _ => measure(left).total_cmp(&measure(right)),
    }
}

fn measure(element: &Dynamic) -> f64 {
    match element {
        Dynamic::DateTime(moment) => moment.0 as f64,
        Dynamic::TimeSpan(span) => span.0 as f64,
        other => number(other).unwrap_or(f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn sorting_as_documented() {
        check(&[
            ("array_sort_asc", &["[1,3,4,5,2]"], "[1,2,3,4,5]"),
            ("array_sort_desc", &["[1,3.5,4,5,2]"], "[5,4,3.5,2,1]"),
            (
                "array_sort_asc",
                &["[1,3,4,5,2]", r#"["a","b","c","d","e"]"#],
                r#"[[1,2,3,4,5],["a","e","b","c","d"]]"#,
            ),
            ("array_sort_asc", &["[2,1]", "[1]"], "[[1,2],null]"),
            (
                "array_sort_asc",
                &[r#"[null,"blue","yellow","green",null]"#],
                r#"["blue","green","yellow",null,null]"#,
            ),
            (
                "array_sort_desc",
                &[r#"[null,"blue","yellow",null]"#],
                r#"["yellow","blue",null,null]"#,
            ),
            (
                "array_sort_desc",
                &[r#"[null,"blue","yellow"]"#, "false"],
                r#"[null,"yellow","blue"]"#,
            ),
            ("array_sort_asc", &[r#"["b",2,true,"a",1]"#], r#"[1,2,"a","b",true]"#),
            ("array_sort_asc", &["1"], "null"),
        ]);
    }
}
