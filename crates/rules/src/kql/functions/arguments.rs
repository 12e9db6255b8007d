//! What a call was given, by place and kind.

use indexmap::IndexMap;

use super::Value;
use crate::kql::Dynamic;

/// The most elements that a function puts into an array.
///
/// <https://learn.microsoft.com/kusto/query/range-function>
pub(super) const MOST_ELEMENTS: usize = 1_048_576;

/// Reads the arguments of a call. One that was left out is a null, and so is one of another kind.
pub(super) trait Arguments {
    /// The argument at that place.
    fn at(&self, place: usize) -> &Value;

    /// Text, the empty one if there is none.
    fn text(&self, place: usize) -> &str {
        match self.at(place) {
            Value::String(text) | Value::Dynamic(Dynamic::String(text)) => text,
            _ => "",
        }
    }

    /// A whole number.
    fn long(&self, place: usize) -> Option<i64> {
        match self.at(place) {
            Value::Int(number) => Some(i64::from(*number)),
            Value::Long(number) | Value::Dynamic(Dynamic::Long(number)) => Some(*number),
            Value::Real(number) | Value::Dynamic(Dynamic::Real(number)) => Some(*number as i64),
            _ => None,
        }
    }

    /// A number; one that is infinite or none at all counts as a null.
    fn real(&self, place: usize) -> Option<f64> {
        let number = match self.at(place) {
            Value::Int(number) => f64::from(*number),
            Value::Long(number) => *number as f64,
            Value::Real(number) => *number,
            Value::Decimal(number) => number.to_string().parse().ok()?,
            Value::Dynamic(dynamic) => self::number(dynamic)?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// True or false.
    fn bool(&self, place: usize) -> Option<bool> {
        match self.at(place) {
            Value::Bool(bool) | Value::Dynamic(Dynamic::Bool(bool)) => Some(*bool),
            _ => None,
        }
    }

    /// An array's elements.
    fn array(&self, place: usize) -> Option<&[Dynamic]> {
        match self.at(place) {
            Value::Dynamic(Dynamic::Array(elements)) => Some(elements),
            _ => None,
        }
    }

    /// A bag's properties.
    fn bag(&self, place: usize) -> Option<&IndexMap<String, Dynamic>> {
        match self.at(place) {
            Value::Dynamic(Dynamic::Bag(properties)) => Some(properties),
            _ => None,
        }
    }

    /// Whatever there is, as part of a dynamic value.
    fn dynamic(&self, place: usize) -> Dynamic {
        self.at(place).clone().into_dynamic()
    }
}

impl Arguments for [Value] {
    fn at(&self, place: usize) -> &Value {
        self.get(place).unwrap_or(&Value::Null)
    }
}

/// Texts that are arguments themselves or elements of arrays.
pub(super) fn listed(arguments: &[Value]) -> impl Iterator<Item = &str> {
    arguments.iter().flat_map(|argument| match argument {
        Value::String(text) | Value::Dynamic(Dynamic::String(text)) => vec![text.as_str()],
        Value::Dynamic(Dynamic::Array(elements)) => elements
            .iter()
            .filter_map(|element| match element {
                Dynamic::String(text) => Some(text.as_str()),
                _ => None,
            })
            .collect(),
        _ => vec![],
    })
}

/// The number that a dynamic value is, if it is one.
pub(super) fn number(dynamic: &Dynamic) -> Option<f64> {
    match dynamic {
        Dynamic::Long(number) => Some(*number as f64),
        Dynamic::Real(number) => Some(*number),
        _ => None,
    }
}

/// An array as a cell.
pub(super) fn array(elements: Vec<Dynamic>) -> Value {
    Value::Dynamic(Dynamic::Array(elements))
}

/// A bag as a cell.
pub(super) fn bag(properties: IndexMap<String, Dynamic>) -> Value {
    Value::Dynamic(Dynamic::Bag(properties))
}

/// A bag of texts, as the functions that take documents apart give it.
pub(super) fn bag_of<const N: usize>(properties: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::Bag(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A long, or a null.
pub(super) fn long(number: Option<i64>) -> Value {
    number.map_or(Value::Null, Value::Long)
}

/// A real, or a null where there is none or it is no finite number.
pub(super) fn real(number: Option<f64>) -> Value {
    number.filter(|number| number.is_finite()).map_or(Value::Null, Value::Real)
}

/// A bool, or a null.
pub(super) fn bool(answer: Option<bool>) -> Value {
    answer.map_or(Value::Null, Value::Bool)
}

/// Text as part of a dynamic value.
pub(super) fn text(text: impl Into<String>) -> Dynamic {
    Dynamic::String(text.into())
}
