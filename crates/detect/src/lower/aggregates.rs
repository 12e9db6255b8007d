//! `summarize`: the language's own aggregates as aggregates of the engine.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef, BinaryArray, StructArray};
use arrow_schema::{DataType, Field, Fields};
use coldtrail_engine::EngineError;
use coldtrail_engine::guests::{AggregateGuest, Groups, GuestError, aggregate_guest};
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, column, count, get_field, lit,
};
use coldtrail_rules::kql::aggregates::{Accumulator, AggregateFunction};
use coldtrail_rules::kql::evaluate::{decode, encode};
use coldtrail_rules::kql::plan::{Aggregate, Expression, ExpressionKind};
use coldtrail_rules::kql::{Column, Schema, Type, Value};

use super::expressions::{expression, short};
use super::fast;
use super::values::{array, cells, data_type};

/// The hidden column that says which place a row has in an order.
pub(super) const ORDINAL: &str = "__ordinal";

/// What the names of aggregates begin with whose answer depends on the order of rows, where they have one.
const ORDERED: [&str; 4] = ["make", "take_any", "any", "buildschema"];

/// Whether the order of rows makes a difference to an aggregate.
pub(super) fn is_ordered(aggregate: &Aggregate) -> bool {
    ORDERED.iter().any(|begin| aggregate.function.name.starts_with(begin))
}

/// A summary over a plan of the input's columns, and of [`ORDINAL`] behind them if `has_ordinal`.
pub(super) fn summarize(
    plan: LogicalPlan,
    input: &Schema,
    keys: &[Expression],
    aggregates: &[Aggregate],
    is_grouped: bool,
    has_ordinal: bool,
    schema: &Schema,
) -> Result<LogicalPlan, EngineError> {
    let mut before: Vec<Expr> = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        before.push(expression(key, input).alias(key_name(place)));
    }
    let mut folded = Vec::new();
    let mut after: Vec<Expr> = Vec::new();
    let names = schema.iter().enumerate();
    after.extend(
        names.take(keys.len()).map(|(place, key)| column(&key_name(place)).alias(&key.name)),
    );
    let mut width = keys.len();
    for (number, aggregate) in aggregates.iter().enumerate() {
        let results = schema.get(width..width + aggregate.width).unwrap_or_default();
        width += aggregate.width;
        let name = format!("__aggregate{number}");
        if let Some(native) = fast::aggregate(aggregate, input) {
            folded.push(native.over(&format!("{name}_argument"), &mut before).alias(&name));
            after.extend(
                results.iter().map(|result| native.result(column(&name)).alias(&result.name)),
            );
            continue;
        }
        let ordinal = has_ordinal && is_ordered(aggregate);
        let guest = Fold::new(aggregate, results, ordinal);
        let mut arguments = Vec::new();
        if ordinal {
            before.push(column(ORDINAL).alias(format!("{name}_ordinal")));
            arguments.push(column(&format!("{name}_ordinal")));
        }
        for (place, argument) in aggregate.arguments.iter().enumerate() {
            if !matches!(argument.kind, ExpressionKind::Literal(_)) {
                let argument_name = format!("{name}_argument{place}");
                before.push(expression(argument, input).alias(&argument_name));
                arguments.push(column(&argument_name));
            }
        }
        if arguments.is_empty() {
            arguments.push(lit(true));
        }
        folded.push(aggregate_guest(Arc::new(guest), arguments).alias(&name));
        for (place, result) in results.iter().enumerate() {
            let value = match results.len() {
                1 => column(&name),
                _ => get_field(column(&name), part_name(place)),
            };
            after.push(value.alias(&result.name));
        }
    }
    let keeps_any = keys.is_empty() && is_grouped;
    if keeps_any || keys.is_empty() && aggregates.is_empty() {
        folded.push(count(lit(1)).alias("__rows"));
    }
    if before.is_empty() {
        before.push(lit(true).alias("__row"));
    }
    let keys: Vec<Expr> = (0..keys.len()).map(|place| column(&key_name(place))).collect();
    let mut builder = LogicalPlanBuilder::from(plan).project(before)?.aggregate(keys, folded)?;
    if keeps_any {
        builder = builder.filter(column("__rows").gt(lit(0_i64)))?;
    }
    Ok(builder.project(after)?.build()?)
}

fn key_name(place: usize) -> String {
    format!("__key{place}")
}

