//! # Goal
//!
//! Find conversations of small exchanges in which one is far larger: a task that arrives, or a result
//! that leaves.
//!
//! # Categorisation
//!
//! T1041 (exfiltration over the command-and-control channel) and T1105 (tool transfer) over T1583.007.
//!
//! # Strategy
//!
//! Count exchanges, which are connections or, where somebody read them, requests. An exchange is large
//! above 16 kB in one direction. It is told where at least `unexpected_minimum_exchanges` are small,
//! one to `unexpected_most_exchanges` are large, the first large one came an hour or later after the
//! conversation began, and the largest has `unexpected_minimum_bytes` or more. It is whole where that
//! went up, and half where it came down.
//!
//! # Technical context
//!
//! A poll without work is small and the same each time. Work shows as an exception. What begins with a
//! large exchange is a page that was loaded before it polled.
//!
//! # Blind spots
//!
//! Transfers that are cut into polls of the usual size. Several polls in one connection. Logs without
//! bytes.
//!
//! # False positives
//!
//! Update checks that find an update, dashboards that are loaded anew once, backups of a small change.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_volume.rs`: polls with one upload, polls of one size, and a page
//! that polls after it was loaded.
//!
//! # Priority
//!
//! Up to 6 points of context.
//!
//! # Response
//!
//! Look at what happened on the host just after a large answer and just before a large request.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, cast, coalesce, column, greatest, lit, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::size;
use crate::conversations::{OF_FLOWS, OF_REQUESTS};
use crate::detections::with_count;
use crate::{Baseline, Detection, Settings, Views};

/// In microseconds.
const HOUR: i64 = 3_600_000_000;

/// One exchange among small ones is large.
pub(crate) struct DataAfterResolution;

impl Detection for DataAfterResolution {
    fn id(&self) -> &'static str {
        "volume.data_after_resolution"
    }

    fn title(&self) -> &'static str {
        "unexpected data"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1041", "T1105"]
    }

    fn source(&self) -> &'static str {
        include_str!("data_after_resolution.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        6
    }

    fn settings(&self) -> &'static [&'static str] {
        &["unexpected_minimum_bytes", "unexpected_minimum_exchanges", "unexpected_most_exchanges"]
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
        let flows = Exchanges(OF_FLOWS);
        let requests = Exchanges(OF_REQUESTS);
        let has_requests = || greatest(vec![requests.sent(), requests.received()]).gt(lit(0_i64));
        let either = |one: Expr, other: Expr| when(has_requests(), one).otherwise(other);
        let told = either(requests.break_a_pattern(settings), flows.break_a_pattern(settings))?;
        let sent = either(requests.sent(), flows.sent())?;
        let received = either(requests.received(), flows.received())?;
        let minimum = i64::try_from(settings.unexpected_minimum_bytes).unwrap_or(i64::MAX);
        let strength = when(sent.clone().gt_eq(lit(minimum)), lit(1.0)).otherwise(lit(0.5))?;
        let plan = LogicalPlanBuilder::from(views.conversations.clone()).filter(told)?;
        with_count(plan, greatest(vec![sent, received]), strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "an exchange of {} with {} among small ones",
            size(conversation.counted.unwrap_or_default()),
            conversation.endpoint.host
        )
    }
}

/// The measures of one kind of exchange, by their columns.
#[derive(Clone, Copy)]
struct Exchanges([&'static str; 5]);

impl Exchanges {
    /// Whether most are small, and a few are not.
    fn break_a_pattern(self, settings: &Settings) -> Expr {
        let Self([all, large, first_large, ..]) = self;
        let least = i64::from(settings.unexpected_minimum_exchanges);
        let most = i64::from(settings.unexpected_most_exchanges);
        let minimum = i64::try_from(settings.unexpected_minimum_bytes).unwrap_or(i64::MAX);
        let at = |name| cast(column(name), arrow_schema::DataType::Int64);
        let is_late = (at(first_large) - at("first_seen")).gt_eq(lit(HOUR));
        let small = column(all) - column(large);
        let is_few = column(large).between(lit(1_i64), lit(most));
        let is_much = greatest(vec![self.sent(), self.received()]).gt_eq(lit(minimum));
        small.gt_eq(lit(least)).and(is_few).and(is_late).and(is_much)
    }

    fn sent(self) -> Expr {
        let Self([.., sent, _]) = self;
        coalesce(vec![column(sent), lit(0_i64)])
    }

    fn received(self) -> Expr {
        let Self([.., received]) = self;
        coalesce(vec![column(received), lit(0_i64)])
    }
}
