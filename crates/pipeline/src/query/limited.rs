//! Plans that stop in time.
//!
//! A plan may compute for long without giving anybody else a turn, so it runs in a task of its own while
//! this thread watches the clock.

use std::error::Error;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{EngineError, Session};
use tokio::runtime::Handle;

use super::QueryError;

/// Batches that wait for whoever takes them.
const WAITING_BATCHES: usize = 4;
/// As good as never: what is added to a clock must not overflow it.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

/// Takes the batches of an answer.
pub(super) type Take<'t> = dyn FnMut(RecordBatch) -> Result<(), Box<dyn Error + Send + Sync>> + 't;

/// Runs a plan, and hands its rows over as they come, for so long at most.
pub(super) fn run(
    threads: &Handle,
    session: &Session,
    plan: LogicalPlan,
    timeout: Option<Duration>,
    take: &mut Take<'_>,
) -> Result<(), QueryError> {
    let (sender, receiver) = sync_channel(WAITING_BATCHES);
    let session = session.clone();
    let task = threads.spawn(async move {
        let send = |batch| sender.send(batch).map_err(Into::into);
        session.for_each(plan, send).await
    });
    let end = Instant::now() + timeout.unwrap_or(NEVER);
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(batch) => {
                if let Err(source) = take(batch) {
                    task.abort();
                    return Err(QueryError::Write(source));
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                task.abort();
                return Err(QueryError::Late(timeout.unwrap_or(NEVER)));
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let ended = threads.block_on(task).map_err(|_panic| EngineError::Reader)?;
    Ok(ended?)
}
