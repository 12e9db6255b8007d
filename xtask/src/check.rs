//! Keeps the architecture by machine: who imports whom, who links the engine, under which licences,
//! and that generated files are what the code generates.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, bail};

use crate::metadata::{Package, Packages, packages};
use crate::{generate, root};

/// Who may import whom: data flows down this table, imports point up (ARCHITECTURE.md).
const IMPORTS: &[(&str, &[&str])] = &[
    ("coldtrail-model", &[]),
    ("coldtrail-diagnostics", &[]),
    ("coldtrail-catalogue", &["coldtrail-model"]),
    ("coldtrail-analytics", &[]),
    ("coldtrail-sources", &["coldtrail-model", "coldtrail-diagnostics"]),
    ("coldtrail-rules", &["coldtrail-model", "coldtrail-diagnostics"]),
    (
        "coldtrail-store",
        &["coldtrail-model", "coldtrail-diagnostics", "coldtrail-catalogue", "coldtrail-sources"],
    ),
    (
        "coldtrail-engine",
        &[
            "coldtrail-model",
            "coldtrail-catalogue",
            "coldtrail-analytics",
            "coldtrail-sources",
            "coldtrail-diagnostics",
        ],
    ),
    (
        "coldtrail-detect",
        &[
            "coldtrail-model",
            "coldtrail-diagnostics",
            "coldtrail-analytics",
            "coldtrail-rules",
            "coldtrail-engine",
        ],
    ),
    ("coldtrail-triage", &["coldtrail-model", "coldtrail-diagnostics"]),
    ("coldtrail-correlate", &["coldtrail-model", "coldtrail-triage"]),
    (
        "coldtrail-pipeline",
        &[
            "coldtrail-model",
            "coldtrail-diagnostics",
            "coldtrail-catalogue",
            "coldtrail-sources",
            "coldtrail-rules",
            "coldtrail-store",
            "coldtrail-engine",
            "coldtrail-detect",
            "coldtrail-triage",
            "coldtrail-correlate",
        ],
    ),
    ("coldtrail-present", &["coldtrail-model", "coldtrail-diagnostics"]),
    ("coldtrail-range", &["coldtrail-model", "coldtrail-catalogue"]),
    (
        "coldtrail",
        &[
            "coldtrail-model",
            "coldtrail-catalogue",
            "coldtrail-triage",
            "coldtrail-rules",
            "coldtrail-pipeline",
            "coldtrail-present",
            "coldtrail-range",
        ],
    ),
    (
        "coldtrail-cluster",
        &[
            "coldtrail-model",
            "coldtrail-diagnostics",
            "coldtrail-sources",
            "coldtrail-engine",
            "coldtrail-detect",
            "coldtrail-pipeline",
            "coldtrail-present",
        ],
    ),
    (
        "xtask",
        &[
            "coldtrail-model",
            "coldtrail-diagnostics",
            "coldtrail-catalogue",
            "coldtrail-sources",
            "coldtrail-present",
            "coldtrail-range",
            "coldtrail-rules",
        ],
    ),
];

/// The crates that build in seconds because they never link the engine.
const WITHOUT_DATAFUSION: &[&str] = &[
    "coldtrail-model",
    "coldtrail-diagnostics",
    "coldtrail-catalogue",
    "coldtrail-analytics",
    "coldtrail-sources",
    "coldtrail-rules",
    "coldtrail-store",
    "coldtrail-triage",
    "coldtrail-correlate",
    "coldtrail-present",
    "coldtrail-range",
    "xtask",
];

/// Licences that allow any use, as SPDX names.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Runs every check and tells all that is wrong, not only the first.
pub(crate) fn run() -> anyhow::Result<()> {
    let packages = packages()?;
    let mut wrong = Vec::new();
    imports(&packages, &mut wrong);
    engine_stays_out(&packages, &mut wrong);
    default_build_has_no_ballista(&packages, &mut wrong);
    licences(&packages, &mut wrong);
    dependencies_are_justified(&packages, &mut wrong)?;
    generate::check(&mut wrong)?;
    for line in &wrong {
        eprintln!("{line}");
    }
    if !wrong.is_empty() {
        bail!("{} thing(s) to put right", wrong.len());
    }
    println!("imports, licences, dependencies and generated files are in order");
    Ok(())
}

