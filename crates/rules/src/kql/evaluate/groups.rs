//! `summarize`: rows that are one key, and what aggregates make of them.

use indexmap::IndexMap;

use super::order::group_key;
use super::{each, scalar};
use crate::kql::aggregates::Accumulator;
use crate::kql::plan::{Aggregate, Expression, ExpressionKind};
use crate::kql::{Type, Value};

/// Groups in the order in which their keys come first: the keys, then what each aggregate gives.
pub(super) fn summarize(
    rows: &[Vec<Value>],
    keys: &[Expression],
    aggregates: &[Aggregate],
    is_grouped: bool,
) -> Vec<Vec<Value>> {
    let mut groups: IndexMap<Vec<u8>, Group> = IndexMap::new();
    if keys.is_empty() && !is_grouped {
        groups.insert(Vec::new(), Group::new(Vec::new(), aggregates));
    }
    for row in rows {
        let key = each(keys, row);
        let group = groups.entry(group_key(&key)).or_insert_with(|| Group::new(key, aggregates));
        group.update(aggregates, row);
    }
    groups.into_values().map(|group| group.finish(aggregates)).collect()
}

/// The rows of each value of a column, in the order in which the values come first.
pub(super) fn by_column(rows: Vec<Vec<Value>>, column: usize) -> Vec<Vec<Vec<Value>>> {
    let mut groups: IndexMap<Vec<u8>, Vec<Vec<Value>>> = IndexMap::new();
    for row in rows {
        let key = row.get(column).cloned().unwrap_or(Value::Null);
        groups.entry(group_key(&[key])).or_default().push(row);
    }
    groups.into_values().collect()
}

/// What one group came to so far.
#[derive(Debug)]
pub(super) struct Group {
    key: Vec<Value>,
    accumulators: Vec<Box<dyn Accumulator>>,
}

impl Group {
    /// A group without rows.
    pub(super) fn new(key: Vec<Value>, aggregates: &[Aggregate]) -> Self {
        Self { key, accumulators: aggregates.iter().map(begin).collect() }
    }

    /// Takes a row.
    pub(super) fn update(&mut self, aggregates: &[Aggregate], row: &[Value]) {
        for (accumulator, aggregate) in self.accumulators.iter_mut().zip(aggregates) {
            accumulator.update(&each(&aggregate.arguments, row));
        }
    }

    /// The key, then what came out, as wide as the aggregates are.
    pub(super) fn finish(self, aggregates: &[Aggregate]) -> Vec<Value> {
        let mut row = self.key;
        for (mut accumulator, aggregate) in self.accumulators.into_iter().zip(aggregates) {
            let mut values = accumulator.finish();
            values.resize(aggregate.width, Value::Null);
            row.extend(values);
        }
        row
    }
}

fn begin(aggregate: &Aggregate) -> Box<dyn Accumulator> {
    let constants: Vec<Value> = aggregate
        .arguments
        .iter()
        .map(|argument| match &argument.kind {
            ExpressionKind::Literal(_) => scalar(argument, &[]),
            _ => Value::Null,
        })
        .collect();
    let types: Vec<Type> = aggregate.arguments.iter().map(|argument| argument.r#type).collect();
    (aggregate.function.begin)(&types, &constants)
}
