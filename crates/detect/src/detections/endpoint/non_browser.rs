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
//! Defender), and leave out those whose process is a browser. The names are compared in lower case
//! as whole names.
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
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, lit};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{no_process, who};
use crate::detections::with_strength;
use crate::{Baseline, Detection, Settings};

/// Web browsers by image name, in lower case: the seven of the published query, and the common rest.
pub const BROWSERS: &[&str] = &[
    "arc.exe",
    "brave",
    "brave.exe",
    "browser.exe",
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
    "tor.exe",
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

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        no_process(baseline)
    }

    fn plan(
        &self,
        conversations: LogicalPlan,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let browsers = BROWSERS.iter().map(|name| lit(*name)).collect();
        // A sensor that knows processes and names none still saw no browser; a sensor that cannot
        // know them saw nothing of the kind.
        let no_browser = column("process_name").in_list(browsers, true);
        let unnamed = column("process_name").is_null();
        let plan = LogicalPlanBuilder::from(conversations)
            .filter(column("endpoint_telemetry").and(no_browser.or(unnamed)))?;
        with_strength(plan, lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{}, which is no browser, talks to {}",
            who(conversation),
            conversation.endpoint.host
        )
    }
}
