//! # Goal
//!
//! Find names that are nobody's platform and lead to a function by a CNAME.
//!
//! # Categorisation
//!
//! T1583.007 (serverless infrastructure) behind T1583.001 or T1584.001 (a domain acquired or
//! compromised).
//!
//! # Strategy
//!
//! Take conversations of which every contact came from a DNS answer that led from another name to a
//! tenant's host, and which keep time: a rhythm of at least `rhythm_minimum_strength`. Products that
//! deliver content and sites are left out, and browsers. It is whole where the tenant is rare by
//! `rare_share`, and half elsewhere.
//!
//! # Technical context
//!
//! Filters that know platforms by their names do not see one behind a domain of its own: the handshake
//! and the request carry the domain. Only the DNS answer shows where it leads. The same is how every
//! customer of a platform puts an own name on a service, so it means little alone.
//!
//! # Blind spots
//!
//! Domains that lead to a platform by an address record or by its name servers, such as workers on an
//! own domain. Telemetry without answers of DNS.
//!
//! # False positives
//!
//! Interfaces of companies that run on functions are met on every second page, which is why a visit is
//! not told and only polls are. Agents that poll their maker's domain remain; those that many hosts
//! have weigh half.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: polls of an own domain that leads to a
//! function, a visit to it, and polls of one that leads to a delivery network.
//!
//! # Priority
//!
//! Up to 4 points of context.
//!
//! # Response
//!
//! Look up who registered the domain and when, and what else leads to the same tenant.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, array_to_string, coalesce, column, get_field, lit, not, when,
};
use coldtrail_model::{Axis, Conversation, Kind, Reach, Rhythm, Via};

use super::rare_tenant::{few_hosts, most_hosts};
use crate::detections::{BROWSERS, is_one_of, with_strength};
use crate::{Baseline, Detection, Settings, Views};

/// What serves pages and content: a domain of one's own is the rule there.
const SITES: [Kind; 4] = [Kind::CdnEdge, Kind::Storage, Kind::StaticHosting, Kind::StaticFunctions];

/// Somebody's own domain leads to a function.
pub(crate) struct Cname;

impl Detection for Cname {
    fn id(&self) -> &'static str {
        "names.cname"
    }

    fn title(&self) -> &'static str {
        "own domain in front"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1583.001", "T1584.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("cname.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        4
    }

    fn settings(&self) -> &'static [&'static str] {
        &["rare_share", "rhythm_minimum_strength"]
    }

    fn missing(&self, _baseline: &Baseline, _settings: &Settings) -> Option<String> {
        None
    }

    fn plan(
        &self,
        views: &Views,
        baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let few = most_hosts(settings.rare_share, baseline);
        let among_enough = few_hosts(baseline, settings).is_none();
        let is_rare = column("tenant_hosts").lt_eq(lit(few)).and(lit(among_enough));
        let is_browser = coalesce(vec![is_one_of(BROWSERS), lit(false)]);
        let keeps_time = settings.rhythm_minimum_strength;
        let is_site = SITES.iter().map(|kind| lit(kind.name())).collect();
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_reach").eq(lit(Reach::Tenant.name())))?
            .filter(array_to_string(column("vias"), lit(",")).eq(lit(Via::Cname.name())))?
            .filter(column("endpoint_kind").in_list(is_site, true))?
            .filter(get_field(column("rhythm"), "strength").gt_eq(lit(keeps_time)))?
            .filter(not(is_browser))?;
        with_strength(plan, when(is_rare, lit(1.0)).otherwise(lit(0.5))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        // The host is where the answer led; the names behind it are other hosts and then aliases.
        let alias = conversation.endpoint.related_hosts.last();
        format!(
            "{} leads to {} on {}",
            alias.map_or("another name", String::as_str),
            conversation.endpoint.host,
            conversation.endpoint.product
        )
    }
}
