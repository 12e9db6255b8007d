//! Scalar expressions as expressions of the engine.
//!
//! What has a fast twin becomes that; what is left is computed a row at a time by the language's own
//! functions, with whole trees of calls at once, so that values do not become columns in between.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use coldtrail_engine::guests::{GuestError, ScalarGuest, scalar_guest};
use coldtrail_engine::plan::{Expr, ScalarValue, column, lit};
use coldtrail_rules::kql::evaluate::Prepared;
use coldtrail_rules::kql::plan::{Expression, ExpressionKind};
use coldtrail_rules::kql::{Schema, Type, Value};

use super::values::{array, cells, data_type};

/// The longest name of a guest; a longer one is told apart by its hash.
const LONGEST_NAME: usize = 120;

/// The expression over columns of the names of a schema.
pub(super) fn expression(expression: &Expression, schema: &Schema) -> Expr {
    match &expression.kind {
        ExpressionKind::Column(place) => match schema.get(*place) {
            Some(named) => column(&named.name),
            None => literal(&Value::Null, expression.r#type),
        },
        ExpressionKind::Literal(value) => literal(value, expression.r#type),
        ExpressionKind::Call { .. } => row_by_row(expression, schema),
    }
}

/// A constant.
pub(super) fn literal(value: &Value, of: Type) -> Expr {
    let column = array(of, [value]);
    let value = ScalarValue::try_from_array(&column, 0);
    lit(value.unwrap_or(ScalarValue::Null))
}

/// The expression computed a row at a time.
pub(super) fn row_by_row(expression: &Expression, schema: &Schema) -> Expr {
    let mut used = BTreeMap::new();
    let expression = renumbered(expression, &mut used);
    let mut columns: Vec<(usize, usize)> =
        used.into_iter().map(|(place, argument)| (argument, place)).collect();
    columns.sort_unstable();
    let columns = columns.iter().filter_map(|(_, place)| schema.get(*place));
    let (types, arguments) = columns.map(|named| (named.r#type, column(&named.name))).unzip();
    let computation = Computation { name: name(&expression), expression, types };
    scalar_guest(Arc::new(computation), arguments)
}

/// The expression over arguments instead of columns: `used` tells which argument a column is.
fn renumbered(expression: &Expression, used: &mut BTreeMap<usize, usize>) -> Expression {
    let kind = match &expression.kind {
        ExpressionKind::Column(place) => {
            let next = used.len();
            ExpressionKind::Column(*used.entry(*place).or_insert(next))
        }
        ExpressionKind::Literal(value) => ExpressionKind::Literal(value.clone()),
        ExpressionKind::Call { function, arguments } => ExpressionKind::Call {
            function,
            arguments: arguments.iter().map(|argument| renumbered(argument, used)).collect(),
        },
    };
    Expression { kind, ..*expression }
}

/// A name that no other computation has.
pub(super) fn name(expression: &Expression) -> String {
    let mut text = String::from("kql:");
    write_expression(&mut text, expression);
    short(text)
}

/// The text, or its begin and its hash if it is long.
pub(super) fn short(mut text: String) -> String {
    if text.len() <= LONGEST_NAME {
        return text;
    }
    let hash = |seed: u64| {
        let mut hasher = DefaultHasher::new();
        (seed, &text).hash(&mut hasher);
        hasher.finish()
    };
    let mut end = LONGEST_NAME - 40;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (one, other) = (hash(1), hash(2));
    text.truncate(end);
    let _ = write!(text, "…#{one:016x}{other:016x}");
    text
}

fn write_expression(text: &mut String, expression: &Expression) {
    // Writing to a `String` cannot fail.
    let _ = match &expression.kind {
        ExpressionKind::Column(place) => write!(text, "@{place}"),
        ExpressionKind::Literal(value) => write!(text, "{value:?}"),
        ExpressionKind::Call { function, arguments } => {
            text.push_str(function.name);
            text.push('(');
            for (place, argument) in arguments.iter().enumerate() {
                if place > 0 {
                    text.push_str(", ");
                }
                write_expression(text, argument);
            }
            text.push(')');
            Ok(())
        }
    };
}

/// An expression over its arguments, row by row.
#[derive(Debug)]
struct Computation {
    name: String,
    expression: Expression,
    types: Vec<Type>,
}

impl ScalarGuest for Computation {
    fn name(&self) -> &str {
        &self.name
    }

    fn result(&self) -> DataType {
        data_type(self.expression.r#type)
    }

    fn call(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, GuestError> {
        let columns = cells(columns, self.types.iter().copied())?;
        let mut prepared = Prepared::new(&self.expression);
        let values: Vec<Value> = (0..rows)
            .map(|row| {
                prepared.value_of(&|place| {
                    columns.get(place).map_or(Value::Null, |cells| cells.value(row))
                })
            })
            .collect();
        Ok(array(self.expression.r#type, &values))
    }
}
