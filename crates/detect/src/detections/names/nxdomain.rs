//! # Goal
//!
//! Find hosts that try many names under a platform which do not exist.
//!
//! # Categorisation
//!
//! T1568.002 (domain generation) over T1583.007.
//!
//! # Strategy
//!
//! Of a host, and of a process where it is known, count the tenants of a platform that it asked for, of
//! which DNS said that they do not exist and never that they do. It is told from
//! `nxdomain_minimum_tenants` on, and whole from four times as many. It is told of the group where all
//! lie in one, and of the platform elsewhere.
//!
//! # Technical context
//!
//! Names made by an algorithm are tried until one is there. A tool that looks for tenants which it
//! could take over tries names as well.
//!
//! # Blind spots
//!
//! Platforms that answer for every name, existing or not. Logs without response codes.
//!
//! # False positives
//!
//! Crawlers, link checkers and scanners that know many names; give them their role in `assets.csv`.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: many names that never were, and a slip of the pen.
//!
//! # Priority
//!
//! Up to 6 points of context.
//!
//! # Response
//!
//! Compare the names: what they have in common is the algorithm. Look for one of them that exists.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, column, count_distinct, lit, max, min, null_text, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::conversations::folded;
use crate::detections::{columns, with_count};
use crate::others::of_parts;
use crate::{Baseline, Detection, Need, Settings, Views};

/// Many names under a platform are asked for that do not exist.
pub(crate) struct Nxdomain;

impl Detection for Nxdomain {
    fn id(&self) -> &'static str {
        "names.nxdomain"
    }

    fn title(&self) -> &'static str {
        "names that do not exist"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1568.002"]
    }

    fn source(&self) -> &'static str {
        include_str!("nxdomain.rs")
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
        &["nxdomain_minimum_tenants"]
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
        let least = i64::from(settings.nxdomain_minimum_tenants);
        let plan = LogicalPlanBuilder::from(by_platform(views.conversations.clone())?)
            .filter(column("parts").gt_eq(lit(least)))?;
        let group = when(column("first_group").eq(column("last_group")), column("first_group"))
            .otherwise(column("endpoint_platform"))?;
        let whole = columns().map(|name| match name {
            "tenant" => group.clone().alias("tenant"),
            name => column(name),
        });
        let plan = plan.project(whole.chain([column("parts")]))?;
        let strength = when(column("parts").gt_eq(lit(4 * least)), lit(1.0)).otherwise(lit(0.7))?;
        with_count(plan, column("parts"), strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} tenants of {} were asked for that do not exist, such as {}",
            conversation.counted.unwrap_or_default(),
            conversation.endpoint.product,
            conversation.endpoint.host
        )
    }
}

/// Conversations with tenants that never existed, as one of each platform.
fn by_platform(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let whole = columns().map(|name| match name {
        "tenant" => column("endpoint_platform").alias("tenant"),
        "endpoint_group" => null_text().alias("endpoint_group"),
        name => column(name),
    });
    let parts = [column("tenant").alias("part"), column("endpoint_group").alias("of_group")];
    let never = column("last_existing").is_null().and(column("first_connection").is_null());
    let parts = LogicalPlanBuilder::from(conversations)
        .filter(column("endpoint_reach").eq(lit("tenant")))?
        .filter(column("nonexistent").gt(lit(0_i64)).and(never))?
        .project(whole.chain(parts))?;
    let mut extra = of_parts();
    extra.extend([
        count_distinct(column("part")).alias("parts"),
        min(column("of_group")).alias("first_group"),
        max(column("of_group")).alias("last_group"),
    ]);
    folded(parts.build()?, extra)
}
