//! What happens to plans when an executor is lost: they fail, and are run again as a whole.
//!
//! Ballista 55 would go on with what is left, and can count rows twice. When it takes back a stage of
//! which some parts were done, because rows that the stage reads were lost, it does all parts again;
//! but the rows of those that survivors had done stay among what the next stage reads. Measured: one
//! hunt in ten that lost an executor in its middle gave nearly twice the events, and no error.
//!
//! There are two ways in which it gets to that. A part cannot fetch rows: [`STAGE_FAILURES`] makes that
//! the end of the job. Or an executor is silent for too long or takes its leave: [`Watch`] notices
//! either before Ballista does, and cancels what may have parts there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ballista_core::serde::protobuf::ExecutorHeartbeat;
use ballista_core::serde::protobuf::executor_status::Status as ExecutorState;
use ballista_core::serde::protobuf::job_status::Status as JobState;
use ballista_scheduler::cluster::{BallistaCluster, ClusterState, JobState as Jobs};
use ballista_scheduler::scheduler_server::SchedulerServer;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use log::warn;
use tokio::time::sleep;

/// An executor that did not ask for work for this long is dead. A busy one asks every five seconds.
const SILENCE_SECONDS: u64 = 11;

/// How often it is looked who is dead.
const INTERVAL: Duration = Duration::from_millis(500);

/// After this time Ballista may notice, too: nothing is left by then that it could go on with.
pub(crate) const TOO_LATE_SECONDS: u64 = SILENCE_SECONDS + 9;

/// An executor that takes its leave is forgotten after this time.
pub(crate) const LEAVE_SECONDS: u64 = 5;

/// How often a stage may fail for rows that cannot be fetched, the time included at which that is the
/// end of the job.
pub(crate) const STAGE_FAILURES: usize = 1;

/// Whether what became of a job tells that an executor was lost.
pub(crate) fn are_told_in(failure: &str) -> bool {
    failure.contains("failed: Cancelled")
        || failure.contains("has failed 1 times, most recent failure reason")
}

/// The scheduler that is watched.
pub(crate) type Scheduler = SchedulerServer<LogicalPlanNode, PhysicalPlanNode>;

/// Looks after the executors of a cluster, and the jobs that they do.
#[derive(Clone)]
pub(crate) struct Watch {
    executors: Arc<dyn ClusterState>,
    jobs: Arc<dyn Jobs>,
}

impl Watch {
    pub(crate) fn over(cluster: &BallistaCluster) -> Self {
        Self { executors: cluster.cluster_state(), jobs: cluster.job_state() }
    }

    /// Whether anybody does the work.
    pub(crate) fn sees_executors(&self) -> bool {
        let now = seconds();
        self.executors.executor_heartbeats().values().any(|heartbeat| !is_lost(heartbeat, now))
    }

    /// Cancels jobs of which a lost executor may have parts, as long as it is not dropped.
    pub(crate) async fn keep(self, scheduler: Scheduler) {
        let mut mourned: BTreeSet<String> = BTreeSet::new();
        loop {
            sleep(INTERVAL).await;
            let now = seconds();
            let heartbeats = self.executors.executor_heartbeats();
            mourned.retain(|executor| heartbeats.contains_key(executor));
            let mut last_heard = None;
            for (executor, heartbeat) in &heartbeats {
                if !is_lost(heartbeat, now) {
                    mourned.remove(executor);
                } else if mourned.insert(executor.clone()) {
                    warn!("lost the executor {executor}");
                    last_heard = last_heard.max(Some(heartbeat.timestamp));
                }
            }
            // A job that came after an executor was heard for the last time has no part there. But
            // where nobody is left, no job can come to its end.
            let is_deserted = mourned.len() == heartbeats.len();
            if let Some(last_heard) = last_heard {
                let since = if is_deserted { u64::MAX } else { (last_heard + 1) * 1000 };
                self.cancel_jobs_of(since, &scheduler).await;
            }
        }
    }

    /// Cancels the jobs that came up to a moment, in milliseconds since 1970.
    async fn cancel_jobs_of(&self, moment: u64, scheduler: &Scheduler) {
        let Ok(jobs) = self.jobs.get_all_jobs().await else { return };
        for job in jobs {
            let status = self.jobs.get_job_status(&job).await.ok().flatten();
            let queued_at = match status.and_then(|status| status.status) {
                Some(JobState::Queued(queued)) => queued.queued_at,
                Some(JobState::Running(running)) => running.queued_at,
                _ => continue,
            };
            if queued_at <= moment && scheduler.cancel_job(job.clone()).await.is_err() {
                warn!("cannot cancel the job {job}");
            }
        }
    }
}

fn is_lost(heartbeat: &ExecutorHeartbeat, now: u64) -> bool {
    let state = heartbeat.status.as_ref().and_then(|status| status.status.as_ref());
    let takes_leave = matches!(state, Some(ExecutorState::Terminating(_) | ExecutorState::Dead(_)));
    takes_leave || heartbeat.timestamp + SILENCE_SECONDS < now
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use ballista_core::serde::protobuf::executor_status::Status;
    use ballista_core::serde::protobuf::{ExecutorHeartbeat, ExecutorStatus};

    use super::is_lost;

    #[test]
    fn who_is_silent_or_leaves_is_lost() {
        let heartbeat = |status| ExecutorHeartbeat {
            executor_id: "executor".to_owned(),
            timestamp: 100,
            metrics: Vec::new(),
            status: Some(ExecutorStatus { status: Some(status) }),
            ..ExecutorHeartbeat::default()
        };
        let active = heartbeat(Status::Active(String::new()));
        assert!(!is_lost(&active, 105), "a busy executor asks every five seconds");
        assert!(is_lost(&active, 112));
        assert!(is_lost(&heartbeat(Status::Terminating(String::new())), 100));
    }
}
