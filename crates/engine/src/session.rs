use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use coldtrail_model::{Field, Table};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::{MemTable, ViewTable, provider_as_source};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};

use crate::plan::{column, values};
use crate::{Engine, EngineError, functions};

/// What groups, joins and sorts may hold in memory before they spill to disk: half of the 512 MiB
/// that a hunt may use, the other half being for the batches and the binary itself.
const MEMORY_LIMIT: usize = 256 << 20;

/// Tables and plans over a DataFusion context: in this process, or one that hands its plans to a
/// cluster.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
}

impl Session {
    /// An embedded session that uses `parallelism` threads' worth of partitions.
    ///
    /// # Errors
    ///
    /// When DataFusion refuses the settings or our functions.
    pub fn new(parallelism: usize) -> Result<Self, EngineError> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_LIMIT)))
            .with_disk_manager_builder(DiskManagerBuilder::default())
            .build_arc()?;
        let mut state = SessionStateBuilder::new()
            .with_config(Self::config(SessionConfig::new(), parallelism))
            .with_runtime_env(runtime)
            .with_default_features()
            .build();
        functions::register(&mut state)?;
        Ok(Self { context: SessionContext::new_with_state(state) })
    }

    /// A session over a context that another engine made, of [`Session::config`] and with our
    /// functions registered.
    pub fn over(context: SessionContext) -> Self {
        Self { context }
    }

    /// The settings that every engine shares, so that a plan means the same on all of them.
    pub fn config(config: SessionConfig, parallelism: usize) -> SessionConfig {
        let mut config = config.with_target_partitions(parallelism.max(1));
        // Our tables say `Utf8`; reading Parquet back as views would change the types of plans.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        // Ballista optimises a plan twice, once at each end, and DataFusion 55's rule that pushes
        // fields of structs towards the scan fails on its own output.
        config.options_mut().optimizer.enable_leaf_expression_pushdown = false;
        config
    }

    /// Registers a provider as an event table.
    ///
    /// # Errors
    ///
    /// When there already is such a table.
    pub fn register(
        &self,
        table: Table,
        provider: Arc<dyn TableProvider>,
    ) -> Result<(), EngineError> {
        self.context.register_table(table.name(), provider).map_err(EngineError::register)?;
        Ok(())
    }

    /// Registers Parquet files (a folder or a file) as an event table.
    ///
    /// # Errors
    ///
    /// When the path cannot be listed.
    pub async fn register_parquet(&self, table: Table, path: &str) -> Result<(), EngineError> {
        let schema = table.schema();
        let options = ParquetReadOptions::default().schema(&schema);
        self.context
            .register_parquet(table.name(), path, options)
            .await
            .map_err(EngineError::register)
    }

    /// Registers an explicit list of Parquet files, by URL, as an event table: what a store says that
    /// counts, and nothing else that lies beside it.
    ///
    /// Without any file the table is there, and empty.
    ///
    /// # Errors
    ///
    /// When a URL is none, or there already is such a table.
    pub fn register_files(&self, table: Table, files: &[String]) -> Result<(), EngineError> {
        if files.is_empty() {
            return self.register(table, Arc::new(ViewTable::new(no_rows(table)?, None)));
        }
        let urls = files.iter().map(ListingTableUrl::parse).collect::<Result<Vec<_>, _>>()?;
        let config = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(ListingOptions::new(Arc::new(ParquetFormat::default())))
            .with_schema(table.schema());
        self.register(table, Arc::new(ListingTable::try_new(config)?))
    }

    /// Writes an event table as Parquet files into a folder, which is made if need be.
    ///
    /// # Errors
    ///
    /// When the table does not exist or the folder cannot be written.
    pub async fn write_parquet(&self, table: Table, folder: &Path) -> Result<(), EngineError> {
        let rows = self.context.table(table.name()).await?;
        // A folder even where there is a single file or none: a table is a folder.
        let path = format!("{}/", folder.display());
        rows.write_parquet(&path, DataFrameWriteOptions::new(), None)
            .await
            .map_err(EngineError::run)?;
        Ok(())
    }

    /// A plan that scans rows held in memory; it runs on this engine alone.
    ///
    /// # Errors
    ///
    /// When a batch does not have the schema.
    pub fn memory_table(
        &self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<LogicalPlan, EngineError> {
        let provider = Arc::new(MemTable::try_new(schema, vec![batches])?);
        Ok(LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?.build()?)
    }
}

impl Engine for Session {
    async fn table(&self, table: Table) -> Result<LogicalPlan, EngineError> {
        let provider = self.context.table_provider(table.name()).await?;
        Ok(LogicalPlanBuilder::scan(table.name(), provider_as_source(provider), None)?.build()?)
    }

    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        frame.collect().await.map_err(EngineError::run)
    }
}

/// A plan of no rows with a table's columns.
///
/// It is a row of nulls that a filter takes away: a relation that is empty in itself loses its
/// columns when it travels to another machine.
fn no_rows(table: Table) -> Result<LogicalPlan, EngineError> {
    let schema = table.schema();
    let nulls =
        schema.fields().iter().map(|field| Ok(lit(ScalarValue::try_new_null(field.data_type())?)));
    let nulls = nulls.collect::<Result<Vec<_>, EngineError>>()?;
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let row = LogicalPlanBuilder::from(values(vec![nulls], &names)?);
    Ok(row.filter(column(Field::RecordSource.name()).is_not_null())?.build()?)
}
