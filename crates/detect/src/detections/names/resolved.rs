//! Tenants that a host asked DNS for, with what it takes to say that no connection followed.

use std::sync::Arc;

use arrow_schema::DataType;
use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    AggregateUDF, Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, WindowFunction,
    WindowFunctionDefinition, array_to_string, cast, column, lit, max_udaf, min_udaf, sum_udaf,
    when, with_windows,
};
use coldtrail_model::{Reach, Via};

use crate::detections::columns;

/// Queries with less than five minutes between them are one occasion: programs ask for both kinds of
/// address, ask again when no answer comes, and ask anew when a short life of an answer is over.
pub(super) const PAUSE: i64 = 300_000_000;

/// Who is compared with whom: connections that a sensor on the host saw, with queries that one saw.
const VIEW: [&str; 2] = ["host", "endpoint_telemetry"];

const TENANT: [&str; 4] = ["host", "endpoint_provider", "endpoint_platform", "tenant"];

/// Conversations with a tenant that was named by itself, of hosts that connect to most of what they
/// resolve.
///
/// To the columns come `tenant_first_connection` (of any program of the host), and `host_first_flow` and
/// `host_last_flow` (of connections to any tenant).
pub(super) fn resolved(conversations: LogicalPlan) -> Result<LogicalPlanBuilder, EngineError> {
    let has_flows = || column("flows").gt(lit(0_i64));
    let is_resolved = || column("last_existing").is_not_null();
    let is_connected = is_resolved().and(column("first_connection").is_not_null());
    let more = [
        when(has_flows(), column("first_connection")).end()?.alias("first_flow"),
        when(has_flows(), column("last_connection")).end()?.alias("last_flow"),
        when(is_resolved(), lit(1_i64)).otherwise(lit(0_i64))?.alias("is_resolved"),
        when(is_connected, lit(1_i64)).otherwise(lit(0_i64))?.alias("is_connected"),
    ];
    // A domain of somebody's own hides from every other log that the connection led to the tenant.
    let by_its_name = array_to_string(column("vias"), lit(",")).eq(lit(Via::Host.name()));
    let plan = LogicalPlanBuilder::from(conversations)
        .filter(column("endpoint_reach").eq(lit(Reach::Tenant.name())).and(by_its_name))?
        .project(columns().map(column).chain(more))?
        .build()?;
    let of_tenant = over(min_udaf(), "first_connection", &TENANT)?;
    let plan = with_windows(plan, vec![(of_tenant, "tenant_first_connection")])?;
    let of_view = vec![
        (over(min_udaf(), "first_flow", &VIEW)?, "host_first_flow"),
        (over(max_udaf(), "last_flow", &VIEW)?, "host_last_flow"),
        (over(sum_udaf(), "is_resolved", &VIEW)?, "host_resolved"),
        (over(sum_udaf(), "is_connected", &VIEW)?, "host_connected"),
    ];
    let plan = LogicalPlanBuilder::from(with_windows(plan, of_view)?);
    // Whoever resolves for others connects to little of it.
    Ok(plan.filter((column("host_connected") * lit(2_i64)).gt_eq(column("host_resolved")))?)
}

/// A time as a number.
pub(super) fn microseconds(time: Expr) -> Expr {
    cast(time, DataType::Int64)
}

fn over(function: Arc<AggregateUDF>, measure: &str, keys: &[&str]) -> Result<Expr, EngineError> {
    let function = WindowFunctionDefinition::AggregateUDF(function);
    let function = Expr::from(WindowFunction::new(function, vec![column(measure)]));
    Ok(function.partition_by(keys.iter().map(|key| column(key)).collect()).build()?)
}
