//! What is done to functions on the control planes of clouds, judged by what is usual there.

pub(crate) mod changed;
pub(crate) mod exposed;
pub(crate) mod invoked;
pub(crate) mod prepared;
pub(crate) mod unusual_deployer;

use arrow_schema::DataType;
use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, cast, coalesce, column,
    count_distinct, greatest, lit, max, min, not, null_texts, row_number, when, with_windows,
};
use coldtrail_model::Conversation;

use super::columns;
use crate::conversations::conversations_with;
use crate::joins::{joined, prefixed};
use crate::{Baseline, Need, Settings};

/// Why a detection cannot run, if there is no record of any cloud.
fn no_cloud(baseline: &Baseline) -> Option<String> {
    let add = Need::CLOUD.add;
    (baseline.cloud_rows == 0).then(|| format!("no record of a cloud's control plane: add {add}"))
}

/// All deployments, in the window and before, with what was usual when each was made.
///
/// Beside the columns of actions: `is_first`, whether the identity deploys for the first day;
/// `is_regular`, whether it deploys regularly; `is_new_way`, whether one that does so came from an
/// address or with a program that it never used on another day; `is_first_here`, whether this is its
/// first day with this function; `is_older`, whether the function was deployed before that day; and
/// `others_are_regular`, whether somebody had deployed regularly in the account by then.
///
/// What an identity does to other functions, and what it did before, says what is usual for it; what
/// it does to the same function from then on does not, or whoever came back would become usual.
fn deployments(cloud: LogicalPlan, settings: &Settings) -> Result<LogicalPlan, EngineError> {
    let deployments =
        LogicalPlanBuilder::from(cloud).filter(column("act").not_eq(lit("invoked")))?;
    let came_from = coalesce(vec![column("address"), lit("")]).alias("came_from");
    let deployments = with_columns(deployments.build()?, &[came_from])?;
    let since = |name: &str| min(column("day")).alias(name);
    let days = |name: &str| count_distinct(column("day")).alias(name);
    let hours = |name: &str| count_distinct(column("hour")).alias(name);
    let functions = |name: &str| count_distinct(column("resource")).alias(name);
    let is_enough = |days: Expr, hours: Expr| {
        let enough_days = days.gt_eq(lit(settings.cloud_regular_days as i64));
        enough_days.or(hours.gt_eq(lit(settings.cloud_regular_hours as i64)))
    };
    let before = before_each_day(deployments.clone())?;
    let regular = LogicalPlanBuilder::from(before.clone())
        .filter(is_enough(column("days_before"), column("hours_before")))?
        .aggregate([column("account")], [since("account_regular_since")])?
        .build()?;
    let facts: [(&[&str], Vec<Expr>); 5] = [
        (
            &["identity"],
            vec![
                since("identity_since"),
                days("identity_days"),
                hours("identity_hours"),
                count_distinct(column("came_from")).alias("identity_addresses"),
            ],
        ),
        (&["identity", "resource"], vec![since("own_since"), days("own_days"), hours("own_hours")]),
        (
            &["identity", "came_from"],
            vec![since("address_since"), days("address_days"), functions("address_functions")],
        ),
        (
            &["identity", "agent"],
            vec![since("agent_since"), days("agent_days"), functions("agent_functions")],
        ),
        (&["resource"], vec![since("function_since")]),
    ];
    let mut known = deployments.clone();
    for (keys, measures) in facts {
        let keys_of = keys.iter().map(|key| column(key)).collect::<Vec<_>>();
        let facts = LogicalPlanBuilder::from(deployments.clone()).aggregate(keys_of, measures)?;
        known = with_facts(known, facts.build()?, keys, JoinType::Inner)?;
    }
    known = with_facts(known, before, &["account", "identity", "day"], JoinType::Inner)?;
    known = with_facts(known, regular, &["account"], JoinType::Left)?;

    let elsewhere =
        |unit: &str| column(&format!("identity_{unit}")) - column(&format!("own_{unit}"));
    let is_regular = is_enough(
        greatest(vec![column("days_before"), elsewhere("days")]),
        greatest(vec![column("hours_before"), elsewhere("hours")]),
    );
    let new_address = column("came_from")
        .not_eq(lit(""))
        .and(is_new("address"))
        // Builds of a service come from ever new addresses, which says nothing.
        .and((column("identity_addresses") * lit(2_i64)).lt_eq(column("identity_days")));
    let new_agent = column("agent").not_eq(lit("")).and(is_new("agent"));
    let earlier = |since: &str| column(since).lt(column("day"));
    let usual = [
        not(earlier("identity_since")).alias("is_first"),
        is_regular.clone().alias("is_regular"),
        is_regular.and(new_address.or(new_agent)).alias("is_new_way"),
        not(earlier("own_since")).alias("is_first_here"),
        earlier("function_since").alias("is_older"),
        coalesce(vec![column("account_regular_since").lt_eq(column("day")), lit(false)])
            .alias("others_are_regular"),
    ];
    with_columns(known, &usual)
}

