//! What binding puts into plans by itself; nobody writes these.

use super::{Accepts, Function, ResultType};
use crate::kql::{Type, Value};

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "as_dynamic",
    parameters: &[Accepts::Any],
    optional: 0,
    rest: None,
    result: ResultType::Only(Type::Dynamic),
    call: as_dynamic,
}];

/// A value as it is inside a dynamic one. A text stays a text; it is not read as JSON.
fn as_dynamic(arguments: &[Value]) -> Value {
    arguments.first().cloned().map_or(Value::Null, |value| Value::of_dynamic(value.into_dynamic()))
}
