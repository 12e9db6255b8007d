//! # Goal
//!
//! Find programs and scripts that were put on a host, run, and contacted a serverless endpoint, all
//! within minutes.
//!
//! # Categorisation
//!
//! T1204.002 (user execution: malicious file), T1105 (ingress tool transfer), T1059 (scripts), on
//! serverless infrastructure (T1583.007, T1584.007).
//!
//! # Strategy
//!
//! Take the files of scripts and programs that were written where users may write. Look for a process
//! on the same host that has the file as its image or names it in its command line, and that first
//! contacted a tenant at most `dropped_within_minutes` after the file was written. The process is known
//! by the record of its start or by that of its connection. File names are compared, since scripts are
//! often run from where they lie.
//!
//! # Technical context
//!
//! A loader arrives as an attachment, a download or by another program, is started once and asks for
//! its next stage at once. Installed software lies in folders that users may not write to, and contacts
//! its maker for years.
//!
//! # Blind spots
//!
//! Scripts that never touch the disk; loaders that wait; sensors that log no files (Sysmon's event 11 is
//! often narrowed down to a few folders).
//!
//! # False positives
//!
//! Installers and updaters are written to a temporary folder and call home; developers run what they
//! just saved. Programs are told with half the strength of scripts for that.
//!
//! # Validation
//!
//! Save a script that requests any function of your own, and run it, on a host with Sysmon 1, 3 or 22,
//! and 11.
//!
//! # Priority
//!
//! 10 points of context for a script, 5 for a program.
//!
//! # Response
//!
//! Take the file from the host or by its hash. Ask what wrote it: a mail program, a browser, an archive
//! or another script.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, array_to_string, cast,
    coalesce, column, concat, contains, lit, lower, make_array, null_text, row_number, split_part,
    string_to_array, translate, union, when, with_windows,
};
use coldtrail_model::{Axis, Conversation, Field, Rhythm, Table};

use super::{no_process, who};
use crate::conversations::KEYS;
use crate::detections::{columns, with_strength};
use crate::joins::keys;
use crate::{Baseline, Detection, Need, Settings, View, Views};

/// What ends the names of programs; everything else that is put aside as a program is a script.
const PROGRAMS: [&str; 6] = [".exe", ".dll", ".scr", ".com", ".cpl", ".msi"];

/// What stands between the words of a command line and the parts of a path.
const SEPARATORS: &str = "\\/\"'=,;\n\t";

/// Clocks of one host are one, but records are written in any order.
const SKEW: i64 = 2_000_000;

/// A file that was just written runs and contacts a serverless endpoint.
pub(crate) struct DroppedScript;

impl Detection for DroppedScript {
    fn id(&self) -> &'static str {
        "endpoint.dropped_script"
    }

    fn title(&self) -> &'static str {
        "dropped script"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1204.002", "T1105", "T1059", "T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("dropped_script.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        10
    }

    fn reads(&self) -> View {
        View::Mentions
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::MENTIONS] }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["dropped_within_minutes"]
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        let no_file = (baseline.file_rows == 0).then(|| {
            "no record of a file that was written: add Sysmon (event 11) or Defender logs"
                .to_owned()
        });
        no_file.or_else(|| no_process(baseline))
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let within = (settings.dropped_within_minutes * 60e6) as i64;
        let files = files(views.mentions.clone())?;
        let runs = runs(views.mentions.clone(), files.clone(), within)?;
        let by_start = by_start(views.conversations.clone(), runs, within)?;
        let by_contact = by_contact(views.conversations.clone(), files, within)?;
        let first = first_of_each(union(by_start, by_contact)?)?;
        let told = columns().map(|kept| match kept {
            "executables" => make_array(vec![column("file_path")]).alias(kept),
            "records" => make_array(vec![column("file_record"), column("run_record")]).alias(kept),
            _ => column(kept),
        });
        let told = LogicalPlanBuilder::from(first).project(told.chain([column("file_name")]))?;
        let is_program = PROGRAMS
            .iter()
            .map(|end| column("file_name").like(lit(format!("%{end}"))))
            .reduce(Expr::or)
            .unwrap_or_else(|| lit(false));
        let strength = when(is_program, lit(0.5)).otherwise(lit(1.0))?.alias("told");
        let told = told.project(columns().map(column).chain([strength]))?;
        with_strength(told, column("told"))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let file = conversation.executable.as_deref().unwrap_or("a file");
        format!(
            "{} ran {file}, written shortly before, and then first contacted {}",
            who(conversation),
            conversation.endpoint.host
        )
    }
}

/// Files that were written: `file_host`, `file_at` in microseconds, `file_path`, `file_record` and, in
/// lower case, `file_name` and the last of its words, `file_word`.
fn files(mentions: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let path = column(Field::FilePath.name());
    let path_in_one_way = translate(lower(path.clone()), lit("/"), lit("\\"));
    let name = || split_part(path_in_one_way.clone(), lit("\\"), lit(-1_i64));
    Ok(LogicalPlanBuilder::from(mentions)
        .filter(column("channel").eq(lit(Table::File.name())))?
        .project([
            column("host").alias("file_host"),
            microseconds("timestamp").alias("file_at"),
            path.alias("file_path"),
            name().alias("file_name"),
            split_part(name(), lit(" "), lit(-1_i64)).alias("file_word"),
            column("record").alias("file_record"),
        ])?
        .build()?)
}

