//! Writes raw logs as Parquet tables, which is all that executors can read.

use std::path::Path;
use std::sync::Arc;

use coldtrail_engine::plan::{LogicalPlanBuilder, column};
use coldtrail_engine::{EngineError, RawLogs, Session};
use coldtrail_model::{Field, Table};
use coldtrail_pipeline::{Hunt, Read};
use coldtrail_sources::{Filter, Pass};

use crate::ClusterError;

/// Reads the logs of a hunt once, and writes each table into a folder of its own below `folder`,
/// where a [`Store`](crate::Store) finds them. The original records stay where they are.
///
/// # Errors
///
/// When a table cannot be written.
pub async fn write_tables(hunt: &Hunt, folder: &Path) -> Result<Read, ClusterError> {
    let session = Session::new(hunt.threads)?;
    let raw = RawLogs {
        inputs: hunt.inputs.clone(),
        threads: hunt.threads,
        window: hunt.window,
        filter: Filter::Everything,
        pass: Pass::Only,
        progress: Arc::clone(&hunt.progress),
    };
    let reading = raw.register(&session, &Table::ALL)?;
    let mut plans = Vec::new();
    for table in Table::ALL {
        let of_table = folder.join(format!("table={}", table.name()));
        std::fs::create_dir_all(&of_table).map_err(|source| ClusterError::Folder {
            folder: of_table.display().to_string(),
            source,
        })?;
        let whole = LogicalPlanBuilder::from(session.whole_table(table).await?);
        let kept = table.fields().iter().filter(|field| **field != Field::RecordOriginal);
        let kept = kept.map(|field| column(field.name())).collect::<Vec<_>>();
        let rows = whole.project(kept).and_then(|rows| rows.build()).map_err(EngineError::from)?;
        plans.push((rows, of_table.join("logs.parquet")));
    }
    session.write_all(plans).await?;
    let (tallies, census) = reading.finish()?;
    Ok(Read { tallies, census })
}
