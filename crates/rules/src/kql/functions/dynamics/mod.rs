//! Dynamic values: members, arrays, property bags, sets.
//!
//! <https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic>

pub(super) mod arrays;
pub(super) mod bags;
pub(super) mod json;
pub(super) mod members;
mod path;
pub(super) mod sets;
pub(super) mod shapes;
mod size;
pub(super) mod sorting;

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Value, function};
    use crate::kql::Dynamic;

    /// The value that JSON text says.
    pub(in super::super) fn dynamic(json: &str) -> Value {
        Value::of_dynamic(Dynamic::of_json(json).expect("JSON"))
    }

    /// What the function of that name gives.
    pub(in super::super) fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).expect(name).call)(arguments)
    }

    /// Calls functions with arguments and compares with the result, all as JSON.
    pub(in super::super) fn check(cases: &[(&str, &[&str], &str)]) {
        for (name, arguments, expected) in cases {
            let values: Vec<Value> = arguments.iter().map(|argument| dynamic(argument)).collect();
            let given = call(name, &values).into_dynamic().json();
            assert_eq!(given, dynamic(expected).into_dynamic().json(), "{name} {arguments:?}");
        }
    }
}
