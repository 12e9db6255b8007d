//! Choices between values, questions whether there is one, and bins of time.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::DataType;
use coldtrail_engine::guests::{GuestError, ScalarGuest, scalar_guest};
use coldtrail_engine::plan::{Expr, coalesce, when};
use coldtrail_rules::kql::plan::{Expression, ExpressionKind};
use coldtrail_rules::kql::{Schema, TimeSpan, Type, Value};

use super::super::expressions::{expression, literal};
use super::comparisons::constant;
use super::{Nulls, condition};

/// The twin of a call whose result is of that type.
pub(super) fn twin(
    name: &str,
    arguments: &[Expression],
    of: Type,
    schema: &Schema,
) -> Option<Expr> {
    let is_plain = |argument: &Expression| argument.r#type == of && of != Type::Dynamic;
    match (name, arguments) {
        ("isnull" | "isempty", [value]) if has_plain_null(value) => {
            Some(expression(value, schema).is_null())
        }
        ("isnotnull" | "notnull" | "isnotempty" | "notempty", [value]) if has_plain_null(value) => {
            Some(expression(value, schema).is_not_null())
        }
        ("iff" | "iif", [_, yes, no]) if is_plain(yes) && is_plain(no) => {
            chosen(arguments, of, schema)
        }
        ("case", arguments) => {
            let (last, branches) = arguments.split_last()?;
            let values = branches.iter().skip(1).step_by(2).chain([last]);
            values.into_iter().all(is_plain).then(|| chosen(arguments, of, schema))?
        }
        ("coalesce", values) if of != Type::String && values.iter().all(is_plain) => {
            Some(coalesce(values.iter().map(|value| value_of(value, of, schema)).collect()))
        }
        ("bin" | "floor", [value, size])
            if is_plain(value) && matches!(of, Type::DateTime | Type::TimeSpan) =>
        {
            match constant(size)? {
                Value::TimeSpan(TimeSpan(size)) if *size > 0 => {
                    let bins = Bins { name: format!("kql:bin:{size}"), size: *size };
                    Some(scalar_guest(Arc::new(bins), vec![expression(value, schema)]))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether the null of a column is all that there is to a null or empty value.
fn has_plain_null(value: &Expression) -> bool {
    !matches!(value.r#type, Type::String | Type::Dynamic)
        && !matches!(value.kind, ExpressionKind::Literal(_))
}

/// The value behind the first condition that holds, or the last one.
fn chosen(arguments: &[Expression], of: Type, schema: &Schema) -> Option<Expr> {
    let (last, branches) = arguments.split_last()?;
    let mut branches = branches.chunks_exact(2).filter_map(|branch| match branch {
        [holds, value] if holds.r#type == Type::Bool => {
            Some((condition(holds, schema, Nulls::AsFalse), value_of(value, of, schema)))
        }
        _ => None,
    });
    if arguments.len().is_multiple_of(2) || branches.clone().count() != arguments.len() / 2 {
        return None;
    }
    let (holds, value) = branches.next()?;
    let mut choice = when(holds, value);
    for (holds, value) in branches {
        choice = choice.when(holds, value);
    }
    choice.otherwise(value_of(last, of, schema)).ok()
}

fn value_of(value: &Expression, of: Type, schema: &Schema) -> Expr {
    match &value.kind {
        ExpressionKind::Literal(constant) => literal(constant, of),
        _ => expression(value, schema),
    }
}

/// Ticks rounded down to a whole number of sizes.
#[derive(Debug)]
struct Bins {
    name: String,
    size: i64,
}

impl ScalarGuest for Bins {
    fn name(&self) -> &str {
        &self.name
    }

    fn result(&self) -> DataType {
        DataType::Int64
    }

    fn call(&self, columns: &[ArrayRef], _rows: usize) -> Result<ArrayRef, GuestError> {
        let column = columns.first().ok_or("bins without a column")?;
        let ticks = column.as_primitive_opt::<Int64Type>().ok_or("bins of what is no time")?;
        let binned: Int64Array =
            ticks.unary_opt(|ticks| ticks.div_euclid(self.size).checked_mul(self.size));
        Ok(Arc::new(binned))
    }
}
