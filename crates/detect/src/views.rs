use coldtrail_engine::plan::LogicalPlan;

/// What detections read.
#[derive(Clone, Debug)]
pub struct Views {
    /// Conversations of the window, as [`crate::with_others`] made them.
    pub conversations: LogicalPlan,
    /// Processes and scripts that name an endpoint, and files: see [`crate::mentions`].
    pub mentions: LogicalPlan,
    /// What was done to functions in clouds, in the window and before: see [`crate::cloud`].
    pub cloud: LogicalPlan,
}

/// One of the [`Views`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// [`Views::conversations`]: network telemetry that names what was contacted.
    Conversations,
    /// [`Views::mentions`]: endpoint telemetry.
    Mentions,
    /// [`Views::cloud`]: logs of control planes.
    Cloud,
}
