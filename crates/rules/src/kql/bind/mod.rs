//! Gives names and types to what a query says: syntax → plan.
//!
//! [`bind`] walks the syntax once. What a name means is asked of the columns at hand, then of the `let`s
//! around it, then of the [`Environment`]; functions are put in place of their calls; constants are computed.
//! What must be known before the rest means anything (`toscalar`, the columns of `bag_unpack`) is run at once
//! through [`Environment::rows`].
//!
//! * `scope`: what names mean besides columns.
//! * `scalar`, `call`, `special`: scalar expressions.
//! * `source`: tables, functions and views as the begin of a pipeline.
//! * `operator`, and a file for each family of operators.
//! * `names`: what columns are called that nobody named.

mod activity;
mod call;
mod constants;
mod expand;
mod join;
mod names;
mod operator;
mod parse;
mod plugins;
mod projection;
mod relation;
mod scalar;
mod scope;
mod search;
mod series;
mod source;
mod special;
mod summarize;
mod union;
mod windows;

#[cfg(test)]
mod tests_hunting;

use std::sync::Arc;

use super::plan::Plan;
use super::syntax::{LetValue, Query, Statement};
use super::{Environment, Gravity, Problem, Span, parser};

use self::relation::Relation;
use self::scalar::Row;
use self::scope::{Entity, Scope};

/// A query that means something.
#[derive(Clone, Debug)]
pub struct Bound {
    /// What it means.
    pub plan: Plan,
    /// What its author should know.
    pub warnings: Vec<Problem>,
}

/// Calls may be nested so deeply, which keeps functions that call each other from going on for ever.
const MOST_DEPTH: usize = 64;

/// A plan of more expressions than this is refused: functions that call functions twice each grow fast.
const MOST_WORK: usize = 2_000_000;

/// Binds a query's text.
///
/// # Errors
///
/// What is wrong with it; at least one of the problems is an error.
pub fn bind(text: &str, environment: &dyn Environment) -> Result<Bound, Vec<Problem>> {
    let query = parser::parse(text)?;
    bind_query(&query, environment)
}

/// Binds a query that was parsed.
///
/// # Errors
///
/// As [`bind`].
pub fn bind_query(query: &Query, environment: &dyn Environment) -> Result<Bound, Vec<Problem>> {
    let mut binder = Binder {
        environment,
        warnings: Vec::new(),
        depth: 0,
        work: 0,
        rows: 0,
        missing: Vec::new(),
    };
    let scope = Scope::root();
    match binder.statements(query, &scope) {
        Ok(Entity::Table(relation)) => {
            let mut warnings = binder.warnings;
            warnings.dedup();
            Ok(Bound { plan: relation.plan, warnings })
        }
        Ok(entity) => {
            let reason = format!("the query ends with {}, not with a table", entity.what());
            let help = "write `print` before a scalar, or name a table";
            Err(vec![Problem::error(Span::default(), reason).help(help)])
        }
        Err(problem) => {
            let mut problems = binder.warnings;
            problems.dedup();
            problems.push(*problem);
            Err(problems)
        }
    }
}

/// An error on its way out.
type Bind<T> = Result<T, Box<Problem>>;

/// An error at a place.
fn error<T>(span: Span, reason: impl Into<String>) -> Bind<T> {
    Err(Box::new(Problem::error(span, reason)))
}

/// An error at a place, with what to do about it.
fn error_with<T>(span: Span, reason: impl Into<String>, help: impl Into<String>) -> Bind<T> {
    Err(Box::new(Problem::error(span, reason).help(help)))
}

/// Binding, under way.
struct Binder<'e> {
    environment: &'e dyn Environment,
    warnings: Vec<Problem>,
    /// How deeply functions and pipelines are nested.
    depth: usize,
    /// How many expressions were bound.
    work: usize,
    /// How many rows of columns were at hand so far, to tell them apart.
    rows: usize,
    /// Where columns stand that a table lacks, and of which no type is known.
    missing: Vec<Span>,
}

