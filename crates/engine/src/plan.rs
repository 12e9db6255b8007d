//! What plans are built from. Everything a detection needs of DataFusion comes through here, so that
//! an upgrade is felt in one crate.

use std::sync::Arc;

use datafusion::common::NullEquality;
pub use datafusion::common::{Column, JoinType, ScalarValue};
pub use datafusion::functions::core::expr_fn::{coalesce, get_field, greatest};
pub use datafusion::functions::string::expr_fn::{concat, contains, lower, split_part};
pub use datafusion::functions::unicode::expr_fn::translate;
pub use datafusion::functions_aggregate::count::count_udaf;
pub use datafusion::functions_aggregate::expr_fn::{bool_or, count, count_distinct, max, min, sum};
pub use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
pub use datafusion::functions_aggregate::sum::sum_udaf;
pub use datafusion::functions_nested::expr_fn::{
    array_element, array_has, array_has_any, array_length, array_to_string, make_array,
    string_to_array,
};
pub use datafusion::functions_window::expr_fn::row_number;
pub use datafusion::logical_expr::expr::{Sort, WindowFunction};
pub use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, Operator, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition, binary_expr, cast, ident,
    in_list, lit, not, when,
};

use crate::EngineError;

/// A column of the plan so far. Names are taken as they are: `col` of DataFusion would fold case.
pub fn column(name: &str) -> Expr {
    ident(name)
}

/// The rows of both plans, which have the same columns.
///
/// # Errors
///
/// When they do not.
pub fn union(one: LogicalPlan, other: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    Ok(LogicalPlanBuilder::from(one).union(other)?.build()?)
}

/// Adds columns that window functions make, under names of their own.
///
/// # Errors
///
/// When an expression is no window function, or does not fit the plan.
pub fn with_windows(
    plan: LogicalPlan,
    windows: Vec<(Expr, &str)>,
) -> Result<LogicalPlan, EngineError> {
    let (functions, names): (Vec<Expr>, Vec<&str>) = windows.into_iter().unzip();
    let kept = plan.schema().fields().len();
    let windowed = LogicalPlanBuilder::from(plan).window(functions)?;
    // A window's column is called by all that it is made of until it is renamed.
    let columns: Vec<Expr> = windowed
        .schema()
        .columns()
        .into_iter()
        .enumerate()
        .map(|(place, made)| match place.checked_sub(kept).and_then(|place| names.get(place)) {
            Some(name) => Expr::Column(made).alias(*name),
            None => Expr::Column(made),
        })
        .collect();
    Ok(windowed.project(columns)?.build()?)
}

/// Pairs of rows of both plans whose keys are equal, where a null equals a null; all pairs without keys.
/// No two columns of the plans may have one name.
///
/// # Errors
///
/// When a key is no column of its plan.
pub fn join_with_nulls(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    keys: (Vec<Column>, Vec<Column>),
) -> Result<LogicalPlan, EngineError> {
    let builder = LogicalPlanBuilder::from(left);
    if keys.0.is_empty() && join_type == JoinType::Inner {
        return Ok(builder.cross_join(right)?.build()?);
    }
    let equality = NullEquality::NullEqualsNull;
    Ok(builder.join_detailed(right, join_type, keys, None, equality)?.build()?)
}

/// A null text.
pub fn null_text() -> Expr {
    lit(ScalarValue::Utf8(None))
}

/// A null list of texts.
pub fn null_texts() -> Expr {
    let item = arrow_schema::Field::new("item", arrow_schema::DataType::Utf8, true);
    lit(ScalarValue::List(Arc::new(arrow_array::ListArray::new_null(Arc::new(item), 1))))
}

/// A null of a type.
///
/// # Errors
///
/// When the type has none.
pub fn null_of(data_type: &arrow_schema::DataType) -> Result<Expr, EngineError> {
    Ok(lit(ScalarValue::try_from(data_type)?))
}

/// A null number.
pub fn null_number() -> Expr {
    lit(ScalarValue::Int64(None))
}

/// A null truth.
pub fn null_truth() -> Expr {
    lit(ScalarValue::Boolean(None))
}

/// Rows that are already in memory, as a plan of literal values.
///
/// Small reference tables travel in the plan itself, since a table in memory has no meaning on
/// another machine.
///
/// # Errors
///
/// When the batches do not fit together.
pub fn values(rows: Vec<Vec<Expr>>, names: &[&str]) -> Result<LogicalPlan, EngineError> {
    let builder = LogicalPlanBuilder::values(rows)?;
    let renamed = names
        .iter()
        .enumerate()
        .map(|(place, name)| ident(format!("column{}", place + 1)).alias(*name));
    let renamed: Vec<Expr> = renamed.collect();
    Ok(builder.project(renamed)?.build()?)
}

/// A scan of what a table gives, under that name.
///
/// # Errors
///
/// When the table's schema cannot be scanned.
pub fn scan(
    name: &str,
    table: Arc<dyn datafusion::catalog::TableProvider>,
) -> Result<LogicalPlan, EngineError> {
    let source = datafusion::datasource::provider_as_source(table);
    Ok(LogicalPlanBuilder::scan(name, source, None)?.build()?)
}
