//! # Goal
//!
//! Find tenants that ceased to exist and are asked for all the same, and hosts that try many names
//! under a platform which do not exist.
//!
//! # Categorisation
//!
//! T1568.002 (domain generation) and T1008 (fallback channels) over T1583.007.
//!
//! # Strategy
//!
//! A tenant is gone where DNS first said that its name exists and then only that it does not, at least
//! `nxdomain_minimum_answers` times over an hour or longer. Probing is told where a host asked for
//! `nxdomain_minimum_tenants` or more tenants of one platform of which none ever existed.
//!
//! # Technical context
//!
//! Platforms take tenants down when they are reported, and the implant goes on asking; so a name that
//! is gone and still asked for may be the trace of one that worked. Names made by an algorithm are
//! tried until one is there.
//!
//! # Blind spots
//!
//! Platforms that answer for every name, existing or not. Logs without response codes. An implant that
//! stops with its tenant.
//!
//! # False positives
//!
//! Old programs whose maker moved on; links in pages to sites that are gone; crawlers and scanners that
//! know many names.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: a tenant that goes and one that comes back, and many
//! names that never were.
//!
//! # Priority
//!
//! Up to 6 points of context.
//!
//! # Response
//!
//! Look for the first contact with the tenant while it existed; look the name up in lists of reported
//! hosts; find the list or the algorithm in the process.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, column, count_distinct, lit, null_text, union, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::resolved::microseconds;
use crate::conversations::folded;
use crate::detections::{columns, with_count};
use crate::others::of_parts;
use crate::{Baseline, Detection, Settings};

/// A name that is gone for less than an hour, in microseconds, may come back.
const HOUR: i64 = 3_600_000_000;

/// Names under a platform are asked for that do not exist.
pub(crate) struct Nxdomain;

impl Detection for Nxdomain {
    fn id(&self) -> &'static str {
        "names.nxdomain"
    }

    fn title(&self) -> &'static str {
        "names that do not exist"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1568.002", "T1008"]
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

    fn missing(&self, _baseline: &Baseline, _settings: &Settings) -> Option<String> {
        None
    }

    fn plan(
        &self,
        conversations: LogicalPlan,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        union(gone(conversations.clone(), settings)?, probing(conversations, settings)?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let Conversation { endpoint, counted, .. } = conversation;
        let count = counted.unwrap_or_default();
        match endpoint.tenant.as_deref() == Some(&endpoint.product) {
            true => format!(
                "{count} names of tenants of {} were asked for that never existed, such as {}",
                endpoint.product, endpoint.host
            ),
            false => format!(
                "{} ceased to exist and was asked for again, {count} answers say so",
                endpoint.host
            ),
        }
    }
}

/// Tenants that existed, and then did not.
fn gone(conversations: LogicalPlan, settings: &Settings) -> Result<LogicalPlan, EngineError> {
    let answers = i64::from(settings.nxdomain_minimum_answers);
    let at = |name| microseconds(column(name));
    let plan = LogicalPlanBuilder::from(conversations)
        .filter(column("endpoint_reach").eq(lit("tenant")))?
        .filter(column("nonexistent").gt_eq(lit(answers)))?
        .filter(column("first_nonexistent").gt(column("last_existing")))?
        .filter((at("last_seen") - at("first_nonexistent")).gt_eq(lit(HOUR)))?;
    with_count(plan, column("nonexistent"), lit(1.0))
}

/// Tenants of one platform together that never existed, told under the platform's name.
fn probing(conversations: LogicalPlan, settings: &Settings) -> Result<LogicalPlan, EngineError> {
    let least = i64::from(settings.nxdomain_minimum_tenants);
    let whole = columns().map(|name| match name {
        "tenant" => column("endpoint_platform").alias("tenant"),
        "endpoint_group" => null_text().alias("endpoint_group"),
        name => column(name),
    });
    let never = column("last_existing").is_null().and(column("first_connection").is_null());
    let parts = LogicalPlanBuilder::from(conversations)
        .filter(column("endpoint_reach").eq(lit("tenant")))?
        .filter(column("nonexistent").gt(lit(0_i64)).and(never))?
        .project(whole.chain([column("tenant").alias("part")]))?;
    let mut extra = of_parts();
    extra.push(count_distinct(column("part")).alias("parts"));
    let plan = LogicalPlanBuilder::from(folded(parts.build()?, extra)?)
        .filter(column("parts").gt_eq(lit(least)))?;
    let strength = when(column("parts").gt_eq(lit(4 * least)), lit(1.0)).otherwise(lit(0.7))?;
    with_count(plan, column("parts"), strength)
}
