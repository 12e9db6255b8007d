//! Files that the code generates, and that are committed so that people can read them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use coldtrail_range::{render, scenario, simulate};

use crate::root;

/// The seed of the sample logs.
const EXAMPLES_SEED: u64 = 1;

/// Writes every generated file.
pub(crate) fn write() -> anyhow::Result<()> {
    for (path, contents) in generated()? {
        let parent = path.parent().context("a generated file has no folder")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&path, contents).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Says which generated files are not as the code generates them.
pub(crate) fn check(wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let root = root()?;
    for (path, contents) in generated()? {
        if fs::read(&path).ok().as_deref() != Some(contents.as_slice()) {
            let name = path.strip_prefix(&root).unwrap_or(&path).display();
            wrong.push(format!("{name} is out of date: run `cargo xtask gen` and commit it"));
        }
    }
    Ok(())
}

fn generated() -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let root = root()?;
    let schema = root.join("schemas/coldtrail.report-1.schema.json");
    let mut files = vec![(schema, coldtrail_present::schema().into_bytes())];
    let Some(examples) = scenario("examples") else { bail!("there is no scenario `examples`") };
    for file in render(&simulate(&examples, EXAMPLES_SEED))? {
        files.push((root.join("examples").join(file.path), file.contents));
    }
    Ok(files)
}
