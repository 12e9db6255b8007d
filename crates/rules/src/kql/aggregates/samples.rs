//! Any row of a group: the first.
//!
//! <https://learn.microsoft.com/kusto/query/take-any-aggregation-function>

use super::super::functions::{Accepts, ResultType};
use super::super::{Type, Value};
use super::condition::Conditional;
use super::extremes::{finished_row, row_of_state, row_size, row_state};
use super::names::Naming;
use super::{Accumulator, AggregateFunction};

const FIRST: ResultType = ResultType::Argument(0);
const ONE_IF: &[Accepts] = &[Accepts::Any, Accepts::Only(Type::Bool)];

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction::define("take_any", &[Accepts::Any], Naming::Taken, FIRST, |types, _| {
        Sample::begin(types)
    })
    .with_rest(Accepts::Any),
    AggregateFunction::define("any", &[Accepts::Any], Naming::Any, FIRST, |types, _| {
        Sample::begin(types)
    })
    .with_rest(Accepts::Any),
    AggregateFunction::define("take_anyif", ONE_IF, Naming::Argument, FIRST, begin_if),
    AggregateFunction::define("anyif", ONE_IF, Naming::Word("anyif"), FIRST, begin_if),
];

fn begin_if(types: &[Type], _: &[Value]) -> Box<dyn Accumulator> {
    Conditional::begin(1, Sample::begin(types.get(..1).unwrap_or_default()))
}

/// The first row; of a single column, the first that says something.
#[derive(Debug)]
struct Sample {
    types: Vec<Type>,
    /// Empty if there was none.
    row: Vec<Value>,
}

impl Sample {
    fn begin(types: &[Type]) -> Box<dyn Accumulator> {
        Box::new(Self { types: types.to_vec(), row: Vec::new() })
    }

    fn is_better(&self, row: &[Value]) -> bool {
        match self.row.as_slice() {
            [] => true,
            [value] => says_nothing(value) && !row.first().is_none_or(says_nothing),
            _ => false,
        }
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

impl Accumulator for Sample {
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

#[cfg(test)]
mod tests {
    use super::super::trials::{all, one, text};
    use super::*;

    #[test]
    fn a_single_column_prefers_what_says_something() {
        let rows: [&[Value]; 3] = [&[text("")], &[text("a")], &[text("b")]];
        assert_eq!(one("take_any", &[Type::String], &rows), text("a"));
        assert_eq!(one("any", &[Type::Long], &[&[Value::Null], &[Value::Long(2)]]), Value::Long(2));
    }

    #[test]
    fn several_columns_come_from_one_row() {
        let rows: [&[Value]; 2] = [&[Value::Null, text("a")], &[Value::Long(2), text("b")]];
        assert_eq!(all("take_any", &[Type::Long, Type::String], &rows), [Value::Null, text("a")]);
    }

    #[test]
    fn a_row_that_does_not_hold_the_predicate_is_not_taken() {
        let rows: [&[Value]; 2] =
            [&[text("a"), Value::Bool(false)], &[text("b"), Value::Bool(true)]];
        assert_eq!(one("take_anyif", &[Type::String, Type::Bool], &rows), text("b"));
        assert_eq!(one("anyif", &[Type::String, Type::Bool], &[]), text(""));
    }
}
