//! Twins that the engine computes a column at a time, where that gives the same answer as the language's own
//! functions do a row at a time.
//!
//! A twin is for the types at hand only: whatever is not plainly the same is left to the language. Reals are,
//! since what is not a number has no order here; so are dynamic values and decimals.

mod aggregates;
mod choices;
mod comparisons;
mod order;
mod texts;

use coldtrail_engine::plan::Expr;
use coldtrail_rules::kql::plan::{Expression, ExpressionKind};
use coldtrail_rules::kql::{Schema, Type};

pub(super) use aggregates::aggregate;
pub(super) use order::{group_key, sort_key};

/// What a null may be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// Nothing but a null.
    Told,
    /// False, since a row goes either way.
    AsFalse,
}

/// A condition, of which null is as good as false.
pub(super) fn predicate(predicate: &Expression, schema: &Schema) -> Expr {
    condition(predicate, schema, Nulls::AsFalse)
}

/// The twin of a call.
pub(super) fn call(call: &Expression, schema: &Schema) -> Option<Expr> {
    twin(call, schema, Nulls::Told)
}

fn condition(expression: &Expression, schema: &Schema, nulls: Nulls) -> Expr {
    twin(expression, schema, nulls)
        .unwrap_or_else(|| super::expressions::expression(expression, schema))
}

fn twin(expression: &Expression, schema: &Schema, nulls: Nulls) -> Option<Expr> {
    let ExpressionKind::Call { function, arguments } = &expression.kind else { return None };
    if let [left, right] = arguments.as_slice()
        && [left.r#type, right.r#type] == [Type::Bool; 2]
    {
        let both = || (condition(left, schema, nulls), condition(right, schema, nulls));
        match function.name {
            "and" => return Some(both().0.and(both().1)),
            "or" => return Some(both().0.or(both().1)),
            _ => {}
        }
    }
    comparisons::twin(function.name, arguments, schema, nulls == Nulls::AsFalse)
        .or_else(|| texts::twin(function.name, arguments, schema))
        .or_else(|| choices::twin(function.name, arguments, expression.r#type, schema))
}
