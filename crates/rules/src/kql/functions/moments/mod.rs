//! Moments and lengths of time: where periods begin, what parts a moment has, how it is written, and what the
//! clock on the wall says.
//!
//! A moment is of the years 1 to 9999; what would lie beyond is null.

pub(super) mod arithmetic;
pub(super) mod boundaries;
pub(super) mod format;
pub(super) mod making;
pub(super) mod parts;
pub(super) mod zones;

pub(in crate::kql) use format::{is_datetime_form, is_timespan_form};
pub(in crate::kql) use zones::is_zone;

use super::arguments::Arguments;
use crate::kql::{DateTime, Value};

/// The moment that an argument is.
fn moment(arguments: &[Value], place: usize) -> Option<DateTime> {
    match arguments.at(place) {
        Value::DateTime(moment) => Some(*moment),
        _ => None,
    }
}

/// A moment, or a null.
fn cell(moment: Option<DateTime>) -> Value {
    moment.map_or(Value::Null, Value::DateTime)
}

#[cfg(test)]
pub(super) fn at(text: &str) -> Value {
    Value::DateTime(DateTime::parse(text).unwrap())
}
