//! Mapping files: descriptions of logs that no format knows.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use coldtrail_pipeline::Mapping;

/// Reads the mapping files of an argument.
pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Arc<[Mapping]>> {
    paths
        .iter()
        .map(|path| {
            let shown = path.display();
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            text.parse::<Mapping>().with_context(|| shown.to_string())
        })
        .collect()
}
