//! An event table over log files that are read anew by each scan.

use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use coldtrail_model::{Field, Table};
use coldtrail_sources::Selection;
use datafusion::catalog::{Session as CatalogSession, TableProvider};
use datafusion::common::{Result, project_schema};
use datafusion::datasource::TableType;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use crate::LogFiles;

/// One of the event tables, made of log files.
pub struct EventTable {
    files: LogFiles,
    table: Table,
    except: Vec<String>,
}

impl EventTable {
    /// The rows that those files have for a table.
    pub fn new(files: LogFiles, table: Table) -> Self {
        Self { files, table, except: Vec::new() }
    }

    /// Without rows of records in those formats, which somebody has as they were
    /// [exported](crate::RecordTable).
    pub fn except_formats(mut self, names: &[&str]) -> Self {
        self.except = names.iter().map(|name| (*name).to_owned()).collect();
        self.files = self.files.besides(&self.except);
        self
    }
}

impl fmt::Debug for EventTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "log files as {}", self.table.name())
    }
}

#[async_trait]
impl TableProvider for EventTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _session: &dyn CatalogSession,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = project_schema(&self.table.schema(), projection)?;
        let is_wanted = |field: &Field| {
            // Rows without any column cannot be counted.
            *field == Field::Timestamp || schema.field_with_name(field.name()).is_ok()
        };
        let fields: Vec<Field> = self.table.fields().iter().copied().filter(is_wanted).collect();
        let except: Vec<&str> = self.except.iter().map(String::as_str).collect();
        let selection = Selection::nothing()
            .within(self.files.window())
            .except_formats(&except)
            .with(self.table, &fields);
        self.files.scan(schema, selection, limit)
    }
}
