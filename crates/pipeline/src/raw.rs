//! Hunting in log files as they are, in two passes.
//!
//! The first pass keeps the rows that name a serverless endpoint or are about functions. What they were told of addresses
//! are links; the second pass keeps the rows that touch one, whatever they name, and counts the logs
//! of connections, which the first pass put aside. Both are few, and lie in temporary Parquet files,
//! so memory stays the same however much there is to read.

use std::path::Path;
use std::sync::Arc;

use coldtrail_catalogue::Catalogue;
use coldtrail_detect::{
    CONTACT_TABLES, MENTION_TABLES, cloud_rows, contact_rows, links, mention_rows, touching,
};
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Census, EngineError, Progress, RawLogs, Rows, Session};
use coldtrail_model::{Links, Table, Window};
use coldtrail_sources::{Filter, Input, Mapping, Needles, Pass, SourceTally};

use crate::all_contacts::all_contacts;
use crate::hunt::{Read, Stage, Stages};

/// Log files that are hunted in.
pub struct RawHunt {
    /// The files.
    pub inputs: Vec<Input>,
    /// The time to look at.
    pub window: Window,
    /// How many threads read and compute.
    pub threads: usize,
    /// Whether rows that cannot matter are passed over.
    pub prefilter: bool,
    /// Descriptions of logs that no format knows.
    pub mappings: Arc<[Mapping]>,
    /// Is told how many bytes were read.
    pub progress: Progress,
    /// Is told when a stage begins.
    pub stages: Stages,
}

/// Rows that can matter, on an engine.
pub struct Prepared {
    /// The session that has them as tables.
    pub session: Session,
    /// All contacts, of all the history there is.
    pub contacts: LogicalPlan,
    /// What was counted.
    pub read: Read,
}

impl RawHunt {
    /// Reads the logs, keeping what can matter as Parquet files in a folder.
    ///
    /// # Errors
    ///
    /// When the engine fails. Bad input is no error: it is counted.
    pub async fn prepare(self, folder: &Path) -> Result<Prepared, EngineError> {
        (self.stages)(Stage::reading("read for names", &self.inputs));
        let (mut tallies, mut census) = self.contacts(folder).await?;
        (self.stages)(Stage::of("link addresses"));
        let session = Session::new(self.threads)?;
        register(&session, Rows::Contacts, folder)?;
        let links = links(&session, self.window).await?;
        let again = self.worth_a_second_pass(&tallies, &links);
        if !again.is_empty() {
            (self.stages)(Stage::reading("read for connections", &again));
            let (more, noted) = self.linked(again, &links, folder).await?;
            merge(&mut tallies, more);
            census.merge(noted);
            register(&session, Rows::Linked, folder)?;
        }
        (self.stages)(Stage::of("name connections"));
        let contacts = all_contacts(&session, self.window, &links, folder).await?;
        Ok(Prepared { session, contacts, read: Read::of(tallies, census, self.window) })
    }

    async fn contacts(&self, folder: &Path) -> Result<(Vec<SourceTally>, Census), EngineError> {
        let (filter, pass) = if self.prefilter {
            let needles = Needles::new(Catalogue::builtin().suffixes());
            (Filter::Naming(Arc::new(needles)), Pass::First)
        } else {
            (Filter::Everything, Pass::Only)
        };
        let session = Session::new(self.threads)?;
        let reading =
            self.logs(self.inputs.clone(), filter, pass).register(&session, &Table::ALL)?;
        let mut plans = Vec::new();
        for table in Table::ALL {
            let scan = session.scan(table.name()).await?;
            let rows = if CONTACT_TABLES.contains(&table) {
                contact_rows(scan, table, self.window)?
            } else {
                rows_that_matter(scan, table, self.window)?
            };
            plans.push((rows, folder.join(file_name(table, Rows::Contacts))));
        }
        session.write_all(plans).await?;
        reading.finish()
    }

    async fn linked(
        &self,
        inputs: Vec<Input>,
        links: &Links,
        folder: &Path,
    ) -> Result<(Vec<SourceTally>, Census), EngineError> {
        let (filter, pass) = if self.prefilter {
            (Filter::Touching(Arc::new(links.clone())), Pass::Second)
        } else {
            (Filter::Everything, Pass::Repeated)
        };
        let session = Session::new(self.threads)?;
        let reading = self.logs(inputs, filter, pass).register(&session, &CONTACT_TABLES)?;
        let mut plans = Vec::new();
        for table in CONTACT_TABLES {
            let rows = touching(session.scan(table.name()).await?, table, self.window, links)?;
            plans.push((rows, folder.join(file_name(table, Rows::Linked))));
        }
        session.write_all(plans).await?;
        reading.finish()
    }

    fn logs(&self, inputs: Vec<Input>, filter: Filter, pass: Pass) -> RawLogs {
        let (threads, window) = (self.threads, self.window);
        RawLogs {
            inputs,
            threads,
            window,
            filter,
            pass,
            mappings: Arc::clone(&self.mappings),
            progress: Arc::clone(&self.progress),
        }
    }

    /// The inputs that hold connections, or names that decide what a connection was; none where
    /// there is no connection to name. What cannot be read again, such as a pipe, is left out.
    fn worth_a_second_pass(&self, tallies: &[SourceTally], links: &Links) -> Vec<Input> {
        let has_connections = |tally: &SourceTally| {
            tally.tally.is_put_aside || tally.tally.rows.contains_key(&Table::Flow)
        };
        let is_wanted = |tally: &SourceTally| {
            let names = CONTACT_TABLES.iter().any(|table| tally.tally.rows.contains_key(table));
            tally.tally.is_put_aside || !links.is_empty() && names
        };
        if !tallies.iter().any(has_connections) {
            return Vec::new();
        }
        let is_again = |input: &&Input| {
            let is_of = |tally: &&SourceTally| {
                let member = tally.source.strip_prefix(&input.name);
                member.is_some_and(|member| member.is_empty() || member.starts_with("!/"))
            };
            input.origin.is_lasting() && tallies.iter().filter(is_of).any(is_wanted)
        };
        self.inputs.iter().filter(is_again).cloned().collect()
    }
}

pub(crate) fn file_name(table: Table, rows: Rows) -> String {
    format!("{}.parquet", rows.of(table))
}

/// The rows of a table in which nothing was contacted that detections look at.
pub(crate) fn rows_that_matter(
    scan: LogicalPlan,
    table: Table,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    if MENTION_TABLES.contains(&table) {
        mention_rows(scan, table, window)
    } else {
        cloud_rows(scan, window)
    }
}

pub(crate) fn register(session: &Session, rows: Rows, folder: &Path) -> Result<(), EngineError> {
    for table in Table::ALL {
        let path = folder.join(file_name(table, rows));
        let files = if path.is_file() { vec![path.display().to_string()] } else { Vec::new() };
        session.register_files(table, rows, &files)?;
    }
    Ok(())
}

/// Takes over what a second pass counted of the same sources.
fn merge(tallies: &mut [SourceTally], more: Vec<SourceTally>) {
    let mut more = more.into_iter().peekable();
    for known in tallies {
        while more.next_if(|second| second.source < known.source).is_some() {}
        if let Some(second) = more.next_if(|second| second.source == known.source) {
            known.tally.merge(second.tally);
        }
    }
}
