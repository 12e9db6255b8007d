//! The published query for this technique, asked of DuckDB: what an analyst without Coldtrail would
//! run over the same files.
//!
//! Of Defender's table it is the query itself, less its last day only: all of the logs are asked
//! for. Zeek's logs have no process, so there it is who asked for, greeted or requested such a name,
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

/// What the query looks for, as an expression: DuckDB answers it faster than ten comparisons.
const NAMES: &str = r"workers\.dev|pages\.dev|cloudfunctions\.net|lambda-url|execute-api|azurewebsites\.net|azurecontainerapps\.io|netlify\.app|vercel\.app|script\.google\.com";

/// The logs of Zeek that have names, each with the field that holds them.
const NAMED: [(&str, &str); 3] = [("dns", "query"), ("ssl", "server_name"), ("http", "host")];

/// A way to run DuckDB, with as many threads as it likes.
#[derive(Debug)]
pub(super) struct DuckDb {
    program: &'static [&'static str],
    /// Version and client, for people.
    pub(super) version: String,
}

const BINARY: &[&str] = &["duckdb", "-noheader", "-list", "-c"];
const PYTHON: &[&str] = &[
    "python3",
    "-c",
    "import duckdb, sys\nfor row in duckdb.sql(sys.argv[1]).fetchall(): print(*row, sep='|')",
];

impl DuckDb {
    /// The client that is installed.
    pub(super) fn find() -> Option<DuckDb> {
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

    /// The command that answers the query; none where DuckDB cannot read the logs.
    pub(super) fn ask(&self, form: Form, logs: &Path) -> anyhow::Result<Option<Command>> {
        let sql = match form {
            Form::Generated(corpus::Form::ZeekTabSeparated) => of_zeek(logs, separated)?,
            Form::Generated(corpus::Form::ZeekJson) => of_zeek(logs, json)?,
            Form::Generated(corpus::Form::DefenderCsv) => of_defender(logs),
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

/// A log as tab-separated values. The header of a file says which columns there are.
fn separated(logs: &Path, log: &str, _name: &str) -> anyhow::Result<String> {
    let starts = format!("{log}.");
    let is_of_log = |path: &Path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(&starts))
    };
    let Some((path, _)) = files(logs)?.into_iter().find(|(path, _)| is_of_log(path)) else {
        bail!("there is no {log} log in {}", logs.display());
    };
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut fields, mut types) = (String::new(), String::new());
    for line in BufReader::new(file).lines() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(names) = line.strip_prefix("#fields\t") {
            names.clone_into(&mut fields);
        } else if let Some(names) = line.strip_prefix("#types\t") {
            names.clone_into(&mut types);
        } else if !line.starts_with('#') {
            break;
        }
    }
    let columns: Vec<String> = fields
        .split('\t')
        .zip(types.split('\t'))
        .map(|(name, kind)| format!("'{name}': '{}'", column_type(kind)))
        .collect();
    Ok(format!(
        "read_csv('{}/zeek/*/{log}.*.log', columns = {{{}}}, auto_detect = false, header = false, \
         delim = '\t', quote = '', escape = '', comment = '#', nullstr = '-')",
        logs.display(),
        columns.join(", ")
    ))
}

fn column_type(kind: &str) -> &'static str {
    match kind {
        "time" | "interval" => "DOUBLE",
        "port" | "count" => "UBIGINT",
        _ => "VARCHAR",
    }
}

/// A log as JSON lines, less the fields that nobody asks for.
fn json(logs: &Path, log: &str, name: &str) -> anyhow::Result<String> {
    Ok(format!(
        "read_json('{}/zeek/*/{log}.*.log', format = 'newline_delimited', \
         columns = {{'ts': 'DOUBLE', 'id.orig_h': 'VARCHAR', '{name}': 'VARCHAR'}})",
        logs.display()
    ))
}

fn of_defender(logs: &Path) -> String {
    format!(
        "SELECT Timestamp, DeviceName, InitiatingProcessAccountName, InitiatingProcessFileName, \
         InitiatingProcessCommandLine, InitiatingProcessParentFileName, RemoteUrl, RemoteIP, \
         RemotePort, \
         CASE WHEN regexp_matches(RemoteUrl, 'workers\\.dev|pages\\.dev', 'i') \
         THEN 'Cloudflare Workers' \
         WHEN contains(lower(RemoteUrl), 'cloudfunctions.net') THEN 'Google Cloud Functions' \
         WHEN regexp_matches(RemoteUrl, 'lambda-url|execute-api', 'i') \
         THEN 'AWS Lambda/API Gateway' \
         WHEN regexp_matches(RemoteUrl, 'azurewebsites\\.net|azurecontainerapps\\.io', 'i') \
         THEN 'Azure Functions' \
         WHEN contains(lower(RemoteUrl), 'netlify.app') THEN 'Netlify Functions' \
         WHEN contains(lower(RemoteUrl), 'vercel.app') THEN 'Vercel Serverless' \
         WHEN contains(lower(RemoteUrl), 'script.google.com') THEN 'Google Apps Script' \
         ELSE 'Other Serverless' END, \
         lower(InitiatingProcessFileName) IN ('powershell.exe', 'pwsh.exe', 'cmd.exe', \
         'wscript.exe', 'cscript.exe', 'mshta.exe', 'rundll32.exe', 'regsvr32.exe', 'msbuild.exe', \
         'python.exe', 'python3.exe', 'node.exe', 'curl.exe', 'wget.exe', 'wmic.exe', \
         'bitsadmin.exe') \
         FROM read_csv('{}/defender/*.csv', header = true, all_varchar = true) \
         WHERE regexp_matches(RemoteUrl, '{NAMES}', 'i') \
         AND lower(InitiatingProcessFileName) NOT IN ('chrome.exe', 'firefox.exe', 'msedge.exe', \
         'iexplore.exe', 'opera.exe', 'brave.exe', 'vivaldi.exe') \
         ORDER BY Timestamp DESC",
        logs.display()
    )
}
