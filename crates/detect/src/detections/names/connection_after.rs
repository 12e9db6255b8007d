//! # Goal
//!
//! Find names that a host resolves again and again before it connects for the first time.
//!
//! # Categorisation
//!
//! T1583.007 (serverless infrastructure) and T1568 (dynamic resolution).
//!
//! # Strategy
//!
//! Count the occasions on which a host asked for a tenant's name before any of its programs connected
//! to it; queries within five minutes are one occasion. It is told from `resolution_minimum_occasions`
//! on, where the same view of the host logged connections to other tenants from before the first query,
//! and where at least half of the tenants that the host asked for were connected to.
//!
//! # Technical context
//!
//! Programs ask for a name because they are about to connect. Some implants ask first and wait: for an
//! answer that means "now", or for a server that is switched on by its operator when needed.
//!
//! # Blind spots
//!
//! An answer that means wait may come under another name than the one connected to. Sensors without
//! connections.
//!
//! # False positives
//!
//! Prefetching by browsers of a link that is followed at last. A service that was down. Hosts that
//! resolve for others are left out by the share of names that they connect to.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: many questions before the first connection, and a
//! connection after each.
//!
//! # Priority
//!
//! Up to 4 points of context.
//!
//! # Response
//!
//! Compare the answers before and after the first connection; look at what started on the host then.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::occasions;
use coldtrail_engine::plan::{LogicalPlan, column, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::resolved::{PAUSE, microseconds, resolved};
use crate::detections::with_count;
use crate::{Baseline, Detection, Need, Settings, Views};

/// A connection follows only after many resolutions.
pub(crate) struct ConnectionAfter;

impl Detection for ConnectionAfter {
    fn id(&self) -> &'static str {
        "names.connection_after"
    }

    fn title(&self) -> &'static str {
        "late connection"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1568"]
    }

    fn source(&self) -> &'static str {
        include_str!("connection_after.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        4
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::DNS] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["resolution_minimum_occasions"]
    }

    fn missing(&self, _baseline: &Baseline, _settings: &Settings) -> Option<String> {
        None
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let minimum = i64::from(settings.resolution_minimum_occasions);
        let plan = resolved(views.conversations.clone())?
            .filter(column("host_first_flow").lt(column("first_seen")))?
            .filter(column("tenant_first_connection").is_not_null())?;
        let before = occasions(
            column("query_moments"),
            PAUSE,
            microseconds(column("tenant_first_connection")),
        );
        let plan = plan.filter(before.clone().gt_eq(lit(minimum)))?;
        let strength =
            when(before.clone().gt_eq(lit(4 * minimum)), lit(1.0)).otherwise(lit(0.75))?;
        with_count(plan, before, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} was resolved on {} occasions before anything connected to it",
            conversation.endpoint.host,
            conversation.counted.unwrap_or_default()
        )
    }
}
