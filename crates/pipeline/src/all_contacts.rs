//! All contacts of a session's tables: those with a name of their own, and connections that are named
//! by what their source was told.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use coldtrail_detect::{CONTACT_TABLES, InOnePlan, Steps, contacts, conversations, linked_flows};
use coldtrail_engine::plan::{LogicalPlan, union};
use coldtrail_engine::{Engine, EngineError, Rows, Session};
use coldtrail_model::{Links, Window};

use crate::raw::file_name;

/// Compressed rows, in bytes, whose joins may hash: they take a good ten times as much in memory.
const MOST_BYTES_TO_HASH: u64 = 8 << 20;

/// Rows of one step, in bytes, that stay in memory.
pub(crate) const MOST_BYTES_IN_MEMORY: usize = 16 << 20;

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
    let steps = Aside { session, folder, steps: AtomicUsize::new(0) };
    session.join_by_sorting(are_many(folder));
    let flows = linked_flows(session, window, links, &steps).await;
    session.join_by_sorting(false);
    let flows = flows?;
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

/// Whether there are more rows to name than joins can hash within the memory they may use.
fn are_many(folder: &Path) -> bool {
    let size = |table| {
        let path = folder.join(file_name(table, Rows::Linked));
        path.metadata().map_or(0, |file| file.len())
    };
    CONTACT_TABLES.into_iter().map(size).sum::<u64>() > MOST_BYTES_TO_HASH
}

/// Each step's rows are put aside, in a file if they are many, so that a step has the memory for
/// itself.
struct Aside<'s> {
    session: &'s Session,
    folder: &'s Path,
    steps: AtomicUsize,
}

impl Steps for Aside<'_> {
    async fn done(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let name = format!("step_{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let path = self.folder.join(format!("{name}.parquet"));
        self.session.put_aside(&name, plan, path, MOST_BYTES_IN_MEMORY).await
    }
}
