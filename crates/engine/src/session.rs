use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use coldtrail_model::{Field, Table};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident, lit};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{displayable, execute_stream};
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use futures::{StreamExt, stream};
use parquet::arrow::ArrowWriter;

use crate::guests::{Passing, Stage, StagedTable};
use crate::{Engine, EngineError, Rows, functions};

/// What groups, joins and sorts may hold in memory before they spill to disk: half of the 512 MiB
/// that a hunt may use, the other half being for the batches and the binary itself.
const MEMORY_LIMIT: usize = 256 << 20;

/// The name of the table that sums up activity by hour.
pub const ACTIVITY: &str = "activity";

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
        // Rows are few behind most of our predicates: columns are decoded for those that pass.
        config.options_mut().execution.parquet.pushdown_filters = true;
        // A plan may sort in a dozen places at once, each of which sets this much aside for merging.
        config.options_mut().execution.sort_spill_reservation_bytes = 1 << 20;
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

    /// Registers Parquet files as rows of an event table.
    ///
    /// The files are named by paths or by the URLs of an object store; each may lack columns, which
    /// are null then. Without any file the table is empty.
    ///
    /// # Errors
    ///
    /// When a name is no path and no URL, or the session has such a table.
    pub fn register_files(
        &self,
        table: Table,
        rows: Rows,
        files: &[String],
    ) -> Result<(), EngineError> {
        self.register_schema(&rows.of(table), nullable(&table.schema()), files)
    }

    /// Registers Parquet files of a schema as a table; without any file there is no table.
    ///
    /// # Errors
    ///
    /// When a name is no path and no URL, or the session has such a table.
    pub fn register_schema(
        &self,
        name: &str,
        schema: SchemaRef,
        files: &[String],
    ) -> Result<(), EngineError> {
        if files.is_empty() {
            return Ok(());
        }
        let paths = files.iter().map(ListingTableUrl::parse).collect::<Result<Vec<_>, _>>();
        let format = ParquetFormat::default();
        let options = ListingOptions::new(Arc::new(format)).with_file_extension(".parquet");
        let config =
            ListingTableConfig::new_with_multi_paths(paths.map_err(EngineError::register)?)
                .with_listing_options(options)
                .with_schema(schema);
        let provider = ListingTable::try_new(config).map_err(EngineError::register)?;
        self.context.register_table(name, Arc::new(provider)).map_err(EngineError::register)?;
        Ok(())
    }

    /// Calls rows of an event table by the table's own name, as people write it in SQL; a table without any rows
    /// is empty.
    ///
    /// # Errors
    ///
    /// When the context refuses the table.
    pub async fn name_plainly(&self, table: Table, rows: Rows) -> Result<(), EngineError> {
        if self.context.table_exist(table.name())? {
            return Ok(());
        }
        let name = rows.of(table);
        let provider: Arc<dyn TableProvider> = if self.context.table_exist(&name)? {
            self.context.table_provider(name).await?
        } else {
            Arc::new(EmptyTable::new(nullable(&table.schema())))
        };
        self.context.register_table(table.name(), provider).map_err(EngineError::register)?;
        Ok(())
    }

    /// A plan that scans a registered table of that name.
    ///
    /// # Errors
    ///
    /// When there is no such table.
    pub async fn scan(&self, name: &str) -> Result<LogicalPlan, EngineError> {
        let provider = self.context.table_provider(name).await?;
        Ok(LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?.build()?)
    }

    /// Joins by sorting from now on, or by hashing again.
    ///
    /// Sorting spills to disk when the memory runs out, which is what joins of events need; hashing
    /// is faster and takes less where one side is small, as conversations are.
    pub fn join_by_sorting(&self, sorts: bool) {
        let state = self.context.state_ref();
        let mut state = state.write();
        state.config_mut().options_mut().optimizer.prefer_hash_join = !sorts;
    }

    /// Runs plans side by side, and writes the rows of each into a Parquet file.
    ///
    /// No plan begins before all are planned. A plan without rows leaves no file.
    ///
    /// # Errors
    ///
    /// When a plan cannot run, or a file cannot be written.
    pub async fn write_all(&self, plans: Vec<(LogicalPlan, PathBuf)>) -> Result<(), EngineError> {
        let mut planned = Vec::new();
        for (plan, path) in plans {
            let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
            let tasks = Arc::new(frame.task_ctx());
            let physical = frame.create_physical_plan().await.map_err(EngineError::run)?;
            planned.push((physical, tasks, path));
        }
        let writing: Vec<_> = planned
            .into_iter()
            .map(|(physical, tasks, path)| {
                tokio::spawn(async move {
                    let rows = execute_stream(physical, tasks).map_err(EngineError::run)?;
                    write_parquet(rows, &path).await
                })
            })
            .collect();
        for task in writing {
            task.await.map_err(|_panic| EngineError::Reader)??;
        }
        Ok(())
    }

    /// Runs a plan, and gives a plan over its rows: in memory up to so many bytes, else in a Parquet
    /// file.
    ///
    /// # Errors
    ///
    /// When the plan cannot run, or the file cannot be written.
    pub async fn put_aside(
        &self,
        name: &str,
        plan: LogicalPlan,
        path: PathBuf,
        most_bytes: usize,
    ) -> Result<LogicalPlan, EngineError> {
        let schema: SchemaRef = Arc::clone(plan.schema().inner());
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        let mut rows = frame.execute_stream().await.map_err(EngineError::run)?;
        let mut held = Vec::new();
        let mut bytes = 0;
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(EngineError::run)?;
            bytes += batch.get_array_memory_size();
            held.push(batch);
            if bytes > most_bytes {
                let held = stream::iter(held).map(Ok);
                let all = RecordBatchStreamAdapter::new(rows.schema(), held.chain(rows));
                write_parquet(Box::pin(all), &path).await?;
                self.register_schema(name, schema, &[path.display().to_string()])?;
                return self.scan(name).await;
            }
        }
        self.memory_table(name, schema, held)
    }

    /// Runs a plan, and hands its rows over as they come, in the plan's order.
    ///
    /// # Errors
    ///
    /// When the plan cannot run; [`EngineError::Write`] if nobody takes the rows.
    pub async fn for_each(
        &self,
        plan: LogicalPlan,
        mut take: impl FnMut(RecordBatch) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<(), EngineError> {
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        let mut rows = frame.execute_stream().await.map_err(EngineError::run)?;
        while let Some(batch) = rows.next().await {
            take(batch.map_err(EngineError::run)?).map_err(EngineError::Write)?;
        }
        Ok(())
    }

    /// The plan of a query in SQL over the registered tables. It may read them, and do nothing else.
    ///
    /// # Errors
    ///
    /// When it is wrong, or names what there is not.
    pub async fn sql(&self, text: &str) -> Result<LogicalPlan, EngineError> {
        let only_reading = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let frame = self.context.sql_with_options(text, only_reading).await?;
        Ok(frame.into_unoptimized_plan())
    }

    /// The plan as it would run, one line a step.
    ///
    /// # Errors
    ///
    /// When there is no such plan.
    pub async fn explained(&self, plan: LogicalPlan) -> Result<String, EngineError> {
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        let physical = frame.create_physical_plan().await.map_err(EngineError::run)?;
        Ok(displayable(physical.as_ref()).indent(false).to_string())
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

    /// A plan over the rows that a stage makes of a plan's; it runs on this engine alone.
    ///
    /// # Errors
    ///
    /// When the stage's columns make no table.
    pub fn staged(
        &self,
        name: &str,
        plan: LogicalPlan,
        stage: Arc<dyn Stage>,
        passing: Passing,
    ) -> Result<LogicalPlan, EngineError> {
        let provider = Arc::new(StagedTable { plan, stage, passing });
        Ok(LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?.build()?)
    }
}

impl Engine for Session {
    async fn table(&self, table: Table, rows: Rows) -> Result<LogicalPlan, EngineError> {
        let name = rows.of(table);
        if !self.context.table_exist(&name)? {
            return nothing(table);
        }
        self.scan(&name).await
    }

    async fn activity(&self) -> Result<Option<LogicalPlan>, EngineError> {
        let has_history = self.context.table_exist(ACTIVITY)?;
        if has_history { Ok(Some(self.scan(ACTIVITY).await?)) } else { Ok(None) }
    }

    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        let frame = self.context.execute_logical_plan(plan).await.map_err(EngineError::run)?;
        frame.collect().await.map_err(EngineError::run)
    }
}