impl Binder<'_> {
    /// Binds statements, and gives what the last one is.
    fn statements(&mut self, query: &Query, outer: &Arc<Scope>) -> Bind<Entity> {
        self.statements_over(query, outer, &Row::none())
    }

    /// Binds statements whose last one may read what the arguments of its function read.
    fn statements_over(&mut self, query: &Query, outer: &Arc<Scope>, row: &Row) -> Bind<Entity> {
        self.deeper(|binder| {
            let mut scope = Arc::clone(outer);
            let mut last = None;
            for statement in &query.statements {
                match statement {
                    Statement::Let { name, value } => {
                        let entity = match value {
                            LetValue::Expression(expression) => binder.entity_over(expression, &scope, row)?,
                            LetValue::Function(function) => {
                                Entity::Function { function: Arc::new(function.clone()), scope: Arc::clone(&scope) }
                            }
                        };
                        scope = Scope::with(&scope, &name.text, entity);
                    }
                    Statement::Expression(expression) => {
                        if let Some(name) = defined_by_as(expression) {
                            // `T | as X; X | …` names what went before for later statements.
                            let entity = binder.entity_over(expression, &scope, row)?;
                            scope = Scope::with(&scope, name, entity.clone());
                            last = Some(entity);
                        } else {
                            last = Some(binder.entity_over(expression, &scope, row)?);
                        }
                    }
                    Statement::Parameters(parameters) => {
                        for parameter in parameters {
                            let Some(default) = &parameter.default else {
                                let reason = format!("the parameter `{}` has no value", parameter.name.text);
                                return error_with(parameter.name.span, reason, "give it a default: `name:type = value`");
                            };
                            let entity = binder.entity(default, &scope)?;
                            scope = Scope::with(&scope, &parameter.name.text, entity);
                        }
                    }
                    Statement::Set(Some(option)) if special::is_option(&option.name.text) => {
                        let entity = binder.entity(&option.value, &scope)?;
                        scope = Scope::with(&scope, &special::option(&option.name.text), entity);
                    }
                    Statement::Set(_) => {}
                    Statement::Refused { what, span } => {
                        return error(*span, format!("`{what}` statements are not supported"));
                    }
                }
            }
            match last {
                Some(entity) => Ok(entity),
                None => error_with(
                    Span::default(),
                    "there is nothing to run: no statement is a query",
                    "end with a table and what to do with it, such as `DeviceNetworkEvents | take 10`",
                ),
            }
        })
    }

    /// Does something one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Bind<T>) -> Bind<T> {
        if self.depth >= MOST_DEPTH {
            return error_with(
                Span::default(),
                format!("functions and subqueries are nested more than {MOST_DEPTH} deep"),
                "a function may not call itself",
            );
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Counts an expression.
    fn works(&mut self, span: Span) -> Bind<()> {
        self.work += 1;
        if self.work > MOST_WORK {
            return error(
                span,
                "the query is too large once its functions are put in place of their calls",
            );
        }
        Ok(())
    }

    /// Notes what the author should know.
    fn warn(&mut self, problem: Problem) {
        debug_assert_eq!(problem.gravity, Gravity::Warning);
        if !self.warnings.contains(&problem) && self.warnings.len() < 100 {
            self.warnings.push(problem);
        }
    }

    /// Columns at hand, which no others are mistaken for.
    fn row(&mut self, relation: &Relation) -> Row {
        self.rows += 1;
        Row::over(self.rows, relation)
    }
}

/// The name that a pipeline's last operator gives to it.
fn defined_by_as(expression: &super::syntax::Expression) -> Option<&str> {
    use super::syntax::{ExpressionKind, OperatorKind};
    match &expression.kind {
        ExpressionKind::Pipeline { operators, .. } => match &operators.last()?.kind {
            OperatorKind::As(name) => Some(&name.text),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
