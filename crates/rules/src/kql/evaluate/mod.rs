//! Runs a plan over rows in memory, a row at a time.
//!
//! It is what constants are folded with, what bodies of `mv-apply` and `partition` run by, and the honest
//! twin of whatever computes faster: each node does the plainest thing that is right. Rows are bounded by a
//! budget that every operator draws on.

mod encoding;
mod expansion;
mod groups;
mod joins;
mod order;
mod prepared;
mod series;
mod windows;

use super::plan::{Expression, ExpressionKind, JoinKind, Node, Plan};
use super::{Schema, Value};

pub use encoding::{decode, encode};
pub use expansion::expand;
pub use order::{Ordering, compare, group_key, order_key, sort};
pub use prepared::Prepared;
pub use series::{MOST_ELEMENTS, SeriesAxis, SeriesInMaking};
pub use windows::{Direction, Running};

/// Why a plan did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// There are more rows than there may be.
    #[error("the query makes more rows than the {0} that may be held in memory")]
    Budget(usize),
    /// A series is longer than it may be, or all together are.
    #[error(
        "`make-series` makes an array of more than {MOST_ELEMENTS} elements, or too many of them"
    )]
    Series,
    /// A subtable outside of what makes one.
    #[error("there is no subtable here")]
    Subtable,
    /// A table has no rows to give.
    #[error("cannot read the table `{name}`: {reason}")]
    Table {
        /// Which.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Where the rows of tables come from: the name and the wanted columns.
pub type Tables<'a> = dyn Fn(&str, &Schema) -> Result<Vec<Vec<Value>>, String> + 'a;

/// The rows of a plan, in order; all operators together may make at most `budget` rows.
///
/// # Errors
///
/// When there are more rows, or a table cannot be read.
pub fn rows(
    plan: &Plan,
    subtable: Option<&[Vec<Value>]>,
    tables: &Tables<'_>,
    budget: usize,
) -> Result<Vec<Vec<Value>>, EvaluateError> {
    Evaluation { subtable, tables, budget, spent: &std::cell::Cell::new(0) }.plan(plan)
}

/// The value of an expression in a row.
pub fn scalar(expression: &Expression, row: &[Value]) -> Value {
    match &expression.kind {
        ExpressionKind::Column(place) => row.get(*place).cloned().unwrap_or(Value::Null),
        ExpressionKind::Literal(value) => value.clone(),
        ExpressionKind::Call { function, arguments } => {
            let values: Vec<Value> =
                arguments.iter().map(|argument| scalar(argument, row)).collect();
            match (function.call)(&values) {
                Value::Null => Value::nothing(expression.r#type),
                value => value,
            }
        }
    }
}

/// A number as if drawn by lot, the same for equal rows: the lowest are a sample.
pub fn draw(row: &[Value]) -> i64 {
    // FNV-1a, and then a mixing step so that the high bits depend on all bytes.
    let mixed = group_key(row).iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).cast_signed()
}

/// What a run knows on its way down a plan.
#[derive(Clone, Copy)]
struct Evaluation<'a> {
    subtable: Option<&'a [Vec<Value>]>,
    tables: &'a Tables<'a>,
    budget: usize,
    spent: &'a std::cell::Cell<usize>,
}

