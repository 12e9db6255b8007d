//! Where a report goes: standard output, or a file that appears whole or not at all.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use coldtrail_model::Report;
use coldtrail_present::{Format, TextOptions};

/// The width of text: a cluster's reports are read in files and pipes as often as in terminals.
const WIDTH: usize = 100;

/// Writes a report to standard output, or into a file that replaces `path` when all is written.
pub(crate) fn write(report: &Report, format: Format, path: Option<&Path>) -> anyhow::Result<()> {
    let options = TextOptions { width: WIDTH, ..TextOptions::default() };
    let present = |writer: &mut dyn Write| -> anyhow::Result<()> {
        coldtrail_present::write(report, format, &options, writer)?;
        Ok(writer.flush()?)
    };
    match path {
        None => match present(&mut BufWriter::new(io::stdout().lock())) {
            // The reader of our output went away, as `head` does: that is success.
            Err(error) if is_closed_pipe(&error) => Ok(()),
            written => written.context("cannot write to standard output"),
        },
        Some(path) => {
            whole_file(path, present).with_context(|| format!("cannot write {}", path.display()))
        }
    }
}

/// Writes beside the file first, so that a kill or a full disk leaves the old one as it was.
fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    write(&mut BufWriter::new(file.as_file_mut()))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let is_closed = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_closed))
}
