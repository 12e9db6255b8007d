//! One host, one name; one process behind a host's traffic, where only one can be meant.
//!
//! A network sensor knows a host by its address and knows no process; an endpoint sensor knows both
//! names. Here the two views of one conversation become one.

use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, coalesce, column, count_distinct, lit,
    min, not, values, when,
};
use coldtrail_engine::{Census, EngineError};
use coldtrail_model::Reach;

use crate::Settings;
use crate::conversations::{columns, merged, with_rhythm};
use crate::joins::{joined, prefixed};
use crate::linked_flows::Steps;

/// Names hosts by the census, gives traffic with a host that all tenants share the tenant that a proxy
/// saw, where it was one alone, gives nameless traffic the process that alone talks to the same
/// tenant on the same host, folds what became the same, and measures the `rhythm` of each conversation.
///
/// The steps let an engine with little memory finish one before the next.
///
/// # Errors
///
/// When the plan lacks a column of conversations, or a step cannot run.
pub async fn with_names_of_hosts(
    conversations: LogicalPlan,
    census: &Census,
    settings: &Settings,
    steps: &impl Steps,
) -> Result<LogicalPlan, EngineError> {
    let named = with_tenants_of_shared_hosts(named_hosts(conversations, census)?)?;
    let attributed = attributed_processes(steps.done(named).await?)?;
    let attributed = steps.done(attributed).await?;
    let measured = with_rhythm(LogicalPlanBuilder::from(merged(attributed)?), settings, columns())?;
    Ok(measured.build()?)
}

/// Names hosts by the census.
pub(crate) fn named_hosts(
    conversations: LogicalPlan,
    census: &Census,
) -> Result<LogicalPlan, EngineError> {
    let names: Vec<Vec<Expr>> =
        census.names().map(|(address, name)| vec![lit(address), lit(name)]).collect();
    if names.is_empty() {
        return Ok(conversations);
    }
    let names = values(names, &["named_address", "name"])?;
    let joined = LogicalPlanBuilder::from(conversations).join(
        names,
        JoinType::Left,
        (vec![Column::from_name("host")], vec![Column::from_name("named_address")]),
        None,
    )?;
    let kept = replaced("host", coalesce(vec![column("name"), column("host")]));
    Ok(joined.project(kept)?.build()?)
}

/// A sensor on the host knows the process and not the path, a proxy the path and not the process. Who
/// talks to a shared host by one tenant's paths alone talks to this tenant.
fn with_tenants_of_shared_hosts(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    const KEYS: [&str; 3] = ["host", "endpoint_provider", "endpoint_platform"];
    let is = |reach: Reach| column("endpoint_reach").eq(lit(reach.name()));
    let seen = LogicalPlanBuilder::from(conversations.clone())
        .filter(is(Reach::Tenant).and(column("paths").is_not_null()))?
        .aggregate(
            KEYS.map(column),
            [
                min(column("tenant")).alias("only_tenant"),
                count_distinct(column("tenant")).alias("tenants"),
            ],
        )?
        .project(
            prefixed("seen_", &KEYS).into_iter().chain([column("only_tenant"), column("tenants")]),
        )?
        .build()?;
    let joined = joined(conversations, seen, JoinType::Left, "seen_", &KEYS)?;
    let is_clear = is(Reach::SharedHost).and(column("tenants").eq(lit(1_i64)));
    let kept = columns().into_iter().map(|name| match name {
        "tenant" => when(is_clear.clone(), column("only_tenant"))
            .otherwise(column(name))
            .map(|tenant| tenant.alias(name)),
        "endpoint_reach" => when(is_clear.clone(), lit(Reach::Tenant.name()))
            .otherwise(column(name))
            .map(|reach| reach.alias(name)),
        name => Ok(column(name)),
    });
    let kept: Vec<Expr> = kept.collect::<Result<_, _>>()?;
    Ok(joined.project(kept)?.build()?)
}

fn attributed_processes(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    const KEYS: [&str; 4] = ["host", "endpoint_provider", "endpoint_platform", "tenant"];
    let known = LogicalPlanBuilder::from(conversations.clone())
        .filter(column("process_name").is_not_null())?
        .aggregate(
            KEYS.map(column),
            [
                min(column("process_name")).alias("only_process"),
                count_distinct(column("process_name")).alias("processes"),
            ],
        )?
        .project(
            prefixed("known_", &KEYS)
                .into_iter()
                .chain([column("only_process"), column("processes")]),
        )?
        .build()?;
    let joined = joined(conversations, known, JoinType::Left, "known_", &KEYS)?;
    // A sensor that knows processes and named none may have seen another one.
    let cannot_know = not(column("endpoint_telemetry"));
    let is_clear = column("processes").eq(lit(1_i64)).and(cannot_know);
    let only = when(is_clear, column("only_process")).end()?;
    let kept = replaced("process_name", coalesce(vec![column("process_name"), only]));
    Ok(joined.project(kept)?.build()?)
}

/// All columns of conversations, one of them computed anew.
fn replaced(name: &str, value: Expr) -> Vec<Expr> {
    columns()
        .into_iter()
        .map(|kept| if kept == name { value.clone().alias(kept) } else { column(kept) })
        .collect()
}
