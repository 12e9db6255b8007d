//! An expression made ready for many rows: constants are put in place once.

use crate::kql::functions::Function;
use crate::kql::plan::{Expression, ExpressionKind};
use crate::kql::{Type, Value};

/// An expression ready for many rows.
#[derive(Debug)]
pub struct Prepared {
    step: Step,
}

#[derive(Debug)]
enum Step {
    Column(usize),
    Constant(Value),
    Call {
        function: &'static Function,
        /// The arguments of the row; constants stay in their places.
        values: Vec<Value>,
        /// The arguments that change from row to row, by place.
        changing: Vec<(usize, Step)>,
        result: Type,
    },
}

impl Prepared {
    /// Makes an expression ready.
    pub fn new(expression: &Expression) -> Self {
        Self { step: Step::new(expression) }
    }

    /// The value in a row.
    pub fn value(&mut self, row: &[Value]) -> Value {
        self.value_of(&|place| row.get(place).cloned().unwrap_or(Value::Null))
    }

    /// The value over cells that are asked for one by one.
    pub fn value_of(&mut self, cell: &dyn Fn(usize) -> Value) -> Value {
        self.step.value(cell)
    }
}

impl Step {
    fn new(expression: &Expression) -> Self {
        let (function, arguments) = match &expression.kind {
            ExpressionKind::Column(place) => return Step::Column(*place),
            ExpressionKind::Literal(value) => return Step::Constant(value.clone()),
            ExpressionKind::Call { function, arguments } => (function, arguments),
        };
        let mut values = Vec::new();
        let mut changing = Vec::new();
        for (place, argument) in arguments.iter().enumerate() {
            match Step::new(argument) {
                Step::Constant(value) => values.push(value),
                step => {
                    values.push(Value::Null);
                    changing.push((place, step));
                }
            }
        }
        Step::Call { function, values, changing, result: expression.r#type }
    }

    fn value(&mut self, cell: &dyn Fn(usize) -> Value) -> Value {
        match self {
            Step::Column(place) => cell(*place),
            Step::Constant(value) => value.clone(),
            Step::Call { function, values, changing, result } => {
                for (place, step) in changing {
                    if let Some(value) = values.get_mut(*place) {
                        *value = step.value(cell);
                    }
                }
                match (function.call)(values) {
                    Value::Null => Value::nothing(*result),
                    value => value,
                }
            }
        }
    }
}
