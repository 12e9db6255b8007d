//! `and`, `or` and `not`, between true, false and null.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::{Arguments, bool};

const BOOL: Accepts = Accepts::Only(Type::Bool);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("and", &[BOOL, BOOL], Type::Bool, and),
    Function::define("or", &[BOOL, BOOL], Type::Bool, or),
    Function::define("not", &[BOOL], Type::Bool, |arguments| {
        bool(arguments.bool(0).map(|value| !value))
    }),
];

fn and(arguments: &[Value]) -> Value {
    match (arguments.bool(0), arguments.bool(1)) {
        (Some(false), _) | (_, Some(false)) => Value::Bool(false),
        (Some(true), Some(true)) => Value::Bool(true),
        _ => Value::Null,
    }
}

fn or(arguments: &[Value]) -> Value {
    match (arguments.bool(0), arguments.bool(1)) {
        (Some(true), _) | (_, Some(true)) => Value::Bool(true),
        (Some(false), Some(false)) => Value::Bool(false),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn a_null_decides_nothing() {
        let call = |sign: &str, arguments: &[Value]| (function(sign).unwrap().call)(arguments);
        let (no, yes) = (Value::Bool(false), Value::Bool(true));
        assert_eq!(call("and", &[Value::Null, no.clone()]), no);
        assert_eq!(call("and", &[Value::Null, yes.clone()]), Value::Null);
        assert_eq!(call("or", &[yes.clone(), Value::Null]), yes);
        assert_eq!(call("or", &[no, Value::Null]), Value::Null);
        assert_eq!(call("not", &[Value::Null]), Value::Null);
    }
}
