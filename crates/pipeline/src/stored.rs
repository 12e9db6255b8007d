//! Hunting in a store.
//!
//! The files of contacts are what the first pass over raw logs would keep; of the others, the rows
//! that touch a link are looked up. Who was active is summed up from what ingestion counted by hour.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use coldtrail_catalogue::Catalogue;
use coldtrail_detect::{CONTACT_TABLES, links, touching};
use coldtrail_diagnostics::Anomaly;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, ScalarValue, column, count, lit, not, null_text, sum, when,
};
use coldtrail_engine::{ACTIVITY, Census, Engine, EngineError, Rows, Session};
use coldtrail_model::{Fault, Field, Seen, Table, Timestamp, Window};
use coldtrail_store::{Snapshot, Store, activity_schema};

use crate::HuntError;
use crate::all_contacts::all_contacts;
use crate::hunt::Read;
use crate::raw::{Prepared, file_name, register};

const HOUR: i64 = 3_600_000_000;

/// A store that is hunted in.
pub struct StoreHunt {
    /// The store.
    pub store: Store,
    /// The time to look at. What came before it is history.
    pub window: Window,
    /// How many threads compute.
    pub threads: usize,
}

impl StoreHunt {
    /// Looks up what can matter; rows that links touch are kept as Parquet files in a folder.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn prepare(self, folder: &Path) -> Result<Prepared, HuntError> {
        let snapshot = self.store.snapshot().map_err(HuntError::Store)?;
        let root = self.store.root().display().to_string();
        let past = Window { since: None, ..self.window };
        let tables = StoreTables { snapshot: &snapshot, root: &root, window: past };
        self.look_up(&tables, folder).await.map_err(HuntError::Read)
    }

    async fn look_up(
        &self,
        tables: &StoreTables<'_>,
        folder: &Path,
    ) -> Result<Prepared, EngineError> {
        let session = Session::new(self.threads)?;
        tables.register(&session, Rows::Contacts)?;
        let links = links(&session, tables.window).await?;
        let all = Session::new(self.threads)?;
        if !links.is_empty() && tables.has(Table::Flow) {
            tables.register(&all, Rows::Linked)?;
            let mut plans: Vec<(LogicalPlan, PathBuf)> = Vec::new();
            for table in CONTACT_TABLES {
                let rows = all.table(table, Rows::Linked).await?;
                let rows = touching(rows, table, tables.window, &links)?;
                plans.push((rows, folder.join(file_name(table, Rows::Linked))));
            }
            all.write_all(plans).await?;
            register(&session, Rows::Linked, folder)?;
        }
        let read = tables.read(&session, &session).await?;
        let contacts = all_contacts(&session, tables.window, &links, folder).await?;
        Ok(Prepared { session, contacts, read })
    }
}

/// The tables of a store, as files below a path or the URL of an object store.
pub struct StoreTables<'s> {
    /// Which files count.
    pub snapshot: &'s Snapshot,
    /// What stands before their paths, without a slash at its end.
    pub root: &'s str,
    /// The time to look at.
    pub window: Window,
}

