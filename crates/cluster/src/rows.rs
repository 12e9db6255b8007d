//! The rows of a plan, although an executor may die with them.

use arrow_array::RecordBatch;
use ballista_core::error::BallistaError;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, EngineError};
use datafusion::common::DataFusionError;
use log::warn;

/// Runs a plan, and once more if its rows were lost on the way here.
///
/// What an executor was doing when it died, the scheduler has done again by others. But the rows of
/// the last stage wait on executors for whoever asked, and the scheduler believes that all is done.
/// A plan only reads, so it can be run again.
pub(crate) async fn rows<E: Engine>(
    engine: &E,
    plan: LogicalPlan,
) -> Result<Vec<RecordBatch>, EngineError> {
    match engine.collect(plan.clone()).await {
        Err(error) if are_lost(&error) => {
            warn!("an executor is gone, and rows with it; running the plan again: {error}");
            engine.collect(plan).await
        }
        ended => ended,
    }
}

fn are_lost(error: &EngineError) -> bool {
    let EngineError::Run(error) = error else { return false };
    match error.find_root() {
        DataFusionError::External(error) => matches!(
            error.downcast_ref(),
            Some(BallistaError::FetchFailed(..) | BallistaError::GrpcConnectionError(_))
        ),
        // Ballista turns what failed while it connects into a text.
        DataFusionError::Execution(text) => text.starts_with("GrpcConnectionError("),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use ballista_core::error::BallistaError;
    use coldtrail_engine::EngineError;
    use datafusion::common::DataFusionError;

    use super::are_lost;

    #[test]
    fn rows_are_lost_where_an_executor_is() {
        let run = |error| EngineError::Run(Box::new(error));
        let fetch = BallistaError::FetchFailed("executor".to_owned(), 2, 1, "refused".to_owned());
        assert!(are_lost(&run(DataFusionError::External(Box::new(fetch)))));
        let connect = "GrpcConnectionError(\"Error connecting\")".to_owned();
        assert!(are_lost(&run(DataFusionError::Execution(connect))));
        let failed = "Job 1 failed: Object Store error: 403".to_owned();
        assert!(!are_lost(&run(DataFusionError::Execution(failed))));
    }
}
