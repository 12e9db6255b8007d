//! # Goal
//!
//! Find processes that speak TLS in another way than programs of their name do: an implant that took a
//! browser's name, or a script host that speaks as a browser.
//!
//! # Categorisation
//!
//! T1036.005 (masquerading by name), T1573.002 (encrypted channel), on serverless infrastructure
//! (T1583.007, T1584.007).
//!
//! # Strategy
//!
//! A conversation has a fingerprint when all its handshakes looked the same. What is usual for the name
//! of a process is what at least `fingerprint_usual_hosts` hosts show under it. Two things are told. One
//! is a fingerprint that no other host shows under the name, and this host only to this tenant, where
//! there is a usual one. The other is a script host or a living-off-the-land binary that shows what
//! browsers usually show.
//!
//! # Technical context
//!
//! A ClientHello depends on the library that made it and its version. JA4 sorts what browsers shuffle;
//! JA3 does not, so a newer browser has a JA3 for each handshake, which is no fingerprint here. Libraries
//! that let an implant speak as a browser are part of several frameworks.
//!
//! # Blind spots
//!
//! Only conversations with serverless endpoints are compared. Network sensors know no process: theirs
//! are given to the one process on the host that a sensor there saw talk to the tenant. An implant
//! inside a browser, and one that uses the same library as the program whose name it took.
//!
//! # False positives
//!
//! One host with a version of its own that talks to a single tenant; a proxy on the host that opens TLS
//! for one destination alone.
//!
//! # Validation
//!
//! Copy `curl.exe` to `chrome.exe` on one of several hosts that a TLS sensor watches, and call a function
//! of your own with it.
//!
//! # Priority
//!
//! 12 points of context for what browsers show, 10 for what nobody else shows.
//!
//! # Response
//!
//! Compare the image's hash and signature with those on other hosts. Search for the fingerprint in all
//! telemetry: whatever else shows it is the same program.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, JoinType, LogicalPlan, LogicalPlanBuilder, array_element, array_length, column, count,
    count_distinct, lit, max, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::endpoint::non_browser::BROWSERS;
use crate::detections::endpoint::script_host::{INTERPRETERS, LIVING_OFF_THE_LAND};
use crate::detections::endpoint::who;
use crate::detections::{columns, is_one_of, with_strength};
use crate::joins::keys;
use crate::{Baseline, Detection, Settings, Views};

/// Browsers that speak through the system's library, as script hosts on the same system do.
const OF_THE_SYSTEM: [&str; 4] =
    ["iexplore.exe", "microsoftedge.exe", "microsoftedgecp.exe", "safari"];

/// A process that speaks TLS in another way than programs of its name.
pub(crate) struct TlsFingerprint;

impl Detection for TlsFingerprint {
    fn id(&self) -> &'static str {
        "client.tls_fingerprint"
    }

    fn title(&self) -> &'static str {
        "foreign TLS fingerprint"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1036.005", "T1573.002", "T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("tls_fingerprint.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn settings(&self) -> &'static [&'static str] {
        &["fingerprint_usual_hosts"]
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        let because = match baseline.clients {
            clients if clients.fingerprints == 0 => {
                "no session with a serverless endpoint has a fingerprint: add TLS logs with JA4 or JA3"
            }
            clients if clients.fingerprinted_processes == 0 => {
                "no process is known for a session with a fingerprint: add Sysmon (events 3 and 22) or \
                 Defender logs of the same hosts and time"
            }
            _ => return None,
        };
        Some(because.to_owned())
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let fingerprinted = fingerprinted(views.conversations.clone())?;
        let usual_hosts = i64::try_from(settings.fingerprint_usual_hosts).unwrap_or(i64::MAX);
        let shown = shown(fingerprinted.clone())?;
        let usual = usual(shown.clone(), usual_hosts)?;
        let of_browsers = of_browsers(fingerprinted.clone(), usual_hosts)?;
        let compared = join(
            LogicalPlanBuilder::from(fingerprinted),
            JoinType::Inner,
            shown,
            &["process_name", "fingerprint"],
            &["shown_process", "shown_fingerprint"],
        )?;
        let compared =
            join(compared, JoinType::Left, usual, &["process_name"], &["usual_process"])?;
        let compared = join(
            compared,
            JoinType::Left,
            of_browsers,
            &["fingerprint"],
            &["browser_fingerprint"],
        )?;
        let is_script = is_one_of(LIVING_OFF_THE_LAND).or(is_one_of(INTERPRETERS));
        let is_borrowed = is_script.and(column("browser_fingerprint").is_not_null());
        let is_unlike = column("usual_process")
            .is_not_null()
            .and(column("shown_hosts").eq(lit(1_i64)))
            .and(column("shown_conversations").eq(lit(1_i64)));
        let foreign = compared.filter(is_borrowed.clone().or(is_unlike))?;
        with_strength(foreign, when(is_borrowed, lit(1.0)).otherwise(lit(10.0 / 12.0))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let fingerprint = conversation.fingerprints.first().map_or("a fingerprint", String::as_str);
        format!(
            "{} speaks TLS as {fingerprint}, which is not how programs of its name do",
            who(conversation)
        )
    }
}

/// Conversations of known processes whose handshakes all looked the same, with that `fingerprint`.
fn fingerprinted(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let is_one = array_length(column("fingerprints")).eq(lit(1_u64));
    let only = array_element(column("fingerprints"), lit(1_i64)).alias("fingerprint");
    Ok(LogicalPlanBuilder::from(conversations)
        .filter(column("process_name").is_not_null().and(is_one))?
        .project(columns().map(column).chain([only]))?
        .build()?)
}

/// How many hosts and conversations show a fingerprint under the name of a process.
fn shown(fingerprinted: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let keys = [
        column("process_name").alias("shown_process"),
        column("fingerprint").alias("shown_fingerprint"),
    ];
    let counts = [
        count_distinct(column("host")).alias("shown_hosts"),
        count(lit(1_i64)).alias("shown_conversations"),
    ];
    Ok(LogicalPlanBuilder::from(fingerprinted).aggregate(keys, counts)?.build()?)
}

/// The names of processes that have a usual fingerprint.
fn usual(shown: LogicalPlan, usual_hosts: i64) -> Result<LogicalPlan, EngineError> {
    let key = column("shown_process").alias("usual_process");
    Ok(LogicalPlanBuilder::from(shown)
        .aggregate([key], [max(column("shown_hosts")).alias("most_hosts")])?
        .filter(column("most_hosts").gt_eq(lit(usual_hosts)))?
        .project([column("usual_process")])?
        .build()?)
}

/// What browsers with a library of their own usually show.
fn of_browsers(fingerprinted: LogicalPlan, usual_hosts: i64) -> Result<LogicalPlan, EngineError> {
    let browsers: Vec<&str> =
        BROWSERS.iter().copied().filter(|name| !OF_THE_SYSTEM.contains(name)).collect();
    let key = column("fingerprint").alias("browser_fingerprint");
    Ok(LogicalPlanBuilder::from(fingerprinted)
        .filter(is_one_of(&browsers))?
        .aggregate([key], [count_distinct(column("host")).alias("browser_hosts")])?
        .filter(column("browser_hosts").gt_eq(lit(usual_hosts)))?
        .project([column("browser_fingerprint")])?
        .build()?)
}

fn join(
    left: LogicalPlanBuilder,
    kind: JoinType,
    right: LogicalPlan,
    left_keys: &[&str],
    right_keys: &[&str],
) -> Result<LogicalPlanBuilder, EngineError> {
    Ok(left.join(right, kind, (keys(left_keys), keys(right_keys)), None::<Expr>)?)
}
