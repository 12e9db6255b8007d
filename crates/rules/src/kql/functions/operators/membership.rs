//! Lists on the right: `in`, `has_any`, `has_all` and what is kin to them.
//!
//! The first argument is looked for in the others. A dynamic array among these counts as its elements.

use super::super::{Accepts, Function, Type, Value};
use super::comparison::are_equal;
use crate::kql::Dynamic;
use crate::kql::functions::arguments::Arguments;
use crate::kql::matching::{Edge, TermMatcher, equals_ignoring_case};

const TEXT: Accepts = Accepts::Only(Type::String);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("in", &[Accepts::Any], Type::Bool, |arguments| Value::Bool(is_in(arguments)))
        .with_rest(Accepts::Any),
    Function::define("!in", &[Accepts::Any], Type::Bool, |arguments| {
        Value::Bool(!is_in(arguments))
    })
    .with_rest(Accepts::Any),
    Function::define("in~", &[TEXT], Type::Bool, |arguments| {
        Value::Bool(is_in_ignoring_case(arguments))
    })
    .with_rest(Accepts::Any),
    Function::define("!in~", &[TEXT], Type::Bool, |arguments| {
        Value::Bool(!is_in_ignoring_case(arguments))
    })
    .with_rest(Accepts::Any),
    Function::define("has_any", &[TEXT], Type::Bool, |arguments| {
        Value::Bool(elements(arguments).any(|needle| has(arguments.text(0), &needle)))
    })
    .with_rest(Accepts::Any),
    Function::define("has_all", &[TEXT], Type::Bool, |arguments| {
        Value::Bool(elements(arguments).all(|needle| has(arguments.text(0), &needle)))
    })
    .with_rest(Accepts::Any),
    Function::define(
        "has_any_index",
        &[TEXT, Accepts::Only(Type::Dynamic)],
        Type::Long,
        |arguments| {
            let place = elements(arguments).position(|needle| has(arguments.text(0), &needle));
            Value::Long(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
        },
    ),
];

/// What is listed behind the first argument. A list that is null is empty; a null in a list stays one.
fn elements(arguments: &[Value]) -> impl Iterator<Item = Value> {
    arguments.iter().skip(1).flat_map(|argument| match argument {
        Value::Null => Vec::new(),
        Value::Dynamic(Dynamic::Array(elements)) => {
            elements.iter().cloned().map(Value::of_dynamic).collect()
        }
        scalar => vec![scalar.clone()],
    })
}

fn is_in(arguments: &[Value]) -> bool {
    elements(arguments).any(|element| are_equal(arguments.at(0), &element))
}

fn is_in_ignoring_case(arguments: &[Value]) -> bool {
    elements(arguments).any(|element| equals_ignoring_case(arguments.text(0), &element.text()))
}

/// Whether the text has the needle as a term; a null is the empty text, which is everywhere.
fn has(text: &str, needle: &Value) -> bool {
    TermMatcher::new(&needle.text(), false, Edge::Whole).matches(text)
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(sign: &str, value: Value, list: &str) -> Value {
        let list = Value::of_dynamic(Dynamic::of_json(list).unwrap());
        (function(sign).unwrap().call)(&[value, list])
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn arrays_count_as_their_elements() {
        assert_eq!(call("in", text("a"), r#"["b","a"]"#), Value::Bool(true));
        assert_eq!(call("in", text("A"), r#"["b","a"]"#), Value::Bool(false));
        assert_eq!(call("in~", text("A"), r#"["b","a"]"#), Value::Bool(true));
        assert_eq!(call("in", Value::Long(1), "[1.0]"), Value::Bool(true));
        let suffixes = r#"["workers.dev","lambda-url"]"#;
        assert_eq!(call("has_any", text("evil.WORKERS.dev"), suffixes), Value::Bool(true));
        assert_eq!(call("has_any", text("myworkers.dev"), suffixes), Value::Bool(false));
        assert_eq!(call("has_all", text("workers.dev"), suffixes), Value::Bool(false));
    }

    #[test]
    fn a_null_is_in_no_list() {
        assert_eq!(call("in", Value::Null, "[1,null]"), Value::Bool(false));
        assert_eq!(call("!in", Value::Null, "[1]"), Value::Bool(true));
    }

    #[test]
    fn empty_lists_and_nulls_in_lists_of_terms() {
        assert_eq!(call("has_any", text("x"), "[]"), Value::Bool(false));
        assert_eq!(call("has_all", text("x"), "[]"), Value::Bool(true));
        assert_eq!(call("has_any", text("x"), r#"["a",null]"#), Value::Bool(true));
        assert_eq!(call("has_all", text("x"), r#"["a",null]"#), Value::Bool(false));
    }

    #[test]
    fn the_place_of_the_first_term_that_is_there() {
        assert_eq!(call("has_any_index", text("example number 2"), "[1,2,3]"), Value::Long(1));
        assert_eq!(call("has_any_index", text("example"), "[]"), Value::Long(-1));
    }
}
