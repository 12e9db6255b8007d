//! # Goal
//!
//! Find functions that run far more often than they ever did.
//!
//! # Categorisation
//!
//! T1648 (serverless execution).
//!
//! # Strategy
//!
//! Count the runs of each function by day. A day is told that has `cloud_minimum_runs` or more, after at
//! least `cloud_regular_days` days with runs, and `cloud_runs_gain` times as many as the busiest of those
//! before. It is told of the caller who stands behind half of the runs or more; where there is none, the
//! function is popular, and nobody is named.
//!
//! # Technical context
//!
//! Functions that are taken over for command and control, or to work through stolen data, run at another
//! rate than before. Rates of functions rise for many reasons, but seldom by a factor within a day and by
//! one caller.
//!
//! # Blind spots
//!
//! CloudTrail tells of runs only where data events are logged. Functions that were never seen to run. A
//! rate that rises slowly.
//!
//! # False positives
//!
//! Tests of load, backlogs that are worked off, a new customer.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_cloud.rs`: a caller that begins to call by the minute, and one that
//! always did.
//!
//! # Priority
//!
//! 10 points of context.
//!
//! # Response
//!
//! Ask the function's owner what the caller is; look at what the function reads and sends.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, ScalarValue, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowFunction, WindowFunctionDefinition, cast, column,
    count, lit, max_udaf, row_number, with_windows,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{no_cloud, told, what, who, with_facts};
use crate::{Baseline, Correspondence, Detection, Need, Settings, View, Views};

/// A function runs at a new rate.
pub(crate) struct Invoked;

impl Detection for Invoked {
    fn id(&self) -> &'static str {
        "cloud.invoked"
    }

    fn title(&self) -> &'static str {
        "new rate of runs"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1648"]
    }

    fn source(&self) -> &'static str {
        include_str!("invoked.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        10
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::CLOUD] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::setting("AN1053", "TimeWindow", "cloud_regular_days")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["cloud_minimum_runs", "cloud_regular_days", "cloud_runs_gain"]
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        no_cloud(baseline)
    }

    fn reads(&self) -> View {
        View::Cloud
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let runs = LogicalPlanBuilder::from(views.cloud.clone())
            .filter(column("act").eq(lit("invoked")))?
            .build()?;
        let busy = busy_days(runs.clone(), settings)?;
        let runs = with_facts(runs, busy, &["resource", "day"], JoinType::Inner)?;
        let callers = LogicalPlanBuilder::from(runs.clone())
            .aggregate(
                ["resource", "day", "host"].map(column),
                [count(lit(1_i64)).alias("runs_of_caller")],
            )?
            .build()?;
        let runs = with_facts(runs, callers, &["resource", "day", "host"], JoinType::Inner)?;
        let is_most = (column("runs_of_caller") * lit(2_i64)).gt_eq(column("runs"));
        told(runs, is_most, lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} called {} {} times on days on which it ran far more often than ever before",
            who(conversation),
            what(conversation),
            conversation.events
        )
    }
}

/// Days on which a function ran far more often than on any day before: `resource`, `day`, `runs`.
fn busy_days(runs: LogicalPlan, settings: &Settings) -> Result<LogicalPlan, EngineError> {
    let days = LogicalPlanBuilder::from(runs)
        .aggregate(["resource", "day"].map(column), [count(lit(1_i64)).alias("runs")])?
        .build()?;
    let most = WindowFunctionDefinition::AggregateUDF(max_udaf());
    let before = WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
        WindowFrameBound::Preceding(ScalarValue::UInt64(Some(1))),
    );
    let by_day = || vec![column("day").sort(true, false)];
    let most_before = Expr::from(WindowFunction::new(most, vec![column("runs")]))
        .partition_by(vec![column("resource")])
        .order_by(by_day())
        .window_frame(before)
        .build()?;
    let place = row_number().partition_by(vec![column("resource")]).order_by(by_day()).build()?;
    let ranked = with_windows(days, vec![(most_before, "most_before"), (place, "place")])?;
    let minimum = lit(settings.cloud_minimum_runs as i64);
    let gain = lit(settings.cloud_runs_gain as i64);
    let days_before = cast(column("place"), arrow_schema::DataType::Int64) - lit(1_i64);
    let is_busy = column("runs")
        .gt_eq(minimum)
        .and(days_before.gt_eq(lit(settings.cloud_regular_days as i64)))
        .and(column("runs").gt_eq(column("most_before") * gain));
    let kept = ["resource", "day", "runs"].map(column);
    Ok(LogicalPlanBuilder::from(ranked).filter(is_busy)?.project(kept)?.build()?)
}