/// Files and the processes that were started with them in time: `run_process` and `run_record` beside
/// the columns of files.
fn runs(
    mentions: LogicalPlan,
    files: LogicalPlan,
    within: i64,
) -> Result<LogicalPlan, EngineError> {
    let known = |field: Field| coalesce(vec![column(field.name()), lit("")]);
    let text = [known(Field::ProcessExecutable), lit(" "), known(Field::ProcessCommandLine)];
    let started = LogicalPlanBuilder::from(mentions)
        .filter(column("channel").eq(lit(Table::Process.name())))?
        .project([
            column("host").alias("run_host"),
            column("process_name").alias("run_process"),
            microseconds("timestamp").alias("run_at"),
            in_words(concat(text.to_vec())).alias("said"),
            column("record").alias("run_record"),
        ])?;
    let runs = with_files(started, "run_host", files)?.filter(is_soon("run_at", within))?;
    let kept = ["file_at", "file_path", "file_name", "file_record", "run_host", "run_process"];
    Ok(runs.project(kept.map(column).into_iter().chain([column("run_record")]))?.build()?)
}

/// Joins what was `said` on a host with the files there that it names.
///
/// Hosts of developers write files by the hundred thousand, so single words are compared, and then whole
/// names.
fn with_files(
    rows: LogicalPlanBuilder,
    host: &str,
    files: LogicalPlan,
) -> Result<LogicalPlanBuilder, EngineError> {
    let own = rows.schema().columns();
    let words = string_to_array(column("said"), lit(" "), null_text()).alias("word");
    let rows = rows
        .project(own.iter().map(|own| column(own.name())).chain([words]))?
        .unnest_column("word")?
        .filter(column("word").like(lit("%.%")))?
        .join(
            files,
            JoinType::Inner,
            (keys(&[host, "word"]), keys(&["file_host", "file_word"])),
            None,
        )?;
    let name = concat(vec![lit(" "), column("file_name"), lit(" ")]);
    Ok(rows.filter(contains(column("said"), name))?)
}

/// Conversations of processes that were started with a file.
fn by_start(
    conversations: LogicalPlan,
    runs: LogicalPlan,
    within: i64,
) -> Result<LogicalPlan, EngineError> {
    let keys = (keys(&["host", "process_name"]), keys(&["run_host", "run_process"]));
    with_start(conversations)?
        .join(runs, JoinType::Inner, keys, None)?
        .filter(is_soon("start", within))?
        .project(of_file())?
        .build()
        .map_err(EngineError::from)
}

/// Conversations whose own records name the file.
fn by_contact(
    conversations: LogicalPlan,
    files: LogicalPlan,
    within: i64,
) -> Result<LogicalPlan, EngineError> {
    let text = ["executables", "command_lines"]
        .map(|texts| coalesce(vec![array_to_string(column(texts), lit("\n")), lit("")]));
    let [executables, lines] = text;
    let said = in_words(concat(vec![executables, lit("\n"), lines])).alias("said");
    let with_words = columns().map(column).chain([column("start"), said]);
    let speakers = with_start(conversations)?.project(with_words)?;
    let joined = with_files(speakers, "host", files)?.filter(is_soon("start", within))?;
    let no_record = column("file_record").alias("run_record");
    let all = columns().chain(["file_at", "file_path", "file_name", "file_record"]);
    Ok(joined.project(all.map(column).chain([no_record]))?.build()?)
}

/// Conversations with their `start` in microseconds.
fn with_start(conversations: LogicalPlan) -> Result<LogicalPlanBuilder, EngineError> {
    let start = microseconds("first_seen").alias("start");
    Ok(LogicalPlanBuilder::from(conversations).project(columns().map(column).chain([start]))?)
}

/// The columns of conversations and of the file that was run.
fn of_file() -> Vec<Expr> {
    columns()
        .chain(["file_at", "file_path", "file_name", "file_record", "run_record"])
        .map(column)
        .collect()
}

/// Each conversation once, with the file that was written first.
fn first_of_each(matches: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let place = row_number()
        .partition_by(KEYS.map(column).to_vec())
        .order_by(
            ["file_at", "file_path", "file_record", "run_record"]
                .map(|order| column(order).sort(true, false))
                .to_vec(),
        )
        .build()?;
    let placed = LogicalPlanBuilder::from(with_windows(matches, vec![(place, "place")])?);
    Ok(placed.filter(column("place").eq(lit(1_u64)))?.build()?)
}

/// Whether something happened soon after the file was written.
fn is_soon(at: &str, within: i64) -> Expr {
    column(at).between(column("file_at") - lit(SKEW), column("file_at") + lit(within))
}

/// A text in lower case as words, with a space around each.
fn in_words(text: Expr) -> Expr {
    let spaces = " ".repeat(SEPARATORS.chars().count());
    concat(vec![lit(" "), translate(lower(text), lit(SEPARATORS), lit(spaces)), lit(" ")])
}

fn microseconds(time: &str) -> Expr {
    cast(column(time), arrow_schema::DataType::Int64)
}
