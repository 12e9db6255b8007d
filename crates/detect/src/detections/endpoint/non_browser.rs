//! # Goal
//!
//! Find processes other than web browsers that talk to serverless endpoints.
//!
//! # Categorisation
//!
//! Command and control over a legitimate service: T1583.007 and T1584.007 (serverless
//! infrastructure), seen through T1071.001 (web protocols) and T1102 (web service).
//!
//! # Strategy
//!
//! Take every conversation that a sensor saw which knows processes (Sysmon, Windows Security,
//! Defender), and leave out those whose process is one of the seven browsers that the published
//! query leaves out. Other browsers are told without points. The names are compared in lower case as
//! whole names. Hosts that lie in a platform's domain without being a tenant's count as well.
//!
//! # Technical context
//!
//! Functions, workers and scripts on shared platforms serve web pages and web interfaces. People
//! reach pages by browser; everything else is software that somebody wrote against that interface,
//! and an implant is such software. The published Sentinel query for T1583.007 looks for the same;
//! it compares names of platforms anywhere in a URL, while this detection identifies hosts label by
//! label, and knows many more platforms.
//!
//! # Blind spots
//!
//! An implant inside a browser process or one that took a browser's name. Network telemetry without
//! processes. Custom domains whose DNS answer was not seen.
//!
//! # False positives
//!
//! Developer tools, build agents, monitoring, robotic process automation, scanners and updaters use
//! serverless interfaces all day. Alone, this detection therefore adds little to a score.
//!
//! # Validation
//!
//! `coldtrail simulate --scenario examples` has such processes, an attacker's and ordinary ones.
//! By hand: `curl` any function of your own on a host with Sysmon or Defender.
//!
//! # Priority
//!
//! 10 points of context: worth nothing alone, a condition for most of the rest.
//!
//! # Response
//!
//! Ask what the process is, who installed it, and whether other hosts run it. Compare its parent and
//! path with what the software's maker ships.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, lit, when};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{no_process, who};
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// The browsers that the published query leaves out. Leaving out more would miss rows that it
/// returns, so other browsers are covered too, without points.
const BROWSERS_OF_THE_QUERY: &[&str] = &[
    "brave.exe",
    "chrome.exe",
    "firefox.exe",
    "iexplore.exe",
    "msedge.exe",
    "opera.exe",
    "vivaldi.exe",
];

/// Web browsers by image name, in lower case, over all systems.
pub const BROWSERS: &[&str] = &[
    "arc.exe",
    "brave",
    "brave.exe",
    "chrome",
    "chrome.exe",
    "chromium",
    "chromium.exe",
    "duckduckgo.exe",
    "firefox",
    "firefox.exe",
    "google chrome",
    "iexplore.exe",
    "librewolf.exe",
    "maxthon.exe",
    "microsoft edge",
    "microsoftedge.exe",
    "microsoftedgecp.exe",
    "msedge",
    "msedge.exe",
    "msedgewebview2.exe",
    "opera",
    "opera.exe",
    "opera_gx.exe",
    "palemoon.exe",
    "safari",
    "seamonkey.exe",
    "vivaldi.exe",
    "waterfox.exe",
];

/// A process that is no browser talks to a serverless endpoint.
pub(crate) struct NonBrowser;

impl Detection for NonBrowser {
    fn id(&self) -> &'static str {
        "endpoint.non_browser"
    }

    fn title(&self) -> &'static str {
        "no browser"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1584.007", "T1071.001", "T1102"]
    }

    fn source(&self) -> &'static str {
        include_str!("non_browser.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        10
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::PROCESSES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const {
            &[
                Correspondence::element("AN0075", "ProcessNameExclusions"),
                Correspondence::element("AN0100", "ProcessNameExclusionList"),
                Correspondence::element("AN1189", "ProcessName"),
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
        let names = |names: &[&str]| names.iter().map(|name| lit(*name)).collect();
        // A sensor that knows processes and names none still saw no browser; a sensor that cannot
        // know them saw nothing of the kind.
        let no_browser = column("process_name").in_list(names(BROWSERS_OF_THE_QUERY), true);
        let unnamed = column("process_name").is_null();
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(column("endpoint_telemetry").and(no_browser.or(unnamed)))?;
        let other_browser = column("process_name").in_list(names(BROWSERS), false);
        with_strength(plan, when(other_browser, lit(0.0)).otherwise(lit(1.0))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let process = conversation.actor.process.as_deref();
        let what = match process.is_some_and(|process| BROWSERS.contains(&process)) {
            true => "a less common browser",
            false => "which is no browser",
        };
        format!("{}, {what}, talks to {}", who(conversation), conversation.endpoint.host)
    }
}
