//! Choices between values, and questions whether there is one.

use std::cmp::Ordering;

use super::arguments::{Arguments, bool};
use super::operators::comparison::{Relation, relation};
use super::{Accepts, Function, ResultType, Type, Value};

const ANY: &[Accepts] = &[Accepts::Any];
const BOOL: Accepts = Accepts::Only(Type::Bool);
const REAL: &[Accepts] = &[Accepts::Only(Type::Real)];
const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];

const IFF: Function =
    Function::define("iff", &[BOOL, Accepts::Any, Accepts::Any], Type::Dynamic, |arguments| {
        arguments.at(if arguments.bool(0) == Some(true) { 1 } else { 2 }).clone()
    })
    .with_result(ResultType::Common(1));

const IS_NOT_NULL: Function = Function::define("isnotnull", ANY, Type::Bool, |arguments| {
    Value::Bool(!arguments.at(0).is_null())
});

const IS_NOT_EMPTY: Function = Function::define("isnotempty", ANY, Type::Bool, |arguments| {
    Value::Bool(!is_empty(arguments.at(0)))
});

/// The functions. No text is null, so that `isnull` of it is never true; `isempty` is true of both.
pub(super) const FUNCTIONS: &[Function] = &[
    IFF,
    IFF.also("iif"),
    Function::define("case", &[BOOL, Accepts::Any, Accepts::Any], Type::Dynamic, case)
        .with_rest(Accepts::Any)
        .with_result(ResultType::Computed(case_type)),
    Function::define("coalesce", ANY, Type::Dynamic, coalesce)
        .with_rest(Accepts::Any)
        .with_result(ResultType::Common(0)),
    Function::define("max_of", ANY, Type::Dynamic, |arguments| {
        extreme(arguments, Ordering::Greater)
    })
    .with_rest(Accepts::Any)
    .with_result(ResultType::Common(0)),
    Function::define("min_of", ANY, Type::Dynamic, |arguments| extreme(arguments, Ordering::Less))
        .with_rest(Accepts::Any)
        .with_result(ResultType::Common(0)),
    Function::define("isnull", ANY, Type::Bool, |arguments| Value::Bool(arguments.at(0).is_null())),
    IS_NOT_NULL,
    IS_NOT_NULL.also("notnull"),
    Function::define("isempty", ANY, Type::Bool, |arguments| {
        Value::Bool(is_empty(arguments.at(0)))
    }),
    IS_NOT_EMPTY,
    IS_NOT_EMPTY.also("notempty"),
    Function::define("isnan", REAL, Type::Bool, |arguments| is_real(arguments, f64::is_nan)),
    Function::define("isinf", REAL, Type::Bool, |arguments| is_real(arguments, f64::is_infinite)),
    Function::define("isfinite", REAL, Type::Bool, |arguments| is_real(arguments, f64::is_finite)),
    Function::define("isascii", TEXT, Type::Bool, |arguments| {
        Value::Bool(arguments.text(0).is_ascii())
    }),
    // Text that is not UTF-8 does not get as far as here.
    Function::define("isutf8", TEXT, Type::Bool, |_| Value::Bool(true)),
];

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.held_text().is_some_and(str::is_empty)
}

/// The value behind the first predicate that holds, or the last one.
fn case(arguments: &[Value]) -> Value {
    let Some((otherwise, branches)) = arguments.split_last() else { return Value::Null };
    let mut chosen = otherwise;
    for branch in branches.chunks_exact(2) {
        if branch.at(0).convert(Type::Bool) == Value::Bool(true) {
            chosen = branch.at(1);
            break;
        }
    }
    let types: Vec<Type> = values_of_case(arguments).filter_map(Value::type_of).collect();
    match common(&types) {
        Some(to) if !chosen.is_null() => chosen.convert(to),
        _ => chosen.clone(),
    }
}

/// What stands behind predicates, and the last argument.
fn values_of_case<T>(arguments: &[T]) -> impl Iterator<Item = &T> {
    let last = arguments.len().saturating_sub(1);
    arguments
        .iter()
        .enumerate()
        .filter(move |(place, _)| place % 2 == 1 || *place == last)
        .map(|(_, value)| value)
}

fn case_type(types: &[Type]) -> Option<Type> {
    let is_complete = types.len() >= 3 && types.len() % 2 == 1;
    let values: Vec<Type> = values_of_case(types).copied().collect();
    if is_complete { common(&values) } else { None }
}

