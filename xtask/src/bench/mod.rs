//! Measures every claim of speed and memory, as ratios in one run on one machine.
//!
//! A measurement of an unoptimised program means nothing, so each bench runs itself again in release
//! mode if it has to.

mod catalogue;
mod cluster;
mod hunt;
mod kit;
mod kql;
mod measured;
mod release;
mod sigma;
mod sources;

use serde_json::Value;

/// Names identified per second.
pub(crate) fn catalogue() -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        return release::run_again(&["bench", "catalogue"]);
    }
    catalogue::run()
}

/// What a second executor gains.
pub(crate) fn cluster(store: &str, binary: Option<&str>) -> anyhow::Result<()> {
    cluster::run(store, binary)
}

/// What `hunt` costs on folders of logs.
pub(crate) fn kit(folders: &[&str]) -> anyhow::Result<()> {
    kit::run(folders)
}

/// How fast each format is read, of the real logs in a folder.
pub(crate) fn sources(kit: &std::path::Path, only: &[&str]) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        return release::run_again(&[&["bench", "sources"], only].concat());
    }
    sources::run(kit, only)
}

/// What `hunt` costs on generated logs, beside a text search and a database.
pub(crate) fn hunt(arguments: &[&str]) -> anyhow::Result<()> {
    let options = hunt::Options::parse(arguments)?;
    if cfg!(debug_assertions) {
        return release::run_again(&[&["bench", "hunt"], arguments].concat());
    }
    hunt::run(&options)
}

/// What the published query costs as KQL, beside the same as SQL.
pub(crate) fn kql(arguments: &[&str]) -> anyhow::Result<()> {
    let options = kql::Options::parse(arguments)?;
    if cfg!(debug_assertions) {
        return release::run_again(&[&["bench", "kql"], arguments].concat());
    }
    kql::run(&options)
}

/// Where a release build of `coldtrail` is, which is made if need be.
pub(crate) fn release_binary() -> anyhow::Result<std::path::PathBuf> {
    release::binary()
}

/// How many findings of a report are of high, medium and low severity.
fn severities(report: &Value) -> String {
    let findings = || report["findings"].as_array().into_iter().flatten();
    let of = |severity: &str| findings().filter(|one| one["severity"] == severity).count();
    format!("{}/{}/{}", of("high") + of("critical"), of("medium"), of("low"))
}

/// What Sigma rules cost over Windows logs, by stage.
pub(crate) fn sigma(arguments: &[&str]) -> anyhow::Result<()> {
    sigma::run(arguments)
}
