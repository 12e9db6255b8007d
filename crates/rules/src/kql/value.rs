//! What a cell of a table may hold.

use indexmap::IndexMap;
use rust_decimal::Decimal;

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

/// A moment: ticks of 100 ns since 0001-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub i64);

/// A length of time in ticks of 100 ns, negative or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(pub i64);

/// A globally unique identifier, its bytes in the order they are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

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
}

impl DateTime {
    /// Ticks from the year 1 to 1970.
    pub const EPOCH: i64 = 621_355_968_000_000_000;

    /// The moment that a text says, in one of the forms of ISO 8601, RFC 822 or RFC 850.
    pub fn parse(_text: &str) -> Option<DateTime> {
        None
    }
}

impl TimeSpan {
    /// Ticks in a second.
    pub const SECOND: i64 = 10_000_000;
    /// Ticks in a day.
    pub const DAY: i64 = 86_400 * TimeSpan::SECOND;

    /// The length of time that a text says: `1.02:03:04.5`, `1d`, `90s`.
    pub fn parse(_text: &str) -> Option<TimeSpan> {
        None
    }
}

impl Value {
    /// The value as text, as `tostring()` writes it; of a null, the empty text.
    pub fn text(&self) -> String {
        String::new()
    }

    /// The value as part of a dynamic one.
    pub fn into_dynamic(self) -> Dynamic {
        Dynamic::Null
    }

    /// A dynamic value as a cell: [`Value::Null`] for a null, [`Value::Dynamic`] for all else.
    pub fn of_dynamic(dynamic: Dynamic) -> Value {
        match dynamic {
            Dynamic::Null => Value::Null,
            dynamic => Value::Dynamic(dynamic),
        }
    }

    /// The value as one of another type, as `tolong()` and the like convert it; null, or the empty text, if
    /// it cannot be one.
    pub fn convert(&self, to: Type) -> Value {
        Value::nothing(to)
    }
}

impl Dynamic {
    /// The value that JSON text says; nothing if it is no JSON or is nested too deeply.
    pub fn of_json(_text: &str) -> Option<Dynamic> {
        None
    }

    /// The value as JSON, without blanks.
    pub fn json(&self) -> String {
        String::new()
    }
}
