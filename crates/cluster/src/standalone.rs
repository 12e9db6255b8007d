use ballista::prelude::{SessionConfigExt, SessionContextExt};
use coldtrail_engine::{EngineError, Session, functions};
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

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
    let config = Session::config(SessionConfig::new_with_ballista(), parallelism);
    // The state is what scheduler and executor are built from, so our functions are there, too.
    let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
    functions::register(&mut state)?;
    Ok(Session::over(SessionContext::standalone_with_state(state).await?))
}
