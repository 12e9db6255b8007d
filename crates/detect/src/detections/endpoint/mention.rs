//! # Goal
//!
//! Find scripts and command lines that name a serverless endpoint, whether or not anybody saw the
//! traffic.
//!
//! # Categorisation
//!
//! T1059.001 and T1059 (command and scripting interpreters), T1105 (ingress tool transfer), T1027.010
//! (command obfuscation) where the name was encoded, on serverless infrastructure (T1583.007,
//! T1584.007).
//!
//! # Strategy
//!
//! Search the command lines of processes and the text of script blocks for names of endpoints; where
//! none stands there in plain letters, decode Base64 of UTF-16 and UTF-8 in it and search that. Leave
//! out browsers, which get a link as an argument when somebody clicks it, and programs that only started
//! the program that names the endpoint as well. Where a process on the host talks to the tenant, the
//! signal is about that conversation; else it is a conversation of its own.
//!
//! # Technical context
//!
//! Loaders are short: one line fetches the next stage and runs it, and the line is in the record of the
//! process (Sysmon 1, Security 4688, Defender) and of the script block (PowerShell 4104), which shows
//! what was decoded before it ran. Script blocks without a process are taken as those of
//! `powershell.exe`.
//!
//! # Blind spots
//!
//! Names that are put together from parts, compressed or encrypted. Sensors that cut long command
//! lines. Implants that hold the name inside.
//!
//! # False positives
//!
//! Developers and administrators call functions by hand; tools for deployment take the endpoint as an
//! argument. Modules of PowerShell name endpoints that they may never contact.
//!
//! # Validation
//!
//! `powershell -EncodedCommand` with a request to any function of your own.
//!
//! # Priority
//!
//! Beside traffic, where other detections judge the process, 5 to 8 points of context, and 12 where the
//! name was encoded. Without traffic, what names the endpoint stands for what talks to it: 10 points, 24
//! for a script host, 30 where the name was encoded.
//!
//! # Response
//!
//! Read the whole script or command line, and what its parent was. Look for what it fetched, and for the
//! same line on other hosts.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::sample;
use coldtrail_engine::plan::{
    Expr, JoinType, LogicalPlan, LogicalPlanBuilder, bool_or, coalesce, column, contains,
    count_distinct, lit, lower, max, min, not, null_number, null_texts, union, when,
};
use coldtrail_model::{Axis, Conversation, Field, Rhythm, Table};

use super::non_browser::BROWSERS;
use super::script_host::{INTERPRETERS, LIVING_OFF_THE_LAND};
use super::who;
use crate::conversations::conversations_with;
use crate::detections::{columns, is_one_of, with_strength};
use crate::joins::{keys, prefixed_keys};
use crate::{Baseline, Detection, Need, Settings, View, Views};

/// How many records and command lines are kept.
const SHOWN: u32 = 8;

/// So many letters of a command line are shown.
const SHOWN_LETTERS: usize = 160;

/// What makes two rows speak of one host and one tenant.
const PLACE: [&str; 4] = ["host", "endpoint_provider", "endpoint_platform", "tenant"];

/// Whose script blocks have no process.
const SHELL_OF_WINDOWS: &str = "powershell.exe";

/// A script or a command line names a serverless endpoint.
pub(crate) struct Mention;

impl Detection for Mention {
    fn id(&self) -> &'static str {
        "endpoint.mention"
    }

    fn title(&self) -> &'static str {
        "endpoint in a command"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1059", "T1059.001", "T1105", "T1027.010", "T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("mention.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        30
    }

    fn reads(&self) -> View {
        View::Mentions
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::MENTIONS] }
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        (baseline.process_rows == 0 && baseline.script_rows == 0).then(|| {
            "no record of a process or a script: add Sysmon (event 1), Security (4688), PowerShell \
             (4104) or Defender logs"
                .to_owned()
        })
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let said = without_starters(said(views.mentions.clone())?)?;
        let said =
            conversations_with(said, vec![bool_or(column("is_encoded")).alias("is_encoded")])?;
        let said = with_traffic(said, views.conversations.clone())?;
        let beside = beside_traffic(said.clone(), views.conversations.clone())?;
        let alone = alone(said, views.conversations.clone())?;
        union(beside, alone)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let host = &conversation.endpoint.host;
        let Some(line) = &conversation.command_line else {
            return format!("{} names {host} in a script", who(conversation));
        };
        let how = if line.to_lowercase().contains(host) { "" } else { ", encoded," };
        let shown: String = line.chars().take(SHOWN_LETTERS).collect();
        format!("{} names {host}{how} in its command line: {shown}", who(conversation))
    }
}

