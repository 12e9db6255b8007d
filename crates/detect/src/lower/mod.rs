//! Typed KQL plans as plans of the engine.
//!
//! 1. [`fold`](self) computes what is constant, and plans over rows that the query spells out.
//! 2. [`prune()`] leaves out columns that nothing has a use for.
//! 3. Tables are asked for the columns that are left, with the [`needles`](self) that rows must contain.
//! 4. Each node becomes relational plans where there are such; else a stage runs the language's own
//!    evaluation over rows as they come by: windows, `mv-expand`, `mv-apply`, `partition`, `make-series`.
//!
//! Scalar functions and aggregates are the language's own, a row at a time; what is hot has a twin in
//! [`fast`](self) that gives the same answer. Every plan that comes out has the columns of the KQL plan under
//! their names, in the types that [`values`] tells.

mod aggregates;
mod expressions;
mod fast;
mod fold;
mod joins;
mod needles;
mod prune;
mod stages;
pub mod values;

use std::collections::HashMap;

use arrow_schema::ArrowError;
use coldtrail_engine::guests::Passing;
use coldtrail_engine::plan::{Expr, LogicalPlan, LogicalPlanBuilder, column, union};
use coldtrail_engine::{Engine, EngineError, Session};
use coldtrail_rules::kql::evaluate::EvaluateError;
use coldtrail_rules::kql::plan::{Expression, ExpressionKind, Node, Plan};
use coldtrail_rules::kql::{Column, Schema, Type};

use expressions::{expression, literal};
pub use prune::prune;
use stages::{Draw, Enumerate, InMemory, RowByRow, Running, Series};

/// Texts of which a column must contain one: the column's name and the texts.
pub type Needle = (String, Vec<String>);

/// The most rows that a table may have which the body of `mv-apply` or `partition` reads.
const MOST_ROWS_IN_A_BODY: usize = 1_000_000;

/// Where the rows of tables come from.
#[allow(async_fn_in_trait, reason = "used with generics inside this workspace only")]
pub trait Tables {
    /// A plan over a table with exactly these columns, under their names and in the types of [`values`].
    ///
    /// Rows matter only if each of the needles' columns contains one of the needle's texts, in any case of
    /// letters; others may be there or not.
    ///
    /// # Errors
    ///
    /// When there is no such table, or no such column.
    async fn scan(
        &self,
        name: &str,
        columns: &[Column],
        needles: &[Needle],
    ) -> Result<LogicalPlan, LowerError>;
}

