//! What rows are sorted and grouped by.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use coldtrail_engine::guests::{GuestError, ScalarGuest, scalar_guest};
use coldtrail_engine::plan::{Expr, lit, when};
use coldtrail_rules::kql::evaluate::order_key;
use coldtrail_rules::kql::plan::Expression;
use coldtrail_rules::kql::{Schema, Type, Value};

use super::super::expressions::expression;
use super::super::values::Cells;

/// What makes rows a group: the expression itself, but with one zero.
pub(in super::super) fn group_key(key: &Expression, schema: &Schema) -> Expr {
    let column = expression(key, schema);
    if key.r#type == Type::Real {
        return when(column.clone().eq(lit(-0.0_f64)), lit(0.0_f64))
            .otherwise(column.clone())
            .unwrap_or(column);
    }
    column
}

/// What rows are sorted by: the expression itself where columns are in the order of values.
pub(in super::super) fn sort_key(by: &Expression, schema: &Schema) -> Expr {
    let column = expression(by, schema);
    match by.r#type {
        Type::Decimal | Type::Dynamic => {
            scalar_guest(Arc::new(OrderKey { of: by.r#type }), vec![column])
        }
        _ => column,
    }
}

/// Bytes in the order of the values.
#[derive(Debug)]
struct OrderKey {
    of: Type,
}

impl ScalarGuest for OrderKey {
    fn name(&self) -> &str {
        if self.of == Type::Decimal { "kql:order:decimal" } else { "kql:order:dynamic" }
    }

    fn result(&self) -> DataType {
        DataType::Binary
    }

    fn call(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, GuestError> {
        let column = columns.first().ok_or("a key without a column")?;
        let cells = Cells::new(column, self.of)?;
        let mut keys = BinaryBuilder::new();
        for row in 0..rows {
            match cells.value(row) {
                Value::Null => keys.append_null(),
                value => keys.append_value(order_key(&value)),
            }
        }
        Ok(Arc::new(keys.finish()) as Arc<dyn Array>)
    }
}
