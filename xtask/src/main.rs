//! The one door to what developers run: `cargo xtask check | gen | bench | conformance | evaluate | kql | sigma`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks")]

mod bench;
mod check;
mod conformance;
mod evaluate;
mod generate;
mod kql;
mod metadata;
mod sigma;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

const USAGE: &str = "\
cargo xtask check             imports, licences, the list of dependencies, generated files
cargo xtask gen               write generated files: schemas/, examples/
cargo xtask bench catalogue   names identified per second, beside the `psl` crate
cargo xtask bench kit PATH…   a folder each: records, anomalies, seconds, peak memory of `hunt`
cargo xtask bench hunt        `hunt` over generated logs, beside ripgrep and DuckDB
    --size 1G                 how many bytes of logs
    --also 10G                measure a second size too, and compare the memory
    --form tsv                tsv, json (Zeek), defender (CSV), evtx (copies of real files)
    --seed 1                  of the generator
    --serverless 1            per cent of exchanges that go to serverless names
    --corpus DIR              keep the logs there, and use those that are there
    --runs 3                  how often each command runs
    --binary PATH             a `coldtrail` that is built already
cargo xtask bench kql         the published query as KQL, beside DuckDB with the same as SQL
    --rows 10M                how many of Defender's network events, as CSV and as Parquet
    --seed 1                  of the generator
    --corpus DIR              write them there, and leave them
    --runs 3                  how often each command runs
    --binary PATH             a `coldtrail` that is built already
cargo xtask bench sigma       SigmaHQ's rules over Windows logs: events a second by stage, and memory
    --logs DIR                a folder with binary logs, in place of the shared ones
    --copies 20               how often they are copied for the larger of two sizes
    --binary PATH             a `coldtrail` that is built already
cargo xtask bench sources [FORMAT…]
                              megabytes a second of each format, on the real logs, beside a peer
cargo xtask bench cluster STORE [BINARY]
                              one executor beside two, of one core each, on a store of Parquet files;
                              with a `coldtrail-cluster` that is built already, or a release build";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> anyhow::Result<()> {
    match arguments {
        ["check"] => check::run(),
        ["gen"] => generate::write(),
        ["conformance", arguments @ ..] => conformance::run(arguments),
        ["evaluate", arguments @ ..] => evaluate::run(arguments),
        ["kql", arguments @ ..] => kql::run(arguments),
        ["sigma", arguments @ ..] => sigma::run(arguments),
        ["bench", "catalogue"] => bench::catalogue(),
        ["bench", "cluster", store] => bench::cluster(store, None),
        ["bench", "cluster", store, binary] => bench::cluster(store, Some(binary)),
        ["bench", "hunt", arguments @ ..] => bench::hunt(arguments),
        ["bench", "kql", arguments @ ..] => bench::kql(arguments),
        ["bench", "sigma", arguments @ ..] => bench::sigma(arguments),
        ["bench", "sources", only @ ..] => bench::sources(&root()?.join("../shared/data"), only),
        ["bench", "kit", folders @ ..] if !folders.is_empty() => bench::kit(folders),
        _ => {
            let others = [conformance::USAGE, evaluate::USAGE, kql::USAGE, sigma::USAGE];
            bail!("usage:\n{USAGE}\n{}", others.join("\n"))
        }
    }
}

/// The root of the workspace.
fn root() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own.parent().context("xtask has no parent folder")?.to_owned())
}