/// Mentions of endpoints by programs that are no browsers, with `is_encoded`.
fn said(mentions: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let is_script = column("channel").eq(lit(Table::Script.name()));
    let shell = when(is_script, lit(SHELL_OF_WINDOWS)).end()?;
    let process = coalesce(vec![column("process_name"), shell]).alias("process_name");
    let text = [Field::ScriptBlockText, Field::ProcessCommandLine].map(|text| column(text.name()));
    let is_plain = contains(lower(coalesce(text.to_vec())), column("endpoint_host"));
    let rows = LogicalPlanBuilder::from(mentions).filter(column("endpoint_host").is_not_null())?;
    let names = rows.schema().columns();
    let kept = names.iter().filter(|kept| kept.name() != "process_name");
    let kept: Vec<Expr> = kept.map(|kept| column(kept.name())).collect();
    let rows =
        rows.project(kept.into_iter().chain([process, not(is_plain).alias("is_encoded")]))?;
    let is_browser = coalesce(vec![is_one_of(BROWSERS), lit(false)]);
    Ok(rows.filter(not(is_browser))?.build()?)
}

/// Leaves out what programs name that started another one which names the same.
fn without_starters(said: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    const SAME: [&str; 5] =
        ["host", "endpoint_provider", "endpoint_platform", "endpoint_host", "process_parent_name"];
    let started = LogicalPlanBuilder::from(said.clone())
        .filter(column("process_parent_name").is_not_null())?
        .filter(column("process_parent_name").not_eq(column("process_name")))?
        .aggregate(SAME.map(|same| column(same).alias(format!("started_{same}"))), NONE)?
        .build()?;
    let by = ["host", "endpoint_provider", "endpoint_platform", "endpoint_host", "process_name"];
    let keys = (keys(&by), prefixed_keys("started_", &SAME));
    Ok(LogicalPlanBuilder::from(said).join(started, JoinType::LeftAnti, keys, None)?.build()?)
}

/// Adds `speaker`, the process that talks to the tenant on the same host, and `has_traffic`. It is the
/// process itself if it talks, too.
fn with_traffic(said: LogicalPlan, traffic: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    const SPEAKER: [&str; 5] =
        ["host", "endpoint_provider", "endpoint_platform", "tenant", "process_name"];
    let talking = LogicalPlanBuilder::from(traffic.clone())
        .aggregate(SPEAKER.map(|key| column(key).alias(format!("talking_{key}"))), NONE)?
        .build()?;
    let first = LogicalPlanBuilder::from(traffic)
        .aggregate(
            PLACE.map(|key| column(key).alias(format!("place_{key}"))),
            [min(column("process_name")).alias("first_process")],
        )?
        .build()?;
    let names = said.schema().columns();
    let joined = LogicalPlanBuilder::from(said)
        .join(talking, JoinType::Left, (keys(&SPEAKER), prefixed_keys("talking_", &SPEAKER)), None)?
        .join(first, JoinType::Left, (keys(&PLACE), prefixed_keys("place_", &PLACE)), None)?;
    let speaker = when(column("talking_host").is_not_null(), column("process_name"))
        .otherwise(column("first_process"))?;
    let more = [speaker.alias("speaker"), column("place_host").is_not_null().alias("has_traffic")];
    let kept = names.iter().map(|kept| column(kept.name())).collect::<Vec<_>>();
    Ok(joined.project(kept.into_iter().chain(more))?.build()?)
}

