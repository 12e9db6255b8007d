//! # Goal
//!
//! Find programs that talk to serverless endpoints on one host only, in a place where programs are
//! seen on many.
//!
//! # Categorisation
//!
//! T1036 (masquerading) and T1055 (process injection) by their effect, over T1583.007.
//!
//! # Strategy
//!
//! Of all hosts whose processes are seen to talk to serverless endpoints, count those on which a
//! program of the same name does so. It is told where the program is alone, and half as strongly where
//! it is on at most the share `few_share` of them; at least `rare_program_minimum_hosts` hosts have to be
//! seen. Programs in folders where only administrators install are left out, and interpreters, which are
//! where developers are.
//!
//! # Technical context
//!
//! Software is rolled out: what belongs to a place runs on several of its computers. An implant that
//! was built for one target has a name of its own, and one that hides in a program of the system is the
//! only copy of that program that talks to somebody's function.
//!
//! # Blind spots
//!
//! Implants that take the name of software that talks to functions here anyway; an intrusion into
//! several hosts by the same program.
//!
//! # False positives
//!
//! A developer's or a specialist's own tool. Name and owner belong into `sanctioned.csv`.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_others.rs`: a program on one of twelve hosts, and one on all.
//!
//! # Priority
//!
//! 8 points of context on one host alone, 4 on few.
//!
//! # Response
//!
//! Ask who installed the program; compare its hash, signer and path with those of other hosts.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, lit, not, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::script_host::INTERPRETERS;
use super::user_writable::is_installed;
use super::{no_process, who};
use crate::detections::{is_one_of, with_strength};
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// A program that talks to serverless endpoints on one host only.
pub(crate) struct RareProgram;

impl Detection for RareProgram {
    fn id(&self) -> &'static str {
        "endpoint.rare_program"
    }

    fn title(&self) -> &'static str {
        "rare program"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1036", "T1055"]
    }

    fn source(&self) -> &'static str {
        include_str!("rare_program.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        8
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::PROCESSES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN1225", "UnusualProcessList")] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["few_share", "rare_program_minimum_hosts"]
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        no_process(baseline)
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let hosts = || column("process_hosts");
        let share = hosts() * lit(1.0) / column("sensor_hosts");
        let enough = column("sensor_hosts").gt_eq(lit(settings.rare_program_minimum_hosts));
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("process_name").is_not_null().and(enough))?
            .filter(hosts().eq(lit(1_i64)).or(share.lt_eq(lit(settings.few_share))))?
            .filter(not(is_installed()))?
            .filter(not(is_one_of(INTERPRETERS)))?;
        with_strength(plan, when(hosts().eq(lit(1_i64)), lit(1.0)).otherwise(lit(0.5))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} is of a name that talks to serverless endpoints on {} of {} hosts",
            who(conversation),
            conversation.process_hosts,
            conversation.sensor_hosts
        )
    }
}
