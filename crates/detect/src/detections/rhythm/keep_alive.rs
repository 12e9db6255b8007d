//! # Goal
//!
//! Find connections to a tenant that are held open for hours and carry little: polls, or a waiting
//! channel, inside one connection.
//!
//! # Categorisation
//!
//! T1071.001 (web protocols) and T1095 by its effect, over T1583.007.
//!
//! # Strategy
//!
//! Take connections of an hour and longer, and the bytes in them. They are told where all of them
//! together carry at most `keep_alive_most_bytes_an_hour`. Strength grows with the longest: an hour,
//! four, eight, twelve.
//!
//! # Technical context
//!
//! HTTP/2, WebSockets and long polling put many polls into one connection, which a connection log
//! shows as one row and a beacon score as one event. Edges close idle connections after minutes, so
//! one that lasts for hours was kept alive by somebody.
//!
//! # Blind spots
//!
//! Sensors that log no durations; implants that open a connection anew within the hour; more than a
//! little data in the same connection.
//!
//! # False positives
//!
//! Chats, dashboards and notifications hold WebSockets open in browsers all day. Agents do, too: sanction
//! them by name and owner.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections.rs`: a connection of five hours with a few kilobytes, and one with
//! a video in it.
//!
//! # Priority
//!
//! Up to 19 points of rhythm.
//!
//! # Response
//!
//! Look at the bytes over time where packets or flow updates exist: a heartbeat is even. Ask which
//! process holds the socket while it is open.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::conversations::LONG;
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// Nanoseconds.
const HOUR: i64 = 3_600_000_000_000;

/// A connection is held open for hours, and carries little.
pub(crate) struct KeepAlive;

impl Detection for KeepAlive {
    fn id(&self) -> &'static str {
        "rhythm.keep_alive"
    }

    fn title(&self) -> &'static str {
        "keep-alive"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("keep_alive.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Rhythm
    }

    fn weight(&self) -> u8 {
        19
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::DURATIONS] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN0989", "ConnectionDuration")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["keep_alive_most_bytes_an_hour"]
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
        let longest = || column("longest_duration");
        let a_nanosecond = settings.keep_alive_most_bytes_an_hour / HOUR as f64;
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(longest().gt_eq(lit(LONG)))?
            .filter(column("long_bytes").lt_eq(column("long_duration") * lit(a_nanosecond)))?;
        let strength = when(longest().gt_eq(lit(12 * HOUR)), lit(1.0))
            .when(longest().gt_eq(lit(8 * HOUR)), lit(0.85))
            .when(longest().gt_eq(lit(4 * HOUR)), lit(0.7))
            .otherwise(lit(0.5))?;
        with_strength(plan, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let hours = conversation.longest_nanoseconds.unwrap_or_default() as f64 / HOUR as f64;
        format!(
            "a connection to {} was held open for {hours:.1} h and carried little",
            conversation.endpoint.host
        )
    }
}
