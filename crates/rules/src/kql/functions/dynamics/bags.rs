//! Property bags.

use indexmap::IndexMap;

use super::super::arguments::{Arguments, array, bag, bool, text};
use super::super::{Accepts, Function, Type, Value};
use super::path::{Step, find, steps_to_key};
use super::size::bounded;
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const STRING: Accepts = Accepts::Only(Type::String);

const PACK: Function =
    Function::define("bag_pack", &[], Type::Dynamic, |arguments| pack(arguments, false))
        .with_rest(Accepts::Any);

/// The functions. `pack_all` and `bag_pack_columns` name columns, so that whoever knows their names makes
/// calls of `bag_pack` of them; `bag_pack_nonempty` is `bag_pack` without nulls and empty texts, as
/// `pack_all(true)` wants it.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    PACK,
    PACK.also("pack"),
    PACK.also("pack_dictionary"),
    Function::define("bag_pack_nonempty", &[], Type::Dynamic, |arguments| pack(arguments, true))
        .with_rest(Accepts::Any),
    Function::define("bag_has_key", &[DYNAMIC, STRING], Type::Bool, has_key),
    Function::define("bag_keys", &[DYNAMIC], Type::Dynamic, keys),
    Function::define("bag_merge", &[DYNAMIC, DYNAMIC], Type::Dynamic, merge).with_rest(DYNAMIC),
    Function::define("bag_remove_keys", &[DYNAMIC, DYNAMIC], Type::Dynamic, remove_keys),
    Function::define("bag_set_key", &[DYNAMIC, STRING, Accepts::Any], Type::Dynamic, set_key),
    Function::define("bag_zip", &[DYNAMIC, DYNAMIC], Type::Dynamic, zip),
];

/// Names and values by turns.
fn pack(arguments: &[Value], is_without_empty: bool) -> Value {
    let mut properties = IndexMap::new();
    for pair in arguments.chunks(2) {
        let value = pair.dynamic(1);
        let is_empty = value == Dynamic::Null || value == text("");
        if !(is_without_empty && is_empty) {
            properties.insert(pair.at(0).text(), value);
        }
    }
    bounded(Dynamic::Bag(properties))
}

fn has_key(arguments: &[Value]) -> Value {
    let (Value::Dynamic(dynamic @ Dynamic::Bag(_)), Some(steps)) =
        (arguments.at(0), steps_to_key(Arguments::text(arguments, 1)))
    else {
        return Value::Null;
    };
    let steps: Vec<Step> = steps.into_iter().map(Step::Name).collect();
    bool(Some(find(dynamic, &steps).is_some()))
}

fn keys(arguments: &[Value]) -> Value {
    arguments.bag(0).map_or(Value::Null, |properties| array(properties.keys().map(text).collect()))
}

/// The first value of each name stays. What is no bag adds nothing.
fn merge(arguments: &[Value]) -> Value {
    let mut bags = (0..arguments.len()).filter_map(|place| arguments.bag(place)).peekable();
    if bags.peek().is_none() {
        return Value::Null;
    }
    let mut merged = IndexMap::new();
    for (name, value) in bags.flatten() {
        merged.entry(name.clone()).or_insert_with(|| value.clone());
    }
    bag(merged)
}

fn remove_keys(arguments: &[Value]) -> Value {
    let (Some(properties), Some(keys)) = (arguments.bag(0), arguments.array(1)) else {
        return Value::Null;
    };
    let mut properties = properties.clone();
    for key in keys {
        if let Dynamic::String(key) = key
            && let Some(steps) = steps_to_key(key)
        {
            remove(&mut properties, &steps);
        }
    }
    bag(properties)
}

fn remove(properties: &mut IndexMap<String, Dynamic>, steps: &[String]) {
    match steps {
        [] => {}
        [name] => {
            properties.shift_remove(name);
        }
        [name, rest @ ..] => {
            if let Some(Dynamic::Bag(inner)) = properties.get_mut(name) {
                remove(inner, rest);
            }
        }
    }
}

