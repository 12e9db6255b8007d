//! What the others of the place do: how many hosts talk to a tenant, how many poll it, by which
//! programs, and on how many hosts a program talks to platforms at all.

use coldtrail_engine::functions::sample;
use coldtrail_engine::plan::{
    Expr, JoinType, LogicalPlan, LogicalPlanBuilder, column, count_distinct, get_field, lit, max,
    min, when,
};
use coldtrail_engine::{Census, EngineError};

use crate::Settings;
use crate::conversations::columns;
use crate::joins::{joined, prefixed};
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
    let known = tenants_in_history(history.clone())?;
    let met = tenants_now(conversations.clone(), settings)?;
    let programs = programs_in_history(history.clone())?;
    let place = whole_place(history)?;
    let own = || columns().into_iter().chain(["rhythm"]).map(column);
    let plan = LogicalPlanBuilder::from(conversations)
        .project(own().chain([lit(true).alias(PLACE)]))?
        .build()?;
    // Every conversation has a tenant that is known. The joins are outer ones nevertheless, so that all
    // columns may be null: unions of plans that differ in that arrive at a cluster as other plans.
    let plan = joined(plan, known, JoinType::Left, "known_", &TENANT)?.build()?;
    let plan = joined(plan, met, JoinType::Left, "met_", &TENANT)?.build()?;
    let plan = joined(plan, programs, JoinType::Left, "any_", &["process_name"])?.build()?;
    let plan = joined(plan, place, JoinType::Left, "whole_", &[PLACE])?;
    Ok(plan.project(own().chain(OTHERS.map(column)))?.build()?)
}

/// How many hosts talk to each tenant, and since when.
fn tenants_in_history(history: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let told = [
        count_distinct(column("host")).alias("tenant_hosts"),
        min(column("first_seen")).alias("tenant_first_seen"),
    ];
    Ok(LogicalPlanBuilder::from(history).aggregate(prefixed("known_", &TENANT), told)?.build()?)
}

/// How many hosts poll each tenant, and which processes talk to it.
fn tenants_now(
    conversations: LogicalPlan,
    settings: &Settings,
) -> Result<LogicalPlan, EngineError> {
    let strength = get_field(column("rhythm"), "strength");
    let polls = strength.gt_eq(lit(settings.rhythm_minimum_strength));
    let told = [
        count_distinct(when(polls, column("host")).end()?).alias("tenant_pollers"),
        sample(column("process_name"), PROGRAMS).alias("tenant_processes"),
    ];
    Ok(LogicalPlanBuilder::from(conversations)
        .aggregate(prefixed("met_", &TENANT), told)?
        .build()?)
}

/// On how many hosts each program talks to serverless endpoints.
fn programs_in_history(history: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let hosts = count_distinct(column("host")).alias("process_hosts");
    Ok(LogicalPlanBuilder::from(history)
        .filter(column("process_name").is_not_null())?
        .aggregate(prefixed("any_", &["process_name"]), [hosts])?
        .build()?)
}

/// How many hosts have a sensor that knows processes: one row.
fn whole_place(history: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let hosts = count_distinct(column("host")).alias("sensor_hosts");
    Ok(LogicalPlanBuilder::from(history)
        .filter(column("endpoint_telemetry"))?
        .aggregate(Vec::<Expr>::new(), [hosts])?
        .project([lit(true).alias(format!("whole_{PLACE}")), column("sensor_hosts")])?
        .build()?)
}
