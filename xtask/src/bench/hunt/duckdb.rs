//! The published query for this technique, asked of DuckDB: what an analyst without Coldtrail would
//! run over the same files.
//!
//! Of Defender's table it is the query itself (`defender.sql`), over all of the logs instead of their
//! last day. Zeek's logs have no process, so there it is who asked for, greeted or requested such a name,
//! how often, and from when to when.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use coldtrail_range::corpus;

use super::logs::files;
use super::options::Form;

/// What the query looks for. DuckDB answers one expression faster than ten comparisons.
const NAMES: &str = r"workers\.dev|pages\.dev|cloudfunctions\.net|lambda-url|execute-api|azurewebsites\.net|azurecontainerapps\.io|netlify\.app|vercel\.app|script\.google\.com";

/// The logs of Zeek that have names, each with the field that holds them.
const NAMED: [(&str, &str); 3] = [("dns", "query"), ("ssl", "server_name"), ("http", "host")];

/// A way to run DuckDB, with as many threads as it likes.
#[derive(Debug)]
pub(in crate::bench) struct DuckDb {
    program: &'static [&'static str],
    /// Version and client, for people.
    pub(in crate::bench) version: String,
}

const BINARY: &[&str] = &["duckdb", "-noheader", "-list", "-c"];
const PYTHON: &[&str] = &[
    "python3",
    "-c",
    "import duckdb, sys\nfor row in duckdb.sql(sys.argv[1]).fetchall(): print(*row, sep='|')",
];

impl DuckDb {
    /// The client that is installed.
    pub(in crate::bench) fn find() -> Option<DuckDb> {
        [BINARY, PYTHON].into_iter().find_map(|program| {
            let start = Instant::now();
            let output = command(program, "SELECT version()").output().ok()?;
            let seconds = start.elapsed().as_secs_f64();
            let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
            let version = format!(
                "DuckDB {version} (through `{}`, which takes {seconds:.2} s to start)",
                program.first()?
            );
            output.status.success().then_some(DuckDb { program, version })
        })
    }

    /// The command that runs a statement.
    pub(in crate::bench) fn run(&self, sql: &str) -> Command {
        command(self.program, sql)
    }

    /// The command that answers the query; none where DuckDB cannot read the logs.
    pub(super) fn ask(&self, form: Form, logs: &Path) -> anyhow::Result<Option<Command>> {
        let sql = match form {
            Form::Generated(corpus::Form::ZeekTabSeparated) => of_zeek(logs, separated)?,
            Form::Generated(corpus::Form::ZeekJson) => of_zeek(logs, json)?,
            Form::Generated(corpus::Form::DefenderCsv) => of_defender(logs)?,
            Form::Evtx => return Ok(None),
        };
        Ok(Some(command(self.program, &sql)))
    }
}

fn command(program: &[&str], sql: &str) -> Command {
    let (name, arguments) = program.split_first().unwrap_or((&"duckdb", &[]));
    let mut command = Command::new(name);
    command.args(arguments).arg(sql);
    command
}

/// A path inside a text of SQL.
pub(in crate::bench) fn quoted(path: &Path) -> String {
    path.display().to_string().replace('\'', "''")
}

fn of_zeek(
    logs: &Path,
    table: impl Fn(&Path, &str, &str) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let mut parts = Vec::new();
    for (log, name) in NAMED {
        let table = table(logs, log, name)?;
        parts.push(format!(
            "SELECT \"id.orig_h\" AS host, {name} AS name, ts FROM {table} \
             WHERE regexp_matches({name}, '{NAMES}')"
        ));
    }
    Ok(format!(
        "SELECT host, name, count(*), min(ts), max(ts) FROM ({}) GROUP BY ALL ORDER BY ALL",
        parts.join(" UNION ALL ")
    ))
}

/// A log as tab-separated values. All columns are named: to find out what files are like takes
/// DuckDB longer than to read them.
fn separated(logs: &Path, log: &str, _name: &str) -> anyhow::Result<String> {
    let header = header(logs, log)?;
    let words = |directive: &str| {
        let line = header.iter().find_map(|line| line.strip_prefix(directive));
        line.unwrap_or_default().split('\t').map(str::to_owned).collect::<Vec<_>>()
    };
    let types = words("#types\t");
    let columns = words("#fields\t").into_iter().zip(types.iter().map(|it| column_type(it)));
    Ok(format!(
        "read_csv('{}/zeek/*/{log}.*.log', columns = {}, auto_detect = false, header = false, \
         delim = '\t', quote = '', escape = '', comment = '#', nullstr = '-')",
        quoted(logs),
        structure(columns)
    ))
}

fn column_type(kind: &str) -> &'static str {
    match kind {
        "time" | "interval" => "DOUBLE",
        "port" | "count" => "UBIGINT",
        _ => "VARCHAR",
    }
}

/// The lines that can hold a header, of the first file of a log.
pub(in crate::bench) fn header(logs: &Path, log: &str) -> anyhow::Result<Vec<String>> {
    const LONGEST: usize = 8;
    let is_of_log = |path: &Path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(log))
    };
    let Some((path, _)) = files(logs)?.into_iter().find(|(path, _)| is_of_log(path)) else {
        bail!("there is no {log} log in {}", logs.display());
    };
    let cannot = || format!("cannot read {}", path.display());
    let file = File::open(&path).with_context(cannot)?;
    let lines: Result<Vec<String>, _> = BufReader::new(file).lines().take(LONGEST).collect();
    lines.with_context(cannot)
}

/// Names and types of columns, as DuckDB wants them.
fn structure(columns: impl Iterator<Item = (String, &'static str)>) -> String {
    let columns: Vec<String> = columns.map(|(name, kind)| format!("'{name}': '{kind}'")).collect();
    format!("{{{}}}", columns.join(", "))
}

/// A log as JSON lines, less the fields that nobody asks for.
fn json(logs: &Path, log: &str, name: &str) -> anyhow::Result<String> {
    Ok(format!(
        "read_json('{}/zeek/*/{log}.*.log', format = 'newline_delimited', \
         columns = {{'ts': 'DOUBLE', 'id.orig_h': 'VARCHAR', '{name}': 'VARCHAR'}})",
        quoted(logs)
    ))
}

fn of_defender(logs: &Path) -> anyhow::Result<String> {
    let header = header(logs, "DeviceNetworkEvents")?;
    let names = header.first().map_or("", String::as_str).split(',');
    let columns = names.map(|name| (name.to_owned(), "VARCHAR"));
    Ok(of_defender_table(&defender_table(logs, columns), "true"))
}

/// The table that Defender's exports in a folder hold.
pub(in crate::bench) fn defender_table(
    logs: &Path,
    columns: impl Iterator<Item = (String, &'static str)>,
) -> String {
    format!(
        "read_csv('{}/defender/*.csv', columns = {}, auto_detect = false, header = true, \
         delim = ',', quote = '\"', escape = '\"', new_line = '\\r\\n')",
        quoted(logs),
        structure(columns)
    )
}

/// The published query over a table, of what is since some time.
pub(in crate::bench) fn of_defender_table(table: &str, since: &str) -> String {
    include_str!("defender.sql")
        .replace("{TABLE}", table)
        .replace("{SINCE}", since)
        .replace("{NAMES}", NAMES)
}
