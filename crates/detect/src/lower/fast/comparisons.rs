//! Equality, order and membership of whole numbers, times and texts.
//!
//! Equality of a null and a value is false, and of two nulls null; order with a null is null.

use coldtrail_engine::plan::{Expr, Operator, binary_expr, cast, in_list, lit, not, when};
use coldtrail_rules::kql::plan::{Expression, ExpressionKind};
use coldtrail_rules::kql::{DateTime, Dynamic, Schema, Type, Value};

use super::super::expressions::{expression, literal};
use super::super::values::data_type;

/// The twin of a call.
pub(super) fn twin(
    name: &str,
    arguments: &[Expression],
    schema: &Schema,
    is_false_when_null: bool,
) -> Option<Expr> {
    match (name, arguments) {
        ("not", [argument]) if argument.r#type == Type::Bool => {
            Some(not(expression(argument, schema)))
        }
        ("==", [left, right]) => equality(left, right, schema, is_false_when_null),
        ("!=", [left, right]) => inequality(left, right, schema, is_false_when_null),
        ("<", [left, right]) => order(left, Operator::Lt, right, schema),
        ("<=", [left, right]) => order(left, Operator::LtEq, right, schema),
        (">", [left, right]) => order(left, Operator::Gt, right, schema),
        (">=", [left, right]) => order(left, Operator::GtEq, right, schema),
        ("between", [value, low, high]) => between(value, low, high, schema),
        ("!between", [value, low, high]) => between(value, low, high, schema).map(not),
        ("in", [value, list @ ..]) => membership(value, list, schema),
        ("!in", [value, list @ ..]) => membership(value, list, schema).map(not),
        _ => None,
    }
}

fn equality(
    left: &Expression,
    right: &Expression,
    schema: &Schema,
    is_false_when_null: bool,
) -> Option<Expr> {
    let (one, other) = alike(left, right, schema)?;
    if is_false_when_null || left.r#type == Type::String {
        return Some(one.eq(other));
    }
    let same = binary_expr(one.clone(), Operator::IsNotDistinctFrom, other.clone());
    Some(unless_both_null(left, one, right, other, same))
}

fn inequality(
    left: &Expression,
    right: &Expression,
    schema: &Schema,
    is_false_when_null: bool,
) -> Option<Expr> {
    let (one, other) = alike(left, right, schema)?;
    if left.r#type == Type::String {
        return Some(one.not_eq(other));
    }
    let differ = binary_expr(one.clone(), Operator::IsDistinctFrom, other.clone());
    if is_false_when_null {
        return Some(differ);
    }
    Some(unless_both_null(left, one, right, other, differ))
}

fn unless_both_null(
    left: &Expression,
    one: Expr,
    right: &Expression,
    other: Expr,
    answer: Expr,
) -> Expr {
    if constant(left).is_some() || constant(right).is_some() {
        return answer;
    }
    let is_told = one.is_not_null().or(other.is_not_null());
    // Without an `else` the answer is null.
    when(is_told, answer.clone()).end().unwrap_or(answer)
}

fn order(
    left: &Expression,
    operator: Operator,
    right: &Expression,
    schema: &Schema,
) -> Option<Expr> {
    let (one, other) = alike(left, right, schema)?;
    Some(binary_expr(one, operator, other))
}

/// Only within constants: then it is null if the value is, and at no other time.
fn between(
    value: &Expression,
    low: &Expression,
    high: &Expression,
    schema: &Schema,
) -> Option<Expr> {
    let end = match (constant(low)?, constant(high)?) {
        (Value::DateTime(from), Value::TimeSpan(length)) => {
            let end = Value::DateTime(DateTime(from.0.saturating_add(length.0)));
            Expression {
                kind: ExpressionKind::Literal(end),
                r#type: Type::DateTime,
                span: high.span,
            }
        }
        _ => high.clone(),
    };
    let from = order(value, Operator::GtEq, low, schema)?;
    let to = order(value, Operator::LtEq, &end, schema)?;
    Some(from.and(to))
}

fn membership(value: &Expression, list: &[Expression], schema: &Schema) -> Option<Expr> {
    let mut elements = Vec::new();
    for element in list {
        elements.extend(flattened(constant(element)?));
    }
    let (subject, of) = match value.r#type {
        Type::String => (expression(value, schema), Type::String),
        Type::Int | Type::Long => (whole(value, schema), Type::Long),
        _ => return None,
    };
    let fits = |element: &Value| {
        matches!(
            (of, element),
            (Type::String, Value::String(_)) | (Type::Long, Value::Int(_) | Value::Long(_))
        )
    };
    if !elements.iter().all(fits) {
        return None;
    }
    if elements.is_empty() {
        return Some(lit(false));
    }
    let elements = elements.iter().map(|element| literal(element, of)).collect();
    let is_in = in_list(subject.clone(), elements, false);
    // A null is in no list.
    if of == Type::String { Some(is_in) } else { Some(subject.is_not_null().and(is_in)) }
}

/// The elements of an array, with texts and numbers as such; of a null list there are none.
pub(super) fn flattened(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Dynamic(Dynamic::Array(elements)) => elements
            .iter()
            .map(|element| match element {
                Dynamic::String(text) => Value::String(text.clone()),
                Dynamic::Long(number) => Value::Long(*number),
                element => Value::of_dynamic(element.clone()),
            })
            .collect(),
        Value::Dynamic(Dynamic::String(text)) => vec![Value::String(text.clone())],
        value => vec![value.clone()],
    }
}

/// Both sides as columns of one type, if that is one whose order is plain.
fn alike(left: &Expression, right: &Expression, schema: &Schema) -> Option<(Expr, Expr)> {
    let is_null = |side: &Expression| matches!(side.kind, ExpressionKind::Literal(Value::Null));
    if is_null(left) || is_null(right) {
        return None;
    }
    let plain = |side| expression(side, schema);
    match (left.r#type, right.r#type) {
        (one, other)
            if one == other
                && matches!(
                    one,
                    Type::Bool
                        | Type::Int
                        | Type::Long
                        | Type::String
                        | Type::DateTime
                        | Type::TimeSpan
                ) =>
        {
            Some((plain(left), plain(right)))
        }
        (Type::Int, Type::Long) | (Type::Long, Type::Int) => {
            Some((whole(left, schema), whole(right, schema)))
        }
        _ => None,
    }
}

/// A whole number in 64 bits.
fn whole(of: &Expression, schema: &Schema) -> Expr {
    match (constant(of), of.r#type) {
        (Some(value), _) => literal(value, Type::Long),
        (None, Type::Int) => cast(expression(of, schema), data_type(Type::Long)),
        (None, _) => expression(of, schema),
    }
}

/// A constant that is not null.
pub(super) fn constant(of: &Expression) -> Option<&Value> {
    match &of.kind {
        ExpressionKind::Literal(Value::Null) => None,
        ExpressionKind::Literal(value) => Some(value),
        _ => None,
    }
}
