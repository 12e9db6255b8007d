//! What was done to functions in clouds: the control planes' records, and runs of functions.
//!
//! An action has the columns of a contact, so that it can be folded into a conversation like one. Its
//! host is who acted: the principal, since what the address belongs to is seldom known. Its endpoint is
//! the function. Where any record tells the address of a function, that is the endpoint of all actions
//! on it; else the function's name stands for it.

use arrow_schema::DataType;
use coldtrail_engine::functions::{cloud_action, record_reference, serverless_endpoint};
use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, cast, coalesce, column, get_field,
    lit, min, null_number, null_text, null_texts,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Table, Window};

use crate::contacts::{field, inside};

/// The microseconds of an hour, and of a day.
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// The parts of an action that are columns of their own; the others are those of a contact.
const PARTS: [&str; 5] = ["act", "identity", "agent", "resource", "account"];

/// The parts of an endpoint that its address tells better than the record.
const OF_ADDRESS: [&str; 5] = ["host", "provider", "platform", "kind", "tenant"];

/// A plan of what was done to functions, over all the history there is.
///
/// It has the columns of contacts; `act` (`prepared`, `exposed`, `changed` or `invoked`); `identity`,
/// the actor in its account, without what is new in each session; `agent`, the program that was used;
/// `resource`, which tells the function from all others; `account`; `day` and `hour`, counted
/// since 1970; and
/// `in_window`, whether it happened in the time looked at. None of these is null.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn cloud<E: Engine>(
    engine: &E,
    history: Window,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    let rows = cloud_rows(engine.table(Table::Cloud, Rows::Contacts).await?, history)?;
    let actions = LogicalPlanBuilder::from(rows).project(action(window))?.project(parts())?;
    with_addresses(actions.build()?)
}

/// The rows of a scan that did something to a function.
///
/// # Errors
///
/// When the scan is not one of the table `cloud`.
pub fn cloud_rows(scan: LogicalPlan, window: Window) -> Result<LogicalPlan, EngineError> {
    let mut rows = LogicalPlanBuilder::from(scan);
    for condition in inside(window) {
        rows = rows.filter(condition)?;
    }
    let kept = Table::Cloud.fields().iter().filter(|field| **field != Field::RecordOriginal);
    let kept: Vec<Expr> = kept.map(|kept| field(*kept)).collect();
    Ok(rows.filter(cloud_action().is_not_null())?.project(kept)?.build()?)
}

fn action(window: Window) -> Vec<Expr> {
    let reference = record_reference(
        field(Field::Timestamp),
        field(Field::RecordSource),
        field(Field::RecordOffset),
        field(Field::RecordLength),
    );
    let microseconds = || cast(field(Field::Timestamp), DataType::Int64);
    vec![
        field(Field::Timestamp),
        field(Field::SourceIp).alias("address"),
        field(Field::UserName),
        cast(field(Field::EventDataset), DataType::Utf8).alias("event_dataset"),
        reference.alias("record"),
        (microseconds() / lit(DAY)).alias("day"),
        (microseconds() / lit(HOUR)).alias("hour"),
        inside(window).into_iter().fold(lit(true), Expr::and).alias("in_window"),
        cloud_action().alias("action"),
    ]
}

/// The columns of a contact and those of an action, before it is known where functions are reached.
fn parts() -> Vec<Expr> {
    let part = |name: &str| get_field(column("action"), name);
    let plain = [
        "timestamp",
        "address",
        "user_name",
        "event_dataset",
        "record",
        "day",
        "hour",
        "in_window",
    ];
    let own = PARTS.iter().map(|name| coalesce(vec![part(name), lit("")]).alias(*name));
    let endpoint = OF_ADDRESS.iter().map(|name| part(name).alias(format!("endpoint_{name}")));
    let more = [
        part("actor").alias("host"),
        null_text().alias("process_name"),
        null_text().alias("process_parent_name"),
        null_text().alias("process_executable"),
        null_text().alias("process_command_line"),
        lit(Table::Cloud.name()).alias("channel"),
        lit(false).alias("endpoint_telemetry"),
        null_number().alias("sent"),
        null_number().alias("received"),
        null_number().alias("duration"),
        null_text().alias("user_agent"),
        null_text().alias("fingerprint"),
        null_text().alias("front"),
        part("account").alias("endpoint_group"),
        part("function").alias("endpoint_function"),
        lit("tenant").alias("endpoint_reach"),
        lit("host").alias("endpoint_via"),
        null_text().alias("endpoint_alias"),
    ];
    plain.map(column).into_iter().chain(own).chain(endpoint).chain(more).collect()
}

/// Gives all actions on a function the address that one of them told.
fn with_addresses(actions: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let known = LogicalPlanBuilder::from(actions.clone())
        .filter(column("endpoint_host").is_not_null())?
        .aggregate([column("resource")], [min(column("endpoint_host")).alias("known_host")])?
        .project([column("resource").alias("known_resource"), column("known_host")])?
        .build()?;
    let names: Vec<String> =
        actions.schema().fields().iter().map(|field| field.name().clone()).collect();
    let keys = (vec![Column::from_name("resource")], vec![Column::from_name("known_resource")]);
    let joined = LogicalPlanBuilder::from(actions).join(known, JoinType::Left, keys, None)?;
    let known = serverless_endpoint(column("known_host"), null_text(), null_texts());
    let all = names.iter().map(|name| column(name));
    let joined = joined.project(all.chain([known.alias("known")]))?;
    let told = |name: &String| {
        let part = name.strip_prefix("endpoint_").filter(|part| OF_ADDRESS.contains(part));
        let Some(part) = part else { return column(name) };
        // Without any address, the function is called by its name.
        let else_told = if part == "host" { "endpoint_function" } else { name };
        coalesce(vec![get_field(column("known"), part), column(else_told)]).alias(name.as_str())
    };
    Ok(joined.project(names.iter().map(told).collect::<Vec<_>>())?.build()?)
}
