//! # Goal
//!
//! Find hours in which a host asks DNS for a tenant far more often than on the days before.
//!
//! # Categorisation
//!
//! T1071.004 (DNS as the protocol) and T1048.003 (exfiltration over another protocol) over T1583.007.
//!
//! # Strategy
//!
//! Count the queries of a conversation by hour. An hour with at least `dns_volume_minimum_queries` is
//! compared with the busiest hour that lies a day or more before it, among six hours with queries at
//! least; it is told from `dns_volume_minimum_growth` times as many on, and whole from four times that.
//! All tenants under one group are counted together, too, where there are twelve or more: labels that
//! carry data are new each time.
//!
//! # Technical context
//!
//! An answer is kept for as long as it lives, so the same name is asked for once in a minute or five,
//! however often it is used. Many questions in an hour mean many names, or a client that keeps nothing.
//!
//! # Blind spots
//!
//! A first day has no past, so it says nothing. Slow leaks. Resolvers that hide their clients.
//!
//! # False positives
//!
//! A new release that polls more often, a retry storm while a service is down, a crawler.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: an hour of many queries after two quiet days, and the
//! same hour every day.
//!
//! # Priority
//!
//! Up to 5 points of context.
//!
//! # Response
//!
//! Read the labels and the types of the queries in that hour; TXT and long labels carry data.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::surge;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, cast, column, count_distinct, get_field, greatest, lit, union,
    when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::conversations::folded;
use crate::detections::{columns, with_count};
use crate::others::of_parts;
use crate::{Baseline, Detection, Need, Settings, Views};

/// So many labels under one group are none that somebody set up one by one.
const LEAST_LABELS: i64 = 12;

/// A host asks for a tenant far more often than before.
pub(crate) struct DnsVolume;

impl Detection for DnsVolume {
    fn id(&self) -> &'static str {
        "names.dns_volume"
    }

    fn title(&self) -> &'static str {
        "DNS volume"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.004", "T1048.003"]
    }

    fn source(&self) -> &'static str {
        include_str!("dns_volume.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        5
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::DNS] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["dns_volume_minimum_growth", "dns_volume_minimum_queries"]
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
        let of_tenants = surging(views.conversations.clone(), settings)?;
        let of_groups = surging(by_group(views.conversations.clone())?, settings)?;
        union(of_tenants, of_groups)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let over = conversation.endpoint.tenant.as_deref().unwrap_or(&conversation.endpoint.host);
        format!(
            "{} queries for {over} in one hour, far more than in any hour of the days before",
            conversation.counted.unwrap_or_default()
        )
    }
}

fn surging(conversations: LogicalPlan, settings: &Settings) -> Result<LogicalPlan, EngineError> {
    let measured = surge(column("query_moments"), settings.dns_volume_minimum_queries);
    let plan = LogicalPlanBuilder::from(conversations)
        .project(columns().map(column).chain([measured.alias("surge")]))?;
    let count = |name| get_field(column("surge"), name);
    let float = |number| cast(number, arrow_schema::DataType::Float64);
    // No query before counts as one.
    let usual = || float(greatest(vec![count("usual"), lit(1_i64)]));
    let growth = settings.dns_volume_minimum_growth;
    let is_above = |times: f64| float(count("events")).gt_eq(usual() * lit(growth * times));
    let plan = plan.filter(count("events").is_not_null())?.filter(is_above(1.0))?;
    with_count(plan, count("events"), when(is_above(4.0), lit(1.0)).otherwise(lit(0.6))?)
}

/// Conversations with all tenants of a group as one, where these are many.
fn by_group(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let whole = columns().map(|name| match name {
        "tenant" => column("endpoint_group").alias("tenant"),
        name => column(name),
    });
    let parts = LogicalPlanBuilder::from(conversations)
        .filter(column("endpoint_group").is_not_null())?
        .project(whole.chain([column("tenant").alias("part")]))?;
    let mut extra = of_parts();
    extra.push(count_distinct(column("part")).alias("parts"));
    let folded = LogicalPlanBuilder::from(folded(parts.build()?, extra)?)
        .filter(column("parts").gt_eq(lit(LEAST_LABELS)))?;
    Ok(folded.project(columns().map(column))?.build()?)
}
