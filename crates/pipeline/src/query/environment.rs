//! What a query's surroundings know: event tables, the vendors' tables as views over them, and what the user
//! keeps beside the logs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow_array::RecordBatch;

use coldtrail_detect::lower::{Lowering, values};
use coldtrail_engine::Session;
use coldtrail_model::Table;
use coldtrail_rules::kql::dialects::{self, dialect};
use coldtrail_rules::kql::plan::{Expression, ExpressionKind, Node, Plan};
use coldtrail_rules::kql::{Column, DateTime, Environment, Schema, Span, Type, Value, functions};
use tokio::runtime::Handle;

use super::external_data::ExternalFiles;
use super::stored::{StoredFunctions, watchlist};
use super::tables::{self, QueryTables, RECORDS, Source};
use super::{limited, why};

/// What a user keeps beside the logs, and the clock.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The clock: what `now()` is.
    pub now: DateTime,
    /// Functions by name; they come before the vendors' tables of the same name.
    pub functions: StoredFunctions,
    /// The folder of watchlists.
    pub watchlists: Option<PathBuf>,
    /// The files that stand for addresses of `externaldata`.
    pub external: ExternalFiles,
}

/// The surroundings, with where rows come from.
pub(super) struct QueryEnvironment<'q> {
    pub(super) surroundings: &'q Surroundings,
    pub(super) session: &'q Session,
    pub(super) source: &'q Source,
    pub(super) threads: &'q Handle,
    pub(super) timeout: Option<Duration>,
}

impl Environment for QueryEnvironment<'_> {
    fn now(&self) -> DateTime {
        self.surroundings.now
    }

    fn table(&self, name: &str) -> Option<Schema> {
        tables::schema(name)
    }

    fn tables(&self) -> Vec<String> {
        let views = dialects::all().iter().filter(|known| !known.is_function());
        let mut names: Vec<String> = views.map(|known| known.name.to_owned()).collect();
        names.extend(self.everything());
        names.extend(self.surroundings.functions.names().cloned());
        names.sort();
        names.dedup();
        names
    }

    fn everything(&self) -> Vec<String> {
        Table::ALL.map(|table| table.name().to_owned()).to_vec()
    }

    fn function(&self, name: &str) -> Option<String> {
        let stored = self.surroundings.functions.text(name).cloned();
        stored.or_else(|| dialect(name).map(|known| known.text.to_owned()))
    }

    fn functions(&self) -> Vec<String> {
        let views = dialects::all().iter().filter(|known| known.is_function());
        let mut names: Vec<String> = views.map(|known| known.name.to_owned()).collect();
        names.extend(self.surroundings.functions.names().cloned());
        names.sort();
        names.dedup();
        names
    }

    fn external_data(
        &self,
        schema: &Schema,
        addresses: &[String],
        properties: &[(String, Value)],
    ) -> Result<Plan, String> {
        if let [only] = addresses
            && only.starts_with(RECORDS)
        {
            return Ok(exported(only, schema));
        }
        let rows = self.surroundings.external.rows(schema, addresses, properties)?;
        Ok(Plan::rows(schema.clone(), rows))
    }

    fn watchlist(&self, name: &str) -> Result<Plan, String> {
        let folder: Option<&Path> = self.surroundings.watchlists.as_deref();
        let (schema, rows) = watchlist(folder, name)?;
        Ok(Plan::rows(schema, rows))
    }

    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String> {
        let tables = QueryTables { session: self.session, source: self.source };
        let taken = Plan {
            schema: plan.schema.clone(),
            node: Node::Take { input: Box::new(plan.clone()), count: most as u64 + 1 },
        };
        let lowering = Lowering::new(self.session, &tables);
        let lowered = self.threads.block_on(lowering.lower(&taken)).map_err(|error| why(&error))?;
        let mut rows = Vec::new();
        let mut take = |batch: RecordBatch| {
            rows.extend(values::rows(&[batch], &plan.schema)?);
            Ok(())
        };
        limited::run(self.threads, self.session, lowered, self.timeout, &mut take)
            .map_err(|error| why(&error))?;
        // One row is what `toscalar` takes of however many.
        if rows.len() > most && most > 1 {
            return Err(format!("the subquery has more than {most} rows"));
        }
        Ok(rows)
    }
}

/// Records as they were exported: texts, converted to what the query declares.
fn exported(name: &str, schema: &Schema) -> Plan {
    let texts: Schema =
        schema.iter().map(|column| Column::new(&column.name, Type::String)).collect();
    let table = Plan { node: Node::Table { name: name.to_owned() }, schema: texts };
    let expressions =
        schema.iter().enumerate().map(|(place, column)| converted(place, column.r#type));
    let node = Node::Project { input: Box::new(table), expressions: expressions.collect() };
    Plan { node, schema: schema.clone() }
}

fn converted(place: usize, r#type: Type) -> Expression {
    let span = Span::default();
    let text = Expression { kind: ExpressionKind::Column(place), r#type: Type::String, span };
    let name = match r#type {
        Type::String => return text,
        Type::Bool => "tobool",
        Type::Int => "toint",
        Type::Long => "tolong",
        Type::Real => "toreal",
        Type::Decimal => "todecimal",
        Type::DateTime => "todatetime",
        Type::TimeSpan => "totimespan",
        Type::Guid => "toguid",
        Type::Dynamic => "parse_json",
    };
    match functions::function(name) {
        Some(function) => {
            let kind = ExpressionKind::Call { function, arguments: vec![text] };
            Expression { kind, r#type, span }
        }
        None => Expression { kind: ExpressionKind::Literal(Value::Null), r#type, span },
    }
}
