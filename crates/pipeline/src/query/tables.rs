//! Where the rows of a query's tables come from: log files as they are, or a store.
//!
//! * An event table, `flow`, goes by its name; its columns are those of `coldtrail_model`.
//! * `flow besides defender` leaves out what Microsoft's export of a table is read for itself. A store has no
//!   such exports, so there it is all of `flow`.
//! * `records:DeviceNetworkEvents` are records as they were exported, each column a text.

use std::sync::Arc;

use coldtrail_detect::lower::{LowerError, Needle, Tables};
use coldtrail_engine::functions::json_list;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, cast, coalesce, column, lit, scan,
};
use coldtrail_engine::{Engine, EngineError, EventTable, LogFiles, RecordTable, Rows, Session};
use coldtrail_model::{Field, FieldType, Table};
use coldtrail_rules::kql::{Column, DateTime, Schema, Type};
use coldtrail_sources::{KnownKinds, Records};

/// What stands before the kind in the name of a table of records.
pub(super) const RECORDS: &str = "records:";
/// What stands behind the name of an event table that leaves exports of Microsoft's tables out.
const BESIDES: &str = " besides defender";

/// The formats whose records are read as they were exported.
const EXPORTED: [&str; 1] = ["defender"];

/// The columns of an event table, in KQL's types; nothing if there is no such.
pub(super) fn schema(name: &str) -> Option<Schema> {
    let table = Table::from_name(name.strip_suffix(BESIDES).unwrap_or(name))?;
    let columns = table.fields().iter().map(|field| Column::new(field.name(), kql_type(*field)));
    Some(columns.collect())
}

fn kql_type(field: Field) -> Type {
    match field.field_type() {
        FieldType::Time => Type::DateTime,
        FieldType::Text | FieldType::Keyword | FieldType::Bytes => Type::String,
        FieldType::Number => Type::Long,
        FieldType::Truth => Type::Bool,
        FieldType::Texts | FieldType::Numbers => Type::Dynamic,
    }
}

/// Where rows come from.
pub(super) enum Source {
    /// Log files, and the columns of the tables that exports are told by.
    Logs(LogFiles, Arc<KnownKinds>),
    /// A store whose tables the session knows.
    Store,
    /// Nowhere: the query spells its rows out.
    Nowhere,
}

/// The tables of a query.
pub(super) struct QueryTables<'s> {
    pub(super) session: &'s Session,
    pub(super) source: &'s Source,
}

impl Tables for QueryTables<'_> {
    async fn scan(
        &self,
        name: &str,
        columns: &[Column],
        needles: &[Needle],
    ) -> Result<LogicalPlan, LowerError> {
        if let Some(kind) = name.strip_prefix(RECORDS) {
            return Ok(self.records(kind, columns, needles)?);
        }
        let (table, is_besides) = match name.strip_suffix(BESIDES) {
            Some(table) => (table, true),
            None => (name, false),
        };
        let Some(table) = Table::from_name(table) else {
            let source = format!("there is no table {name}").into();
            return Err(LowerError::Table { name: name.to_owned(), source });
        };
        let rows = self.events(table, is_besides).await?;
        let projected = columns.iter().map(|wanted| {
            let field = table.fields().iter().find(|field| field.name() == wanted.name);
            let value = field.map_or_else(|| lit(""), |field| in_kql(*field));
            value.alias(&wanted.name)
        });
        let plan = LogicalPlanBuilder::from(rows).project(projected.collect::<Vec<_>>());
        Ok(plan.and_then(LogicalPlanBuilder::build).map_err(EngineError::from)?)
    }
}

impl QueryTables<'_> {
    async fn events(&self, table: Table, is_besides: bool) -> Result<LogicalPlan, EngineError> {
        match self.source {
            Source::Logs(files, _) => {
                let events = EventTable::new(files.clone(), table);
                let events = if is_besides { events.except_formats(&EXPORTED) } else { events };
                scan(table.name(), Arc::new(events))
            }
            // Without files the session answers with an empty table.
            Source::Store | Source::Nowhere => self.session.table(table, Rows::Linked).await,
        }
    }

    fn records(
        &self,
        kind: &str,
        columns: &[Column],
        needles: &[Needle],
    ) -> Result<LogicalPlan, EngineError> {
        let names: Vec<String> = columns.iter().map(|wanted| wanted.name.clone()).collect();
        let (files, known) = match self.source {
            Source::Logs(files, known) => (files.clone(), Arc::clone(known)),
            Source::Store | Source::Nowhere => (LogFiles::new(Vec::new(), 1), Arc::default()),
        };
        let records = Records::new(kind, &names).among(known);
        let mut table = RecordTable::new(files, records);
        for (name, texts) in needles {
            table = table.with_needles(name, texts);
        }
        let texts = names.iter().map(|name| coalesce(vec![column(name), lit("")]).alias(name));
        let plan = LogicalPlanBuilder::from(scan(kind, Arc::new(table))?);
        Ok(plan.project(texts.collect::<Vec<_>>())?.build()?)
    }
}

/// A column of an event table in the Arrow type that KQL's has.
fn in_kql(field: Field) -> Expr {
    use arrow_schema::DataType::{Int64, Utf8};
    let value = column(field.name());
    match field.field_type() {
        FieldType::Time => cast(value, Int64) * lit(10_i64) + lit(DateTime::EPOCH),
        FieldType::Text | FieldType::Keyword => coalesce(vec![cast(value, Utf8), lit("")]),
        FieldType::Number | FieldType::Truth => value,
        FieldType::Texts | FieldType::Numbers => json_list(value),
        // The original record is bytes, which need not be text.
        FieldType::Bytes => lit(""),
    }
}
