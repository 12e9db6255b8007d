//! All contacts of a session's tables: those with a name of their own, and connections that are named
//! by what their source was told.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use coldtrail_detect::{InOnePlan, Steps, contacts, conversations, linked_flows};
use coldtrail_engine::plan::{LogicalPlan, union};
use coldtrail_engine::{Engine, EngineError, Session};
use coldtrail_model::{Links, Window};

/// A plan of all contacts. Connections are named here and now, into files in the folder.
///
/// # Errors
///
/// When a plan cannot run.
pub(crate) async fn all_contacts(
    session: &Session,
    window: Window,
    links: &Links,
    folder: &Path,
) -> Result<LogicalPlan, EngineError> {
    let with_names = contacts(session, window).await?;
    if links.is_empty() {
        return Ok(with_names);
    }
    let steps = InFiles { session, folder, steps: AtomicUsize::new(0) };
    session.join_by_sorting(true);
    let flows = linked_flows(session, window, links, &steps).await?;
    session.join_by_sorting(false);
    union(with_names, flows)
}

/// The plan of conversations made of all contacts, for an engine that takes plans as a whole.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn all_conversations<E: Engine>(
    engine: &E,
    window: Window,
    links: &Links,
) -> Result<LogicalPlan, EngineError> {
    let contacts = contacts(engine, window).await?;
    if links.is_empty() {
        return conversations(contacts);
    }
    let flows = linked_flows(engine, window, links, &InOnePlan).await?;
    conversations(union(contacts, flows)?)
}

/// Each step's rows go to a file, so that a step has the memory for itself.
struct InFiles<'s> {
    session: &'s Session,
    folder: &'s Path,
    steps: AtomicUsize,
}

impl Steps for InFiles<'_> {
    async fn done(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let name = format!("step_{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let path = self.folder.join(format!("{name}.parquet"));
        let schema = plan.schema().inner().clone();
        self.session.write_all(vec![(plan, path.clone())]).await?;
        if !path.is_file() {
            return self.session.memory_table(&name, schema, Vec::new());
        }
        self.session.register_schema(&name, schema, &[path.display().to_string()])?;
        self.session.scan(&name).await
    }
}
