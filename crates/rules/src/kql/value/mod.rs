//! What a cell of a table may hold, as text, as JSON, and as a value of another type.

mod convert;
mod datetime;
mod guid;
mod json;
mod real;
mod timespan;

use indexmap::IndexMap;
use rust_decimal::Decimal;

pub use datetime::DateTime;
pub use guid::Guid;
pub use timespan::TimeSpan;

use super::Type;

/// A scalar value. A null knows no type; the expression that it came from does.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value. A string is never null: what would be is the empty text.
    Null,
    /// True or false.
    Bool(bool),
    /// A number of 32 bits.
    Int(i32),
    /// A number of 64 bits.
    Long(i64),
    /// A floating-point number.
    Real(f64),
    /// A decimal number.
    Decimal(Decimal),
    /// Text.
    String(String),
    /// A moment.
    DateTime(DateTime),
    /// A length of time.
    TimeSpan(TimeSpan),
    /// A globally unique identifier.
    Guid(Guid),
    /// A dynamic value; one that is [`Dynamic::Null`] is written as [`Value::Null`].
    Dynamic(Dynamic),
}

/// A value of type `dynamic`, as deep as JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Dynamic {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text.
    String(String),
    /// A moment; it is text once it is JSON.
    DateTime(DateTime),
    /// A length of time; it is text once it is JSON.
    TimeSpan(TimeSpan),
    /// An identifier; it is text once it is JSON.
    Guid(Guid),
    /// Values in order.
    Array(Vec<Dynamic>),
    /// Values by name, in the order in which they were put in.
    Bag(IndexMap<String, Dynamic>),
}

impl Value {
    /// The value's type; a null has none.
    pub fn type_of(&self) -> Option<Type> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Long(_) => Type::Long,
            Value::Real(_) => Type::Real,
            Value::Decimal(_) => Type::Decimal,
            Value::String(_) => Type::String,
            Value::DateTime(_) => Type::DateTime,
            Value::TimeSpan(_) => Type::TimeSpan,
            Value::Guid(_) => Type::Guid,
            Value::Dynamic(_) => Type::Dynamic,
        })
    }

    /// What is there where there is nothing: the empty text for strings, a null for all else.
    pub fn nothing(of: Type) -> Value {
        if of == Type::String { Value::String(String::new()) } else { Value::Null }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The value as text, as `tostring()` writes it; of a null, the empty text.
    ///
    /// A bool is `True` or `False`; within a dynamic value it is JSON's `true` or `false`. A dynamic value
    /// that is a string is that string without quotes, any other its JSON.
    pub fn text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Long(number) => number.to_string(),
            Value::Real(number) => real::text(*number),
            Value::Decimal(number) => number.normalize().to_string(),
            Value::String(text) => text.clone(),
            Value::DateTime(moment) => moment.to_string(),
            Value::TimeSpan(length) => length.to_string(),
            Value::Guid(guid) => guid.to_string(),
            Value::Dynamic(dynamic) => dynamic.text(),
        }
    }

    /// The value as part of a dynamic one. A decimal, which dynamic values do not have, becomes its text.
    pub fn into_dynamic(self) -> Dynamic {
        match self {
            Value::Null => Dynamic::Null,
            Value::Bool(value) => Dynamic::Bool(value),
            Value::Int(number) => Dynamic::Long(number.into()),
            Value::Long(number) => Dynamic::Long(number),
            Value::Real(number) => Dynamic::Real(number),
            decimal @ Value::Decimal(_) => Dynamic::String(decimal.text()),
            Value::String(text) => Dynamic::String(text),
            Value::DateTime(moment) => Dynamic::DateTime(moment),
            Value::TimeSpan(length) => Dynamic::TimeSpan(length),
            Value::Guid(guid) => Dynamic::Guid(guid),
            Value::Dynamic(dynamic) => dynamic,
        }
    }

    /// A dynamic value as a cell: [`Value::Null`] for a null, [`Value::Dynamic`] for all else.
    pub fn of_dynamic(dynamic: Dynamic) -> Value {
        match dynamic {
            Dynamic::Null => Value::Null,
            dynamic => Value::Dynamic(dynamic),
        }
    }

    /// The text that the value is or that a dynamic value holds.
    pub fn held_text(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::Dynamic(Dynamic::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What a dynamic value holds, if that is a scalar; arrays, bags and all that is not dynamic as it is.
    pub fn held(self) -> Value {
        match self {
            Value::Dynamic(dynamic) => dynamic.held(),
            scalar => scalar,
        }
    }
}

impl Dynamic {
    /// The value as text: a string without quotes, nothing of a null, JSON of all else.
    pub fn text(&self) -> String {
        match self {
            Dynamic::Null => String::new(),
            Dynamic::String(text) => text.clone(),
            Dynamic::DateTime(moment) => moment.to_string(),
            Dynamic::TimeSpan(length) => length.to_string(),
            Dynamic::Guid(guid) => guid.to_string(),
            value => value.json(),
        }
    }

    /// The scalar that the value holds; an array or a bag stays a dynamic value.
    pub fn held(self) -> Value {
        match self {
            Dynamic::Null => Value::Null,
            Dynamic::Bool(value) => Value::Bool(value),
            Dynamic::Long(number) => Value::Long(number),
            Dynamic::Real(number) => Value::Real(number),
            Dynamic::String(text) => Value::String(text),
            Dynamic::DateTime(moment) => Value::DateTime(moment),
            Dynamic::TimeSpan(length) => Value::TimeSpan(length),
            Dynamic::Guid(guid) => Value::Guid(guid),
            value @ (Dynamic::Array(_) | Dynamic::Bag(_)) => Value::Dynamic(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_total_and_as_the_engine_writes_it() {
        assert_eq!(Value::Null.text(), "");
        assert_eq!(Value::Bool(true).text(), "True");
        assert_eq!(Value::Real(1.0).text(), "1.0");
        assert_eq!(Value::Dynamic(Dynamic::Bool(true)).text(), "true");
        assert_eq!(Value::Dynamic(Dynamic::String("x".to_owned())).text(), "x");
        let array = Dynamic::Array(vec![Dynamic::String("x".to_owned()), Dynamic::Null]);
        assert_eq!(Value::Dynamic(array).text(), r#"["x",null]"#);
    }
}