impl Evaluation<'_> {
    fn plan(&self, plan: &Plan) -> Result<Vec<Vec<Value>>, EvaluateError> {
        let rows = self.node(plan)?;
        self.spend(rows.len())?;
        Ok(rows)
    }

    /// Draws on the budget.
    fn spend(&self, rows: usize) -> Result<(), EvaluateError> {
        let spent = self.spent.get().saturating_add(rows);
        self.spent.set(spent);
        if spent > self.budget { Err(EvaluateError::Budget(self.budget)) } else { Ok(()) }
    }

    fn node(&self, plan: &Plan) -> Result<Vec<Vec<Value>>, EvaluateError> {
        match &plan.node {
            Node::Table { name } => (self.tables)(name, &plan.schema)
                .map_err(|reason| EvaluateError::Table { name: name.clone(), reason }),
            Node::Subtable => match self.subtable {
                Some(rows) => Ok(rows.to_vec()),
                None => Err(EvaluateError::Subtable),
            },
            Node::Rows { rows } => Ok(rows.clone()),
            Node::Filter { input, predicate } => {
                let mut rows = self.plan(input)?;
                let mut predicate = Prepared::new(predicate);
                rows.retain(|row| predicate.value(row) == Value::Bool(true));
                Ok(rows)
            }
            Node::Project { input, expressions } => {
                let mut expressions: Vec<_> = expressions.iter().map(Prepared::new).collect();
                let rows = self.plan(input)?;
                let values = |row: &Vec<Value>| {
                    expressions.iter_mut().map(|expression| expression.value(row)).collect()
                };
                Ok(rows.iter().map(values).collect())
            }
            Node::Window { input, windows } => {
                let mut rows = self.plan(input)?;
                windows::add(windows, &mut rows);
                Ok(rows)
            }
            Node::Sort { input, keys } => {
                let mut rows = self.plan(input)?;
                order::sort(&mut rows, keys);
                Ok(rows)
            }
            Node::Take { input, count } => {
                let mut rows = self.plan(input)?;
                rows.truncate(usize::try_from(*count).unwrap_or(usize::MAX));
                Ok(rows)
            }
            Node::Sample { input, count } => {
                let mut rows = self.plan(input)?;
                rows.sort_by_cached_key(|row| (draw(row), group_key(row)));
                rows.truncate(usize::try_from(*count).unwrap_or(usize::MAX));
                Ok(rows)
            }
            Node::Summarize { input, keys, aggregates, is_grouped } => {
                Ok(groups::summarize(&self.plan(input)?, keys, aggregates, *is_grouped))
            }
            Node::Join { left, right, kind, on } => self.join(left, right, *kind, on),
            Node::Union { inputs } => {
                let mut rows = Vec::new();
                for input in inputs {
                    rows.extend(self.plan(input)?);
                }
                Ok(rows)
            }
            Node::Expand { input, columns, with_index, limit, keeps_empty } => {
                let mut rows = Vec::new();
                for row in self.plan(input)? {
                    rows.extend(expand(&row, columns, *with_index, *limit, *keeps_empty));
                    self.within(rows.len())?;
                }
                Ok(rows)
            }
            Node::Apply { input, body, columns, with_index, limit } => {
                let mut rows = Vec::new();
                for row in self.plan(input)? {
                    let subtable = expand(&row, columns, *with_index, *limit, false);
                    for made in self.over(&subtable).plan(body)? {
                        rows.push(row.iter().cloned().chain(made).collect());
                    }
                }
                Ok(rows)
            }
            Node::Partition { input, key, body } => {
                let mut rows = Vec::new();
                for subtable in groups::by_column(self.plan(input)?, *key) {
                    rows.extend(self.over(&subtable).plan(body)?);
                }
                Ok(rows)
            }
            Node::MakeSeries { input, keys, aggregates, axis, from, to, step } => {
                let axis = SeriesAxis::new(axis, from.as_ref(), to.as_ref(), step);
                let mut making = SeriesInMaking::new(keys, aggregates, axis);
                self.plan(input)?.iter().for_each(|row| making.take(row));
                making.end()
            }
        }
    }

    fn join(
        &self,
        left: &Plan,
        right: &Plan,
        kind: JoinKind,
        on: &[(Expression, Expression)],
    ) -> Result<Vec<Vec<Value>>, EvaluateError> {
        let sides = joins::Sides {
            left: self.plan(left)?,
            right: self.plan(right)?,
            empty_left: nothing(&left.schema),
            empty_right: nothing(&right.schema),
        };
        joins::join(&sides, kind, on, &|made| self.within(made))
    }

    /// Whether so many more rows may be held.
    fn within(&self, rows: usize) -> Result<(), EvaluateError> {
        if self.spent.get().saturating_add(rows) > self.budget {
            return Err(EvaluateError::Budget(self.budget));
        }
        Ok(())
    }

    /// The same run, over the rows of a subtable.
    fn over<'b>(&'b self, subtable: &'b [Vec<Value>]) -> Evaluation<'b> {
        Evaluation { subtable: Some(subtable), ..*self }
    }
}

/// The values of all expressions in a row.
fn each(expressions: &[Expression], row: &[Value]) -> Vec<Value> {
    expressions.iter().map(|expression| scalar(expression, row)).collect()
}

/// A row of nothing.
fn nothing(schema: &Schema) -> Vec<Value> {
    schema.iter().map(|column| Value::nothing(column.r#type)).collect()
}

#[cfg(test)]
mod tests;
