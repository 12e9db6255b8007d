//! Dynamic values from JSON text, and back.

use super::super::arguments::Arguments;
use super::super::{Accepts, Function, Type, Value};
use super::path::{find, steps};
use crate::kql::Dynamic;

const PARSE: Function = Function::define("parse_json", &[Accepts::Any], Type::Dynamic, parse);

/// The third parameter is the type that the binder converts the result to.
const EXTRACT: Function = Function::define(
    "extract_json",
    &[Accepts::Only(Type::String), Accepts::Only(Type::String), Accepts::Literal],
    Type::String,
    extract,
)
.with_optional(1);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    PARSE,
    PARSE.also("parsejson"),
    PARSE.also("todynamic"),
    PARSE.also("toobject"),
    EXTRACT,
    EXTRACT.also("extractjson"),
    Function::define(
        "dynamic_to_json",
        &[Accepts::Only(Type::Dynamic)],
        Type::String,
        dynamic_to_json,
    ),
];

/// Text that is no JSON is that text. What is dynamic already stays as it is, text within it, too.
fn parse(arguments: &[Value]) -> Value {
    match arguments.at(0) {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        Value::String(text) => Value::of_dynamic(
            Dynamic::of_json(text).unwrap_or_else(|| Dynamic::String(text.clone())),
        ),
        other => Value::of_dynamic(other.clone().into_dynamic()),
    }
}

/// What a path leads to, as text.
fn extract(arguments: &[Value]) -> Value {
    let found = steps(Arguments::text(arguments, 0)).and_then(|steps| {
        let document = Dynamic::of_json(Arguments::text(arguments, 1))?;
        find(&document, &steps).cloned()
    });
    Value::String(found.map_or_else(String::new, |found| Value::of_dynamic(found).text()))
}

/// Equal values give equal texts: properties are in the order of their names.
fn dynamic_to_json(arguments: &[Value]) -> Value {
    Value::String(match arguments.at(0) {
        Value::Dynamic(dynamic) => in_order(dynamic).json(),
        other => other.text(),
    })
}

fn in_order(dynamic: &Dynamic) -> Dynamic {
    match dynamic {
        Dynamic::Array(elements) => Dynamic::Array(elements.iter().map(in_order).collect()),
        Dynamic::Bag(properties) => {
            let mut properties: Vec<_> =
                properties.iter().map(|(name, value)| (name.clone(), in_order(value))).collect();
            properties.sort_by(|(left, _), (right, _)| left.cmp(right));
            Dynamic::Bag(properties.into_iter().collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, dynamic};
    use super::*;

    fn string(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn text_that_is_no_json_is_that_text() {
        assert_eq!(call("parse_json", &[string(r#"{"a":[1]}"#)]), dynamic(r#"{"a":[1]}"#));
        assert_eq!(
            call("parse_json", &[string("not json")]),
            Value::Dynamic(Dynamic::String("not json".into()))
        );
        assert_eq!(call("todynamic", &[string("")]), Value::Null);
        let inner = dynamic(r#""{\"c\":456}""#);
        assert_eq!(
            call("parse_json", std::slice::from_ref(&inner)),
            inner,
            "dynamic stays as it is"
        );
    }

    #[test]
    fn a_path_leads_into_json() {
        let json = string(r#"{"name":"John","list":[{"x":1},{"x":2}]}"#);
        assert_eq!(call("extract_json", &[string("$.name"), json.clone()]), string("John"));
        assert_eq!(call("extractjson", &[string("$.list[1].x"), json.clone()]), string("2"));
        assert_eq!(
            call("extract_json", &[string("$.list[0]"), json.clone()]),
            string(r#"{"x":1}"#)
        );
        assert_eq!(call("extract_json", &[string("$.none"), json.clone()]), string(""));
        assert_eq!(call("extract_json", &[string("$.name"), string("{")]), string(""));
    }

    #[test]
    fn equal_bags_give_equal_texts() {
        let text = call("dynamic_to_json", &[dynamic(r#"{"b":{"d":8,"c":[2,1]},"a":{}}"#)]);
        assert_eq!(text, string(r#"{"a":{},"b":{"c":[2,1],"d":8}}"#));
    }
}
