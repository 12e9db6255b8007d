//! One host, one name; one process behind a host's traffic, where only one can be meant.
//!
//! A network sensor knows a host by its address and knows no process; an endpoint sensor knows both
//! names. Here the two views of one conversation become one, and each tenant is told how many hosts
//! talk to it.

use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, coalesce, column, count_distinct, lit,
    min, not, values, when,
};
use coldtrail_engine::{Census, EngineError};

use crate::conversations::{columns, merged};

/// What makes two rows speak of one tenant.
const TENANT: [&str; 3] = ["endpoint_provider", "endpoint_platform", "tenant"];

/// Names hosts by the census, gives nameless traffic the process that alone talks to the same
/// tenant on the same host, folds what became the same, and adds `tenant_hosts` and
/// `tenant_first_seen`.
///
/// These two come from `history`: the conversations themselves, or those of a longer time that
/// includes them.
///
/// # Errors
///
/// When the plan lacks a column of conversations.
pub fn with_names_of_hosts(
    conversations: LogicalPlan,
    history: LogicalPlan,
    census: &Census,
) -> Result<LogicalPlan, EngineError> {
    let named = named_hosts(conversations, census)?;
    let attributed = attributed_processes(named)?;
    with_prevalence(merged(attributed)?, named_hosts(history, census)?)
}

fn named_hosts(conversations: LogicalPlan, census: &Census) -> Result<LogicalPlan, EngineError> {
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
    let joined = join(conversations, known, JoinType::Left, "known_", &KEYS)?;
    // A sensor that knows processes and named none may have seen another one.
    let cannot_know = not(column("endpoint_telemetry"));
    let is_clear = column("processes").eq(lit(1_i64)).and(cannot_know);
    let only = when(is_clear, column("only_process")).end()?;
    let kept = replaced("process_name", coalesce(vec![column("process_name"), only]));
    Ok(joined.project(kept)?.build()?)
}

fn with_prevalence(
    conversations: LogicalPlan,
    history: LogicalPlan,
) -> Result<LogicalPlan, EngineError> {
    let tenants = LogicalPlanBuilder::from(history)
        .aggregate(
            TENANT.map(column),
            [
                count_distinct(column("host")).alias("tenant_hosts"),
                min(column("first_seen")).alias("tenant_first_seen"),
            ],
        )?
        .project(
            prefixed("of_", &TENANT)
                .into_iter()
                .chain([column("tenant_hosts"), column("tenant_first_seen")]),
        )?
        .build()?;
    let joined = join(conversations, tenants, JoinType::Inner, "of_", &TENANT)?;
    let kept = columns().into_iter().chain(["tenant_hosts", "tenant_first_seen"]);
    Ok(joined.project(kept.map(column))?.build()?)
}

/// Joins on columns that the right side has under a prefix; no name is ambiguous then.
fn join(
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

fn prefixed(prefix: &str, names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| column(name).alias(format!("{prefix}{name}"))).collect()
}

/// All columns of conversations, one of them computed anew.
fn replaced(name: &str, value: Expr) -> Vec<Expr> {
    columns()
        .into_iter()
        .map(|kept| if kept == name { value.clone().alias(kept) } else { column(kept) })
        .collect()
}
