//! The least and the greatest value, and the row that has it.
//!
//! Nulls are no values: they lose to all others. Where no row has a value, `arg_max(x, *)` still takes a row, as
//! its page shows. Of rows that are equal, the first counts.
//!
//! <https://learn.microsoft.com/kusto/query/arg-max-aggregation-function>

use std::cmp::Ordering;

use super::super::functions::{Accepts, ResultType};
use super::super::{Type, Value};
use super::condition::Conditional;
use super::names::Naming;
use super::order::compare;
use super::{Accumulator, AggregateFunction};

const FIRST: ResultType = ResultType::Argument(0);
const BOOL: Accepts = Accepts::Only(Type::Bool);

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction::define("min", &[Accepts::Any], Naming::Word("min"), FIRST, |types, _| {
        Extreme::begin(first(types), Ordering::Less)
    }),
    AggregateFunction::define("max", &[Accepts::Any], Naming::Word("max"), FIRST, |types, _| {
        Extreme::begin(first(types), Ordering::Greater)
    }),
    AggregateFunction::define(
        "minif",
        &[Accepts::Any, BOOL],
        Naming::Word("minif"),
        FIRST,
        |types, _| Conditional::begin(1, Extreme::begin(first(types), Ordering::Less)),
    ),
    AggregateFunction::define(
        "maxif",
        &[Accepts::Any, BOOL],
        Naming::Word("maxif"),
        FIRST,
        |types, _| Conditional::begin(1, Extreme::begin(first(types), Ordering::Greater)),
    ),
    row("arg_min", Naming::Extreme("min"), |types, _| Extreme::begin(types, Ordering::Less)),
    row("arg_max", Naming::Extreme("max"), |types, _| Extreme::begin(types, Ordering::Greater)),
    row("argmin", Naming::OldExtreme("min"), |types, _| Extreme::begin(types, Ordering::Less)),
    row("argmax", Naming::OldExtreme("max"), |types, _| Extreme::begin(types, Ordering::Greater)),
];

const fn row(
    name: &'static str,
    naming: Naming,
    begin: fn(&[Type], &[Value]) -> Box<dyn Accumulator>,
) -> AggregateFunction {
    AggregateFunction::define(name, &[Accepts::Any], naming, FIRST, begin).with_rest(Accepts::Any)
}

fn first(types: &[Type]) -> &[Type] {
    types.get(..1).unwrap_or_default()
}

/// The row whose first argument is the least or the greatest.
#[derive(Debug)]
struct Extreme {
    types: Vec<Type>,
    /// What the first argument of a better row is, compared to that of the best so far.
    better: Ordering,
    /// The best row so far; empty if there was none.
    row: Vec<Value>,
}

impl Extreme {
    fn begin(types: &[Type], better: Ordering) -> Box<dyn Accumulator> {
        Box::new(Self { types: types.to_vec(), better, row: Vec::new() })
    }

    fn is_better(&self, row: &[Value]) -> bool {
        match (row.first(), self.row.first()) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(Value::Null), _) => false,
            (Some(_), Some(Value::Null)) => true,
            (Some(candidate), Some(best)) => compare(candidate, best) == self.better,
        }
    }
}

impl Accumulator for Extreme {
    fn update(&mut self, arguments: &[Value]) {
        if self.is_better(arguments) {
            self.row.clear();
            self.row.extend(arguments.iter().take(self.types.len()).cloned());
        }
    }

    fn state(&self) -> Vec<Value> {
        row_state(&self.types, &self.row)
    }

    fn merge(&mut self, state: &[Value]) {
        if let Some(row) = row_of_state(state) {
            self.update(row);
        }
    }

    fn finish(&mut self) -> Vec<Value> {
        finished_row(&self.types, &self.row)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + row_size(&self.row)
    }
}

/// A row that may not be there, as a state: whether it is, and its values.
pub(super) fn row_state(types: &[Type], row: &[Value]) -> Vec<Value> {
    let is_there = std::iter::once(Value::Bool(!row.is_empty()));
    is_there.chain(finished_row(types, row)).collect()
}

/// The row of a state, if there is one.
pub(super) fn row_of_state(state: &[Value]) -> Option<&[Value]> {
    match state.split_first()? {
        (Value::Bool(true), row) => Some(row),
        _ => None,
    }
}

/// The values of a row, or what stands where there is none.
pub(super) fn finished_row(types: &[Type], row: &[Value]) -> Vec<Value> {
    let value = |(place, r#type): (usize, &Type)| match row.get(place) {
        None | Some(Value::Null) => Value::nothing(*r#type),
        Some(value) => value.clone(),
    };
    types.iter().enumerate().map(value).collect()
}

/// Bytes that a row holds.
pub(super) fn row_size(row: &[Value]) -> usize {
    row.iter().map(value_size).sum()
}

/// Bytes that a value holds, roughly.
pub(super) fn value_size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Dynamic(dynamic) => super::dynamic_size(dynamic),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{all, longs, one, rows, text};
    use super::*;

    #[test]
    fn nulls_are_neither_least_nor_greatest() {
        let mut values = longs(&[3, -1, 2]);
        values.push(Value::Null);
        assert_eq!(one("min", &[Type::Long], &rows(&values)), Value::Long(-1));
        assert_eq!(one("max", &[Type::Long], &rows(&values)), Value::Long(3));
        assert_eq!(one("max", &[Type::Long], &[]), Value::Null);
        assert_eq!(one("max", &[Type::String], &[]), text(""));
    }

    #[test]
    fn text_is_ordered_too() {
        assert_eq!(one("max", &[Type::String], &[&[text("a")], &[text("b")]]), text("b"));
        assert_eq!(one("min", &[Type::Bool], &[&[Value::Bool(true)]]), Value::Bool(true));
    }

    #[test]
    fn a_row_of_which_all_keys_are_null_is_the_first_and_what_it_carries_may_be_null() {
        let types = [Type::Int, Type::String, Type::Long];
        let banana: [&[Value]; 2] = [
            &[Value::Null, text("Yellow"), Value::Null],
            &[Value::Null, text("Green"), Value::Null],
        ];
        assert_eq!(all("arg_max", &types, &banana), [Value::Null, text("Yellow"), Value::Null]);
        let apple: [&[Value]; 3] = [
            &[Value::Null, text("Green"), Value::Long(1)],
            &[Value::Int(1), text("Red"), Value::Null],
            &[Value::Int(1), text("Blue"), Value::Long(1)],
        ];
        assert_eq!(all("arg_max", &types, &apple), [Value::Int(1), text("Red"), Value::Null]);
        assert_eq!(all("arg_min", &types, &apple), [Value::Int(1), text("Red"), Value::Null]);
        assert_eq!(all("arg_min", &types, &[]), [Value::Null, text(""), Value::Null]);
    }
}