fn set_key(arguments: &[Value]) -> Value {
    let (Some(properties), Some(steps)) =
        (arguments.bag(0), steps_to_key(Arguments::text(arguments, 1)))
    else {
        return Value::Null;
    };
    let mut properties = properties.clone();
    set(&mut properties, &steps, arguments.dynamic(2));
    bag(properties)
}

/// Puts a value at the end of the steps, making bags where there are none on the way.
fn set(properties: &mut IndexMap<String, Dynamic>, steps: &[String], value: Dynamic) {
    match steps {
        [] => {}
        [name] => {
            properties.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = properties.entry(name.clone()).or_insert(Dynamic::Null);
            if !matches!(inner, Dynamic::Bag(_)) {
                *inner = Dynamic::Bag(IndexMap::new());
            }
            if let Dynamic::Bag(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// A key without a value has a null, a value without a key is dropped, and so is one whose key is no text.
fn zip(arguments: &[Value]) -> Value {
    let Some(keys) = arguments.array(0) else { return Value::Null };
    let values = arguments.array(1).unwrap_or_default();
    let mut properties = IndexMap::new();
    for (place, key) in keys.iter().enumerate() {
        if let Dynamic::String(key) = key {
            properties.insert(key.clone(), values.get(place).cloned().unwrap_or(Dynamic::Null));
        }
    }
    bag(properties)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn bags_as_documented() {
        check(&[
            ("bag_pack", &["\"a\"", "1", "\"b\"", "null"], r#"{"a":1,"b":null}"#),
            ("bag_pack_nonempty", &["\"a\"", "1", "\"b\"", "null", "\"c\"", "\"\""], r#"{"a":1}"#),
            ("bag_has_key", &[r#"{"a":1}"#, "\"a\""], "true"),
            ("bag_has_key", &[r#"{"a":{"b":null}}"#, "\"$.a.b\""], "true"),
            ("bag_has_key", &[r#"{"a":1}"#, "\"$.a.b\""], "false"),
            ("bag_keys", &[r#"{"b":1,"a":{"c":2}}"#], r#"["b","a"]"#),
            ("bag_keys", &["{}"], "[]"),
            ("bag_keys", &["\"a\""], "null"),
            ("bag_keys", &["[]"], "null"),
            (
                "bag_merge",
                &[r#"{"A1":12,"B1":2}"#, r#"{"A2":81,"A1":1}"#],
                r#"{"A1":12,"B1":2,"A2":81}"#,
            ),
            ("bag_merge", &[r#"{"a":1}"#, "null"], r#"{"a":1}"#),
            ("bag_remove_keys", &[r#"{"a":1,"b":2}"#, r#"["b","c"]"#], r#"{"a":1}"#),
            (
                "bag_remove_keys",
                &[r#"{"a":1,"b":{"c":"x","d":"y"}}"#, r#"["$.b.c"]"#],
                r#"{"a":1,"b":{"d":"y"}}"#,
            ),
            ("bag_set_key", &[r#"{"a":1}"#, "\"b\"", "3"], r#"{"a":1,"b":3}"#),
            ("bag_set_key", &[r#"{"a":1}"#, "\"$.b.c\"", "\"x\""], r#"{"a":1,"b":{"c":"x"}}"#),
            ("bag_set_key", &["null", "\"b\"", "3"], "null"),
            ("bag_zip", &[r#"["a","b","c"]"#, r#"[1,"2"]"#], r#"{"a":1,"b":"2","c":null}"#),
            ("bag_zip", &[r#"["a",8,"b"]"#, r#"[1,"2",2.5]"#], r#"{"a":1,"b":2.5}"#),
            ("bag_zip", &[r#"["a",8,"b"]"#, "1"], r#"{"a":null,"b":null}"#),
            ("bag_zip", &["\"a\"", "[1]"], "null"),
        ]);
    }
}
