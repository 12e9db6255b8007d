//! # Goal
//!
//! Tell that a function, or a gateway that leads to one, was made in a cloud of one's own.
//!
//! # Categorisation
//!
//! T1584.007 (compromise infrastructure: serverless) and T1648 (serverless execution).
//!
//! # Strategy
//!
//! Take the records of control planes that make a function, its address, its triggers or an API in front of
//! it, if they succeeded. It is half as strong for an identity that deploys regularly, from where and with
//! what it usually does.
//!
//! # Technical context
//!
//! Functions in the victim's own account have names, addresses and bills that nobody wonders about.
//! Whoever takes an account over needs three calls for one: make it, give it an address, open it.
//!
//! # Blind spots
//!
//! Accounts whose logs are not read. Functions that were made before the logs begin.
//!
//! # False positives
//!
//! Every deployment. It takes another signal to make it interesting.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_cloud.rs`: a function that is made and opened, among deployments.
//!
//! # Priority
//!
//! 6 points of context, 3 where it is usual.
//!
//! # Response
//!
//! Ask who owns the function; read its code, role and environment.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, column, lit, not};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{deployments, no_cloud, strong_where, told, what, who};
use crate::{Baseline, Correspondence, Detection, Need, Settings, View, Views};

/// A function was made.
pub(crate) struct Prepared;

impl Detection for Prepared {
    fn id(&self) -> &'static str {
        "cloud.prepared"
    }

    fn title(&self) -> &'static str {
        "function prepared"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1584.007", "T1648"]
    }

    fn source(&self) -> &'static str {
        include_str!("prepared.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        6
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
        let usual = column("is_regular").and(not(column("is_new_way")));
        let strength = strong_where(not(usual), 0.5)?;
        let prepared = column("act").eq(lit("prepared"));
        told(deployments(views.cloud.clone(), settings)?, prepared, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!("{} prepared {}", who(conversation), what(conversation))
    }
}
