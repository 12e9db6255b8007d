//! What the others of the place do: how many hosts talk to a tenant, how many poll it, by which
//! programs, and on how many hosts a program talks to platforms at all.

use coldtrail_engine::functions::sample;
use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, column, count_distinct, get_field,
    lit, max, min, when,
};
use coldtrail_engine::{Census, EngineError};

use crate::Settings;
use crate::conversations::columns;
use crate::names_of_hosts::named_hosts;

/// What makes two rows speak of one tenant.
const TENANT: [&str; 3] = ["endpoint_provider", "endpoint_platform", "tenant"];

/// How many programs are kept of those that talk to a tenant.
const PROGRAMS: u32 = 8;

/// What is known of others, as columns of each conversation.
pub(crate) const OTHERS: [&str; 6] = [
    "tenant_hosts",
    "tenant_first_seen",
    "tenant_pollers",
    "tenant_processes",
    "process_hosts",
    "sensor_hosts",
];

/// The same of several tenants that are taken as one: what is known to few is known by its best-known
/// part.
pub(crate) fn of_parts() -> Vec<Expr> {
    vec![
        max(column("tenant_hosts")).alias("tenant_hosts"),
        min(column("tenant_first_seen")).alias("tenant_first_seen"),
        max(column("tenant_pollers")).alias("tenant_pollers"),
        sample(column("tenant_processes"), PROGRAMS).alias("tenant_processes"),
        max(column("process_hosts")).alias("process_hosts"),
        max(column("sensor_hosts")).alias("sensor_hosts"),
    ]
}

/// The key of what is one for the whole place.
const PLACE: &str = "place";

/// Adds what others do to conversations that [`crate::with_names_of_hosts`] made.
///
/// By `history`, which is conversations of the same time or of a longer one that includes it: how many
/// hosts talk to the tenant (`tenant_hosts`) and since when (`tenant_first_seen`), on how many hosts the process talks to any
/// serverless endpoint (`process_hosts`) of those whose processes are seen doing so
/// (`sensor_hosts`); and by the conversations themselves: how many hosts poll the tenant by a timer
/// (`tenant_pollers`), and which processes talk to it anywhere (`tenant_processes`, a sample).
///
/// # Errors
///
/// When the plan lacks a column of conversations.
pub fn with_others(
    conversations: LogicalPlan,
    history: LogicalPlan,
    census: &Census,
    settings: &Settings,
) -> Result<LogicalPlan, EngineError> {
    let history = named_hosts(history, census)?;
    let known = LogicalPlanBuilder::from(history.clone()).aggregate(
        TENANT.map(column),
        [
            count_distinct(column("host")).alias("tenant_hosts"),
            min(column("first_seen")).alias("tenant_first_seen"),
        ],
    )?;
    let known = known.project(keyed(&TENANT, &["tenant_hosts", "tenant_first_seen"]))?.build()?;
    let strength = get_field(column("rhythm"), "strength");
    let polls = strength.gt_eq(lit(settings.rhythm_minimum_strength));
    let met = LogicalPlanBuilder::from(conversations.clone()).aggregate(
        TENANT.map(column),
        [
            count_distinct(when(polls, column("host")).end()?).alias("tenant_pollers"),
            sample(column("process_name"), PROGRAMS).alias("tenant_processes"),
        ],
    )?;
    let met = met.project(keyed(&TENANT, &["tenant_pollers", "tenant_processes"]))?.build()?;
    let programs = LogicalPlanBuilder::from(history.clone())
        .filter(column("process_name").is_not_null())?
        .aggregate(
            [column("process_name")],
            [count_distinct(column("host")).alias("process_hosts")],
        )?
        .project(keyed(&["process_name"], &["process_hosts"]))?
        .build()?;
    let place = LogicalPlanBuilder::from(history)
        .filter(column("endpoint_telemetry"))?
        .aggregate(Vec::<Expr>::new(), [count_distinct(column("host")).alias("sensor_hosts")])?
        .project([lit(true).alias(format!("of_{PLACE}")), column("sensor_hosts")])?
        .build()?;
    // Every conversation has a tenant that is known. The joins are outer ones nevertheless, so that all
    // columns may be null: unions of plans that differ in that arrive at a cluster as other plans.
    let own = || columns().into_iter().chain(["rhythm"]).map(column);
    let conversations = LogicalPlanBuilder::from(conversations)
        .project(own().chain([lit(true).alias(PLACE)]))?
        .build()?;
    let plan = joined(conversations, known, JoinType::Left, "of_", &TENANT)?
        .project(own().chain([PLACE, "tenant_hosts", "tenant_first_seen"].map(column)))?;
    let plan = joined(plan.build()?, met, JoinType::Left, "of_", &TENANT)?
        .project(own().chain([PLACE].into_iter().chain(OTHERS.into_iter().take(4)).map(column)))?;
    let plan = joined(plan.build()?, programs, JoinType::Left, "of_", &["process_name"])?
        .project(own().chain([PLACE].into_iter().chain(OTHERS.into_iter().take(5)).map(column)))?;
    let plan = joined(plan.build()?, place, JoinType::Left, "of_", &[PLACE])?
        .project(own().chain(OTHERS.map(column)))?;
    Ok(plan.build()?)
}

/// Keys under a prefix, and what is told of them.
fn keyed(keys: &[&str], told: &[&str]) -> Vec<Expr> {
    let told = told.iter().map(|name| column(name));
    prefixed("of_", keys).into_iter().chain(told).collect()
}

/// Joins on columns that the right side has under a prefix; no name is ambiguous then.
pub(crate) fn joined(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    prefix: &str,
    keys: &[&str],
) -> Result<LogicalPlanBuilder, EngineError> {
    let left_keys = keys.iter().map(|key| Column::from_name(*key)).collect::<Vec<_>>();
    let right_keys =
        keys.iter().map(|key| Column::from_name(format!("{prefix}{key}"))).collect::<Vec<_>>();
    let joined =
        LogicalPlanBuilder::from(left).join(right, join_type, (left_keys, right_keys), None)?;
    Ok(joined)
}

/// Columns under their names with a prefix.
pub(crate) fn prefixed(prefix: &str, names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| column(name).alias(format!("{prefix}{name}"))).collect()
}
