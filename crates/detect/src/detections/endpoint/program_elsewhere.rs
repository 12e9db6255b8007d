//! # Goal
//!
//! Say by which program a host may talk to a tenant, where only other hosts have a sensor that knows:
//! what is a script host there is hardly a browser here.
//!
//! # Categorisation
//!
//! T1059 (command and scripting interpreters) and T1218 (system binary proxy execution) over T1583.007.
//!
//! # Strategy
//!
//! Take conversations whose process no sensor could name, and the processes that talk to the same tenant
//! on other hosts. It is told where one of those is a living-off-the-land binary or an interpreter, and
//! none is a browser.
//!
//! # Technical context
//!
//! Few places have an endpoint sensor everywhere. An operator who reaches several hosts uses one tenant
//! and one kind of implant on all; the hosts that are seen speak for those that are not.
//!
//! # Blind spots
//!
//! Tenants that one host alone talks to; tenants that people browse as well.
//!
//! # False positives
//!
//! A shared script that runs on build agents and, elsewhere, in a program of its own.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_others.rs`: a tenant that powershell.exe polls on another host, and
//! one that a browser reads there.
//!
//! # Priority
//!
//! 24 points of context.
//!
//! # Response
//!
//! Look at the host that has the sensor first, then collect from the one that has none.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, array_has_any, column, lit, make_array, not, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::no_process;
use super::script_host::{INTERPRETERS, LIVING_OFF_THE_LAND};
use crate::detections::{BROWSERS, with_strength};
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// A script host talks to the same tenant on another host.
pub(crate) struct ProgramElsewhere;

impl Detection for ProgramElsewhere {
    fn id(&self) -> &'static str {
        "endpoint.program_elsewhere"
    }

    fn title(&self) -> &'static str {
        "program elsewhere"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1059", "T1218"]
    }

    fn source(&self) -> &'static str {
        include_str!("program_elsewhere.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        24
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::PROCESSES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN0226", "SignedBinaryList")] }
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        no_process(baseline)
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let has = |names: &[&str]| {
            let names: Vec<Expr> = names.iter().map(|name| lit(*name)).collect();
            array_has_any(column("tenant_processes"), make_array(names))
        };
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("process_name").is_null().and(not(column("endpoint_telemetry"))))?
            .filter(has(LIVING_OFF_THE_LAND).or(has(INTERPRETERS)))?
            .filter(not(has(BROWSERS)))?;
        let strength = when(has(LIVING_OFF_THE_LAND), lit(1.0)).otherwise(lit(0.5))?;
        with_strength(plan, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "no sensor names the process here; on other hosts {} talks to {}",
            conversation.tenant_processes.join(", "),
            conversation.endpoint.host
        )
    }
}
