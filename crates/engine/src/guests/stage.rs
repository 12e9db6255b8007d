//! Stages between two plans: batches in, batches out.

use std::fmt::{self, Debug};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::context::SessionState;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan, TableType};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt, stream};

use super::GuestError;

/// What changes rows between two plans.
pub trait Stage: Debug + Send + Sync {
    /// The columns of what comes out.
    fn schema(&self) -> SchemaRef;

    /// Before the first batch.
    fn begin(&self) -> Box<dyn Staging>;
}

/// A stage on its way over batches.
pub trait Staging: Send {
    /// Takes a batch, and gives what can be given by now.
    ///
    /// # Errors
    ///
    /// When the stage cannot go on.
    fn take(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>, GuestError>;

    /// Gives what is left behind the last batch.
    ///
    /// # Errors
    ///
    /// When the stage cannot go on.
    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError>;
}

/// How rows come by a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// In parts, side by side; each part begins and ends by itself.
    InParts,
    /// One behind the other, in the order of the plan's last sort or of its rows.
    InOrder,
}

/// The rows that a stage makes of a plan's.
pub(crate) struct StagedTable {
    pub(crate) plan: LogicalPlan,
    pub(crate) stage: Arc<dyn Stage>,
    pub(crate) passing: Passing,
}

impl Debug for StagedTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("StagedTable").field(&self.stage).finish()
    }
}

#[async_trait]
impl TableProvider for StagedTable {
    fn schema(&self) -> SchemaRef {
        self.stage.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn get_logical_plan(&self) -> Option<std::borrow::Cow<'_, LogicalPlan>> {
        // The plan below is not what this table gives.
        None
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = match self.passing {
            Passing::InParts => session.create_physical_plan(&self.plan).await?,
            Passing::InOrder => single(in_order(session)?.create_physical_plan(&self.plan).await?),
        };
        let partitions = (0..input.output_partitioning().partition_count()).map(|partition| {
            Arc::new(Part {
                input: Arc::clone(&input),
                partition,
                stage: Arc::clone(&self.stage),
                schema: self.stage.schema(),
            }) as Arc<dyn PartitionStream>
        });
        let table = StreamingTableExec::try_new(
            self.stage.schema(),
            partitions.collect(),
            projection,
            None,
            false,
            limit,
        )?;
        Ok(Arc::new(table))
    }
}

/// The session's state, but with one partition: then rows keep the order that they have.
fn in_order(session: &dyn Session) -> Result<SessionState> {
    let state = session.as_any().downcast_ref::<SessionState>().ok_or_else(|| {
        DataFusionError::Internal("a session of another kind has no order".to_owned())
    })?;
    let config = state.config().clone().with_target_partitions(1);
    Ok(SessionStateBuilder::new_from_existing(state.clone()).with_config(config).build())
}

fn single(input: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    match input.output_partitioning().partition_count() {
        1 => input,
        _ => Arc::new(CoalescePartitionsExec::new(input)),
    }
}

/// One partition on its way through a stage.
#[derive(Debug)]
struct Part {
    input: Arc<dyn ExecutionPlan>,
    partition: usize,
    stage: Arc<dyn Stage>,
    schema: SchemaRef,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, tasks: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let input = match self.input.execute(self.partition, tasks) {
            Ok(input) => input,
            Err(error) => {
                let failed = stream::iter([Err(error)]);
                return Box::pin(RecordBatchStreamAdapter::new(schema, failed));
            }
        };
        // An end is put behind the batches, where the stage gives what it held back.
        let batches = input.map_ok(Some).chain(stream::iter([Ok(None)]));
        let staging = self.stage.begin();
        let made = batches.scan(staging, |staging, batch| {
            let made = batch.and_then(|batch| {
                let made = match batch {
                    Some(batch) => staging.take(batch),
                    None => staging.end(),
                };
                made.map_err(DataFusionError::External)
            });
            let made = match made {
                Ok(batches) => stream::iter(batches.into_iter().map(Ok).collect::<Vec<_>>()),
                Err(error) => stream::iter(vec![Err(error)]),
            };
            std::future::ready(Some(made))
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, made.flatten()))
    }
}
