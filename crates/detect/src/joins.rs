//! Joins on columns by their names.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, column};

/// Joins on columns that the right side has under a prefix; no name is ambiguous then.
pub(crate) fn joined(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    prefix: &str,
    names: &[&str],
) -> Result<LogicalPlanBuilder, EngineError> {
    let on = (keys(names), prefixed_keys(prefix, names));
    Ok(LogicalPlanBuilder::from(left).join(right, join_type, on, None)?)
}

/// Columns under their names with a prefix.
pub(crate) fn prefixed(prefix: &str, names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| column(name).alias(format!("{prefix}{name}"))).collect()
}

/// The columns of those names, as one side of a join has them.
pub(crate) fn keys(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::from_name(*name)).collect()
}

/// The same, under a prefix.
pub(crate) fn prefixed_keys(prefix: &str, names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::from_name(format!("{prefix}{name}"))).collect()
}
