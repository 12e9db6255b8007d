//! # Goal
//!
//! Find tenants of serverless platforms that hardly any host talks to, and those that are new.
//!
//! # Categorisation
//!
//! T1583.007 and T1584.007 (serverless infrastructure), by what is unusual about a destination.
//!
//! # Strategy
//!
//! Count the hosts that talk to each tenant. A tenant of one host alone, or of at most the share
//! `rare_share` of the active hosts, is rare; up to `few_share`, it is known to few, which is told where
//! the conversation has a rhythm as well. A rare one is also new when the telemetry reaches back at least
//! `new_after_hours` before any host first talked to it. Tenants are counted by the platform's own rule,
//! so previews, regions and deployments of one application are one.
//!
//! # Technical context
//!
//! Operators set up a tenant for one target or a few: in the software that an organisation uses,
//! the same tenant appears on many hosts. Prevalence is the strongest context there is without
//! knowing the software. RITA v5 uses the same 2 % to raise a score.
//!
//! # Blind spots
//!
//! With fewer than `rare_minimum_active_hosts` active hosts everything is rare, so it does not run.
//! Endpoints on a shared host without a visible path have no known tenant. An operator who uses one
//! tenant for a whole organisation is not rare.
//!
//! # False positives
//!
//! Every website that one person visited once. It takes another signal to make it interesting.
//!
//! # Validation
//!
//! `coldtrail simulate --scenario examples`: the attackers' tenants are rare, the agent's is not.
//!
//! # Priority
//!
//! 15 points of context on one host alone, 9 where it is rare, 6 more when it is new; 6 where few hosts
//! talk to it.
//!
//! # Response
//!
//! Ask who knows the tenant; look for its name in tickets, code and certificates; pivot to other
//! hosts over a longer time.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, ScalarValue, column, get_field, lit, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm, Timestamp};

use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Settings, Views};

/// A tenant that hardly any host talks to.
pub(crate) struct RareTenant;

impl Detection for RareTenant {
    fn id(&self) -> &'static str {
        "names.rare_tenant"
    }

    fn title(&self) -> &'static str {
        "rare tenant"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("rare_tenant.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        21
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const {
            &[
                Correspondence::setting("AN1148", "SuspiciousDomains", "rare_share"),
                Correspondence::setting("AN0111", "NewDomainThreshold", "new_after_hours"),
            ]
        }
    }

    fn settings(&self) -> &'static [&'static str] {
        &[
            "few_share",
            "new_after_hours",
            "rare_minimum_active_hosts",
            "rare_share",
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
        let hosts = || column("tenant_hosts");
        let rare = most_hosts(settings.rare_share, baseline);
        let few = most_hosts(settings.few_share, baseline).max(rare);
        // Any website is known to few; it takes more than that.
        let strength = get_field(column("rhythm"), "strength");
        let has_rhythm = strength.gt_eq(lit(settings.rhythm_minimum_strength));
        let points = |points: i8| lit(f64::from(points) / f64::from(self.weight()));
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_reach").eq(lit("tenant")))?
            .filter(hosts().lt_eq(lit(rare)).or(hosts().lt_eq(lit(few)).and(has_rhythm)))?;
        let by_hosts = when(hosts().eq(lit(1_i64)), points(15))
            .when(hosts().lt_eq(lit(rare)), points(9))
            .otherwise(points(6))?;
        let strength = match new_from(baseline, settings) {
            Some(moment) => {
                let moment = ScalarValue::TimestampMicrosecond(Some(moment.0), Some("UTC".into()));
                let is_new = column("tenant_first_seen").gt_eq(lit(moment));
                let is_new = is_new.and(hosts().lt_eq(lit(rare)));
                by_hosts + when(is_new, points(6)).otherwise(points(0))?
            }
            None => by_hosts,
        };
        with_strength(plan, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let Conversation { endpoint, tenant_hosts, active_hosts, tenant_first_seen, .. } =
            conversation;
        let tenant = endpoint.tenant.as_deref().unwrap_or(&endpoint.host);
        format!(
            "{tenant} on {} is known to {tenant_hosts} of {active_hosts} active hosts, first seen \
             {tenant_first_seen}",
            endpoint.product
        )
    }
}

/// Why nothing can be rare among so few hosts, if they are few.
pub(in crate::detections) fn few_hosts(baseline: &Baseline, settings: &Settings) -> Option<String> {
    let needed = settings.rare_minimum_active_hosts;
    (baseline.active_hosts < needed).then(|| {
        format!(
            "{} active host(s) in these logs: what is rare shows among {needed} or more",
            baseline.active_hosts
        )
    })
}

/// How many hosts a share of the active ones is: one at least.
pub(in crate::detections) fn most_hosts(share: f64, baseline: &Baseline) -> i64 {
    (share * baseline.active_hosts as f64).floor().max(1.0) as i64
}

/// From when on a tenant counts as new: there must have been enough telemetry without it.
fn new_from(baseline: &Baseline, settings: &Settings) -> Option<Timestamp> {
    let microseconds = (settings.new_after_hours * 3.6e9) as i64;
    baseline.first_seen.map(|first| Timestamp(first.0.saturating_add(microseconds)))
}
