//! Names the build: nodes of one cluster must agree on what a plan and its functions mean, and a
//! plan only carries the functions' names.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What decides how a plan is run: the versions of everything that is linked, and the code and data
/// of the crates whose functions and tables plans name.
const DECIDES: [&str; 7] = [
    "Cargo.lock",
    "crates/analytics/src",
    "crates/catalogue",
    "crates/cluster/src",
    "crates/detect/src",
    "crates/engine/src",
    "crates/model/src",
];

fn main() -> io::Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut hash = Sha256::new();
    for part in DECIDES {
        let path = workspace.join(part);
        println!("cargo::rerun-if-changed={}", path.display());
        add(&mut hash, &workspace, &path)?;
    }
    let digest: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=COLDTRAIL_BUILD={}-{digest}", env!("CARGO_PKG_VERSION"));
    Ok(())
}

/// Adds a file, or all files below a folder in order of name: the same sources give the same build
/// on every machine.
fn add(hash: &mut Sha256, workspace: &Path, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        let mut entries = entries.collect::<io::Result<Vec<PathBuf>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(hash, workspace, entry));
    }
    let name = path.strip_prefix(workspace).unwrap_or(path);
    hash.update(name.to_string_lossy().as_bytes());
    hash.update([0]);
    hash.update(Sha256::digest(std::fs::read(path)?));
    Ok(())
}
