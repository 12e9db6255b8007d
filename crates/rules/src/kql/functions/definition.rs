//! How a list of functions is written down: what most of them have in common is said once.

use super::{Accepts, Function, ResultType, Type, Value};

impl Function {
    /// A function that takes all of its parameters and no others, and gives a value of that type.
    pub(super) const fn define(
        name: &'static str,
        parameters: &'static [Accepts],
        result: Type,
        call: fn(&[Value]) -> Value,
    ) -> Function {
        Function {
            name,
            parameters,
            optional: 0,
            rest: None,
            result: ResultType::Only(result),
            call,
        }
    }

    /// The same, of which so many parameters, counted from the end, may be left out.
    pub(super) const fn with_optional(self, optional: usize) -> Function {
        Function { optional, ..self }
    }

    /// The same with any number of further arguments.
    pub(super) const fn with_rest(self, rest: Accepts) -> Function {
        Function { rest: Some(rest), ..self }
    }

    /// The same under another name.
    pub(super) const fn also(self, name: &'static str) -> Function {
        Function { name, ..self }
    }

    /// The same with a type that its arguments tell.
    pub(super) const fn with_result(self, result: ResultType) -> Function {
        Function { result, ..self }
    }
}
