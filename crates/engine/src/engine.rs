use arrow_array::RecordBatch;
use coldtrail_model::Table;
use datafusion::logical_expr::LogicalPlan;

use crate::EngineError;

/// Something that has event tables and runs plans over them: embedded, or a cluster.
///
/// A plan is made of registered functions over named tables, with no nodes of our own, so that the
/// same plan runs everywhere and gives the same rows (in any order, unless it sorts).
#[allow(async_fn_in_trait, reason = "used with generics inside this workspace only")]
pub trait Engine {
    /// A plan that scans an event table.
    ///
    /// # Errors
    ///
    /// When the engine has no such table.
    async fn table(&self, table: Table) -> Result<LogicalPlan, EngineError>;

    /// Runs a plan and collects its rows.
    ///
    /// # Errors
    ///
    /// When the plan does not fit the tables, or a resource runs out.
    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError>;
}