fn part_name(place: usize) -> String {
    format!("part{place}")
}

/// One of the language's aggregates with its constants.
#[derive(Debug)]
struct Fold {
    name: String,
    function: &'static AggregateFunction,
    /// Of each argument the constant, or the type of its column.
    arguments: Vec<Argument>,
    results: Vec<Type>,
    is_ordered: bool,
}

#[derive(Clone, Debug)]
enum Argument {
    Constant(Type, Value),
    Changing(Type),
}

impl Fold {
    fn new(aggregate: &Aggregate, results: &[Column], is_ordered: bool) -> Self {
        let arguments: Vec<Argument> = aggregate
            .arguments
            .iter()
            .map(|argument| match &argument.kind {
                ExpressionKind::Literal(value) => {
                    Argument::Constant(argument.r#type, value.clone())
                }
                _ => Argument::Changing(argument.r#type),
            })
            .collect();
        let mut name = format!("kql:{}", aggregate.function.name);
        if is_ordered {
            name.push_str(":ordered");
        }
        // Calls that differ in their constants are not the same; writing to a `String` cannot fail.
        for (place, argument) in arguments.iter().enumerate() {
            if let Argument::Constant(_, value) = argument {
                let _ = write!(name, ":{place}={value:?}");
            }
        }
        let results = results.iter().map(|result| result.r#type).collect();
        let name = short(name);
        Self { name, function: aggregate.function, arguments, results, is_ordered }
    }

    fn start(&self) -> Start {
        let types = self.arguments.iter().map(|argument| match argument {
            Argument::Constant(of, _) | Argument::Changing(of) => *of,
        });
        let constants = self.arguments.iter().map(|argument| match argument {
            Argument::Constant(_, value) => value.clone(),
            Argument::Changing(_) => Value::Null,
        });
        Start { function: self.function, types: types.collect(), constants: constants.collect() }
    }
}

impl AggregateGuest for Fold {
    fn name(&self) -> &str {
        &self.name
    }

    fn result(&self) -> DataType {
        match self.results.as_slice() {
            [one] => data_type(*one),
            results => DataType::Struct(parts(results)),
        }
    }

    fn begin(&self) -> Box<dyn Groups> {
        let mut types: Vec<Type> = Vec::new();
        let mut row = Vec::new();
        let mut changing = Vec::new();
        if self.is_ordered {
            types.push(Type::Long);
            changing.push(0);
            row.push(Value::Null);
        }
        for argument in &self.arguments {
            match argument {
                Argument::Constant(_, value) => row.push(value.clone()),
                Argument::Changing(of) => {
                    changing.push(row.len());
                    types.push(*of);
                    row.push(Value::Null);
                }
            }
        }
        Box::new(Folding {
            start: self.start(),
            is_ordered: self.is_ordered,
            results: self.results.clone(),
            types,
            row,
            changing,
            groups: Vec::new(),
            bytes: 0,
        })
    }
}

fn parts(results: &[Type]) -> Fields {
    let field = |(place, of): (usize, &Type)| Field::new(part_name(place), data_type(*of), true);
    results.iter().enumerate().map(field).collect()
}

/// What every group begins with.
#[derive(Clone, Debug)]
struct Start {
    function: &'static AggregateFunction,
    types: Vec<Type>,
    constants: Vec<Value>,
}

impl Start {
    fn begin(&self) -> Box<dyn Accumulator> {
        (self.function.begin)(&self.types, &self.constants)
    }
}

/// Groups of one aggregate.
struct Folding {
    start: Start,
    is_ordered: bool,
    results: Vec<Type>,
    /// The types of the columns that come.
    types: Vec<Type>,
    /// The arguments of a row, with constants in their places.
    row: Vec<Value>,
    /// Where the columns' values belong among them.
    changing: Vec<usize>,
    groups: Vec<Group>,
    bytes: usize,
}

/// One group, and what it held when it was last looked at.
struct Group {
    accumulator: Box<dyn Accumulator>,
    bytes: usize,
}

impl Folding {
    fn grow(&mut self, count: usize) {
        while self.groups.len() < count {
            let accumulator: Box<dyn Accumulator> = match self.is_ordered {
                true => Box::new(InOrder { start: self.start.clone(), rows: Vec::new(), bytes: 0 }),
                false => self.start.begin(),
            };
            let bytes = accumulator.size();
            self.bytes += bytes;
            self.groups.push(Group { accumulator, bytes });
        }
    }

    /// Counts again what groups hold that were touched.
    fn weigh(&mut self, touched: &[usize]) {
        let mut touched = touched.to_vec();
        touched.sort_unstable();
        touched.dedup();
        for place in touched {
            if let Some(group) = self.groups.get_mut(place) {
                let bytes = group.accumulator.size();
                self.bytes = (self.bytes + bytes).saturating_sub(group.bytes);
                group.bytes = bytes;
            }
        }
    }

    fn first(&mut self, first: usize) -> Vec<Group> {
        let first: Vec<Group> = self.groups.drain(..first.min(self.groups.len())).collect();
        let bytes: usize = first.iter().map(|group| group.bytes).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        first
    }
}

impl Groups for Folding {
    fn update(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        is_in: &dyn Fn(usize) -> bool,
        count: usize,
    ) -> Result<(), GuestError> {
        self.grow(count);
        let columns = cells(columns, self.types.iter().copied())?;
        for (row, place) in groups.iter().enumerate().filter(|(row, _)| is_in(*row)) {
            for (cells, place) in columns.iter().zip(&self.changing) {
                if let Some(value) = self.row.get_mut(*place) {
                    *value = cells.value(row);
                }
            }
            if let Some(group) = self.groups.get_mut(*place) {
                group.accumulator.update(&self.row);
            }
        }
        self.weigh(groups);
        Ok(())
    }

    fn merge(
        &mut self,
        states: &BinaryArray,
        groups: &[usize],
        count: usize,
    ) -> Result<(), GuestError> {
        self.grow(count);
        for (row, place) in groups.iter().enumerate() {
            if row >= states.len() || states.is_null(row) {
                continue;
            }
            let state = decode(states.value(row)).ok_or("a state of an aggregate is broken")?;
            if let Some(group) = self.groups.get_mut(*place) {
                group.accumulator.merge(&state);
            }
        }
        self.weigh(groups);
        Ok(())
    }

    fn states(&mut self, first: usize) -> BinaryArray {
        let mut states = BinaryBuilder::new();
        for group in self.first(first) {
            states.append_value(encode(&group.accumulator.state()));
        }
        states.finish()
    }

    fn finish(&mut self, first: usize) -> Result<ArrayRef, GuestError> {
        let rows: Vec<Vec<Value>> =
            self.first(first).into_iter().map(|mut group| group.accumulator.finish()).collect();
        let columns = self.results.iter().enumerate().map(|(place, of)| {
            array(*of, rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null)))
        });
        let mut columns: Vec<ArrayRef> = columns.collect();
        match (self.results.len(), columns.pop()) {
            (1, Some(column)) => Ok(column),
            (_, last) => {
                columns.extend(last);
                Ok(Arc::new(StructArray::try_new(parts(&self.results), columns, None)?))
            }
        }
    }

    fn count(&self) -> usize {
        self.groups.len()
    }

    fn size(&self) -> usize {
        self.bytes + self.groups.capacity() * size_of::<Group>()
    }
}

/// An aggregate that takes its rows in order at last: the first argument says which place a row has.
#[derive(Debug)]
struct InOrder {
    start: Start,
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl Accumulator for InOrder {
    fn update(&mut self, arguments: &[Value]) {
        self.bytes += arguments.iter().map(size_of_value).sum::<usize>() + size_of::<Vec<Value>>();
        self.rows.push(arguments.to_vec());
    }

    fn state(&self) -> Vec<Value> {
        self.rows.iter().flatten().cloned().collect()
    }

    fn merge(&mut self, state: &[Value]) {
        state.chunks(self.start.types.len() + 1).for_each(|row| self.update(row));
    }

    fn finish(&mut self) -> Vec<Value> {
        let place = |row: &Vec<Value>| match row.first() {
            Some(Value::Long(place)) => *place,
            _ => 0,
        };
        self.rows.sort_by_key(place);
        let mut accumulator = self.start.begin();
        for row in &self.rows {
            accumulator.update(row.get(1..).unwrap_or_default());
        }
        accumulator.finish()
    }

    fn size(&self) -> usize {
        self.bytes
    }
}

fn size_of_value(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Dynamic(dynamic) => dynamic.json().len() * 2,
            _ => 0,
        }
}
