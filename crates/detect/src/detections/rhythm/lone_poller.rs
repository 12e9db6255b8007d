//! # Goal
//!
//! Find a host that polls a tenant by a timer while the others only visit it.
//!
//! # Categorisation
//!
//! T1102 (web service) and T1071.001 (web protocols) over T1583.007 and T1584.007.
//!
//! # Strategy
//!
//! Count the hosts that talk to a tenant, and those whose conversation with it has a rhythm of at least
//! `rhythm_minimum_strength`. It is told where the tenant is not rare by its hosts, and its pollers are at
//! most the share `rare_share` of the active hosts, or one host alone.
//!
//! # Technical context
//!
//! A tenant that people know is no proof of innocence: operators put a page in front of their function,
//! take over somebody's function, or use a host that all share, such as that of Apps Script. Visits come
//! when people come; only what waits for orders keeps time.
//!
//! # Blind spots
//!
//! Tenants that installed software polls as well.
//!
//! # False positives
//!
//! A dashboard that one person leaves open, while others look at it now and then.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_others.rs`: one host that polls a tenant that eleven others visit,
//! and a tenant that all of them poll.
//!
//! # Priority
//!
//! 12 points of context, 6 where few hosts talk to the tenant, which counts by itself.
//!
//! # Response
//!
//! Compare what this host sends with what a visitor sends: path, size, referrer and user agent.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, get_field, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::names::rare_tenant::{few_hosts, most_hosts};
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Settings, Views};

/// One host polls what others only visit.
pub(crate) struct LonePoller;

impl Detection for LonePoller {
    fn id(&self) -> &'static str {
        "rhythm.lone_poller"
    }

    fn title(&self) -> &'static str {
        "lone poller"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1584.007", "T1102"]
    }

    fn source(&self) -> &'static str {
        include_str!("lone_poller.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN1190", "RequestFrequency")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &[
            "few_share",
            "rare_minimum_active_hosts",
            "rare_share",
            "rhythm_minimum_polls",
            "rhythm_minimum_strength",
        ]
    }

    fn missing(&self, baseline: &Baseline, settings: &Settings) -> Option<String> {
        few_hosts(baseline, settings)
    }

    fn plan(
        &self,
        views: &Views,
        baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let strength = get_field(column("rhythm"), "strength");
        let most = most_hosts(settings.rare_share, baseline);
        let few = most_hosts(settings.few_share, baseline);
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(strength.gt_eq(lit(settings.rhythm_minimum_strength)))?
            .filter(column("tenant_hosts").gt(lit(most)))?
            .filter(column("tenant_pollers").lt_eq(lit(most)))?;
        // Among few, rarity counts as well.
        let is_among_few = column("tenant_hosts").lt_eq(lit(few));
        with_strength(plan, when(is_among_few, lit(0.5)).otherwise(lit(1.0))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let Conversation { tenant_hosts, tenant_pollers, endpoint, .. } = conversation;
        format!(
            "{tenant_hosts} hosts talk to {}, and {tenant_pollers} of them by a timer",
            endpoint.host
        )
    }
}
