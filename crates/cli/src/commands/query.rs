use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use coldtrail_model::Timestamp;
use coldtrail_pipeline::Progress;
use coldtrail_pipeline::query::{
    AnswerWriter, PreparedQuery, QueryEngine, as_kql, faults, schema, timed,
};
use coldtrail_present::{Excerpt, answer, blanked, redacted};
use coldtrail_rules::kql::{Gravity, Problem, Rule, Schema};

use super::rules::{Beside, queried};
use crate::{Outcome, moment, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail query 'DeviceNetworkEvents | summarize count() by RemoteUrl | top 10 by count_' logs/
  coldtrail query --file hunt.kql exports/ sysmon.evtx --now 2026-04-13
  coldtrail query --file 'Hunting Queries/beacon.yaml' zeek/ --format csv --output hits.csv
  coldtrail query 'dns | where dns_question_name has \"workers.dev\"' --store /var/lib/coldtrail
  coldtrail query --sql 'select host_name, count(*) from flow group by 1' zeek/
  coldtrail query 'print format_datetime(now(), \"yyyy-MM-dd\")'
  coldtrail query --schema                        the tables there are
  coldtrail query --schema DeviceNetworkEvents    its columns, and what fills them";

const LANGUAGE: &str = "\
Queries are in Kusto's language, as Microsoft Defender and Sentinel have them, and run as they are:
tables of both are filled from their exports, and from whatever else is read (Sysmon, Zeek, proxies,
firewalls, name servers, cloud audit logs). Nothing is ever fetched: data behind `externaldata` is
taken from files that --external names.

Exit code: 0 no rows, 1 rows, 2 could not run.";

/// Run a query in KQL or SQL over logs.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = LANGUAGE)]
pub(crate) struct Query {
    /// The query, unless --file names it; then files, folders, globs, archives.
    #[arg(value_name = "KQL|PATH")]
    words: Vec<String>,

    /// Read the query from a file: KQL, or a rule or hunting query of Sentinel in YAML.
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,

    /// The query is SQL, over the event tables: flow, dns, web, tls, process, file, script, cloud.
    #[arg(long)]
    sql: bool,

    /// Query a store that `coldtrail ingest` filled, in place of paths.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,

    /// How to write the answer.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    format: AnswerFormat,

    /// Write the answer to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Take this as the time of the run: what now() is, and ago() goes back from.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,

    #[command(flatten)]
    beside: Beside,

    /// Take what a warning would tell for an error: columns that a table lacks, and the like.
    #[arg(long)]
    strict: bool,

    /// Show how the query would run, and run it not.
    #[arg(long)]
    explain: bool,

    /// List the tables, or with a table's name in place of the query its columns and what fills it.
    #[arg(long)]
    schema: bool,

    /// Show at most so many rows of a table; all are counted.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    rows: usize,

    /// Write texts as they are: do not blank keys and signatures in addresses.
    #[arg(long)]
    secrets: bool,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE")]
    maps: Vec<PathBuf>,

    /// Tell on standard error how long planning and running took.
    #[arg(long)]
    timings: bool,

    /// How many threads read and compute; all cores by default.
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZero<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AnswerFormat {
    /// A table that fits the terminal, or row below row if none does.
    Table,
    /// Comma-separated, with a header; no cell is a formula.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// A Parquet file, texts as they are; needs --output.
    Parquet,
}

impl Query {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        if self.schema {
            return self.tell_schema();
        }
        if self.format == AnswerFormat::Parquet && self.output.is_none() {
            bail!("a Parquet file needs a name: --output answer.parquet");
        }
        let (name, text, paths) = self.query()?;
        let bar = terminal::progress_bar(0);
        let engine = {
            let bar = bar.clone();
            self.engine(paths, Arc::new(move |bytes| bar.inc(bytes)))?
        };
        let (prepared, planning) = timed(|| self.prepare(&engine, &name, &text));
        let prepared = prepared?;
        if self.explain {
            let (plan, lowering) = timed(|| engine.explain(&prepared));
            let plan = plan?;
            output::to(self.output.as_deref(), |writer| {
                Ok(writer.write_all(redacted_lines(&plan).as_bytes())?)
            })?;
            self.tell("planned", planning + lowering);
            return Ok(Outcome::Clean);
        }
        let (rows, running) = timed(|| self.answer(&engine, &prepared));
        bar.finish_and_clear();
        let rows = rows?;
        self.tell("planned", planning);
        self.tell("run", running);
        tell_faults(&engine);
        Ok(if rows == 0 { Outcome::Clean } else { Outcome::Found })
    }

    fn tell(&self, what: &str, took: Duration) {
        if self.timings {
            terminal::say(&format!("{what} in {:.1} ms", took.as_secs_f64() * 1000.0));
        }
    }

    /// The query's name and text, and the paths behind it.
    fn query(&self) -> anyhow::Result<(String, String, &[String])> {
        match &self.file {
            Some(file) => {
                let text = fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                let name = file.display().to_string();
                let rule = Rule::of_file(&name, &text)
                    .map_err(|reason| anyhow::anyhow!("{name}: {reason}"))?;
                Ok((name, rule.query, &self.words))
            }
            None => match self.words.split_first() {
                Some((text, _)) if Path::new(text).exists() => {
                    bail!(
                        "`{text}` is a file or folder; the query comes first, or from a file that --file names"
                    )
                }
                Some((text, paths)) => Ok(("query".to_owned(), text.clone(), paths)),
                None => bail!(
                    "a query is needed: as the first argument, or in a file that --file names"
                ),
            },
        }
    }

    fn engine(&self, paths: &[String], progress: Progress) -> anyhow::Result<QueryEngine> {
        let queried = queried(paths, self.store.as_deref(), &self.maps)?;
        self.beside.engine_telling(
            queried,
            self.threads,
            self.now.unwrap_or_else(moment::now),
            progress,
        )
    }

    fn prepare(
        &self,
        engine: &QueryEngine,
        name: &str,
        text: &str,
    ) -> anyhow::Result<PreparedQuery> {
        if self.sql {
            return Ok(engine.sql(text)?);
        }
        let problems = match engine.kql(text) {
            Ok(prepared) if self.strict && !prepared.warnings.is_empty() => prepared.warnings,
            Ok(prepared) => {
                prepared.warnings.iter().for_each(|problem| say(name, text, problem));
                return Ok(prepared);
            }
            Err(problems) => problems,
        };
        for problem in &problems {
            let gravity = if self.strict { Gravity::Error } else { problem.gravity };
            say(name, text, &Problem { gravity, ..problem.clone() });
        }
        bail!("the query cannot run")
    }

    /// Writes the answer, and says how many rows it has.
    fn answer(&self, engine: &QueryEngine, prepared: &PreparedQuery) -> anyhow::Result<u64> {
        let shown = if self.secrets { str::to_owned } else { blanked };
        let mut count = 0;
        output::to(self.output.as_deref(), |writer| {
            let writer = Mutex::new(writer);
            count = self.write(engine, prepared, &Shared(&writer), shown)?;
            Ok(())
        })?;
        Ok(count)
    }

    fn write(
        &self,
        engine: &QueryEngine,
        prepared: &PreparedQuery,
        shared: &Shared<'_, '_>,
        shown: fn(&str) -> String,
    ) -> anyhow::Result<u64> {
        let begin = |schema: &Schema| {
            Ok::<_, coldtrail_pipeline::query::AnswerError>(match self.format {
                AnswerFormat::Table => AnswerWriter::rows(self.rows, shown),
                AnswerFormat::Csv => AnswerWriter::csv(schema, shared.clone(), shown)?,
                AnswerFormat::Jsonl => AnswerWriter::json_lines(shared.clone(), shown),
                AnswerFormat::Parquet => AnswerWriter::parquet(schema, shared.clone())?,
            })
        };
        let mut begun: Option<(Schema, AnswerWriter<Shared<'_, '_>>)> = None;
        let mut count = 0;
        if let Some(plan) = &prepared.plan {
            begun = Some((plan.schema.clone(), begin(&plan.schema)?));
        }
        engine.run(prepared, &mut |batch| {
            count += batch.num_rows() as u64;
            let batch = match prepared.plan {
                Some(_) => batch,
                None => {
                    let (schema, batch) = as_kql(&batch)?;
                    if begun.is_none() {
                        begun = Some((schema.clone(), begin(&schema)?));
                    }
                    batch
                }
            };
            if let Some((schema, writer)) = &mut begun {
                writer.batch(schema, &batch)?;
            }
            Ok(())
        })?;
        let Some((schema, writer)) = begun else { return Ok(0) };
        let (rows, total) = writer.finish()?;
        if self.format == AnswerFormat::Table {
            let columns: Vec<(&str, bool)> = schema
                .iter()
                .map(|column| (column.name.as_str(), column.r#type.is_number()))
                .collect();
            let mut page = shared.clone();
            for line in answer(&columns, &rows, terminal::width()) {
                writeln!(page, "{line}")?;
            }
            let more = total.saturating_sub(rows.len() as u64);
            let left = if more > 0 {
                format!(", {more} of them not shown: --rows, or --format csv")
            } else {
                String::new()
            };
            terminal::say(&format!("{total} row{}{left}", if total == 1 { "" } else { "s" }));
        }
        Ok(count)
    }

    fn tell_schema(&self) -> anyhow::Result<Outcome> {
        let lines = match self.words.first() {
            None => schema::tables(),
            Some(table) => match self.engine(&[], Arc::new(|_bytes| {}))?.columns(table) {
                Some(lines) => lines,
                None => bail!(
                    "there is no table `{}`: `coldtrail query --schema` lists them",
                    redacted(table)
                ),
            },
        };
        output::to(self.output.as_deref(), |writer| {
            lines.iter().try_for_each(|line| writeln!(writer, "{line}"))?;
            Ok(())
        })?;
        Ok(Outcome::Clean)
    }
}

/// A writer that several hands hold, one after the other.
struct Shared<'s, 'w>(&'s Mutex<&'w mut (dyn Write + Send)>);

impl Clone for Shared<'_, '_> {
    fn clone(&self) -> Self {
        Shared(self.0)
    }
}

impl Write for Shared<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

fn redacted_lines(text: &str) -> String {
    text.lines().map(|line| redacted(line) + "\n").collect()
}

/// Tells a problem on standard error.
fn say(name: &str, text: &str, problem: &Problem) {
    let weight = if problem.gravity == Gravity::Error { "error" } else { "warning" };
    let excerpt = Excerpt {
        name,
        text,
        start: problem.span.start,
        end: problem.span.end,
        weight,
        reason: &problem.reason,
        help: &problem.help,
    };
    excerpt.lines().iter().for_each(|line| terminal::say(line));
}

/// Tells what was wrong with the logs, a line for each sort of fault.
fn tell_faults(engine: &QueryEngine) {
    for line in faults(&engine.tallies()) {
        terminal::say(&redacted(&line));
    }
}
