//! What no plan says: rows that are made as others come by, with the language's own evaluation.

use std::fmt::Debug;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::SchemaRef;
use coldtrail_engine::guests::{GuestError, Stage, Staging};
use coldtrail_rules::kql::evaluate::{self, Direction, SeriesAxis, SeriesInMaking, draw, expand};
use coldtrail_rules::kql::plan::{Node, Plan, Window};
use coldtrail_rules::kql::{Column, Schema, Type, Value};

use super::aggregates::ORDINAL;
use super::values::{array, arrow_schema, batch, cells, row_of, rows};

/// The most rows of a batch that a stage gives.
pub(super) const ROWS_OF_A_BATCH: usize = 8192;

/// The hidden column that says how a row was drawn.
pub(super) const DRAWN: &str = "__drawn";

/// The most bytes that a stage holds of rows that it needs all of.
const MOST_BYTES: usize = 512 << 20;

/// The most rows that a stage makes in memory of one row, or of all that it needs.
const MOST_ROWS: usize = 4_000_000;

/// The most groups that `make-series` holds.
const MOST_GROUPS: usize = 4_000_000;

/// A stage with a name for plans.
pub(super) trait Named: Stage {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// The columns of what comes out.
    fn columns(&self) -> &Schema;
}

/// Why a stage cannot go on.
#[derive(Debug, thiserror::Error)]
enum StageError {
    #[error("`{0}` needs all rows at once, and they are more than {MOST_BYTES} bytes")]
    Bytes(&'static str),
    #[error("`make-series` has more than {MOST_GROUPS} groups")]
    Groups,
}

/// Adds the place of each row in the order.
#[derive(Debug)]
pub(super) struct Enumerate {
    columns: Schema,
}

impl Enumerate {
    /// Over rows of such columns.
    pub(super) fn new(input: &Schema) -> Self {
        let mut columns = input.clone();
        columns.push(Column::new(ORDINAL, Type::Long));
        Self { columns }
    }
}

impl Named for Enumerate {
    fn name(&self) -> &'static str {
        "enumerated"
    }

    fn columns(&self) -> &Schema {
        &self.columns
    }
}

impl Stage for Enumerate {
    fn schema(&self) -> SchemaRef {
        arrow_schema(&self.columns)
    }

    fn begin(&self) -> Box<dyn Staging> {
        Box::new(Enumerating { schema: self.schema(), next: 0 })
    }
}

struct Enumerating {
    schema: SchemaRef,
    next: i64,
}

impl Staging for Enumerating {
    fn take(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>, GuestError> {
        let end = self.next + i64::try_from(batch.num_rows())?;
        let places: ArrayRef = Arc::new(Int64Array::from_iter_values(self.next..end));
        self.next = end;
        let mut columns = batch.columns().to_vec();
        columns.push(places);
        Ok(vec![RecordBatch::try_new(Arc::clone(&self.schema), columns)?])
    }

    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError> {
        Ok(Vec::new())
    }
}

/// Adds columns that look at other rows.
#[derive(Debug)]
pub(super) struct Running {
    input: Schema,
    columns: Schema,
    windows: Vec<Window>,
}

impl Running {
    /// Behind the columns of the input.
    pub(super) fn new(input: &Schema, columns: &Schema, windows: &[Window]) -> Self {
        Self { input: input.clone(), columns: columns.clone(), windows: windows.to_vec() }
    }
}

impl Named for Running {
    fn name(&self) -> &'static str {
        "windowed"
    }

    fn columns(&self) -> &Schema {
        &self.columns
    }
}

impl Stage for Running {
    fn schema(&self) -> SchemaRef {
        arrow_schema(&self.columns)
    }

