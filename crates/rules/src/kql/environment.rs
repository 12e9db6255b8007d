//! What a query's surroundings know: tables, stored functions, lists, and the clock.

use super::plan::Plan;
use super::{DateTime, Schema, Value};

/// What binding asks its surroundings.
pub trait Environment {
    /// The clock, the same for the whole of a query.
    fn now(&self) -> DateTime;

    /// The columns of the table of that name. Names are compared as they are written.
    fn table(&self, name: &str) -> Option<Schema>;

    /// The names of all tables that a person may write, in order.
    fn tables(&self) -> Vec<String>;

    /// The names of the tables that `*` stands for in `union` and `search`: those which together hold all
    /// there is, in order.
    fn everything(&self) -> Vec<String>;

    /// The text of a stored function or view: `(parameters) { body }`, or a body alone.
    fn function(&self, name: &str) -> Option<String>;

    /// The names of all stored functions, in order.
    fn functions(&self) -> Vec<String>;

    /// A plan over what `externaldata` names: the columns that the query declares, the addresses, and the
    /// properties behind `with`.
    ///
    /// # Errors
    ///
    /// Why there is no such data, and what to do about it.
    fn external_data(
        &self,
        schema: &Schema,
        addresses: &[String],
        properties: &[(String, Value)],
    ) -> Result<Plan, String>;

    /// A plan over a watchlist.
    ///
    /// # Errors
    ///
    /// Why there is no such list, and what to do about it.
    fn watchlist(&self, name: &str) -> Result<Plan, String>;

    /// Runs a plan now, for what must be known before the rest of a query means anything: `toscalar`, the
    /// list behind `in`, the columns that `bag_unpack` and `pivot` make. At most so many rows come back.
    ///
    /// # Errors
    ///
    /// Why it could not run, or that it has more rows.
    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String>;
}
