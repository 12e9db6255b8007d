//! What conversations tell of the programs that speak, which decides whether detections can compare
//! them.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, array_has, array_length, column, count, lit, when,
};
use coldtrail_engine::{Engine, EngineError};
use coldtrail_model::Table;

use crate::Clients;

/// Counts conversations by what they tell of their programs.
///
/// # Errors
///
/// When the engine cannot run the plan.
pub(crate) async fn clients<E: Engine>(
    engine: &E,
    conversations: &LogicalPlan,
) -> Result<Clients, EngineError> {
    let has = |list: &str| array_length(column(list)).gt(lit(0_u64));
    let joins = has("fingerprints").and(column("process_name").is_not_null());
    let counts = [
        counted(array_has(column("channels"), lit(Table::Web.name())))?.alias("requests"),
        counted(has("user_agents"))?.alias("user_agents"),
        counted(has("fingerprints"))?.alias("fingerprints"),
        counted(joins)?.alias("fingerprinted_processes"),
    ];
    let plan = LogicalPlanBuilder::from(conversations.clone())
        .aggregate(Vec::<Expr>::new(), counts)?
        .build()?;
    let batches = engine.collect(plan).await?;
    Ok(batches.iter().fold(Clients::default(), added))
}

fn counted(condition: Expr) -> Result<Expr, EngineError> {
    Ok(count(when(condition, lit(1_i64)).end()?))
}

fn added(clients: Clients, batch: &RecordBatch) -> Clients {
    let sum = |name| {
        let counts = batch.column_by_name(name).and_then(|it| it.as_primitive_opt::<Int64Type>());
        counts.map_or(0, |counts| counts.iter().flatten().map(i64::unsigned_abs).sum::<u64>())
    };
    Clients {
        requests: clients.requests + sum("requests"),
        user_agents: clients.user_agents + sum("user_agents"),
        fingerprints: clients.fingerprints + sum("fingerprints"),
        fingerprinted_processes: clients.fingerprinted_processes + sum("fingerprinted_processes"),
    }
}
