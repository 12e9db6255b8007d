//! What `cargo metadata` says about the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

/// A package of the dependency graph.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// Whether it is one of ours.
    pub(crate) is_member: bool,
    /// Names of the packages that its manifest asks for outside of tests.
    pub(crate) wants: BTreeSet<String>,
    /// Names of the packages that its manifest asks for, in tests as well.
    pub(crate) wants_in_all: BTreeSet<String>,
    /// Identifiers of the packages that it links outside of tests.
    pub(crate) links: BTreeSet<String>,
}

/// The packages by identifier.
pub(crate) type Packages = BTreeMap<String, Package>;

/// Asks cargo, without going online.
pub(crate) fn packages() -> anyhow::Result<Packages> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(crate::root()?)
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cannot read cargo's metadata")?;
    let members: BTreeSet<&str> =
        list(&metadata["workspace_members"]).filter_map(Value::as_str).collect();
    let mut packages: Packages = list(&metadata["packages"])
        .filter_map(|package| {
            let id = package["id"].as_str()?;
            Some((id.to_owned(), read_package(package, members.contains(id))))
        })
        .collect();
    for node in list(&metadata["resolve"]["nodes"]) {
        let links = list(&node["deps"])
            .filter(|dependency| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()))
            .filter_map(|dependency| Some(dependency["pkg"].as_str()?.to_owned()));
        if let Some(package) = node["id"].as_str().and_then(|id| packages.get_mut(id)) {
            package.links = links.collect();
        }
    }
    Ok(packages)
}

fn read_package(package: &Value, is_member: bool) -> Package {
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let wants = |in_tests: bool| {
        list(&package["dependencies"])
            .filter(|dependency| in_tests || dependency["kind"].is_null())
            .filter_map(|dependency| Some(dependency["name"].as_str()?.to_owned()))
            .collect()
    };
    Package {
        name: text("name"),
        version: text("version"),
        licence: package["license"].as_str().map(str::to_owned),
        is_member,
        wants: wants(false),
        wants_in_all: wants(true),
        links: BTreeSet::new(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
