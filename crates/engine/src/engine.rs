use arrow_array::RecordBatch;
use coldtrail_model::Table;
use datafusion::logical_expr::LogicalPlan;

use crate::EngineError;

/// Which rows of a table a plan has a use for. An engine may give more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Rows that name a serverless endpoint or are about a function; all rows of tables in which none
    /// was contacted.
    Contacts,
    /// Rows that touch an address which stands for one of those endpoints, whatever they name.
    Linked,
}

impl Rows {
    /// The name of a table of such rows.
    pub fn of(self, table: Table) -> String {
        match self {
            Rows::Contacts => format!("{}_contacts", table.name()),
            Rows::Linked => format!("{}_linked", table.name()),
        }
    }
}

/// Something that has event tables and runs plans over them: embedded, or a cluster.
///
/// A plan is made of registered functions over named tables, with no nodes of our own, so that the
/// same plan runs everywhere and gives the same rows (in any order, unless it sorts).
#[allow(async_fn_in_trait, reason = "used with generics inside this workspace only")]
pub trait Engine {
    /// A plan that scans rows of an event table; an empty one where the engine has no such rows.
    ///
    /// # Errors
    ///
    /// When the table cannot be planned.
    async fn table(&self, table: Table, rows: Rows) -> Result<LogicalPlan, EngineError>;

    /// A plan that scans the summary of activity by hour, where the engine has a history.
    ///
    /// # Errors
    ///
    /// When the table cannot be planned.
    async fn activity(&self) -> Result<Option<LogicalPlan>, EngineError>;

    /// Runs a plan and collects its rows.
    ///
    /// # Errors
    ///
    /// When the plan does not fit the tables, or a resource runs out.
    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError>;
}
