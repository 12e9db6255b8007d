//! Records as they were exported, as a table.

use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use coldtrail_sources::{Records, Selection};
use datafusion::catalog::{Session as CatalogSession, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use crate::LogFiles;

/// The records of one kind in log files: a text for each field, null where a record lacks it.
pub struct RecordTable {
    files: LogFiles,
    records: Records,
}

impl RecordTable {
    /// Those records of those files.
    pub fn new(files: LogFiles, records: Records) -> Self {
        Self { files, records }
    }

    /// Spares records whose field holds none of the texts, whatever the case of letters in ASCII; the plan
    /// above has to drop those that come nevertheless.
    pub fn with_needles(mut self, column: &str, texts: &[String]) -> Self {
        self.records = self.records.with_needles(column, texts);
        self
    }
}

impl fmt::Debug for RecordTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "records of {}", self.records.kind())
    }
}

#[async_trait]
impl TableProvider for RecordTable {
    fn schema(&self) -> SchemaRef {
        self.records.schema()
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
        let records = match projection {
            Some(places) => self.records.projected(places),
            None => self.records.clone(),
        };
        let schema = records.schema();
        self.files.scan(schema, Selection::of_records(Arc::new(records)), limit)
    }
}
