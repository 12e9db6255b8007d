use std::sync::atomic::{AtomicUsize, Ordering};

use coldtrail_detect::Steps;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, EngineError, Session};

/// Runs each plan, and gives a plan over its rows, which stay in memory: conversations are few, and the
/// next step has the engine's memory for itself.
pub struct InMemory<'s> {
    session: &'s Session,
    steps: AtomicUsize,
}

impl<'s> InMemory<'s> {
    /// Steps on a session.
    pub fn new(session: &'s Session) -> Self {
        Self { session, steps: AtomicUsize::new(0) }
    }
}

impl Steps for InMemory<'_> {
    async fn done(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let name = format!("in_memory_{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let planned = plan.schema().inner().clone();
        let batches = self.session.collect(plan).await?;
        let schema = batches.first().map_or(planned, |batch| batch.schema());
        self.session.memory_table(&name, schema, batches)
    }
}
