//! Values as ones of another type.

use super::arguments::Arguments;
use super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

const ANY: &[Accepts] = &[Accepts::Any];

const TO_REAL: Function = to("toreal", Type::Real, |given| given.at(0).convert(Type::Real));
const TO_BOOL: Function = to("tobool", Type::Bool, |given| given.at(0).convert(Type::Bool));
const TO_TIME_SPAN: Function =
    to("totimespan", Type::TimeSpan, |given| given.at(0).convert(Type::TimeSpan));

/// The functions. None fails: what cannot be converted is null.
pub(super) const FUNCTIONS: &[Function] = &[
    to("tostring", Type::String, |given| given.at(0).convert(Type::String)),
    to("toint", Type::Int, |given| given.at(0).convert(Type::Int)),
    to("tolong", Type::Long, |given| given.at(0).convert(Type::Long)),
    TO_REAL,
    TO_REAL.also("todouble"),
    to("todecimal", Type::Decimal, |given| given.at(0).convert(Type::Decimal)),
    TO_BOOL,
    TO_BOOL.also("toboolean"),
    to("todatetime", Type::DateTime, |given| given.at(0).convert(Type::DateTime)),
    TO_TIME_SPAN,
    TO_TIME_SPAN.also("totime"),
    to("toguid", Type::Guid, |given| given.at(0).convert(Type::Guid)),
    Function::define(
        "tohex",
        &[Accepts::Number, Accepts::Only(Type::Long)],
        Type::String,
        to_hexadecimal,
    )
    .with_optional(1),
    to("gettype", Type::String, |given| Value::String(name_of_type(given.at(0)).to_owned())),
];

const fn to(name: &'static str, result: Type, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, ANY, result, call)
}

/// The digits of a whole number, of 32 bits of an int and of 64 of any other.
fn to_hexadecimal(arguments: &[Value]) -> Value {
    let least =
        arguments.long(1).and_then(|least| usize::try_from(least).ok()).unwrap_or(0).min(16);
    let digits = match arguments.at(0) {
        Value::Int(number) => format!("{number:x}"),
        value => match value.convert(Type::Long) {
            Value::Long(number) => format!("{number:x}"),
            _ => return Value::String(String::new()),
        },
    };
    Value::String(format!("{digits:0>least$}"))
}

/// The name of a type, in the words that are used of what dynamic values hold.
fn name_of_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Dynamic(Dynamic::Array(_)) => "array",
        Value::Dynamic(Dynamic::Bag(_)) => "dictionary",
        Value::Dynamic(Dynamic::Real(_)) => "double",
        value => value.clone().held().type_of().map_or("null", Type::name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::function;
    use super::*;

    fn call(name: &str, arguments: &[Value]) -> String {
        (function(name).unwrap().call)(arguments).text()
    }

    #[test]
    fn hexadecimal_digits_are_as_many_as_the_type_has() {
        assert_eq!(call("tohex", &[Value::Long(256)]), "100");
        assert_eq!(call("tohex", &[Value::Long(-256)]), "ffffffffffffff00");
        assert_eq!(call("tohex", &[Value::Int(-256), Value::Long(8)]), "ffffff00");
        assert_eq!(call("tohex", &[Value::Long(256), Value::Long(8)]), "00000100");
        assert_eq!(call("tohex", &[Value::Long(256), Value::Long(2)]), "100");
    }

    #[test]
    fn dynamic_values_are_of_what_they_hold() {
        let held = |json: &str| [Value::of_dynamic(Dynamic::of_json(json).unwrap())];
        assert_eq!(call("gettype", &held("[1]")), "array");
        assert_eq!(call("gettype", &held("{}")), "dictionary");
        assert_eq!(call("gettype", &held("1.5")), "double");
        assert_eq!(call("gettype", &held("1")), "long");
        assert_eq!(call("gettype", &held("null")), "null");
        assert_eq!(call("gettype", &[Value::Real(1.0)]), "real");
    }
}
