//! Writes raw logs as Parquet tables, which is all that executors can read.

use std::path::Path;

use coldtrail_engine::{EngineError, RawLogs, Session};
use coldtrail_model::Table;
use coldtrail_pipeline::Read;

/// Reads the logs once and writes each table into a folder of its own below `folder`, where a
/// [`Store`](crate::Store) finds them.
///
/// # Errors
///
/// When a table cannot be written.
pub async fn write_tables(
    session: &Session,
    raw: RawLogs,
    folder: &Path,
) -> Result<Read, EngineError> {
    let reading = raw.start(session, &Table::ALL)?;
    // The tables are fed by one pass over the logs, so all of them must be drained together.
    let written = Table::ALL.map(|table| {
        let session = session.clone();
        let path = folder.join(format!("table={}", table.name()));
        tokio::spawn(async move { session.write_parquet(table, &path).await })
    });
    for table in written {
        table.await.map_err(|_panic| EngineError::Reader)??;
    }
    let (tallies, census) = reading.finish()?;
    Ok(Read { tallies, census })
}
