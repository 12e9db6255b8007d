//! Joins with Kusto's semantics: a null key equals a null, and `innerunique` takes one left row of a key.
//!
//! <https://learn.microsoft.com/kusto/query/join-operator>

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Column as Named, Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, coalesce,
    column, join_with_nulls, lit, row_number, with_windows,
};
use coldtrail_rules::kql::plan::{Expression, ExpressionKind, JoinKind};
use coldtrail_rules::kql::{Column, Schema, Type};

use super::expressions::expression;

/// What is joined.
pub(super) struct Sides<'a> {
    pub(super) left: LogicalPlan,
    pub(super) right: LogicalPlan,
    pub(super) left_schema: &'a Schema,
    pub(super) right_schema: &'a Schema,
}

/// The joined rows, under the names of the schema.
pub(super) fn join(
    sides: Sides<'_>,
    kind: JoinKind,
    on: &[(Expression, Expression)],
    schema: &Schema,
) -> Result<LogicalPlan, EngineError> {
    let (left_on, right_on): (Vec<&Expression>, Vec<&Expression>) =
        on.iter().map(|(left, right)| (left, right)).unzip();
    let left_side = Side { plan: sides.left, schema: sides.left_schema, on: left_on, mark: "left" };
    let right_side =
        Side { plan: sides.right, schema: sides.right_schema, on: right_on, mark: "right" };
    let (kept, other, join_type) = match kind {
        JoinKind::LeftSemi => (left_side, right_side, JoinType::LeftSemi),
        JoinKind::LeftAnti => (left_side, right_side, JoinType::LeftAnti),
        JoinKind::RightSemi => (right_side, left_side, JoinType::LeftSemi),
        JoinKind::RightAnti => (right_side, left_side, JoinType::LeftAnti),
        kind => return both(left_side, right_side, kind, schema),
    };
    let is_keyless = on.is_empty();
    let (kept, kept_keys) = kept.keyed(schema, is_keyless)?;
    let (other, other_keys) = other.keyed(&[], is_keyless)?;
    let joined = join_with_nulls(kept, other, join_type, (kept_keys, other_keys))?;
    super::unqualified(joined, schema)
}

fn both(
    left: Side<'_>,
    right: Side<'_>,
    kind: JoinKind,
    schema: &Schema,
) -> Result<LogicalPlan, EngineError> {
    let join_type = match kind {
        JoinKind::LeftOuter => JoinType::Left,
        JoinKind::RightOuter => JoinType::Right,
        JoinKind::FullOuter => JoinType::Full,
        _ => JoinType::Inner,
    };
    let width = left.schema.len();
    let of_left = schema.get(..width).unwrap_or_default().to_vec();
    let of_right = schema.get(width..).unwrap_or_default().to_vec();
    // A cross join has no keys; an outer one pairs everything by a key that all share.
    let is_keyless = left.on.is_empty() && join_type != JoinType::Inner;
    let is_unique = kind == JoinKind::InnerUnique && !left.on.is_empty();
    let is_distinct = is_unique && left.is_all_keys();
    let (mut left, left_keys) = left.keyed(&of_left, is_keyless)?;
    if is_distinct {
        left = LogicalPlanBuilder::from(left).distinct()?.build()?;
    } else if is_unique {
        left = first_of_each(left, &left_keys, &of_left)?;
    }
    let (right, right_keys) = right.keyed(&of_right, is_keyless)?;
    let joined = join_with_nulls(left, right, join_type, (left_keys, right_keys))?;
    let columns = schema.iter().map(|named| {
        let value = column(&named.name);
        // There is no null text, not even of a row that has no partner.
        let is_filled = named.r#type == Type::String && join_type != JoinType::Inner;
        let value = if is_filled { coalesce(vec![value, lit("")]) } else { value };
        value.alias(&named.name)
    });
    Ok(LogicalPlanBuilder::from(joined).project(columns.collect::<Vec<_>>())?.build()?)
}

/// One side of a join.
struct Side<'a> {
    plan: LogicalPlan,
    schema: &'a Schema,
    on: Vec<&'a Expression>,
    mark: &'static str,
}

impl Side<'_> {
    /// The side's columns under new names, its keys behind them, and what the keys are called.
    fn keyed(
        self,
        names: &[Column],
        is_keyless: bool,
    ) -> Result<(LogicalPlan, Vec<Named>), EngineError> {
        let renamed = self.schema.iter().zip(names);
        let mut columns: Vec<Expr> =
            renamed.map(|(old, new)| column(&old.name).alias(&new.name)).collect();
        let mut keys = Vec::new();
        for (place, key) in self.on.iter().enumerate() {
            let name = format!("__{}{place}", self.mark);
            columns.push(expression(key, self.schema).alias(&name));
            keys.push(Named::new_unqualified(name));
        }
        if is_keyless {
            let name = format!("__{}", self.mark);
            columns.push(lit(true).alias(&name));
            keys.push(Named::new_unqualified(name));
        }
        let plan = LogicalPlanBuilder::from(self.plan).project(columns)?.build()?;
        Ok((plan, keys))
    }

    /// Whether rows that have the same keys are the same.
    fn is_all_keys(&self) -> bool {
        (0..self.schema.len()).all(|place| {
            self.on
                .iter()
                .any(|key| matches!(key.kind, ExpressionKind::Column(own) if own == place))
        })
    }
}

/// The first row of each key, in the order of the columns, so that it is the same every time.
fn first_of_each(
    plan: LogicalPlan,
    keys: &[Named],
    columns: &[Column],
) -> Result<LogicalPlan, EngineError> {
    let keys: Vec<Expr> = keys.iter().cloned().map(Expr::Column).collect();
    let order = columns.iter().map(|named| column(&named.name).sort(true, true)).collect();
    let place = row_number().partition_by(keys).order_by(order).build()?;
    let placed = with_windows(plan, vec![(place, "__place")])?;
    Ok(LogicalPlanBuilder::from(placed).filter(column("__place").eq(lit(1_u64)))?.build()?)
}
