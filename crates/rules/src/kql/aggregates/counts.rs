//! How many rows there are, and how many different values.
//!
//! Kusto estimates `dcount()`; here it is exact, and its argument for the accuracy says nothing.
//!
//! <https://learn.microsoft.com/kusto/query/dcount-aggregation-function>

use indexmap::IndexSet;

use super::super::functions::{Accepts, ResultType};
use super::super::{Dynamic, Type, Value};
use super::condition::Conditional;
use super::names::Naming;
use super::{Accumulator, AggregateFunction, elements, identity, long};

const LONG: ResultType = ResultType::Only(Type::Long);
const BOOL: Accepts = Accepts::Only(Type::Bool);
const ACCURACY: Accepts = Accepts::Only(Type::Long);

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction::define("count", &[Accepts::Any], Naming::Word("count"), LONG, |_, _| {
        Box::new(Rows::default())
    })
    .with_optional(1),
    AggregateFunction::define("countif", &[BOOL], Naming::Word("countif"), LONG, |_, _| {
        Conditional::begin(0, Box::new(Rows::default()))
    }),
    distinct("dcount", &[Accepts::Any, ACCURACY]).with_optional(1),
    distinct_if("dcountif", &[Accepts::Any, BOOL, ACCURACY]).with_optional(1),
    distinct("count_distinct", &[Accepts::Any]),
    distinct_if("count_distinctif", &[Accepts::Any, BOOL]),
];

const fn distinct(name: &'static str, parameters: &'static [Accepts]) -> AggregateFunction {
    AggregateFunction::define(name, parameters, Naming::Word(name), LONG, |_, _| {
        Box::new(Distinct::default())
    })
}

const fn distinct_if(name: &'static str, parameters: &'static [Accepts]) -> AggregateFunction {
    AggregateFunction::define(name, parameters, Naming::Word(name), LONG, |_, _| {
        Conditional::begin(1, Box::new(Distinct::default()))
    })
}

/// Counts rows, also those where the argument is null.
#[derive(Debug, Default)]
struct Rows {
    count: i64,
}

impl Accumulator for Rows {
    fn update(&mut self, _: &[Value]) {
        self.count += 1;
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Long(self.count)]
    }

    fn merge(&mut self, state: &[Value]) {
        self.count = self.count.saturating_add(long(state, 0).unwrap_or_default());
    }

    fn finish(&mut self) -> Vec<Value> {
        self.state()
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

/// The different values of the first argument, nulls aside.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    identities: IndexSet<String>,
    /// Bytes of the texts.
    length: usize,
}

impl Distinct {
    /// Notes a value by its identity.
    pub(super) fn insert(&mut self, identity: String) {
        let length = identity.len();
        if self.identities.insert(identity) {
            self.length += length;
        }
    }

    /// What is known as a dynamic value.
    pub(super) fn array(&self) -> Dynamic {
        Dynamic::Array(self.identities.iter().cloned().map(Dynamic::String).collect())
    }

    /// Takes over an array of another.
    pub(super) fn insert_all(&mut self, identities: &[Dynamic]) {
        for identity in identities {
            if let Dynamic::String(identity) = identity {
                self.insert(identity.clone());
            }
        }
    }

    /// Whether there is no value.
    pub(super) fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }
}

impl Accumulator for Distinct {
    fn update(&mut self, arguments: &[Value]) {
        if let Some(identity) = arguments.first().and_then(identity) {
            self.insert(identity);
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(self.array())]
    }

    fn merge(&mut self, state: &[Value]) {
        self.insert_all(elements(state, 0));
    }

    fn finish(&mut self) -> Vec<Value> {
        vec![Value::Long(i64::try_from(self.identities.len()).unwrap_or(i64::MAX))]
    }

    fn size(&self) -> usize {
        /// A text, its hash and its place in the table.
        const ENTRY: usize = size_of::<String>() + 4 * size_of::<usize>();
        size_of::<Self>() + self.length + self.identities.len() * ENTRY
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{one, text};
    use super::*;

    const TRUE: Value = Value::Bool(true);
    const FALSE: Value = Value::Bool(false);

    #[test]
    fn rows_count_even_where_there_is_no_value() {
        assert_eq!(one("count", &[Type::Long], &[&[Value::Null], &[Value::Null]]), Value::Long(2));
        assert_eq!(
            one("countif", &[Type::Bool], &[&[TRUE], &[FALSE], &[Value::Null]]),
            Value::Long(1)
        );
        assert_eq!(one("count", &[], &[]), Value::Long(0));
    }

    #[test]
    fn a_null_is_no_value_but_the_empty_text_is_one() {
        let rows: [&[Value]; 4] = [&[text("a")], &[text("")], &[text("a")], &[text("")]];
        assert_eq!(one("dcount", &[Type::String], &rows), Value::Long(2));
        let rows: [&[Value]; 3] = [&[Value::Null], &[Value::Long(1)], &[Value::Null]];
        assert_eq!(one("count_distinct", &[Type::Long], &rows), Value::Long(1));
        assert_eq!(one("dcount", &[Type::Long], &[]), Value::Long(0));
    }

    #[test]
    fn only_rows_that_hold_the_predicate_are_told_apart() {
        let rows: [&[Value]; 3] =
            [&[text("a"), TRUE], &[text("b"), FALSE], &[text("c"), Value::Null]];
        assert_eq!(one("dcountif", &[Type::String, Type::Bool], &rows), Value::Long(1));
        assert_eq!(one("count_distinctif", &[Type::String, Type::Bool], &rows), Value::Long(1));
    }
}
