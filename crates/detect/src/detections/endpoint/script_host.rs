//! # Goal
//!
//! Find script hosts, interpreters, living-off-the-land binaries and other programs of the system that
//! talk to serverless endpoints.
//!
//! # Categorisation
//!
//! T1059 (command and scripting interpreter), T1218 (system binary proxy execution), T1105
//! (ingress tool transfer), T1197 (BITS jobs), T1055 (process injection), over T1583.007 (serverless) by T1071.001.
//!
//! # Strategy
//!
//! Take every conversation whose process is one of a list of programs that come with the system, or
//! run somebody's script, and can fetch or send data. The names are compared in lower case as whole
//! names. Programs that hardly ever talk to the internet on their own weigh fully; interpreters that
//! developers use all day weigh less, and so do services of the system (`svchost.exe`,
//! `dllhost.exe` and the like), which have their makers' endpoints, but no others.
//!
//! # Technical context
//!
//! First stages and hands-on operators use what is there: `powershell`, `mshta`, `rundll32`,
//! `curl`. Public reports on serverless C2 name them again and again, and the published Sentinel
//! query for T1583.007 marks sixteen of them as suspicious. The LOLBAS project
//! (<https://lolbas-project.github.io>) catalogues which Windows binaries can download, upload or
//! run foreign code.
//!
//! # Blind spots
//!
//! Renamed copies (another detection's business), code injected into processes that talk to functions
//! anyway, and programs that bring their own interpreter.
//!
//! # False positives
//!
//! Administrators' scripts, build agents and installers. They often run under service accounts, at
//! known times, against a few tenants that many hosts share.
//!
//! # Validation
//!
//! `coldtrail simulate --scenario script-host`. By hand: `Invoke-WebRequest` to a function of your
//! own on a host with Sysmon or Defender.
//!
//! # Priority
//!
//! 30 points of context, 21 for interpreters and services of the system: with a rare tenant and a rhythm
//! it is a high finding.
//!
//! # Response
//!
//! Read the command line and the parent; fetch the script block (4104) of the same time; ask the
//! user. Keep the script before it is cleaned up.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{no_process, who};
use crate::detections::{is_one_of, with_strength};
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// Programs of the system that fetch, send or run foreign code, and shells.
pub(crate) const LIVING_OFF_THE_LAND: &[&str] = &[
    "bash",
    "bitsadmin.exe",
    "certreq.exe",
    "certutil.exe",
    "cmd.exe",
    "cmstp.exe",
    "cscript.exe",
    "curl",
    "curl.exe",
    "dash",
    "desktopimgdownldr.exe",
    "eqnedt32.exe",
    "esentutl.exe",
    "expand.exe",
    "finger.exe",
    "forfiles.exe",
    "hh.exe",
    "ieexec.exe",
    "installutil.exe",
    "jsc.exe",
    "mavinject.exe",
    "mshta.exe",
    "msbuild.exe",
    "msxsl.exe",
    "odbcconf.exe",
    "powershell.exe",
    "powershell_ise.exe",
    "presentationhost.exe",
    "pwsh",
    "pwsh.exe",
    "regasm.exe",
    "regsvcs.exe",
    "regsvr32.exe",
    "rundll32.exe",
    "sh",
    "wget",
    "wget.exe",
    "wmic.exe",
    "wscript.exe",
    "xwizard.exe",
    "zsh",
];

/// Interpreters that developers and installed software use all day as well.
pub(crate) const INTERPRETERS: &[&str] = &[
    "autoit3.exe",
    "bun.exe",
    "deno.exe",
    "java.exe",
    "javaw.exe",
    "node",
    "node.exe",
    "osascript",
    "perl",
    "perl.exe",
    "php.exe",
    "python",
    "python.exe",
    "python3",
    "python3.exe",
    "pythonw.exe",
    "ruby",
    "ruby.exe",
];

/// Programs of the system that have no business of their own with other people's functions. What
/// hides inside a process takes one of these, since they run everywhere.
const SYSTEM: &[&str] = &[
    "calc.exe",
    "conhost.exe",
    "csrss.exe",
    "dllhost.exe",
    "explorer.exe",
    "lsass.exe",
    "mspaint.exe",
    "notepad.exe",
    "runtimebroker.exe",
    "searchindexer.exe",
    "services.exe",
    "smss.exe",
    "spoolsv.exe",
    "svchost.exe",
    "taskhostw.exe",
    "werfault.exe",
    "wininit.exe",
    "winlogon.exe",
    "wmiprvse.exe",
];

/// A script host or living-off-the-land binary talks to a serverless endpoint.
pub(crate) struct ScriptHost;

impl Detection for ScriptHost {
    fn id(&self) -> &'static str {
        "endpoint.script_host"
    }

    fn title(&self) -> &'static str {
        "script host"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1059", "T1218", "T1105", "T1071.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("script_host.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        30
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::PROCESSES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const {
            &[
                Correspondence::element("AN0226", "SignedBinaryList"),
                Correspondence::element("AN0076", "CommandLinePatternMatch"),
                Correspondence::element("AN0102", "ScriptEngineList"),
                Correspondence::element("AN1252", "ParentProcessName"),
            ]
        }
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
        let plan = LogicalPlanBuilder::from(views.conversations.clone()).filter(
            is_one_of(LIVING_OFF_THE_LAND).or(is_one_of(INTERPRETERS)).or(is_one_of(SYSTEM)),
        )?;
        let strength = when(is_one_of(LIVING_OFF_THE_LAND), lit(1.0)).otherwise(lit(0.7))?;
        with_strength(plan, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let parent = match &conversation.actor.parent_process {
            Some(parent) => format!(", started by {parent},"),
            None => String::new(),
        };
        format!("{}{parent} talks to {}", who(conversation), conversation.endpoint.host)
    }
}