    fn begin(&self) -> Box<dyn Staging> {
        let running: Vec<_> = self.windows.iter().map(evaluate::Running::new).collect();
        Box::new(InWindows {
            types: self.input.iter().map(|column| column.r#type).collect(),
            schema: self.schema(),
            results: self.windows.iter().map(|window| window.r#type).collect(),
            looks_ahead: running.iter().any(|one| one.direction() == Direction::Backwards),
            running,
            held: Vec::new(),
            bytes: 0,
        })
    }
}

struct InWindows {
    types: Vec<Type>,
    schema: SchemaRef,
    results: Vec<Type>,
    running: Vec<evaluate::Running>,
    looks_ahead: bool,
    held: Vec<RecordBatch>,
    bytes: usize,
}

impl InWindows {
    /// Adds to a batch the columns of windows that go one way.
    fn computed(
        &mut self,
        batch: &RecordBatch,
        direction: Direction,
    ) -> Result<Vec<Option<ArrayRef>>, GuestError> {
        let cells = cells(batch.columns(), self.types.iter().copied())?;
        let going =
            self.running.iter_mut().map(|one| (one.direction() == direction).then_some(one));
        let mut going: Vec<_> = going.map(|one| one.map(|one| (one, Vec::new()))).collect();
        let last = batch.num_rows();
        for place in 0..last {
            let row = if direction == Direction::Forwards { place } else { last - 1 - place };
            let row = row_of(&cells, row);
            for (one, values) in going.iter_mut().flatten() {
                values.push(one.step(&row));
            }
        }
        let columns = going.into_iter().zip(&self.results).map(|(going, of)| {
            going.map(|(_, mut values)| {
                if direction == Direction::Backwards {
                    values.reverse();
                }
                array(*of, &values)
            })
        });
        Ok(columns.collect())
    }

    fn with(
        &self,
        batch: &RecordBatch,
        made: Vec<Option<ArrayRef>>,
    ) -> Result<RecordBatch, GuestError> {
        let mut columns = batch.columns().to_vec();
        columns.extend(made.into_iter().flatten());
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Staging for InWindows {
    fn take(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>, GuestError> {
        if !self.looks_ahead {
            let made = self.computed(&batch, Direction::Forwards)?;
            return Ok(vec![self.with(&batch, made)?]);
        }
        self.bytes += batch.get_array_memory_size();
        if self.bytes > MOST_BYTES {
            return Err(StageError::Bytes("next()").into());
        }
        self.held.push(batch);
        Ok(Vec::new())
    }

    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError> {
        let held = std::mem::take(&mut self.held);
        let mut made = Vec::new();
        for batch in &held {
            made.push(self.computed(batch, Direction::Forwards)?);
        }
        for (batch, made) in held.iter().zip(&mut made).rev() {
            let backwards = self.computed(batch, Direction::Backwards)?;
            for (column, backwards) in made.iter_mut().zip(backwards) {
                *column = column.take().or(backwards);
            }
        }
        held.iter().zip(made).map(|(batch, made)| self.with(batch, made)).collect()
    }
}

/// Makes rows of each row by itself.
#[derive(Debug)]
pub(super) struct RowByRow<M> {
    input: Schema,
    columns: Schema,
    make: Arc<M>,
}

/// What rows come of one.
pub(super) trait Make: Debug + Send + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// The rows that come of a row.
    fn rows(&self, row: Vec<Value>) -> Result<Vec<Vec<Value>>, GuestError>;
}

impl<M: Make> RowByRow<M> {
    /// Of columns to columns.
    pub(super) fn new(input: &Schema, columns: &Schema, make: M) -> Self {
        Self { input: input.clone(), columns: columns.clone(), make: Arc::new(make) }
    }
}

impl RowByRow<Node> {
    /// What [`Node::Expand`] and [`Node::Apply`] make.
    pub(super) fn of_node(node: &Node, input: &Schema, columns: &Schema) -> Self {
        let mut node = node.clone();
        if let Node::Expand { input, .. } | Node::Apply { input, .. } = &mut node {
            // Rows come by; what they come from is not run here.
            **input = Plan::rows(Vec::new(), Vec::new());
        }
        Self::new(input, columns, node)
    }
}

impl<M: Make + 'static> Named for RowByRow<M> {
    fn name(&self) -> &'static str {
        self.make.name()
    }

    fn columns(&self) -> &Schema {
        &self.columns
    }
}

impl<M: Make + 'static> Stage for RowByRow<M> {
    fn schema(&self) -> SchemaRef {
        arrow_schema(&self.columns)
    }

    fn begin(&self) -> Box<dyn Staging> {
        Box::new(ByRow {
            types: self.input.iter().map(|column| column.r#type).collect(),
            columns: self.columns.clone(),
            make: Arc::clone(&self.make),
        })
    }
}

struct ByRow<M> {
    types: Vec<Type>,
    columns: Schema,
    make: Arc<M>,
}

impl<M: Make> Staging for ByRow<M> {
    fn take(&mut self, input: RecordBatch) -> Result<Vec<RecordBatch>, GuestError> {
        let cells = cells(input.columns(), self.types.iter().copied())?;
        let mut batches = Vec::new();
        let mut made = Vec::new();
        for row in 0..input.num_rows() {
            made.extend(self.make.rows(row_of(&cells, row))?);
            if made.len() >= ROWS_OF_A_BATCH {
                batches.extend(batches_of(&self.columns, &made)?);
                made.clear();
            }
        }
        batches.extend(batches_of(&self.columns, &made)?);
        Ok(batches)
    }

    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError> {
        Ok(Vec::new())
    }
}

fn batches_of(columns: &Schema, rows: &[Vec<Value>]) -> Result<Vec<RecordBatch>, GuestError> {
    rows.chunks(ROWS_OF_A_BATCH).map(|rows| Ok(batch(columns, rows)?)).collect()
}

impl Make for Node {
    fn name(&self) -> &'static str {
        if matches!(self, Node::Expand { .. }) { "expanded" } else { "applied" }
    }

    fn rows(&self, row: Vec<Value>) -> Result<Vec<Vec<Value>>, GuestError> {
        match self {
            Node::Expand { columns, with_index, limit, keeps_empty, .. } => {
                Ok(expand(&row, columns, *with_index, *limit, *keeps_empty))
            }
            Node::Apply { body, columns, with_index, limit, .. } => {
                let subtable = expand(&row, columns, *with_index, *limit, false);
                let made = evaluate::rows(body, Some(&subtable), &no_tables, MOST_ROWS)?;
                let both = |made: Vec<Value>| row.iter().cloned().chain(made).collect();
                Ok(made.into_iter().map(both).collect())
            }
            _ => Ok(vec![row]),
        }
    }
}

/// Adds a number drawn by lot.
#[derive(Debug)]
pub(super) struct Draw;

impl Make for Draw {
    fn name(&self) -> &'static str {
        "drawn"
    }