impl StoreTables<'_> {
    /// Registers tables with a session: all of them, or those that name what was contacted where
    /// nothing but links is looked for.
    ///
    /// # Errors
    ///
    /// When the session has one of them.
    pub fn register(&self, session: &Session, rows: Rows) -> Result<(), EngineError> {
        let names = |table: &Table| rows == Rows::Contacts || CONTACT_TABLES.contains(table);
        for table in Table::ALL.into_iter().filter(names) {
            session.register_files(table, rows, &self.files(table, rows))?;
        }
        Ok(())
    }

    /// Whether there are rows of a table.
    pub fn has(&self, table: Table) -> bool {
        !self.files(table, Rows::Linked).is_empty()
    }

    /// What was counted of all sources, and who was active. The engine runs what the session knows.
    ///
    /// # Errors
    ///
    /// When the engine cannot run a plan over the store.
    pub async fn read<E: Engine>(
        &self,
        session: &Session,
        engine: &E,
    ) -> Result<Read, EngineError> {
        let census = self.census(session, engine).await?;
        let (seen, faults) = self.sources();
        Ok(Read { seen, faults, census, history: self.window })
    }

    /// The files of a table with rows in the window.
    pub(crate) fn files(&self, table: Table, rows: Rows) -> Vec<String> {
        let catalogue = Catalogue::builtin().fingerprint();
        // Where another catalogue told contacts from the rest, the rest may hold contacts.
        let is_wanted = |file: &&coldtrail_store::File| {
            file.event_table() == Some(table)
                && self.touches_window(file)
                && (rows == Rows::Linked
                    || file.contacts
                    || !CONTACT_TABLES.contains(&table)
                    || !self.snapshot.is_split_by(file, catalogue))
        };
        let files = self.snapshot.files().filter(is_wanted);
        files.map(|file| self.place(&file.path)).collect()
    }

    fn touches_window(&self, file: &coldtrail_store::File) -> bool {
        self.window.since.is_none_or(|since| file.last >= since.0)
            && self.window.until.is_none_or(|until| file.first < until.0)
    }

    fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    fn sources(&self) -> (Vec<Seen>, Vec<Fault>) {
        let mut faults = Vec::new();
        let seen = self.snapshot.sources().map(|(name, source)| {
            let tally = &source.tally;
            let mut anomalies = std::collections::BTreeMap::new();
            for fault in &tally.faults {
                *anomalies.entry(fault.code.clone()).or_default() += fault.count;
                let help = Anomaly::of_code(&fault.code).map_or("", Anomaly::help);
                faults.push(Fault {
                    source: fault.source.clone(),
                    code: fault.code.clone(),
                    offset: fault.offset,
                    count: fault.count,
                    message: fault.detail.clone(),
                    help: help.to_owned(),
                });
            }
            Seen {
                source: name.to_owned(),
                format: tally.format.clone(),
                tables: tally.rows.clone(),
                first: tally.first.map(Timestamp),
                last: tally.last.map(Timestamp),
                records: tally.records,
                anomalies,
            }
        });
        (seen.collect(), faults)
    }

    /// Who was active before the end of the window: by the hours that ingestion summed up, and in
    /// the hour in which the window ends by its rows.
    async fn census<E: Engine>(
        &self,
        session: &Session,
        engine: &E,
    ) -> Result<Census, EngineError> {
        let mut census = Census::default();
        let whole_hours = self.window.until.map(|until| until.0.div_euclid(HOUR) * HOUR);
        let files = self.snapshot.files().filter(|file| file.event_table().is_none());
        let files: Vec<String> = files.map(|file| self.place(&file.path)).collect();
        session.register_schema(ACTIVITY, activity_schema(), &files)?;
        if !files.is_empty() {
            let mut hours = LogicalPlanBuilder::from(session.scan(ACTIVITY).await?);
            if let Some(end) = whole_hours {
                hours = hours.filter(column("timestamp").lt(moment(end)))?;
            }
            let keys = ["host_name", "source_ip"].map(column);
            let sums = ["process_rows", "name_rows"].map(|rows| sum(column(rows)).alias(rows));
            for batch in engine.collect(hours.aggregate(keys, sums)?.build()?).await? {
                note(&mut census, &batch);
            }
        }
        let is_whole = whole_hours == self.window.until.map(|until| until.0);
        if let (Some(from), Some(until), false) = (whole_hours, self.window.until, is_whole) {
            self.part_of_an_hour((session, engine), Timestamp(from), until, &mut census).await?;
        }
        Ok(census)
    }

    async fn part_of_an_hour<E: Engine>(
        &self,
        (session, engine): (&Session, &E),
        from: Timestamp,
        until: Timestamp,
        census: &mut Census,
    ) -> Result<(), EngineError> {
        let part = Window { since: Some(from), until: Some(until) };
        let tables = StoreTables { window: part, ..*self };
        for table in Table::ALL {
            let name = format!("{}_of_the_hour", table.name());
            let files = tables.files(table, Rows::Linked);
            if files.is_empty() {
                continue;
            }
            session.register_schema(&name, table.schema(), &files)?;
            let rows = LogicalPlanBuilder::from(session.scan(&name).await?)
                .filter(column("timestamp").gt_eq(moment(from.0)))?
                .filter(column("timestamp").lt(moment(until.0)))?;
            let sums = active(table)?;
            for batch in engine.collect(rows.aggregate(sums.0, sums.1)?.build()?).await? {
                note(census, &batch);
            }
        }
        Ok(())
    }
}

type Expressions = Vec<coldtrail_engine::plan::Expr>;

/// Who acted, and how many rows name a process and what was contacted.
fn active(table: Table) -> Result<(Expressions, Expressions), EngineError> {
    let has = |field: Field| table.fields().contains(&field);
    let field = |field: Field| column(field.name());
    let address = match (has(Field::SourceIp), has(Field::NetworkDirection)) {
        // The source of an inbound connection is the other side's address.
        (true, true) => {
            let is_ours = field(Field::NetworkDirection)
                .is_null()
                .or(not(field(Field::NetworkDirection).eq(lit("inbound"))));
            when(is_ours, field(Field::SourceIp)).end()?
        }
        (true, false) => field(Field::SourceIp),
        (false, _) => null_text(),
    };
    let name = match table {
        Table::Flow => field(Field::DestinationDomain),
        Table::Dns => field(Field::DnsQuestionName),
        Table::Web => field(Field::UrlDomain),
        Table::Tls => field(Field::TlsClientServerName),
        Table::Process | Table::File | Table::Script | Table::Cloud => null_text(),
    };
    let keys = vec![field(Field::HostName), address.alias("source_ip")];
    let sums = vec![
        count(field(Field::ProcessName)).alias("process_rows"),
        count(name).alias("name_rows"),
    ];
    Ok((keys, sums))
}

fn moment(microseconds: i64) -> coldtrail_engine::plan::Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(microseconds), Some("UTC".into())))
}

fn note(census: &mut Census, batch: &RecordBatch) {
    let [hosts, addresses, process_rows, name_rows] = batch.columns() else { return };
    let (hosts, addresses) = (hosts.as_string::<i32>(), addresses.as_string::<i32>());
    let number = |column: &arrow_array::ArrayRef, row: usize| {
        u64::try_from(column.as_primitive::<Int64Type>().value(row)).unwrap_or_default()
    };
    for row in 0..batch.num_rows() {
        let host = hosts.is_valid(row).then(|| hosts.value(row));
        let address = addresses.is_valid(row).then(|| addresses.value(row));
        census.note_activity(host, address, number(process_rows, row), number(name_rows, row));
    }
}