/// Each day on which an identity deployed, with on how many days and in how many hours it did so before:
/// `days_before` and `hours_before`.
fn before_each_day(deployments: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let keys = ["account", "identity", "day"];
    let hours = keys.map(column).into_iter().chain([column("hour")]);
    let hours = LogicalPlanBuilder::from(deployments).project(hours)?.distinct()?.build()?;
    let place = |order: &str| {
        row_number()
            .partition_by(["account", "identity"].map(column).to_vec())
            .order_by(vec![column(order).sort(true, false)])
            .build()
    };
    let hours = with_windows(hours, vec![(place("hour")?, "hours")])?;
    let days = LogicalPlanBuilder::from(hours)
        .aggregate(keys.map(column), [min(column("hours")).alias("hours")])?
        .build()?;
    let days = with_windows(days, vec![(place("day")?, "days")])?;
    let before = |unit: &str| {
        let place = cast(column(unit), DataType::Int64);
        (place - lit(1_i64)).alias(format!("{unit}_before"))
    };
    let kept = keys.map(column).into_iter().chain([before("days"), before("hours")]);
    Ok(LogicalPlanBuilder::from(days).project(kept)?.build()?)
}

/// Whether the identity used an address or an agent on no other day: neither before, nor for another
/// function.
fn is_new(what: &str) -> Expr {
    let of = |measure: &str| column(&format!("{what}_{measure}"));
    let is_used_elsewhere = of("days").gt(lit(1_i64)).and(of("functions").gt(lit(1_i64)));
    not(of("since").lt(column("day")).or(is_used_elsewhere))
}

/// Joins facts to rows by keys that both have.
fn with_facts(
    rows: LogicalPlan,
    facts: LogicalPlan,
    keys: &[&str],
    join: JoinType,
) -> Result<LogicalPlan, EngineError> {
    let is_added = |name: &String| !keys.contains(&name.as_str());
    let added: Vec<String> = names(&facts).into_iter().filter(is_added).collect();
    let renamed = prefixed("of_", keys).into_iter().chain(added.iter().map(|name| column(name)));
    let renamed: Vec<Expr> = renamed.collect();
    let kept: Vec<Expr> = names(&rows).into_iter().chain(added).map(|name| column(&name)).collect();
    let facts = LogicalPlanBuilder::from(facts).project(renamed)?.build()?;
    Ok(joined(rows, facts, join, "of_", keys)?.project(kept)?.build()?)
}

fn names(plan: &LogicalPlan) -> Vec<String> {
    plan.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// Adds columns to those that there are.
fn with_columns(plan: LogicalPlan, more: &[Expr]) -> Result<LogicalPlan, EngineError> {
    let kept: Vec<Expr> = names(&plan).iter().map(|name| column(name)).collect();
    let all = kept.into_iter().chain(more.iter().cloned());
    Ok(LogicalPlanBuilder::from(plan).project(all)?.build()?)
}

/// Folds the selected actions of the window into one conversation for each actor and function, with the
/// strength of the strongest.
fn told(actions: LogicalPlan, selected: Expr, strength: Expr) -> Result<LogicalPlan, EngineError> {
    let actions = LogicalPlanBuilder::from(actions).filter(column("in_window").and(selected))?;
    let actions = with_columns(actions.build()?, &[strength.alias("strength")])?;
    let more = vec![max(column("strength")).alias("strength")];
    let folded = LogicalPlanBuilder::from(conversations_with(actions, more)?);
    let kept = columns().chain(["strength"]).map(|name| match name {
        // Nobody talks to a function by deploying it.
        "tenant_hosts" | "tenant_pollers" | "process_hosts" | "sensor_hosts" => {
            lit(0_i64).alias(name)
        }
        "tenant_processes" => null_texts().alias(name),
        "tenant_first_seen" => column("first_seen").alias(name),
        name => column(name),
    });
    Ok(folded.project(kept.collect::<Vec<_>>())?.build()?)
}

/// `1.0` where something holds, else a lower strength.
fn strong_where(holds: Expr, otherwise: f64) -> Result<Expr, EngineError> {
    Ok(when(holds, lit(1.0)).otherwise(lit(otherwise))?)
}

/// Who did it, for a sentence: `kim from 192.0.2.7`.
fn who(conversation: &Conversation) -> String {
    let actor = &conversation.actor;
    let name = actor.user.as_deref().unwrap_or(&actor.host);
    match &actor.ip {
        Some(address) if address != name => format!("{name} from {address}"),
        _ => name.to_owned(),
    }
}

/// The function, for a sentence: `status-cache (abc.lambda-url.eu-west-3.on.aws)`.
fn what(conversation: &Conversation) -> String {
    let endpoint = &conversation.endpoint;
    match &endpoint.function {
        Some(function) if *function != endpoint.host => format!("{function} ({})", endpoint.host),
        _ => endpoint.host.clone(),
    }
}