/// What can fail on the way from a KQL plan to one of the engine.
#[derive(Debug, thiserror::Error)]
pub enum LowerError {
    /// The engine could not build or run a plan.
    #[error("cannot plan the query")]
    Engine(#[from] EngineError),
    /// A table could not be read.
    #[error("cannot read the table `{name}`")]
    Table {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Rows could not become columns, or the other way round.
    #[error("cannot convert the rows of the query")]
    Values(#[from] ArrowError),
    /// A part of the query could not be computed in memory.
    #[error("cannot compute a part of the query")]
    Evaluate(#[from] EvaluateError),
    /// A table within a subquery is too large.
    #[error("a table within `mv-apply` or `partition` has more than {MOST_ROWS_IN_A_BODY} rows")]
    Body,
    /// A subtable outside of `mv-apply` and `partition`.
    #[error("the plan looks at a subtable where there is none")]
    Subtable,
}

/// Makes plans of the engine.
pub struct Lowering<'s, T> {
    session: &'s Session,
    tables: &'s T,
    folds: bool,
}

impl<'s, T: Tables> Lowering<'s, T> {
    /// Over a session, with the tables that plans name.
    pub fn new(session: &'s Session, tables: &'s T) -> Self {
        Self { session, tables, folds: true }
    }

    /// Leaves to the engine what could be computed beforehand, so that both can be compared.
    pub fn without_folding(mut self) -> Self {
        self.folds = false;
        self
    }

    /// The engine's plan for a KQL plan: the same columns under the same names.
    ///
    /// # Errors
    ///
    /// When a table cannot be read, or the engine refuses a plan.
    pub async fn lower(&self, plan: &Plan) -> Result<LogicalPlan, LowerError> {
        let plan = prune(plan);
        let plan = if self.folds { fold::fold(plan) } else { plan };
        let plan = self.close(plan).await?;
        let mut scans = HashMap::new();
        for (table, needles) in needles::tables(&plan) {
            if let Node::Table { name } = &table.node {
                let scan = self.tables.scan(name, &table.schema, &needles).await?;
                scans.insert(address(table), scan);
            }
        }
        Descent { session: self.session, scans: &scans }.plan(&plan)
    }

    /// Puts rows in the place of tables within bodies, since a body runs for each row by itself.
    async fn close(&self, mut plan: Plan) -> Result<Plan, LowerError> {
        let is_within = matches!(plan.node, Node::Apply { .. } | Node::Partition { .. });
        let inputs = inputs_mut(&mut plan.node);
        let count = inputs.len();
        for (place, input) in inputs.into_iter().enumerate() {
            if !has_table(input) {
                continue;
            }
            let taken = std::mem::replace(input, Plan::rows(Vec::new(), Vec::new()));
            let is_body = is_within && place + 1 == count;
            *input = match is_body {
                true => Box::pin(self.without_tables(taken)).await?,
                false => Box::pin(self.close(taken)).await?,
            };
        }
        Ok(plan)
    }

    /// The body with rows in the place of whatever does not look at its subtable.
    async fn without_tables(&self, mut plan: Plan) -> Result<Plan, LowerError> {
        if !has_table(&plan) {
            return Ok(plan);
        }
        if has_subtable(&plan) {
            for input in inputs_mut(&mut plan.node) {
                let taken = std::mem::replace(input, Plan::rows(Vec::new(), Vec::new()));
                *input = Box::pin(self.without_tables(taken)).await?;
            }
            return Ok(plan);
        }
        let lowered = Box::pin(self.lower(&plan)).await?;
        let most = LogicalPlanBuilder::from(lowered).limit(0, Some(MOST_ROWS_IN_A_BODY + 1));
        let most = most.and_then(LogicalPlanBuilder::build).map_err(EngineError::from)?;
        let rows = values::rows(&self.session.collect(most).await?, &plan.schema)?;
        if rows.len() > MOST_ROWS_IN_A_BODY {
            return Err(LowerError::Body);
        }
        Ok(Plan::rows(plan.schema, rows))
    }
}

/// The way down a plan whose tables are found.
struct Descent<'a> {
    session: &'a Session,
    scans: &'a HashMap<usize, LogicalPlan>,
}

impl Descent<'_> {
    fn plan(&self, plan: &Plan) -> Result<LogicalPlan, LowerError> {
        match &plan.node {
            Node::Table { name } => {
                let scan = self.scans.get(&address(plan)).cloned();
                let scan = scan.ok_or_else(|| LowerError::Table {
                    name: name.clone(),
                    source: "it was not asked for".into(),
                })?;
                Ok(unqualified(scan, &plan.schema)?)
            }
            Node::Subtable => Err(LowerError::Subtable),
            Node::Rows { rows } => {
                let batches = rows.chunks(stages::ROWS_OF_A_BATCH);
                let batches = batches.map(|rows| values::batch(&plan.schema, rows));
                let batches = batches.collect::<Result<Vec<_>, _>>()?;
                let schema = values::arrow_schema(&plan.schema);
                let table = self.session.memory_table("rows", schema, batches)?;
                Ok(unqualified(table, &plan.schema)?)
            }
            Node::Filter { input, predicate } => {
                let filtered = self.plan(input)?;
                Ok(filter(filtered, fast::predicate(predicate, &input.schema))?)
            }
            Node::Project { input, expressions } => {
                let projected = self.plan(input)?;
                Ok(project(projected, &input.schema, expressions, &plan.schema)?)
            }
            Node::Sort { input, keys } => {
                let sorted = self.plan(input)?;
                let keys = keys.iter().map(|key| {
                    let by = fast::sort_key(&key.expression, &input.schema);
                    by.sort(!key.is_descending, key.nulls_first)
                });
                Ok(sort(sorted, keys.collect())?)
            }
            Node::Take { input, count } => {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                Ok(take(self.plan(input)?, count)?)
            }
            Node::Sample { input, count } => {
                let mut drawn = plan.schema.clone();
                drawn.push(Column::new(stages::DRAWN, Type::Long));
                let stage = RowByRow::new(&input.schema, &drawn, Draw);
                let staged = self.staged(input, stage, Passing::InParts)?;
                let columns = drawn.iter().rev().map(|by| column(&by.name).sort(true, true));
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let taken = take(sort(staged, columns.collect())?, count)?;
                Ok(unqualified(taken, &plan.schema)?)
            }
            Node::Summarize { input, keys, aggregates, is_grouped } => {
                let has_ordinal =
                    is_ordered(input) && aggregates.iter().any(aggregates::is_ordered);
                let summed = match has_ordinal {
                    true => self.staged(input, Enumerate::new(&input.schema), Passing::InOrder)?,
                    false => self.plan(input)?,
                };
                Ok(aggregates::summarize(
                    summed,
                    &input.schema,
                    keys,
                    aggregates,
                    *is_grouped,
                    has_ordinal,
                    &plan.schema,
                )?)
            }
            Node::Join { left, right, kind, on } => {
                let sides = joins::Sides {
                    left: self.plan(left)?,
                    right: self.plan(right)?,
                    left_schema: &left.schema,
                    right_schema: &right.schema,
                };
                Ok(joins::join(sides, *kind, on, &plan.schema)?)
            }
            Node::Union { inputs } => {
                let mut all: Option<LogicalPlan> = None;
                for input in inputs {
                    let next = self.plan(input)?;
                    let next = renamed(next, &input.schema, &plan.schema)?;
                    all = Some(match all {
                        Some(all) => union(all, next)?,
                        None => next,
                    });
                }
                match all {
                    Some(all) => Ok(unqualified(all, &plan.schema)?),
                    None => self.plan(&Plan::rows(plan.schema.clone(), Vec::new())),
                }
            }
            Node::Window { input, windows } => {
                let stage = Running::new(&input.schema, &plan.schema, windows);
                self.staged(input, stage, Passing::InOrder)
            }
            Node::Expand { input, .. } | Node::Apply { input, .. } => {
                let passing = if is_ordered(input) { Passing::InOrder } else { Passing::InParts };
                let stage = RowByRow::of_node(&plan.node, &input.schema, &plan.schema);
                self.staged(input, stage, passing)
            }
            Node::Partition { input, .. } => {
                let stage = InMemory::new(plan, &input.schema);
                self.staged(input, stage, Passing::InOrder)
            }
            Node::MakeSeries { input, .. } => {
                let stage = Series::new(plan, &input.schema);
                self.staged(input, stage, Passing::InOrder)
            }
        }
    }

    /// The rows that a stage makes of an input's.
    fn staged(
        &self,
        input: &Plan,
        stage: impl stages::Named + 'static,
        passing: Passing,
    ) -> Result<LogicalPlan, LowerError> {
        let schema = stage.columns().clone();
        let input = self.plan(input)?;
        let staged =
            self.session.staged(stage.name(), input, std::sync::Arc::new(stage), passing)?;
        Ok(unqualified(staged, &schema)?)
    }
}

/// Whether the rows of a plan have an order that whoever asks for them may see.
fn is_ordered(plan: &Plan) -> bool {
    match &plan.node {
        Node::Sort { .. } | Node::Rows { .. } | Node::Window { .. } => true,
        Node::Filter { input, .. }
        | Node::Project { input, .. }
        | Node::Take { input, .. }
        | Node::Expand { input, .. }
        | Node::Apply { input, .. } => is_ordered(input),
        _ => false,
    }
}

/// The columns of a schema alone, by their bare names.
fn unqualified(plan: LogicalPlan, schema: &Schema) -> Result<LogicalPlan, EngineError> {
    let columns = schema.iter().map(|named| column(&named.name).alias(&named.name));
    Ok(LogicalPlanBuilder::from(plan).project(columns.collect::<Vec<_>>())?.build()?)
}

/// The columns of one schema under the names of another.
fn renamed(plan: LogicalPlan, old: &Schema, new: &Schema) -> Result<LogicalPlan, EngineError> {
    let columns = old.iter().zip(new).map(|(old, new)| column(&old.name).alias(&new.name));
    Ok(LogicalPlanBuilder::from(plan).project(columns.collect::<Vec<_>>())?.build()?)
}

fn filter(plan: LogicalPlan, predicate: Expr) -> Result<LogicalPlan, EngineError> {
    Ok(LogicalPlanBuilder::from(plan).filter(predicate)?.build()?)
}

fn sort(
    plan: LogicalPlan,
    keys: Vec<coldtrail_engine::plan::Sort>,
) -> Result<LogicalPlan, EngineError> {
    Ok(LogicalPlanBuilder::from(plan).sort(keys)?.build()?)
}

fn take(plan: LogicalPlan, count: usize) -> Result<LogicalPlan, EngineError> {
    Ok(LogicalPlanBuilder::from(plan).limit(0, Some(count))?.build()?)
}

fn project(
    plan: LogicalPlan,
    input: &Schema,
    expressions: &[Expression],
    schema: &Schema,
) -> Result<LogicalPlan, EngineError> {
    let columns = expressions.iter().zip(schema).map(|(made, named)| {
        let value = match &made.kind {
            // A null takes the type that the column has.
            ExpressionKind::Literal(value) => literal(value, named.r#type),
            _ => expression(made, input),
        };
        value.alias(&named.name)
    });
    Ok(LogicalPlanBuilder::from(plan).project(columns.collect::<Vec<_>>())?.build()?)
}

/// A plan is known by where it lies, while nothing moves it.
fn address(plan: &Plan) -> usize {
    std::ptr::from_ref(plan).addr()
}

fn has_table(plan: &Plan) -> bool {
    matches!(plan.node, Node::Table { .. }) || inputs(&plan.node).into_iter().any(has_table)
}

/// Whether a body looks at its own subtable.
fn has_subtable(plan: &Plan) -> bool {
    match &plan.node {
        Node::Subtable => true,
        Node::Apply { input, .. } | Node::Partition { input, .. } => has_subtable(input),
        node => inputs(node).into_iter().any(has_subtable),
    }
}

/// The plans below a node; a body is the last.
fn inputs(node: &Node) -> Vec<&Plan> {
    match node {
        Node::Table { .. } | Node::Subtable | Node::Rows { .. } => Vec::new(),
        Node::Filter { input, .. }
        | Node::Project { input, .. }
        | Node::Window { input, .. }
        | Node::Sort { input, .. }
        | Node::Take { input, .. }
        | Node::Sample { input, .. }
        | Node::Summarize { input, .. }
        | Node::Expand { input, .. }
        | Node::MakeSeries { input, .. } => vec![input],
        Node::Apply { input, body, .. } | Node::Partition { input, body, .. } => vec![input, body],
        Node::Join { left, right, .. } => vec![left, right],
        Node::Union { inputs } => inputs.iter().collect(),
    }
}

/// As [`inputs`].
fn inputs_mut(node: &mut Node) -> Vec<&mut Plan> {
    match node {
        Node::Table { .. } | Node::Subtable | Node::Rows { .. } => Vec::new(),
        Node::Filter { input, .. }
        | Node::Project { input, .. }
        | Node::Window { input, .. }
        | Node::Sort { input, .. }
        | Node::Take { input, .. }
        | Node::Sample { input, .. }
        | Node::Summarize { input, .. }
        | Node::Expand { input, .. }
        | Node::MakeSeries { input, .. } => vec![input],
        Node::Apply { input, body, .. } | Node::Partition { input, body, .. } => vec![input, body],
        Node::Join { left, right, .. } => vec![left, right],
        Node::Union { inputs } => inputs.iter_mut().collect(),
    }
}

/// The expressions of a node.
fn expressions_mut(node: &mut Node) -> Vec<&mut Expression> {
    match node {
        Node::Table { .. }
        | Node::Subtable
        | Node::Rows { .. }
        | Node::Take { .. }
        | Node::Sample { .. }
        | Node::Union { .. }
        | Node::Partition { .. } => Vec::new(),
        Node::Filter { predicate, .. } => vec![predicate],
        Node::Project { expressions, .. } => expressions.iter_mut().collect(),
        Node::Window { windows, .. } => {
            windows.iter_mut().flat_map(|window| &mut window.arguments).collect()
        }
        Node::Sort { keys, .. } => keys.iter_mut().map(|key| &mut key.expression).collect(),
        Node::Summarize { keys, aggregates, .. } => keys
            .iter_mut()
            .chain(aggregates.iter_mut().flat_map(|aggregate| &mut aggregate.arguments))
            .collect(),
        Node::Join { on, .. } => on.iter_mut().flat_map(|(left, right)| [left, right]).collect(),
        Node::Expand { columns, .. } | Node::Apply { columns, .. } => {
            columns.iter_mut().map(|column| &mut column.expression).collect()
        }
        Node::MakeSeries { keys, aggregates, axis, .. } => keys
            .iter_mut()
            .chain(aggregates.iter_mut().flat_map(|(aggregate, _)| &mut aggregate.arguments))
            .chain([axis])
            .collect(),
    }
}

#[cfg(test)]
mod tests;
