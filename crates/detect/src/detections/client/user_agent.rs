//! # Goal
//!
//! Find requests whose User-Agent header names another program than the process that sent them.
//!
//! # Categorisation
//!
//! T1071.001 (web protocols) with T1036 (masquerading), on serverless infrastructure (T1583.007,
//! T1584.007).
//!
//! # Strategy
//!
//! Read from the headers of a conversation which programs they name: a browser, or a client of
//! scripts such as curl, PowerShell, Python's or Go's. Compare that with the process, which the same
//! sensor or one on the host named. Told are, from strong to weak: a script host or a
//! living-off-the-land binary that says it is a browser, and a browser that says it is a client of
//! scripts; a living-off-the-land binary that names the client of another; an interpreter that says it
//! is a browser; any other program that does; and a client of scripts on a host where no process is
//! known.
//!
//! # Technical context
//!
//! Frameworks for command and control let operators choose the header, and most choose a browser's,
//! for that is what a proxy's log is full of. What Windows says for any program (`Mozilla/4.0
//! (compatible; MSIE …)`) names no browser here, and programs that show web pages inside themselves add
//! their own name, so they name none either.
//!
//! # Blind spots
//!
//! Encrypted requests that no proxy opens. Traffic of a host on which several processes talk to the
//! tenant is not given to one of them. An implant whose header fits its process.
//!
//! # False positives
//!
//! Scripts that fetch pages made for people set a browser's header, some programs built on a browser
//! add no name to it, and virtual machines and containers send requests that the sensor on the host sees
//! as nobody's, or as the browser's beside them.
//!
//! # Validation
//!
//! On a host with Sysmon behind a proxy that logs headers: `Invoke-WebRequest -UserAgent` with a
//! browser's header, to any function of your own.
//!
//! # Priority
//!
//! 12 points of context where script hosts and browsers take each other's names, 8 and 6 for the
//! weaker kinds, 4 where no process is known.
//!
//! # Response
//!
//! Read the script or the program. Compare the version in the header with the browsers installed on the
//! host: frameworks keep the version of the day they were written.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::{SCRIPTED_CLIENTS, claimed_program, claimed_programs};
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, array_has, column, lit, not, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::endpoint::non_browser::BROWSERS;
use crate::detections::endpoint::script_host::{INTERPRETERS, LIVING_OFF_THE_LAND};
use crate::detections::endpoint::who;
use crate::detections::{columns, is_one_of, with_strength};
use crate::{Baseline, Detection, Settings, Views};

/// What [`claimed_programs`] calls browsers.
const BROWSER: &str = "browser";

/// Living-off-the-land binaries that are themselves a client of scripts, by kind.
const OWN_CLIENTS: [(&str, &[&str]); 3] = [
    ("curl", &["curl", "curl.exe"]),
    ("powershell", &["powershell.exe", "powershell_ise.exe", "pwsh", "pwsh.exe"]),
    ("wget", &["wget", "wget.exe"]),
];

/// A User-Agent header that names another program than the process.
pub(crate) struct UserAgent;

impl Detection for UserAgent {
    fn id(&self) -> &'static str {
        "client.user_agent"
    }

    fn title(&self) -> &'static str {
        "foreign user agent"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1071.001", "T1036", "T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("user_agent.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        (baseline.clients.user_agents == 0).then(|| {
            "no request to a serverless endpoint has a User-Agent header: add logs of a proxy that \
             opens TLS"
                .to_owned()
        })
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let programs = claimed_programs(column("user_agents")).alias("programs");
        let kept = columns().map(column).chain([programs]);
        let claims = LogicalPlanBuilder::from(views.conversations.clone()).project(kept)?;
        let strength = strength()?.alias("claimed_strength");
        let kept = columns().map(column).chain([strength]);
        let foreign = claims.project(kept)?.filter(column("claimed_strength").is_not_null())?;
        with_strength(foreign, column("claimed_strength"))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let header = foreign_header(conversation).unwrap_or("another program");
        format!("{} says that it is {header}", who(conversation))
    }
}

/// How foreign what is claimed is to the process; null where it is not.
fn strength() -> Result<Expr, EngineError> {
    let is_tool = || is_one_of(LIVING_OFF_THE_LAND);
    let is_no_browser = column("process_name").is_not_null().and(not(is_one_of(BROWSERS)));
    let browses = || claims(BROWSER);
    Ok(when(column("process_name").is_null().and(scripts()), lit(4.0 / 12.0))
        .when(is_one_of(BROWSERS).and(scripts()), lit(1.0))
        .when(is_tool().and(browses()), lit(1.0))
        .when(is_tool().and(scripts()), lit(8.0 / 12.0))
        .when(is_one_of(INTERPRETERS).and(browses()), lit(8.0 / 12.0))
        .when(is_no_browser.and(browses()), lit(6.0 / 12.0))
        .end()?)
}

fn claims(kind: &str) -> Expr {
    array_has(column("programs"), lit(kind))
}

/// Whether a client of scripts is claimed that is not the process itself.
fn scripts() -> Expr {
    let claimed = SCRIPTED_CLIENTS.iter().map(|(kind, _)| match own_processes(kind) {
        [] => claims(kind),
        own => claims(kind).and(column("process_name").is_null().or(not(is_one_of(own)))),
    });
    claimed.reduce(Expr::or).unwrap_or_else(|| lit(false))
}

/// The living-off-the-land binaries that are a client of scripts of a kind.
fn own_processes(kind: &str) -> &'static [&'static str] {
    OWN_CLIENTS.iter().find(|(own, _)| *own == kind).map_or(&[], |(_, processes)| *processes)
}

/// The header that the signal is about: a browser's, unless it was a browser that spoke.
fn foreign_header(conversation: &Conversation) -> Option<&str> {
    let process = conversation.actor.process.as_deref().unwrap_or_default();
    let named = |is_wanted: &dyn Fn(&str) -> bool| {
        let is_it = |header: &&String| claimed_program(header).is_some_and(is_wanted);
        conversation.user_agents.iter().find(is_it).map(String::as_str)
    };
    let of_browser = || named(&|kind| kind == BROWSER);
    let of_script = || named(&|kind| kind != BROWSER && !own_processes(kind).contains(&process));
    match process.is_empty() || BROWSERS.contains(&process) {
        true => of_script(),
        false => of_browser().or_else(of_script),
    }
}
