//! # Goal
//!
//! Find functions that somebody opens to everybody in a cloud of one's own.
//!
//! # Categorisation
//!
//! T1584.007 (compromise infrastructure: serverless), T1648 (serverless execution) and T1098 (account
//! manipulation).
//!
//! # Strategy
//!
//! Take the records of control planes after which anybody can call a function without a login: an address
//! of Lambda with `authType` `NONE`, a permission for the principal `*` without a condition, a policy of
//! Google Cloud for `allUsers` or `allAuthenticatedUsers`, an anonymous function or a switched-off login
//! of Azure, a Worker below `workers.dev`. It is told at full strength unless the identity deploys
//! regularly, on `cloud_regular_days` other days or in `cloud_regular_hours` other hours, and does it
//! from where and with what it usually does.
//!
//! # Technical context
//!
//! An operator's programs on other machines have no account in the victim's cloud, so that what they call
//! must be open. Teams that publish functions do so by builds, which deploy again and again; an identity
//! that opens a function and never deployed before is another matter.
//!
//! # Blind spots
//!
//! An operator who uses the builds themselves. Functions behind a gateway with a key. A policy that is set
//! as a whole is told even where everybody was in it before. Cloudflare's first version of the audit log.
//!
//! # False positives
//!
//! The first public function of a team, and people who try something out by hand.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_cloud.rs`: a function that a stranger opens, and one that a build opens.
//!
//! # Priority
//!
//! 44 points of context, which is medium alone, and high where a stranger made the function as well; 18
//! where the identity deploys regularly.
//!
//! # Response
//!
//! Call nothing. Ask the owner of the identity; if nobody knows it, revoke its sessions, close the function
//! and keep its code, role, environment and logs. Look for the function's address in traffic.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, column, lit, not};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{deployments, no_cloud, strong_where, told, what, who};
use crate::{Baseline, Correspondence, Detection, Need, Settings, View, Views};

/// A function was opened to everybody.
pub(crate) struct Exposed;

impl Detection for Exposed {
    fn id(&self) -> &'static str {
        "cloud.exposed"
    }

    fn title(&self) -> &'static str {
        "function exposed"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1584.007", "T1648", "T1098"]
    }

    fn source(&self) -> &'static str {
        include_str!("exposed.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        44
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
        let strength = strong_where(not(usual), 0.4)?;
        let exposed = column("act").eq(lit("exposed"));
        told(deployments(views.cloud.clone(), settings)?, exposed, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!("{} opened {} to everybody", who(conversation), what(conversation))
    }
}
