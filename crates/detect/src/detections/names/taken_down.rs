//! # Goal
//!
//! Find tenants that ceased to exist and are asked for all the same.
//!
//! # Categorisation
//!
//! T1583.007 (serverless infrastructure) after a take-down, and T1008 (fallback channels), of which it
//! may have been one.
//!
//! # Strategy
//!
//! Take conversations in which DNS first said that the name exists, and then only that it does not: at
//! least `taken_down_minimum_answers` times over an hour or longer.
//!
//! # Technical context
//!
//! Platforms take tenants down when they are reported, and operators move on; the implant goes on
//! asking. So a name that is gone and still asked for may be the trace of one that worked.
//!
//! # Blind spots
//!
//! Platforms that answer for every name, existing or not. Logs without response codes. An implant that
//! stops with its tenant. A tenant that was gone before the logs begin.
//!
//! # False positives
//!
//! Old programs whose maker moved on, and pages that are kept open.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: a tenant that goes, and one that comes back.
//!
//! # Priority
//!
//! Up to 6 points of context.
//!
//! # Response
//!
//! Look at what the host did after contacts with the tenant while it existed; look the name up in lists
//! of reported hosts; look for the next one in the process.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, lit};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::resolved::microseconds;
use crate::detections::with_count;
use crate::{Baseline, Detection, Need, Settings, Views};

/// In microseconds. A name that is gone for less may come back.
const HOUR: i64 = 3_600_000_000;

/// A tenant that ceased to exist is still asked for.
pub(crate) struct TakenDown;

impl Detection for TakenDown {
    fn id(&self) -> &'static str {
        "names.taken_down"
    }

    fn title(&self) -> &'static str {
        "taken down"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1008"]
    }

    fn source(&self) -> &'static str {
        include_str!("taken_down.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        6
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::DNS] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["taken_down_minimum_answers"]
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
        let answers = i64::from(settings.taken_down_minimum_answers);
        let at = |name| microseconds(column(name));
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_reach").eq(lit("tenant")))?
            .filter(column("nonexistent").gt_eq(lit(answers)))?
            .filter(column("first_nonexistent").gt(column("last_existing")))?
            .filter((at("last_seen") - at("first_nonexistent")).gt_eq(lit(HOUR)))?;
        with_count(plan, column("nonexistent"), lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} ceased to exist and was asked for again; {} answers say so",
            conversation.endpoint.host,
            conversation.counted.unwrap_or_default()
        )
    }
}