/// The same columns, each of which may be null.
///
/// Where plans are united and a column may be null in one of them, DataFusion casts it to the same
/// type but nullable in the others, and such a cast loses that on the way to another machine. The rows
/// are then of another schema than their plan says. So no column is better than the others.
fn nullable(schema: &Schema) -> SchemaRef {
    let columns = schema.fields().iter().map(|column| column.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(columns.collect::<Vec<_>>()))
}

/// A table without rows. It is made of literals, so that it travels in a plan.
///
/// A filter takes the only row away. One that is false in itself would leave a relation that is
/// empty in itself, which loses its columns when it travels.
fn nothing(table: Table) -> Result<LogicalPlan, EngineError> {
    let schema = table.schema();
    let mut row = Vec::new();
    for field in schema.fields() {
        let null = ScalarValue::try_new_null(field.data_type())?;
        row.push(lit(null));
    }
    let names = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(place, field)| ident(format!("column{}", place + 1)).alias(field.name()));
    let values = LogicalPlanBuilder::values(vec![row])?;
    let is_row = ident(Field::RecordSource.name()).is_not_null();
    Ok(values.project(names.collect::<Vec<_>>())?.filter(is_row)?.build()?)
}

async fn write_parquet(
    mut rows: SendableRecordBatchStream,
    path: &Path,
) -> Result<(), EngineError> {
    let mut writer = None;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(EngineError::run)?;
        if batch.num_rows() == 0 {
            continue;
        }
        let writer = match &mut writer {
            Some(writer) => writer,
            None => {
                let file = File::create(path).map_err(EngineError::write)?;
                let made = ArrowWriter::try_new(file, batch.schema(), None);
                writer.insert(made.map_err(EngineError::write)?)
            }
        };
        writer.write(&batch).map_err(EngineError::write)?;
    }
    if let Some(writer) = writer {
        writer.close().map_err(EngineError::write)?;
    }
    Ok(())
}