/// The type that values have in common: the wider of numbers, dynamic of others that differ.
fn common(types: &[Type]) -> Option<Type> {
    let rank = |kind: &Type| match kind {
        Type::Int => 0,
        Type::Long => 1,
        Type::Real => 2,
        _ => 3,
    };
    let first = *types.first()?;
    if types.iter().all(|kind| *kind == first) {
        return Some(first);
    }
    if types.iter().all(|kind| kind.is_number()) {
        return types.iter().copied().max_by_key(rank);
    }
    Some(Type::Dynamic)
}

/// The first value that is neither null nor the empty text; if there is none, the empty text if there is that.
fn coalesce(arguments: &[Value]) -> Value {
    let is_there = |value: &&Value| !value.is_null() && **value != Value::String(String::new());
    let something = arguments.iter().find(is_there);
    something
        .or_else(|| arguments.iter().find(|value| !value.is_null()))
        .cloned()
        .unwrap_or(Value::Null)
}

/// The greatest or the least value that is not null.
fn extreme(arguments: &[Value], better: Ordering) -> Value {
    let values = arguments.iter().filter(|value| !value.is_null());
    let best = values.reduce(|best, value| match relation(value, best) {
        Relation::Order(order) if order == better => value,
        _ => best,
    });
    best.cloned().unwrap_or(Value::Null)
}

fn is_real(arguments: &[Value], is_so: fn(f64) -> bool) -> Value {
    bool(match arguments.at(0) {
        Value::Real(number) => Some(is_so(*number)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::function;
    use super::*;
    use crate::kql::Dynamic;

    fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).unwrap().call)(arguments)
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn a_null_predicate_does_not_hold() {
        assert_eq!(call("iff", &[Value::Null, text("a"), text("b")]), text("b"));
        let arguments = [Value::Null, text("a"), Value::Bool(true), text("b"), text("c")];
        assert_eq!(call("case", &arguments), text("b"));
    }

    #[test]
    fn a_case_has_the_type_of_its_values() {
        let result = |types: &[Type]| case_type(types);
        assert_eq!(
            result(&[Type::Bool, Type::Int, Type::Bool, Type::Real, Type::Long]),
            Some(Type::Real)
        );
        assert_eq!(result(&[Type::Bool, Type::String, Type::String]), Some(Type::String));
        assert_eq!(result(&[Type::Bool, Type::String, Type::Dynamic]), Some(Type::Dynamic));
        assert_eq!(result(&[Type::Bool, Type::String]), None);
        let arguments = [Value::Bool(true), Value::Int(1), Value::Real(0.5)];
        assert_eq!(call("case", &arguments), Value::Real(1.0));
    }

    #[test]
    fn coalesce_passes_over_nulls_and_empty_texts_alone() {
        assert_eq!(call("coalesce", &[text(""), text("b")]), text("b"));
        assert_eq!(call("coalesce", &[text(" "), text("b")]), text(" "));
        assert_eq!(call("coalesce", &[Value::Null, Value::Long(0)]), Value::Long(0));
        assert_eq!(call("coalesce", &[text(""), text("")]), text(""));
        assert_eq!(call("coalesce", &[Value::Null, Value::Null]), Value::Null);
    }

    #[test]
    fn extremes_pass_over_nulls() {
        let numbers = [Value::Long(10), Value::Null, Value::Long(-3), Value::Long(17)];
        assert_eq!(call("max_of", &numbers), Value::Long(17));
        assert_eq!(call("min_of", &numbers), Value::Long(-3));
        assert_eq!(call("max_of", &[Value::Null]), Value::Null);
    }

    #[test]
    fn no_text_is_null_but_the_empty_one_is_empty() {
        assert_eq!(call("isnull", &[text("")]), Value::Bool(false));
        assert_eq!(call("isempty", &[text("")]), Value::Bool(true));
        assert_eq!(call("isempty", &[Value::Null]), Value::Bool(true));
        let dynamic = |dynamic| Value::Dynamic(dynamic);
        assert_eq!(call("isempty", &[dynamic(Dynamic::String(String::new()))]), Value::Bool(true));
        assert_eq!(call("isempty", &[dynamic(Dynamic::Array(vec![]))]), Value::Bool(false));
    }
}
