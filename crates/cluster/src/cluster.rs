//! A cluster as an engine.

use std::time::Duration;

use arrow_array::RecordBatch;
use ballista_core::error::BallistaError;
use ballista_core::extension::SessionStateExt;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, EngineError, Rows, Session};
use coldtrail_model::Table;
use datafusion::common::DataFusionError;
use datafusion::prelude::SessionContext;
use log::warn;

use crate::greeting::greet_patiently;
use crate::{Address, ClusterError, Door, losses, node};

/// A client waits this long for a scheduler and an executor: they may just be starting.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a plan is run before the loss of executors is taken for a reason to give up.
const ATTEMPTS: usize = 4;

/// An engine whose plans run on the executors of a cluster.
///
/// A plan during which an executor is lost is run again as a whole. It only reads, so that does no
/// harm; what Ballista would do instead does (see `losses.rs`).
#[derive(Clone)]
pub struct Cluster {
    session: Session,
    address: Address,
    door: Door,
}

/// Connects to a cluster, whose work is to be cut into `parallelism` parts.
///
/// # Errors
///
/// When the scheduler is of another build, or when for ten seconds it cannot be reached or nobody
/// serves it.
pub async fn connect(
    address: &Address,
    door: &Door,
    parallelism: usize,
) -> Result<Cluster, ClusterError> {
    greet_patiently(address, door, PATIENCE, true).await?;
    let state = node::state(node::config(door, parallelism))?;
    let state = state.upgrade_for_ballista(address.http()).map_err(EngineError::from)?;
    let session = Session::over(SessionContext::new_with_state(state));
    Ok(Cluster { session, address: address.clone(), door: door.clone() })
}

impl Cluster {
    /// The session that knows the tables.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl Engine for Cluster {
    async fn table(&self, table: Table, rows: Rows) -> Result<LogicalPlan, EngineError> {
        self.session.table(table, rows).await
    }

    async fn activity(&self) -> Result<Option<LogicalPlan>, EngineError> {
        self.session.activity().await
    }

    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        let mut attempt = 1;
        loop {
            // Without an executor, Ballista would let the plan wait for one for ever.
            let greeted = greet_patiently(&self.address, &self.door, PATIENCE, true).await;
            greeted.map_err(|error| run_error(DataFusionError::External(Box::new(error))))?;
            match self.session.collect(plan.clone()).await {
                Err(error) if attempt < ATTEMPTS && tells_of_loss(&error) => {
                    attempt += 1;
                    warn!("an executor was lost; running the plan again");
                }
                ended => return ended,
            }
        }
    }
}

/// Whether a plan failed because an executor was lost.
fn tells_of_loss(error: &EngineError) -> bool {
    let EngineError::Run(error) = error else { return false };
    match error.find_root() {
        // The rows of the last stage wait on executors for whoever asked.
        DataFusionError::External(error) => matches!(
            error.downcast_ref(),
            Some(BallistaError::FetchFailed(..) | BallistaError::GrpcConnectionError(_))
        ),
        // Ballista makes a text of what failed while it connects, and of what the scheduler says.
        DataFusionError::Execution(text) => {
            text.starts_with("GrpcConnectionError(") || losses::are_told_in(text)
        }
        _ => false,
    }
}

fn run_error(error: DataFusionError) -> EngineError {
    EngineError::Run(Box::new(error))
}

#[cfg(test)]
mod tests {
    use ballista_core::error::BallistaError;
    use datafusion::common::DataFusionError;

    use super::{run_error, tells_of_loss};

    #[test]
    fn a_plan_is_run_again_where_an_executor_was_lost_and_else_not() {
        let fetch = BallistaError::FetchFailed("executor".to_owned(), 2, 1, "refused".to_owned());
        assert!(tells_of_loss(&run_error(DataFusionError::External(Box::new(fetch)))));
        for text in [
            "GrpcConnectionError(\"Error connecting\")",
            "Job 1 failed: Cancelled",
            "Job 1 failed: Stage 2 has failed 1 times, most recent failure reason: \"refused\"",
        ] {
            assert!(
                tells_of_loss(&run_error(DataFusionError::Execution(text.to_owned()))),
                "{text}"
            );
        }
        let failed = "Job 1 failed: Object Store error: 403 Forbidden".to_owned();
        assert!(!tells_of_loss(&run_error(DataFusionError::Execution(failed))));
    }
}
