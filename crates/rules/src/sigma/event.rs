//! A record as rules see it.

use std::borrow::Cow;

use serde_json::Map;

use super::Telemetry;

/// A record with the names and values of its own, whatever log it is from.
///
/// Pairs are the flat part, an object the nested one: fields of an object are paths of keys with dots
/// between them, and a list on the way stands for each of its members. Of a name that occurs more than once,
/// each value counts. A field that the telemetry calls by another name than rules do is found by both.
#[derive(Clone, Debug, Default)]
pub struct Event<'e> {
    /// Names and values, in the order of the record.
    pub pairs: Vec<(Cow<'e, str>, Cow<'e, str>)>,
    /// The record, where it is a JSON object.
    pub object: Option<&'e Map<String, serde_json::Value>>,
    /// What the record is, which says what rules call its fields.
    pub telemetry: Option<&'e Telemetry>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'e> {
    /// A text; numbers in logs mostly are texts.
    Text(Cow<'e, str>),
    /// A number of a JSON record.
    Number(f64),
    /// A truth value of a JSON record.
    Truth(bool),
    /// The field is there, and holds nothing.
    Null,
    /// Several values, any of which may match.
    List(Vec<Value<'e>>),
}

impl<'e> Event<'e> {
    /// What a field holds, called as rules or as the record call it; `None` where the record lacks it.
    pub fn value(&self, _name: &str) -> Option<Value<'_>> {
        None
    }
}