    fn rows(&self, mut row: Vec<Value>) -> Result<Vec<Vec<Value>>, GuestError> {
        row.push(Value::Long(draw(&row)));
        Ok(vec![row])
    }
}

/// Runs a node over all rows at once.
#[derive(Debug)]
pub(super) struct InMemory {
    input: Schema,
    plan: Plan,
}

impl InMemory {
    /// A node of one input: [`Node::Partition`].
    pub(super) fn new(plan: &Plan, input: &Schema) -> Self {
        let mut plan = plan.clone();
        if let Node::Partition { input: below, .. } = &mut plan.node {
            **below = Plan { node: Node::Subtable, schema: input.clone() };
        }
        Self { input: input.clone(), plan }
    }
}

impl Named for InMemory {
    fn name(&self) -> &'static str {
        "partitioned"
    }

    fn columns(&self) -> &Schema {
        &self.plan.schema
    }
}

impl Stage for InMemory {
    fn schema(&self) -> SchemaRef {
        arrow_schema(&self.plan.schema)
    }

    fn begin(&self) -> Box<dyn Staging> {
        Box::new(Whole {
            input: self.input.clone(),
            plan: self.plan.clone(),
            held: Vec::new(),
            bytes: 0,
        })
    }
}

struct Whole {
    input: Schema,
    plan: Plan,
    held: Vec<RecordBatch>,
    bytes: usize,
}

impl Staging for Whole {
    fn take(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>, GuestError> {
        self.bytes += batch.get_array_memory_size();
        // A value takes several times the room that it has in a column.
        if self.bytes > MOST_BYTES / 4 {
            return Err(StageError::Bytes("partition").into());
        }
        self.held.push(batch);
        Ok(Vec::new())
    }

    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError> {
        let subtable = rows(&std::mem::take(&mut self.held), &self.input)?;
        let made = evaluate::rows(&self.plan, Some(&subtable), &no_tables, MOST_ROWS)?;
        batches_of(&self.plan.schema, &made)
    }
}

/// Makes series of rows.
#[derive(Debug)]
pub(super) struct Series {
    input: Schema,
    columns: Schema,
    node: Node,
}

impl Series {
    /// Of a plan that is [`Node::MakeSeries`].
    pub(super) fn new(plan: &Plan, input: &Schema) -> Self {
        let mut node = plan.node.clone();
        if let Node::MakeSeries { input, .. } = &mut node {
            **input = Plan::rows(Vec::new(), Vec::new());
        }
        Self { input: input.clone(), columns: plan.schema.clone(), node }
    }
}

impl Named for Series {
    fn name(&self) -> &'static str {
        "series"
    }

    fn columns(&self) -> &Schema {
        &self.columns
    }
}

impl Stage for Series {
    fn schema(&self) -> SchemaRef {
        arrow_schema(&self.columns)
    }

    fn begin(&self) -> Box<dyn Staging> {
        let making = match &self.node {
            Node::MakeSeries { keys, aggregates, axis, from, to, step, .. } => {
                let axis = SeriesAxis::new(axis, from.as_ref(), to.as_ref(), step);
                Some(SeriesInMaking::new(keys, aggregates, axis))
            }
            _ => None,
        };
        Box::new(InSeries {
            types: self.input.iter().map(|column| column.r#type).collect(),
            columns: self.columns.clone(),
            making,
        })
    }
}

struct InSeries {
    types: Vec<Type>,
    columns: Schema,
    making: Option<SeriesInMaking>,
}

impl Staging for InSeries {
    fn take(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>, GuestError> {
        let cells = cells(batch.columns(), self.types.iter().copied())?;
        if let Some(making) = &mut self.making {
            (0..batch.num_rows()).for_each(|row| making.take(&row_of(&cells, row)));
            if making.held() > MOST_GROUPS {
                return Err(StageError::Groups.into());
            }
        }
        Ok(Vec::new())
    }

    fn end(&mut self) -> Result<Vec<RecordBatch>, GuestError> {
        match self.making.take() {
            Some(making) => batches_of(&self.columns, &making.end()?),
            None => Ok(Vec::new()),
        }
    }
}

/// Bodies have rows in the place of tables.
fn no_tables(_name: &str, _schema: &Schema) -> Result<Vec<Vec<Value>>, String> {
    Err("tables were put in its place before".to_owned())
}