/// Conversations of processes that talk to a tenant whose endpoint was named on the host.
fn beside_traffic(said: LogicalPlan, traffic: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let unknown = |process: &str| coalesce(vec![column(process), lit("")]);
    let place = PLACE.map(|key| column(key).alias(format!("named_{key}")));
    let named = LogicalPlanBuilder::from(said).filter(column("has_traffic"))?.aggregate(
        place.into_iter().chain([unknown("speaker").alias("named_speaker")]),
        [
            bool_or(column("is_encoded")).alias("is_encoded"),
            bool_or(is_script_host()).alias("is_script_host"),
            sample(column("records"), SHOWN).alias("named_records"),
            sample(column("command_lines"), SHOWN).alias("named_lines"),
        ],
    )?;
    let with_speaker = columns().map(column).chain([unknown("process_name").alias("talker")]);
    let of_traffic = [PLACE.as_slice(), &["talker"]].concat();
    let of_named = [PLACE.as_slice(), &["speaker"]].concat();
    let keys = (keys(&of_traffic), prefixed_keys("named_", &of_named));
    let joined = LogicalPlanBuilder::from(traffic).project(with_speaker)?.join(
        named.build()?,
        JoinType::Inner,
        keys,
        None,
    )?;
    let strength = when(column("is_encoded"), lit(12.0 / 30.0))
        .when(column("is_script_host"), lit(8.0 / 30.0))
        .otherwise(lit(5.0 / 30.0))?;
    let shown = columns().map(|kept| match kept {
        "records" => column("named_records").alias(kept),
        "command_lines" => column("named_lines").alias(kept),
        _ => column(kept),
    });
    with_strength(joined.project(shown.chain([strength.alias("told")]))?, column("told"))
}

/// What was named on hosts that nobody saw contact the tenant, as conversations.
fn alone(said: LogicalPlan, traffic: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    const TENANT: [&str; 3] = ["endpoint_provider", "endpoint_platform", "tenant"];
    let of = |prefix: &str| TENANT.map(|key| column(key).alias(format!("{prefix}{key}")));
    let said = LogicalPlanBuilder::from(said).filter(not(column("has_traffic")))?.build()?;
    let named = LogicalPlanBuilder::from(said.clone()).aggregate(
        of("named_"),
        [
            count_distinct(column("host")).alias("named_hosts"),
            min(column("first_seen")).alias("named_first_seen"),
        ],
    )?;
    let known = LogicalPlanBuilder::from(traffic).aggregate(
        of("known_"),
        [
            max(column("tenant_hosts")).alias("known_hosts"),
            min(column("tenant_first_seen")).alias("known_first_seen"),
        ],
    )?;
    let joined = LogicalPlanBuilder::from(said)
        .join(
            named.build()?,
            JoinType::Inner,
            (keys(&TENANT), prefixed_keys("named_", &TENANT)),
            None,
        )?
        .join(
            known.build()?,
            JoinType::Left,
            (keys(&TENANT), prefixed_keys("known_", &TENANT)),
            None,
        )?;
    let hosts = column("named_hosts") + coalesce(vec![column("known_hosts"), lit(0_i64)]);
    let first = coalesce(vec![column("known_first_seen"), column("named_first_seen")]);
    let strength = when(column("is_encoded"), lit(1.0))
        .when(is_script_host(), lit(24.0 / 30.0))
        .otherwise(lit(10.0 / 30.0))?;
    // It is never negative; said so, it may be null like the others'.
    let hosts = when(hosts.clone().gt_eq(lit(0_i64)), hosts).end()?;
    let made = columns().map(|name| match name {
        "tenant_hosts" => hosts.clone().alias(name),
        "tenant_first_seen" => first.clone().alias(name),
        // Nobody was seen to talk.
        "tenant_pollers" | "process_hosts" | "sensor_hosts" => null_number().alias(name),
        "tenant_processes" => null_texts().alias(name),
        _ => column(name),
    });
    let made = made.chain([strength.alias("told")]);
    with_strength(joined.project(made)?, column("told"))
}

fn is_script_host() -> Expr {
    let is_one = is_one_of(LIVING_OFF_THE_LAND).or(is_one_of(INTERPRETERS));
    coalesce(vec![is_one, lit(false)])
}

/// No measure: groups alone.
const NONE: Vec<Expr> = Vec::new();
