use arrow_array::RecordBatch;
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder};
use coldtrail_engine::{Engine, EngineError, Session, functions};
use coldtrail_model::Table;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};

/// Ballista's scheduler and one executor in this process.
pub struct Standalone {
    context: SessionContext,
}

impl Standalone {
    /// Starts the scheduler and the executor on free loopback ports.
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or a function is refused.
    pub async fn start(parallelism: usize) -> Result<Self, EngineError> {
        let config = Session::config(SessionConfig::new_with_ballista(), parallelism);
        // The state is what scheduler and executor are built from, so our functions are there, too.
        let mut state =
            SessionStateBuilder::new().with_config(config).with_default_features().build();
        functions::register(&mut state)?;
        Ok(Self { context: SessionContext::standalone_with_state(state).await? })
    }

    /// Registers a folder of Parquet files, on a path that every executor sees, as an event table.
    ///
    /// # Errors
    ///
    /// When the folder cannot be listed.
    pub async fn register_parquet(&self, table: Table, path: &str) -> Result<(), EngineError> {
        let schema = table.schema();
        let options = ParquetReadOptions::default().schema(&schema);
        Ok(self.context.register_parquet(table.name(), path, options).await?)
    }
}

impl Engine for Standalone {
    async fn table(&self, table: Table) -> Result<LogicalPlan, EngineError> {
        let provider = self.context.table_provider(table.name()).await?;
        Ok(LogicalPlanBuilder::scan(table.name(), provider_as_source(provider), None)?.build()?)
    }

    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        frame.collect().await.map_err(EngineError::run)
    }
}
