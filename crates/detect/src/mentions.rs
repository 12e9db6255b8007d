//! Mentions: processes and scripts that name a serverless endpoint, whether or not anybody saw them
//! contact it, and programs that were put where users may write, with the processes that ran such.

use arrow_schema::DataType;
use coldtrail_engine::functions::{record_reference, serverless_mention};
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, cast, coalesce, column, lit, lower, null_number,
    null_text, union,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Table, Window};

use crate::contacts::{field, flattened, inside};

/// The tables that mentions come from.
pub const MENTION_TABLES: [Table; 3] = [Table::Process, Table::Script, Table::File];

/// The columns of mentions beside those of contacts.
const MORE: [Field; 7] = [
    Field::ProcessPid,
    Field::ProcessEntityId,
    Field::ProcessParentExecutable,
    Field::ProcessParentCommandLine,
    Field::FilePath,
    Field::ScriptBlockId,
    Field::ScriptBlockText,
];

/// The columns that rows of the three tables are kept with.
const COMMON: [Field; 10] = [
    Field::Timestamp,
    Field::EventDataset,
    Field::HostName,
    Field::UserName,
    Field::RecordSource,
    Field::RecordOffset,
    Field::RecordLength,
    Field::ProcessName,
    Field::ProcessExecutable,
    Field::ProcessCommandLine,
];

/// Parts of paths that tell a folder in which users may write, in lower case.
const FOLDERS: [&str; 12] = [
    r"\users\",
    r"\programdata\",
    r"\windows\temp\",
    r"\$recycle.bin\",
    r"\perflogs\",
    r"c:\temp\",
    "/tmp/",
    "/var/tmp/",
    "/dev/shm/",
    "/home/",
    "/users/",
    "/run/user/",
];

/// The ends of names of programs and scripts, in lower case.
const PROGRAMS: [&str; 22] = [
    ".exe", ".dll", ".scr", ".com", ".cpl", ".msi", ".ps1", ".psm1", ".bat", ".cmd", ".vbs",
    ".vbe", ".js", ".jse", ".wsf", ".hta", ".lnk", ".py", ".sh", ".pl", ".rb", ".jar",
];

/// A plan of all mentions in a window of time.
///
/// It has the columns of contacts, so that it can be folded like them; `channel` is the name of the
/// table, `endpoint_…` is null for files, and for processes that
/// only name a script or run a program where users may write. Beside these: `process_pid`, `process_entity_id`,
/// `process_parent_executable`, `process_parent_command_line`, `file_path`,
/// `powershell_file_script_block_id` and `powershell_file_script_block_text`.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn mentions<E: Engine>(engine: &E, window: Window) -> Result<LogicalPlan, EngineError> {
    let [first, rest @ ..] = MENTION_TABLES;
    let mut all = of_table(engine.table(first, Rows::Contacts).await?, first, window)?;
    for table in rest {
        all = union(all, of_table(engine.table(table, Rows::Contacts).await?, table, window)?)?;
    }
    Ok(all)
}

/// The rows of a scan that are mentions, with the columns that they are made of.
///
/// # Errors
///
/// When the scan is not one of that table.
pub fn mention_rows(
    scan: LogicalPlan,
    table: Table,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    let is_kept = |field: &&Field| {
        COMMON.contains(field) || MORE.contains(field) || **field == Field::ProcessParentName
    };
    let mut rows = LogicalPlanBuilder::from(scan);
    for condition in inside(window) {
        rows = rows.filter(condition)?;
    }
    let matters = match table {
        Table::File => is_program(Field::FilePath),
        Table::Process => {
            let runs = names_script().or(is_program(Field::ProcessExecutable));
            runs.or(serverless_mention(text(table)).is_not_null())
        }
        _ => serverless_mention(text(table)).is_not_null(),
    };
    let kept = table.fields().iter().filter(is_kept).map(|kept| field(*kept));
    Ok(rows.filter(matters)?.project(kept.collect::<Vec<_>>())?.build()?)
}

/// What an endpoint may be named in.
fn text(table: Table) -> Expr {
    match table {
        Table::Process => field(Field::ProcessCommandLine),
        Table::Script => field(Field::ScriptBlockText),
        _ => null_text(),
    }
}

/// Whether a path is that of a program where users may write.
fn is_program(path: Field) -> Expr {
    let path = || lower(field(path));
    let lies = any(FOLDERS.iter().map(|part| path().like(lit(within_text(part)))));
    any(PROGRAMS.iter().map(|end| path().like(lit(format!("%{end}"))))).and(lies)
}

/// Whether a command line names a script or something else that is run by another program. It may do so
/// without the folder.
fn names_script() -> Expr {
    let line = || lower(field(Field::ProcessCommandLine));
    let scripts = PROGRAMS.iter().filter(|end| **end != ".exe" && **end != ".com");
    any(scripts.map(|end| line().like(lit(within_text(end)))))
}

/// The pattern of texts that have a part. In a pattern, a backslash would escape what follows it.
fn within_text(part: &str) -> String {
    format!("%{}%", part.replace('\\', r"\\").replace('_', r"\_"))
}

fn any(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(Expr::or).unwrap_or_else(|| lit(false))
}

fn of_table(scan: LogicalPlan, table: Table, window: Window) -> Result<LogicalPlan, EngineError> {
    let rows = LogicalPlanBuilder::from(mention_rows(scan, table, window)?);
    let more = || MORE.map(|more| known(table, more).alias(more.name()));
    let made = rows.project(
        [
            field(Field::Timestamp),
            coalesce(vec![field(Field::HostName), lit("(unknown)")]).alias("host"),
            null_text().alias("address"),
            field(Field::UserName),
            field(Field::ProcessName),
            field(Field::ProcessParentName),
            field(Field::ProcessExecutable),
            field(Field::ProcessCommandLine),
            lit(table.name()).alias("channel"),
            cast(field(Field::EventDataset), DataType::Utf8).alias("event_dataset"),
            lit(true).alias("endpoint_telemetry"),
            null_number().alias("sent"),
            null_number().alias("received"),
            null_number().alias("duration"),
            null_text().alias("user_agent"),
            null_text().alias("fingerprint"),
            null_text().alias("front"),
            record_reference(
                field(Field::Timestamp),
                field(Field::RecordSource),
                field(Field::RecordOffset),
                field(Field::RecordLength),
            )
            .alias("record"),
            serverless_mention(text(table)).alias("endpoint"),
        ]
        .into_iter()
        .chain(more()),
    )?;
    let kept = MORE.map(|more| column(more.name()));
    Ok(made.project(flattened().into_iter().chain(kept))?.build()?)
}

fn known(table: Table, wanted: Field) -> Expr {
    match (table.fields().contains(&wanted), wanted) {
        (true, _) => field(wanted),
        (false, Field::ProcessPid) => null_number(),
        (false, _) => null_text(),
    }
}
