//! What the sessions of all nodes have in common, so that a plan means the same on each.

use std::path::Path;
use std::sync::Arc;

use ballista::prelude::SessionConfigExt;
use coldtrail_engine::{EngineError, Session, functions};
use datafusion::common::Result;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

use crate::Door;
use crate::object_stores::ObjectStores;

/// Rows travel in messages of at most this size; a conversation carries lists.
pub(crate) const MESSAGE_BYTES: u32 = 256 << 20;

/// The settings of a node that shares a cluster with others.
pub(crate) fn config(door: &Door, parallelism: usize) -> SessionConfig {
    let mut config = SessionConfig::new_with_ballista()
        .with_ballista_override_create_grpc_client_endpoint(door.endpoints())
        .with_ballista_grpc_client_max_message_size(MESSAGE_BYTES as usize);
    // Footers are read where rows are read, and not beforehand, for each file, by the scheduler.
    config.options_mut().execution.collect_statistics = false;
    Session::config(static_planner(config), parallelism)
}

/// Ballista's adaptive planner is called experimental by its makers, and the loss of executors under
/// it is not settled; the older planner does as well for our plans.
pub(crate) fn static_planner(config: SessionConfig) -> SessionConfig {
    config.with_ballista_adaptive_query_planner(false)
}

/// A session's state with our functions, and object stores by URL.
pub(crate) fn state(config: SessionConfig) -> Result<SessionState, EngineError> {
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime(None)?)
        .with_default_features()
        .build();
    functions::register(&mut state)?;
    Ok(state)
}

/// Where a node's plans find object stores, and spill to.
pub(crate) fn runtime(folder: Option<&Path>) -> Result<Arc<RuntimeEnv>> {
    let spill = match folder {
        Some(folder) => DiskManagerMode::Directories(vec![folder.to_owned()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    RuntimeEnvBuilder::new()
        .with_object_store_registry(Arc::new(ObjectStores::default()))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill))
        .build_arc()
}
