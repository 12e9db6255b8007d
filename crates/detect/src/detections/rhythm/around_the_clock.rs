//! # Goal
//!
//! Find polls that go on around the clock: at night, when the people of the place are away and their
//! programs have stopped.
//!
//! # Categorisation
//!
//! T1071.001 (web protocols) over T1583.007, by when and not by how often.
//!
//! # Strategy
//!
//! Of a conversation that lasts for a day at least, measure the share of hours in which a poll was
//! possible, by its period, and took place. It is told from `around_the_clock_minimum_duty` on, and is
//! whole where no such hour is without a poll. Polls that are hours apart meet a night by few of them:
//! from `around_the_clock_short_period_seconds` on, they count half.
//!
//! # Technical context
//!
//! Tabs, chats and editors stop when a computer sleeps or a person goes home, and their hours show it:
//! a third of the day. An implant that waits for work cannot know when it comes. Where no sensor names
//! processes, this is the best that tells the two apart; RITA v5's duration and histogram terms measure
//! the same.
//!
//! # Blind spots
//!
//! Implants that keep office hours or run only while somebody is logged on; logs of less than a day.
//!
//! # False positives
//!
//! Servers, agents and monitors run day and night; where `assets.csv` says so, half of the points go. Those that many hosts have are widespread, which
//! weighs against them; the others are what `sanctioned.csv` and roles in `assets.csv` are for.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections.rs`: polls of two days, and polls of two working days.
//!
//! # Priority
//!
//! Up to 12 points of context.
//!
//! # Response
//!
//! Ask what of the host runs without anybody, and who logged on in the hours at night.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, get_field, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Settings, Views};

/// A day in seconds: shorter conversations say nothing about nights.
const DAY: f64 = 86_400.0;

/// Polls go on around the clock.
pub(crate) struct AroundTheClock;

impl Detection for AroundTheClock {
    fn id(&self) -> &'static str {
        "rhythm.around_the_clock"
    }

    fn title(&self) -> &'static str {
        "around the clock"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("around_the_clock.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::setting("AN1118", "TimeWindow", "around_the_clock_minimum_duty")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &[
            "around_the_clock_minimum_duty",
            "around_the_clock_short_period_seconds",
            "rhythm_minimum_polls",
        ]
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
        let least = settings.around_the_clock_minimum_duty.clamp(0.0, 0.99);
        let measure = |name| get_field(column("rhythm"), name);
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(measure("span_seconds").gt_eq(lit(DAY)))?
            .filter(measure("duty").gt_eq(lit(least)))?;
        // It begins at a half, and is whole where every hour has its poll.
        let strength = lit(0.5) + (measure("duty") - lit(least)) * lit(0.5 / (1.0 - least));
        let is_short =
            measure("period_seconds").lt(lit(settings.around_the_clock_short_period_seconds));
        with_strength(plan, strength * when(is_short, lit(1.0)).otherwise(lit(0.5))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let days = (conversation.last_seen.0 - conversation.first_seen.0) as f64 / (DAY * 1e6);
        format!("polls of {} go on day and night, for {days:.1} days", conversation.endpoint.host)
    }
}
