//! Members of dynamic values: `bag.name`, `bag["name"]`, `array[0]`, `array[-1]`.

use super::super::arguments::Arguments;
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(".", &[Accepts::Only(Type::Dynamic), Accepts::Literal], Type::Dynamic, member),
    Function::define("[]", &[Accepts::Only(Type::Dynamic), Accepts::Any], Type::Dynamic, member),
];

fn member(arguments: &[Value]) -> Value {
    let Value::Dynamic(dynamic) = arguments.at(0) else { return Value::Null };
    let found = match dynamic {
        Dynamic::Bag(properties) => properties.get(&*arguments.at(1).text()),
        Dynamic::Array(elements) => {
            let index = match arguments.at(1) {
                Value::Int(_) | Value::Long(_) | Value::Dynamic(Dynamic::Long(_)) => {
                    arguments.long(1)
                }
                _ => None,
            };
            index.and_then(|index| element(elements, index))
        }
        _ => None,
    };
    found.cloned().map_or(Value::Null, Value::of_dynamic)
}

/// The element at that place, counted from the end if it is below zero.
pub(super) fn element(elements: &[Dynamic], index: i64) -> Option<&Dynamic> {
    let index = if index < 0 { index.checked_add(elements.len() as i64)? } else { index };
    elements.get(usize::try_from(index).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, dynamic};
    use super::*;

    #[test]
    fn a_missing_member_is_null() {
        let bag = dynamic(r#"{"a": {"b": [1, 2, 3]}, "c": null}"#);
        assert_eq!(
            call(".", &[bag.clone(), Value::String("a".into())]),
            dynamic(r#"{"b":[1,2,3]}"#)
        );
        assert_eq!(call(".", &[bag.clone(), Value::String("c".into())]), Value::Null);
        assert_eq!(call(".", &[bag, Value::String("A".into())]), Value::Null, "names have a case");
        assert_eq!(call(".", &[Value::Null, Value::String("a".into())]), Value::Null);
    }

    #[test]
    fn an_index_below_zero_counts_from_the_end() {
        let array = dynamic("[1, 2, 3]");
        for (index, expected) in
            [(0, "1"), (2, "3"), (-1, "3"), (-3, "1"), (3, "null"), (-4, "null")]
        {
            assert_eq!(
                call("[]", &[array.clone(), Value::Long(index)]),
                dynamic(expected),
                "{index}"
            );
        }
    }
}
