//! # Goal
//!
//! Find names that a host resolves again and again without ever connecting.
//!
//! # Categorisation
//!
//! T1071.004 (DNS as the protocol) and T1583.007 (serverless infrastructure).
//!
//! # Strategy
//!
//! Take tenants whose names exist and which no program of the host connected to. Count the occasions on
//! which the host asked; queries within five minutes are one. It is told from
//! `resolution_minimum_occasions` on, and whole from four times as many, where the same view of the
//! host logged connections to other tenants in the same time and at least half of the tenants that the
//! host asked for were connected to.
//!
//! # Technical context
//!
//! The question itself can carry data, and the answer orders; a function is never called then. A host
//! that is to wait asks whether its server is there yet. Where a sensor on the host saw the question,
//! only connections that such a sensor saw count, since a computer on the road is asked about by none
//! other.
//!
//! # Blind spots
//!
//! Telemetry that shows connections of nothing else. Answers by another resolver, such as DNS over
//! HTTPS.
//!
//! # False positives
//!
//! Prefetching by browsers, link checkers, security products that look names up, and monitors of DNS.
//! Resolvers and domain controllers ask for others and connect to little; they are left out by that.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: polls by DNS alone beside an ordinary connection, and
//! the same host without any connection logged.
//!
//! # Priority
//!
//! Up to 4 points of context.
//!
//! # Response
//!
//! Look at types and answers of the queries, at their lengths, and for the process behind them.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::occasions;
use coldtrail_engine::plan::{LogicalPlan, column, lit, null_number, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::resolved::{PAUSE, resolved};
use crate::detections::with_count;
use crate::{Baseline, Detection, Need, Settings, Views};

/// A name is resolved again and again, and nothing connects to it.
pub(crate) struct ResolutionOnly;

impl Detection for ResolutionOnly {
    fn id(&self) -> &'static str {
        "names.resolution_only"
    }

    fn title(&self) -> &'static str {
        "resolution only"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.004"]
    }

    fn source(&self) -> &'static str {
        include_str!("resolution_only.rs")
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
        let asked = occasions(column("query_moments"), PAUSE, null_number());
        let plan = resolved(views.conversations.clone())?
            .filter(column("tenant_first_connection").is_null())?
            .filter(column("last_existing").is_not_null())?
            .filter(column("host_first_flow").lt_eq(column("last_seen")))?
            .filter(column("host_last_flow").gt_eq(column("first_seen")))?
            .filter(asked.clone().gt_eq(lit(minimum)))?;
        let strength = when(asked.clone().gt_eq(lit(4 * minimum)), lit(1.0)).otherwise(lit(0.5))?;
        with_count(plan, asked, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} was resolved on {} occasions and never connected to, while other connections of the \
             host were logged",
            conversation.endpoint.host,
            conversation.counted.unwrap_or_default()
        )
    }
}
