//! # Goal
//!
//! Find polls that go to several tenants in turn: each alone is irregular, together they keep time.
//!
//! # Categorisation
//!
//! T1008 (fallback channels) and T1568 (dynamic resolution) over T1583.007.
//!
//! # Strategy
//!
//! Put the moments of one process on one host together over all tenants of one group (an account or a
//! project), or over all tenants of one platform where the process is known and is no browser. Measure the
//! rhythm of the whole. It is told where the whole is more regular than the most regular part by at
//! least `rotation_minimum_gain`: tenants that are polled side by side gain nothing.
//!
//! # Technical context
//!
//! A new tenant costs nothing on these platforms, so implants carry lists of them, to survive take-downs
//! and to stay below thresholds. A random choice takes the rhythm of each tenant away; the timer behind
//! them stays.
//!
//! # Blind spots
//!
//! Rotation over several platforms; rotation seen by a network sensor over tenants without a common
//! group; a list so long that each tenant is met once and looks like browsing.
//!
//! # False positives
//!
//! Clients that spread load over numbered tenants of one account, and crawlers with a steady pace.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections.rs`: a minute's timer over four tenants, and a browser's visits to
//! as many.
//!
//! # Priority
//!
//! Up to 25 points of rhythm, as a beacon.
//!
//! # Response
//!
//! Read the list from memory or configuration of the process: it holds the tenants that were not met
//! yet. Block by group, not by name.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::sample;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, coalesce, column, count_distinct, get_field, lit, max,
    min, not, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::conversations::{SHOWN, folded, with_rhythm};
use crate::detections::{BROWSERS, columns, is_one_of};
use crate::{Baseline, Correspondence, Detection, Settings, Views};

/// With more tenants than this, it is no list that somebody carries.
const MOST_TENANTS: i64 = 64;

/// Polls go to several tenants in turn.
pub(crate) struct Rotation;

impl Detection for Rotation {
    fn id(&self) -> &'static str {
        "rhythm.rotation"
    }

    fn title(&self) -> &'static str {
        "rotation"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1008", "T1568"]
    }

    fn source(&self) -> &'static str {
        include_str!("rotation.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Rhythm
    }

    fn weight(&self) -> u8 {
        25
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN1376", "TimeWindow"), Correspondence::to("AN1377")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["rhythm_minimum_polls", "rhythm_minimum_strength", "rotation_minimum_gain"]
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
        let part_strength = coalesce(vec![get_field(column("rhythm"), "strength"), lit(0.0)]);
        let parts: Vec<Expr> = columns()
            .map(column)
            .chain([part_strength.alias("part_strength"), rotates_over()?.alias("rotates_over")])
            .collect();
        let whole: Vec<Expr> = columns()
            .map(|name| match name {
                "tenant" => column("rotates_over").alias("tenant"),
                name => column(name),
            })
            .chain([column("tenant").alias("part"), column("part_strength")])
            .collect();
        let of_tenants = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_reach").eq(lit("tenant")))?;
        let parts = of_tenants
            .project(parts)?
            .filter(column("rotates_over").is_not_null())?
            .project(whole)?;
        let extra = vec![
            count_distinct(column("part")).alias("parts"),
            max(column("part_strength")).alias("part_strength"),
            // What is known to few is known by its best-known part.
            max(column("tenant_hosts")).alias("tenant_hosts"),
            min(column("tenant_first_seen")).alias("tenant_first_seen"),
            max(column("tenant_pollers")).alias("tenant_pollers"),
            sample(column("tenant_processes"), SHOWN).alias("tenant_processes"),
            max(column("process_hosts")).alias("process_hosts"),
            max(column("sensor_hosts")).alias("sensor_hosts"),
        ];
        let folded = LogicalPlanBuilder::from(folded(parts.build()?, extra)?)
            .filter(column("parts").between(lit(2_i64), lit(MOST_TENANTS)))?;
        let strength = || get_field(column("rhythm"), "strength");
        let gain = strength() - column("part_strength");
        let told = with_rhythm(folded, settings, columns().chain(["part_strength"]))?
            .filter(strength().gt_eq(lit(settings.rhythm_minimum_strength)))?
            .filter(gain.gt_eq(lit(settings.rotation_minimum_gain)))?;
        let kept = columns().chain(["rhythm"]).map(column);
        Ok(told.project(kept.chain([strength().alias("strength")]))?.build()?)
    }

    fn summary(&self, conversation: &Conversation, rhythm: Option<&Rhythm>) -> String {
        let Some(rhythm) = rhythm else { return String::new() };
        let over =
            conversation.endpoint.tenant.as_deref().unwrap_or(&conversation.endpoint.product);
        format!(
            "{} polls in turn over tenants of {over}, one every {:.0} s; together more regular \
             ({:.2} of 1) than any of them",
            rhythm.polls, rhythm.period_seconds, rhythm.regularity
        )
    }
}

/// What tenants have in common that a list of them may be made of: the group, or the platform where a
/// known process that is no browser met them. Null where there is nothing.
fn rotates_over() -> Result<Expr, EngineError> {
    let is_program = column("process_name").is_not_null().and(not(is_one_of(BROWSERS)));
    let platform = when(is_program, column("endpoint_platform")).end()?;
    Ok(coalesce(vec![column("endpoint_group"), platform]))
}
