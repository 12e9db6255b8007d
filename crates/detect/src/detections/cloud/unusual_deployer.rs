//! # Goal
//!
//! Find deployments by identities that never deployed before, and those of known identities from a place or
//! with a program that is new for them.
//!
//! # Categorisation
//!
//! T1078.004 (valid accounts: cloud accounts).
//!
//! # Strategy
//!
//! An identity is told on the first day on which it deploys, if somebody else deployed regularly in the
//! account before: on `cloud_regular_days` days or in `cloud_regular_hours` hours. One that deploys regularly itself is told where
//! it comes from an address or with a program that it never used on another day, neither before nor for
//! another function. Addresses count only for identities that keep to few. Sessions of a role are one
//! identity, unless they carry the name of a person.
//!
//! # Technical context
//!
//! Where builds deploy, people seldom do. Stolen keys are used from the thief's machine, with the thief's
//! tools.
//!
//! # Blind spots
//!
//! Accounts in which nobody deploys regularly, or whose logs are too short to tell. Keys that are used on
//! the machine that they were made for.
//!
//! # False positives
//!
//! New colleagues, new builds, and those who may deploy in an emergency.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_cloud.rs`: a stranger among builds, and a build with new addresses each
//! day.
//!
//! # Priority
//!
//! 12 points of context, 9 for a known identity.
//!
//! # Response
//!
//! Ask the owner of the identity; look at where it logged in, and what else it did.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, column};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{deployments, no_cloud, strong_where, told, what, who};
use crate::{Baseline, Correspondence, Detection, Need, Settings, View, Views};

/// Somebody deployed who never did, or from where he never did.
pub(crate) struct UnusualDeployer;

impl Detection for UnusualDeployer {
    fn id(&self) -> &'static str {
        "cloud.unusual_deployer"
    }

    fn title(&self) -> &'static str {
        "unusual deployer"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1078.004"]
    }

    fn source(&self) -> &'static str {
        include_str!("unusual_deployer.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::CLOUD] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN1053", "RoleScope")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["cloud_regular_days", "cloud_regular_hours"]
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
        let is_stranger = column("is_first").and(column("others_are_regular"));
        let strength = strong_where(is_stranger.clone(), 0.75)?;
        let is_unusual = is_stranger.or(column("is_new_way"));
        told(deployments(views.cloud.clone(), settings)?, is_unusual, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} deployed {} and never deployed in this way before, where others do so regularly",
            who(conversation),
            what(conversation)
        )
    }
}
