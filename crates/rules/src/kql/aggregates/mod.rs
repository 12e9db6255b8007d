//! Aggregates: many rows in, one row of values out.
//!
//! Each is an [`AggregateFunction`]: what it is called, what it accepts, what its columns are, and an
//! [`Accumulator`] that takes rows. Groups are computed in parts, wherever rows happen to be, so whatever an
//! accumulator knows can be handed over and merged: rows put together in any grouping come to the same. Where
//! Kusto leaves the answer open (the order of a set, the row that `take_any` takes), it is that of the first
//! row that arrived, and the numbers are exact where Kusto estimates.
//!
//! <https://learn.microsoft.com/kusto/query/aggregation-functions>

mod bits;
mod collections;
mod condition;
mod counts;
mod deviations;
mod exact;
mod extremes;
pub mod names;
mod order;
mod percentiles;
mod samples;
mod schemas;
mod sketches;
mod totals;
#[cfg(test)]
mod trials;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::functions::{Accepts, ResultType};
use super::{Dynamic, Type, Value};

use names::Naming;

/// An aggregate function.
#[derive(Debug)]
pub struct AggregateFunction {
    /// The name.
    pub name: &'static str,
    /// What it accepts in order.
    pub parameters: &'static [Accepts],
    /// How many of the parameters may be left out, counted from the end.
    pub optional: usize,
    /// What any further arguments are accepted as; nothing if there may be none.
    pub rest: Option<Accepts>,
    /// How its columns are called where the query does not say, and with it how many there are.
    pub naming: Naming,
    /// What comes out; of more than one column, each has the type of the argument that it repeats.
    pub result: ResultType,
    /// Begins a group: takes the types of the arguments, and the arguments themselves that are constant, by
    /// place; the others are null.
    pub begin: fn(&[Type], &[Value]) -> Box<dyn Accumulator>,
}

/// What one group came to so far.
pub trait Accumulator: std::fmt::Debug + Send + Sync {
    /// Takes a row.
    fn update(&mut self, arguments: &[Value]);

    /// What is known so far, so that another of the same function can take it over. It is as long as that of
    /// any other group, and its dynamic values lose nothing as JSON.
    fn state(&self) -> Vec<Value>;

    /// Takes over what another knows, as if its rows came behind the own ones.
    fn merge(&mut self, state: &[Value]);

    /// What comes out, one value for each column.
    fn finish(&mut self) -> Vec<Value>;

    /// Bytes held, roughly.
    fn size(&self) -> usize;
}

/// Every aggregate, theme by theme.
const THEMES: &[&[AggregateFunction]] = &[
    counts::AGGREGATES,
    totals::AGGREGATES,
    extremes::AGGREGATES,
    samples::AGGREGATES,
    collections::AGGREGATES,
    deviations::AGGREGATES,
    percentiles::AGGREGATES,
    bits::AGGREGATES,
    schemas::AGGREGATES,
    sketches::AGGREGATES,
];

/// The aggregate of that name or alias.
pub fn aggregate(name: &str) -> Option<&'static AggregateFunction> {
    static BY_NAME: LazyLock<HashMap<&str, &AggregateFunction>> =
        LazyLock::new(|| all().map(|aggregate| (aggregate.name, aggregate)).collect());
    BY_NAME.get(name).copied()
}

/// Every aggregate, in the order of their themes.
pub fn all() -> impl Iterator<Item = &'static AggregateFunction> {
    THEMES.iter().flat_map(|theme| theme.iter())
}

impl PartialEq for AggregateFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl AggregateFunction {
    /// An aggregate all of whose parameters are needed.
    const fn define(
        name: &'static str,
        parameters: &'static [Accepts],
        naming: Naming,
        result: ResultType,
        begin: fn(&[Type], &[Value]) -> Box<dyn Accumulator>,
    ) -> Self {
        Self { name, parameters, optional: 0, rest: None, naming, result, begin }
    }

    /// The same with the last parameters left to choice.
    const fn with_optional(mut self, optional: usize) -> Self {
        self.optional = optional;
        self
    }

    /// The same with more arguments behind the parameters.
    const fn with_rest(mut self, rest: Accepts) -> Self {
        self.rest = Some(rest);
        self
    }
}

/// What tells a value from others of its type; nothing of a null, which is no value.
fn identity(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Dynamic(Dynamic::Null) => None,
        Value::String(text) => Some(text.clone()),
        Value::Dynamic(dynamic) => Some(dynamic.json()),
        value => Some(value.text()),
    }
}

/// Bytes that a dynamic value holds, roughly.
fn dynamic_size(dynamic: &Dynamic) -> usize {
    let held = match dynamic {
        Dynamic::String(text) => text.len(),
        Dynamic::Array(elements) => elements.iter().map(dynamic_size).sum(),
        Dynamic::Bag(properties) => properties
            .iter()
            .map(|(name, value)| size_of::<String>() + name.len() + dynamic_size(value))
            .sum(),
        _ => 0,
    };
    size_of::<Dynamic>() + held
}

/// A number among a state or the arguments.
fn long(values: &[Value], place: usize) -> Option<i64> {
    match values.get(place)? {
        Value::Long(number) => Some(*number),
        Value::Int(number) => Some(i64::from(*number)),
        Value::Dynamic(Dynamic::Long(number)) => Some(*number),
        _ => None,
    }
}

/// The elements of an array among a state; none if there is no array.
fn elements(values: &[Value], place: usize) -> &[Dynamic] {
    match values.get(place) {
        Some(Value::Dynamic(Dynamic::Array(elements))) => elements,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_aggregates_share_a_name() {
        let mut names: Vec<_> = all().map(|aggregate| aggregate.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(aggregate("dcount").is_some());
        assert!(aggregate("dcount_if").is_none());
    }
}