fn imports(packages: &Packages, wrong: &mut Vec<String>) {
    for package in members(packages) {
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == package.name) else {
            wrong
                .push(format!("{} is not in the import table of xtask/src/check.rs", package.name));
            continue;
        };
        let ours = package.wants_in_all.iter().filter(|name| name.starts_with("coldtrail"));
        for import in ours.filter(|name| !allowed.contains(&name.as_str())) {
            wrong.push(format!("{} must not import {import} (ARCHITECTURE.md)", package.name));
        }
    }
}

fn engine_stays_out(packages: &Packages, wrong: &mut Vec<String>) {
    for name in WITHOUT_DATAFUSION {
        if linked_by(packages, name).contains("datafusion") {
            wrong.push(format!("{name} links DataFusion; it must build without it"));
        }
    }
}

fn default_build_has_no_ballista(packages: &Packages, wrong: &mut Vec<String>) {
    for name in ["coldtrail", "xtask"] {
        if linked_by(packages, name).iter().any(|linked| linked.starts_with("ballista")) {
            wrong.push(format!("{name} links Ballista; only coldtrail-cluster may"));
        }
    }
}

/// The names of all packages that a member of ours links, directly or not.
fn linked_by(packages: &Packages, name: &str) -> BTreeSet<String> {
    let start = packages.iter().find(|(_, package)| package.name == name).map(|(id, _)| id);
    let mut waiting: Vec<&String> = start.into_iter().collect();
    let mut met: BTreeSet<&String> = waiting.iter().copied().collect();
    while let Some(id) = waiting.pop() {
        let links = packages.get(id).into_iter().flat_map(|package| &package.links);
        waiting.extend(links.filter(|link| met.insert(link)));
    }
    met.into_iter().filter_map(|id| packages.get(id)).map(|package| package.name.clone()).collect()
}

fn licences(packages: &Packages, wrong: &mut Vec<String>) {
    for package in packages.values().filter(|package| !package.is_member) {
        let licence = package.licence.as_deref().unwrap_or("none");
        if !is_permissive(licence) {
            wrong.push(format!("{} {} has licence {licence}", package.name, package.version));
        }
    }
}

/// Whether an SPDX expression can be fulfilled with permissive licences alone. `/` is the old way to
/// write `OR`.
fn is_permissive(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let fulfils = |licence: &str| PERMISSIVE.contains(&licence.trim());
    // A conjunction of alternatives: `A AND B OR C` occurs only in forms where each part passes.
    expression.split(" AND ").all(|part| part.split(" OR ").any(fulfils))
}

fn dependencies_are_justified(packages: &Packages, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let path = root()?.join("docs/decisions/dependencies.md");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let wanted: BTreeSet<&String> = members(packages)
        .flat_map(|package| package.wants.iter().chain(&package.wants_in_all))
        .filter(|name| !name.starts_with("coldtrail"))
        .collect();
    for name in wanted {
        if !text.contains(&format!("| `{name}` |")) {
            wrong.push(format!("docs/decisions/dependencies.md does not say why `{name}` is used"));
        }
    }
    Ok(())
}

fn members(packages: &Packages) -> impl Iterator<Item = &Package> {
    packages.values().filter(|package| package.is_member)
}

#[cfg(test)]
mod tests {
    use super::is_permissive;

    #[test]
    fn licences_are_read_as_spdx() {
        assert!(is_permissive("MIT OR Apache-2.0"));
        assert!(is_permissive("MIT/Apache-2.0"));
        assert!(is_permissive("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(is_permissive("GPL-3.0 OR MIT"));
        assert!(!is_permissive("MIT AND GPL-3.0"));
        assert!(!is_permissive("none"));
    }
}
