//! Arrays as sets: each element counts once, in the order in which it is first seen.

use std::collections::HashSet;

use super::super::arguments::{Arguments, array, bool, real};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("set_union", &[DYNAMIC], Type::Dynamic, union).with_rest(DYNAMIC),
    Function::define("set_intersect", &[DYNAMIC, DYNAMIC], Type::Dynamic, |arguments| {
        filter(arguments, |others, key| others.iter().all(|other| other.contains(key)))
    })
    .with_rest(DYNAMIC),
    Function::define("set_difference", &[DYNAMIC, DYNAMIC], Type::Dynamic, |arguments| {
        filter(arguments, |others, key| !others.iter().any(|other| other.contains(key)))
    })
    .with_rest(DYNAMIC),
    Function::define("set_has_element", &[DYNAMIC, Accepts::Any], Type::Bool, has_element),
    Function::define("set_equals", &[DYNAMIC, DYNAMIC], Type::Bool, equals),
    Function::define("jaccard_index", &[DYNAMIC, DYNAMIC], Type::Real, jaccard_index),
];

/// What makes an element the same as another. Numbers are the same if they are worth the same. What is text
/// once it is JSON is the same as that text: whether it has been JSON already must not matter.
pub(super) fn key(element: &Dynamic) -> String {
    match element {
        Dynamic::Long(number) => format!("n{number}"),
        Dynamic::Real(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            format!("n{}", *number as i64)
        }
        Dynamic::Real(number) => format!("r{}", number.to_bits()),
        Dynamic::String(text) => format!("t{text}"),
        Dynamic::DateTime(_) | Dynamic::TimeSpan(_) | Dynamic::Guid(_) => {
            format!("t{}", Value::of_dynamic(element.clone()).text())
        }
        other => other.json(),
    }
}

fn keys(elements: &[Dynamic]) -> HashSet<String> {
    elements.iter().map(key).collect()
}

fn union(arguments: &[Value]) -> Value {
    let mut seen = HashSet::new();
    let mut elements = Vec::new();
    for place in 0..arguments.len() {
        let Some(further) = arguments.array(place) else { return Value::Null };
        elements.extend(further.iter().filter(|element| seen.insert(key(element))).cloned());
    }
    array(elements)
}

/// The elements of the first array that may stay, each once.
fn filter(arguments: &[Value], stays: fn(&[HashSet<String>], &str) -> bool) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let others: Option<Vec<HashSet<String>>> =
        (1..arguments.len()).map(|place| arguments.array(place).map(keys)).collect();
    let Some(others) = others else { return Value::Null };
    let mut seen = HashSet::new();
    let kept = elements.iter().filter(|element| {
        let key = key(element);
        stays(&others, &key) && seen.insert(key)
    });
    array(kept.cloned().collect())
}

fn has_element(arguments: &[Value]) -> Value {
    let wanted = key(&arguments.dynamic(1));
    bool(arguments.array(0).map(|elements| elements.iter().any(|element| key(element) == wanted)))
}

fn equals(arguments: &[Value]) -> Value {
    let (Some(left), Some(right)) = (arguments.array(0), arguments.array(1)) else {
        return Value::Null;
    };
    Value::Bool(keys(left) == keys(right))
}

/// How much of both sets is in both.
fn jaccard_index(arguments: &[Value]) -> Value {
    let (Some(left), Some(right)) = (arguments.array(0), arguments.array(1)) else {
        return Value::Null;
    };
    let (left, right) = (keys(left), keys(right));
    real(Some(left.intersection(&right).count() as f64 / left.union(&right).count() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn sets_as_documented() {
        check(&[
            ("set_union", &["[1,2,1,4]", "[1,2]", "[8,1]"], "[1,2,4,8]"),
            ("set_union", &["[1]", "null"], "null"),
            ("set_intersect", &["[1,2,1,4]", "[1,2]", "[8,1]"], "[1]"),
            ("set_intersect", &["[1,2,3]", "[4,5]"], "[]"),
            ("set_difference", &["[1,2,1,4]", "[1]", "[4]"], "[2]"),
            ("set_difference", &[r#"["A","a",null]"#, r#"["a"]"#], r#"["A",null]"#),
            ("set_has_element", &[r#"["this","is"]"#, "\"is\""], "true"),
            ("set_has_element", &["[1]", "1.0"], "true"),
            ("set_has_element", &["[1]", "\"1\""], "false"),
            ("set_equals", &["[1,2,2]", "[2,1]"], "true"),
            ("set_equals", &["[1]", "[1,2]"], "false"),
            ("jaccard_index", &["[1,2,3]", "[1,2,3,4]"], "0.75"),
            ("jaccard_index", &["[]", "[]"], "null"),
        ]);
    }
}
