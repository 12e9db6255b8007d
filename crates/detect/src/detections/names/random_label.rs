//! # Goal
//!
//! Find tenants whose customer gave them a name that was drawn and not thought of.
//!
//! # Categorisation
//!
//! T1583.007 (serverless infrastructure), set up by a program; T1568.002 where names are generated.
//!
//! # Strategy
//!
//! Of a tenant's hosts take the labels that the platform lets its customers choose, such as a worker's
//! name and its account's. Compare what a label costs in bits as words with what it costs as a draw
//! from an alphabet (`coldtrail_analytics::randomness`). It is told from `random_label_minimum_bits` of
//! evidence on, and whole from twice as many.
//!
//! # Technical context
//!
//! People name things after what they do. Tools that set up infrastructure by the dozen draw names.
//! Platforms draw names, too: ids of Lambda URLs and gateways, hashes of deployments and projects are
//! random by design, so they are never judged.
//!
//! # Blind spots
//!
//! Lists of words are as random and look like names. Platforms whose customers choose nothing.
//!
//! # False positives
//!
//! Build systems that name previews by a hash, accounts named by a password manager, initials,
//! languages far from English.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_names.rs`: a drawn worker, a worker with a name, and the id of a
//! Lambda URL.
//!
//! # Priority
//!
//! Up to 4 points of context: weak evidence that adds to others.
//!
//! # Response
//!
//! Look for siblings: names drawn from the same alphabet with the same length, under other accounts.

use arrow_schema::DataType;
use coldtrail_engine::EngineError;
use coldtrail_engine::functions::label_randomness;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, cast, column, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::with_count;
use crate::{Baseline, Detection, Settings, Views};

/// A tenant's own name was drawn by a program.
pub(crate) struct RandomLabel;

impl Detection for RandomLabel {
    fn id(&self) -> &'static str {
        "names.random_label"
    }

    fn title(&self) -> &'static str {
        "random label"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1568.002"]
    }

    fn source(&self) -> &'static str {
        include_str!("random_label.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        4
    }

    fn settings(&self) -> &'static [&'static str] {
        &["random_label_minimum_bits"]
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
        let minimum = settings.random_label_minimum_bits.max(1.0);
        let bits = || label_randomness(column("endpoint_hosts"));
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_reach").eq(lit("tenant")))?
            .filter(bits().gt_eq(lit(minimum)))?;
        let is_whole = bits().gt_eq(lit(2.0 * minimum));
        let strength = when(is_whole, lit(1.0)).otherwise(bits() / lit(2.0 * minimum))?;
        with_count(plan, cast(bits(), DataType::Int64), strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let Conversation { endpoint, counted, .. } = conversation;
        format!(
            "{} looks drawn and not named: {} bits of evidence",
            endpoint.tenant.as_deref().unwrap_or(&endpoint.host),
            counted.unwrap_or_default()
        )
    }
}
