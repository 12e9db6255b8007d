//! Columns computed row after row: `row_number`, `prev`, `next`, `row_cumsum` and their kin.
//!
//! <https://learn.microsoft.com/kusto/query/window-functions>

use std::collections::VecDeque;

use rust_decimal::Decimal;

use super::{each, order::group_key};
use crate::kql::plan::{Window, WindowKind};
use crate::kql::{TimeSpan, Type, Value};

/// Which way rows must come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first to the last.
    Forwards,
    /// From the last to the first.
    Backwards,
}

/// Adds the columns of windows behind those of the rows.
pub(super) fn add(windows: &[Window], rows: &mut [Vec<Value>]) {
    let columns: Vec<Vec<Value>> = windows.iter().map(|window| column(window, rows)).collect();
    for (place, row) in rows.iter_mut().enumerate() {
        row.extend(columns.iter().filter_map(|column| column.get(place).cloned()));
    }
}

fn column(window: &Window, rows: &[Vec<Value>]) -> Vec<Value> {
    let mut running = Running::new(window);
    match running.direction() {
        Direction::Forwards => rows.iter().map(|row| running.step(row)).collect(),
        Direction::Backwards => {
            let mut values: Vec<Value> = rows.iter().rev().map(|row| running.step(row)).collect();
            values.reverse();
            values
        }
    }
}

/// A window function on its way over rows.
#[derive(Debug)]
pub struct Running {
    window: Window,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Before the first row, of functions that know their last row's state.
    Begin,
    /// The last number.
    Number(i64),
    /// The values of the last rows, the latest behind.
    Past(VecDeque<Value>),
    /// The sum of the last rows.
    Sum(Value),
    /// The last term, its rank, and how many rows there were.
    Rank { term: Vec<u8>, rank: i64, rows: i64 },
    /// When the session began and when the last row was.
    Session { begin: Value, last: Value },
}

impl Running {
    /// Before the first row.
    pub fn new(window: &Window) -> Self {
        let state = match window.kind {
            WindowKind::Prev | WindowKind::Next => State::Past(VecDeque::new()),
            _ => State::Begin,
        };
        Self { window: window.clone(), state }
    }

    /// Which way rows must come by.
    pub fn direction(&self) -> Direction {
        match self.window.kind {
            WindowKind::Next => Direction::Backwards,
            _ => Direction::Forwards,
        }
    }

    /// The value of the next row.
    pub fn step(&mut self, row: &[Value]) -> Value {
        let arguments = each(&self.window.arguments, row);
        let value = match self.window.kind {
            WindowKind::RowNumber => self.number(&arguments),
            WindowKind::Prev | WindowKind::Next => self.shifted(arguments),
            WindowKind::RowCumSum => self.sum(&arguments),
            WindowKind::RowRankDense => self.rank(&arguments, true),
            WindowKind::RowRankMin => self.rank(&arguments, false),
            WindowKind::RowWindowSession => self.session(&arguments),
        };
        if value == Value::Null { Value::nothing(self.window.r#type) } else { value }
    }

    fn number(&mut self, arguments: &[Value]) -> Value {
        let first = arguments.first().and_then(whole).unwrap_or(1);
        let number = match self.state {
            State::Number(last) if !is_true(arguments.get(1)) => last.saturating_add(1),
            _ => first,
        };
        self.state = State::Number(number);
        Value::Long(number)
    }

    fn shifted(&mut self, arguments: Vec<Value>) -> Value {
        let offset = arguments.get(1).and_then(whole).unwrap_or(1);
        let Ok(offset) = usize::try_from(offset) else { return Value::Null };
        let default = arguments.get(2).cloned().unwrap_or(Value::Null);
        let term = arguments.into_iter().next().unwrap_or(Value::Null);
        let State::Past(past) = &mut self.state else { return Value::Null };
        past.push_back(term);
        if past.len() <= offset {
            return default;
        }
        past.pop_front().unwrap_or(default)
    }

    fn sum(&mut self, arguments: &[Value]) -> Value {
        let term = arguments.first().cloned().unwrap_or(Value::Null);
        let sum = match &self.state {
            State::Sum(sum) if !is_true(arguments.get(1)) => plus(sum, &term),
            _ => plus(&zero(self.window.r#type), &term),
        };
        self.state = State::Sum(sum.clone());
        sum
    }

    fn rank(&mut self, arguments: &[Value], is_dense: bool) -> Value {
        let term = group_key(arguments.get(..1).unwrap_or_default());
        let restarts = is_true(arguments.get(1));
        let (rank, rows) = match &self.state {
            State::Rank { term: last, rank, rows } if !restarts => match *last == term {
                true => (*rank, rows + 1),
                false if is_dense => (rank + 1, rows + 1),
                false => (rows + 1, rows + 1),
            },
            _ => (1, 1),
        };
        self.state = State::Rank { term, rank, rows };
        Value::Long(rank)
    }

    fn session(&mut self, arguments: &[Value]) -> Value {
        let moment = arguments.first().cloned().unwrap_or(Value::Null);
        let begin = match &self.state {
            State::Session { begin, last } if !is_true(arguments.get(3)) => {
                let is_on = is_within(begin, &moment, arguments.get(1))
                    && is_within(last, &moment, arguments.get(2));
                if is_on { begin.clone() } else { moment.clone() }
            }
            _ => moment.clone(),
        };
        self.state = State::Session { begin: begin.clone(), last: moment };
        begin
    }
}

fn is_true(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(true))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(i64::from(*number)),
        Value::Long(number) => Some(*number),
        Value::Real(number) => Some(*number as i64),
        _ => None,
    }
}

fn zero(of: Type) -> Value {
    match of {
        Type::Int => Value::Int(0),
        Type::Real => Value::Real(0.0),
        Type::Decimal => Value::Decimal(Decimal::ZERO),
        Type::TimeSpan => Value::TimeSpan(TimeSpan(0)),
        _ => Value::Long(0),
    }
}

/// The sum of two numbers or lengths of time, of the first one's type; a null adds nothing.
fn plus(sum: &Value, term: &Value) -> Value {
    match (sum, term) {
        (Value::Int(sum), Value::Int(term)) => Value::Int(sum.wrapping_add(*term)),
        (Value::Long(sum), term) => Value::Long(sum.wrapping_add(whole(term).unwrap_or(0))),
        (Value::Real(sum), Value::Real(term)) => Value::Real(sum + term),
        (Value::Real(sum), term) => Value::Real(sum + whole(term).unwrap_or(0) as f64),
        (Value::Decimal(sum), Value::Decimal(term)) => {
            sum.checked_add(*term).map_or(Value::Null, Value::Decimal)
        }
        (Value::TimeSpan(sum), Value::TimeSpan(term)) => {
            Value::TimeSpan(TimeSpan(sum.0.wrapping_add(term.0)))
        }
        (sum, _) => sum.clone(),
    }
}

/// Whether a moment is not further behind another than a length of time.
fn is_within(from: &Value, to: &Value, longest: Option<&Value>) -> bool {
    match (from, to, longest) {
        (Value::DateTime(from), Value::DateTime(to), Some(Value::TimeSpan(longest))) => {
            to.0.saturating_sub(from.0) <= longest.0
        }
        _ => false,
    }
}
