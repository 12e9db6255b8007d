//! Twins that the engine computes a column at a time, where that gives the same answer as the language's own
//! functions do a row at a time.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use coldtrail_engine::guests::{GuestError, ScalarGuest, scalar_guest};
use coldtrail_engine::plan::{Expr, count, lit};
use coldtrail_rules::kql::evaluate::order_key;
use coldtrail_rules::kql::plan::{Aggregate, Expression};
use coldtrail_rules::kql::{Schema, Type, Value};

use super::expressions::expression;
use super::values::Cells;

/// A condition, of which null is as good as false.
pub(super) fn predicate(predicate: &Expression, schema: &Schema) -> Expr {
    expression(predicate, schema)
}

/// What rows are sorted by: the expression itself where columns are in the order of values.
pub(super) fn sort_key(by: &Expression, schema: &Schema) -> Expr {
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

/// An aggregate of the engine that has the same answer.
pub(super) enum NativeAggregate {
    /// How many rows there are.
    Count,
}

/// The engine's twin of an aggregate.
pub(super) fn aggregate(aggregate: &Aggregate, _schema: &Schema) -> Option<NativeAggregate> {
    match (aggregate.function.name, aggregate.arguments.as_slice()) {
        ("count", []) => Some(NativeAggregate::Count),
        _ => None,
    }
}

impl NativeAggregate {
    /// The call; what it needs to be computed before is put to the others under the name.
    pub(super) fn over(&self, _name: &str, _before: &mut Vec<Expr>) -> Expr {
        match self {
            NativeAggregate::Count => count(lit(1)),
        }
    }

    /// What comes out of the call's column.
    pub(super) fn result(&self, column: Expr) -> Expr {
        match self {
            NativeAggregate::Count => column,
        }
    }
}
