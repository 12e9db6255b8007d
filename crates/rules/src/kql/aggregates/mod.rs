//! Aggregates: many rows in, one row of values out.

use super::Value;
use super::functions::{Accepts, ResultType};

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
    /// What comes out; of more than one column, each has the type of the argument that it repeats.
    pub result: ResultType,
    /// Begins a group. The arguments are those that are constant, by place; the others are null.
    pub begin: fn(&[Value]) -> Box<dyn Accumulator>,
}

/// What one group came to so far.
pub trait Accumulator: std::fmt::Debug + Send + Sync {
    /// Takes a row.
    fn update(&mut self, arguments: &[Value]);

    /// What is known so far, so that another of the same function can take it over.
    fn state(&self) -> Vec<Value>;

    /// Takes over what another knows.
    fn merge(&mut self, state: &[Value]);

    /// What comes out, one value for each column.
    fn finish(&mut self) -> Vec<Value>;

    /// Bytes held, roughly.
    fn size(&self) -> usize;
}

/// The aggregate of that name or alias.
pub fn aggregate(name: &str) -> Option<&'static AggregateFunction> {
    let _ = name;
    None
}

/// The name of an aggregate's column that nobody named.
pub fn default_name(
    function: &AggregateFunction,
    argument: Option<&str>,
    _constants: &[Value],
) -> String {
    format!("{}_{}", function.name, argument.unwrap_or_default())
}
