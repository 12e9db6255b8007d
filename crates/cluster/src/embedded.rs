use coldtrail_engine::{EngineError, Session};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::node;

/// A session without Ballista that knows object stores: what the others are compared with.
///
/// # Errors
///
/// When the engine refuses its settings or our functions.
pub fn embedded(parallelism: usize) -> Result<Session, EngineError> {
    let config = Session::config(SessionConfig::new(), parallelism);
    Ok(Session::over(SessionContext::new_with_state(node::state(config)?)))
}
