//! # Goal
//!
//! Find changes of a function's code or settings that are not made as they usually are.
//!
//! # Categorisation
//!
//! T1648 (serverless execution) and T1584.007 (compromise infrastructure: serverless).
//!
//! # Strategy
//!
//! Take the records of control planes that replace code, settings or an alias. A change is told where the
//! function was deployed on an earlier day and this identity never touched it before; or where an identity
//! that deploys regularly, on `cloud_regular_days` other days or in `cloud_regular_hours` other hours,
//! comes from an address or with a program that it never used on another day. Addresses count only for identities that keep to few.
//!
//! # Technical context
//!
//! A function that exists is trusted already: its address is known and allowed, its role has rights.
//! Replacing its code is quieter than making another.
//!
//! # Blind spots
//!
//! Changes by the builds themselves, and those of functions that were never deployed in the time that the
//! logs cover.
//!
//! # False positives
//!
//! A colleague who repairs something; a build that moves to other machines or tools.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_cloud.rs`: a function that a stranger changes, and the daily build.
//!
//! # Priority
//!
//! 14 points of context, 10 for an identity that usually comes another way.
//!
//! # Response
//!
//! Compare the code before and after; ask the owner of the identity; look at what the function's role did
//! since.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, column, lit};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{deployments, no_cloud, strong_where, told, what, who};
use crate::{Baseline, Correspondence, Detection, Need, Settings, View, Views};

/// A function was changed as it usually is not.
pub(crate) struct Changed;

impl Detection for Changed {
    fn id(&self) -> &'static str {
        "cloud.changed"
    }

    fn title(&self) -> &'static str {
        "function changed"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1648", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("changed.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        14
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::CLOUD] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN1053", "AllowedFunctions")] }
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
        let by_stranger = column("is_older").and(column("is_first_here"));
        let strength = strong_where(by_stranger.clone(), 0.7)?;
        let is_unusual = by_stranger.or(column("is_new_way"));
        let changed = column("act").eq(lit("changed")).and(is_unusual);
        told(deployments(views.cloud.clone(), settings)?, changed, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} changed {}, which was always deployed in another way before",
            who(conversation),
            what(conversation)
        )
    }
}
