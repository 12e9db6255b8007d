//! # Goal
//!
//! Find hosts that are no web clients and yet talk to a serverless endpoint.
//!
//! # Categorisation
//!
//! T1583.007 and T1584.007 (serverless infrastructure), by what is unusual about a host.
//!
//! # Strategy
//!
//! A host is unlike the others in two ways: it talks to one tenant alone, or no browser on it ever talked
//! to any although sensors on the host know processes. Each counts only where at most the share
//! `role_unusual_share` of the hosts that can be compared is like that, and where there are at least
//! `role_minimum_hosts` of them.
//!
//! # Technical context
//!
//! Websites and programs that people use rest on serverless platforms, so whoever works at a host meets
//! dozens of tenants. Domain controllers, servers, and what controls machines meet the few that somebody
//! set up for them. What is known of roles from elsewhere belongs in `assets.csv` and counts apart; it
//! takes these points away, since what is said there is no news.
//!
//! # Blind spots
//!
//! Implants on workstations, whose people hide what is unusual. Networks of mostly such hosts.
//!
//! # False positives
//!
//! Agents on servers that report to their maker's functions, and hosts that were switched on for an
//! hour.
//!
//! # Validation
//!
//! Call a function of your own from a server among workstations that a DNS or TLS sensor watches.
//!
//! # Priority
//!
//! 3 points of context where both are so, 2 for one: it describes the host, not the conversation, and
//! benign agents on servers are alike.
//!
//! # Response
//!
//! Ask the host's owner which services it needs. Block the rest where the host is a server.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, bool_or, coalesce, column, count,
    count_distinct, lit, not, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::endpoint::non_browser::BROWSERS;
use crate::detections::{is_one_of, with_strength};
use crate::{Baseline, Detection, Settings, Views};

/// A host that is no web client.
pub(crate) struct Unusual;

impl Detection for Unusual {
    fn id(&self) -> &'static str {
        "role.unusual"
    }

    fn title(&self) -> &'static str {
        "no web client"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1584.007", "T1071.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("unusual.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        3
    }

    fn settings(&self) -> &'static [&'static str] {
        &["role_minimum_hosts", "role_unusual_share"]
    }

    fn missing(&self, baseline: &Baseline, settings: &Settings) -> Option<String> {
        let needed = settings.role_minimum_hosts;
        (baseline.active_hosts < needed).then(|| {
            format!(
                "{} active host(s) in these logs: what hosts usually do shows among {needed} or more",
                baseline.active_hosts
            )
        })
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let hosts = hosts(views.conversations.clone())?;
        let all = all(hosts.clone())?;
        let by = |left: &str, right: &str| {
            (vec![Column::from_name(left)], vec![Column::from_name(right)])
        };
        let judged = LogicalPlanBuilder::from(views.conversations.clone())
            .join(hosts, JoinType::Inner, by("host", "of_host"), None)?
            .join(all, JoinType::Inner, by("of_all", "all"), None)?;
        let few = |like: &str, of: &str| {
            let share = lit(settings.role_unusual_share) * column(of);
            let enough = i64::try_from(settings.role_minimum_hosts).unwrap_or(i64::MAX);
            column(of).gt_eq(lit(enough)).and(column(like).lt_eq(share))
        };
        let is_narrow = column("is_narrow").and(few("narrow_hosts", "hosts"));
        let is_unbrowsed = column("is_unbrowsed").and(few("unbrowsed_hosts", "observed_hosts"));
        let unusual = judged.filter(is_narrow.clone().or(is_unbrowsed.clone()))?;
        with_strength(unusual, when(is_narrow.and(is_unbrowsed), lit(1.0)).otherwise(lit(0.6))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} does not use the web as nearly all other hosts do, and talks to {}",
            conversation.actor.host, conversation.endpoint.host
        )
    }
}

/// Each host: whether it talks to one tenant alone, and whether it was seen to have no browser.
fn hosts(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let browses = coalesce(vec![is_one_of(BROWSERS), lit(false)]);
    let measures = [
        count_distinct(column("tenant")).alias("tenants"),
        bool_or(browses).alias("browses"),
        bool_or(column("endpoint_telemetry")).alias("is_observed"),
    ];
    Ok(LogicalPlanBuilder::from(conversations)
        .aggregate([column("host").alias("of_host")], measures)?
        .project([
            column("of_host"),
            // Every host takes part in one comparison.
            lit(1_i64).alias("of_all"),
            column("is_observed"),
            column("tenants").eq(lit(1_i64)).alias("is_narrow"),
            column("is_observed").and(not(column("browses"))).alias("is_unbrowsed"),
        ])?
        .build()?)
}

/// How many hosts there are, and how many of each kind, in one row.
fn all(hosts: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let counted = |kind: &str| -> Result<Expr, EngineError> {
        Ok(count(when(column(kind), lit(1_i64)).end()?))
    };
    let counts = [
        count(lit(1_i64)).alias("hosts"),
        counted("is_narrow")?.alias("narrow_hosts"),
        counted("is_observed")?.alias("observed_hosts"),
        counted("is_unbrowsed")?.alias("unbrowsed_hosts"),
    ];
    Ok(LogicalPlanBuilder::from(hosts)
        .aggregate([column("of_all").alias("all")], counts)?
        .build()?)
}
