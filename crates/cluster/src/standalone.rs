use ballista::prelude::{SessionConfigExt, SessionContextExt};
use coldtrail_engine::{EngineError, Session};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::node;

/// Starts Ballista's scheduler and one executor in this process, on free loopback ports, and gives a
/// session whose plans run there.
///
/// Its tables must be Parquet on a path that every executor sees; a table in memory means nothing to
/// an executor.
///
/// # Errors
///
/// When a port cannot be had, or a function is refused.
pub async fn standalone(parallelism: usize) -> Result<Session, EngineError> {
    let config = node::static_planner(SessionConfig::new_with_ballista());
    // The state is what scheduler and executor are built from, so our functions are there, too.
    let state = node::state(Session::config(config, parallelism))?;
    Ok(Session::over(SessionContext::standalone_with_state(state).await?))
}
