//! Where data goes: standard output, or a file that appears whole or not at all.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

/// Runs `write` on standard output, or on a file that replaces `path` when all is written.
pub(crate) fn to(
    path: Option<&Path>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match path {
        None => {
            let mut standard_output = BufWriter::new(io::stdout());
            write(&mut standard_output)?;
            standard_output.flush().context("cannot write to standard output")
        }
        Some(path) => whole_file(path, write),
    }
}

/// Writes beside the file first, so that a kill or a full disk leaves the old one as it was.
pub(crate) fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder).with_context(cannot)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(|error| error.into_error()).with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    Ok(())
}

/// Whether the reader of our output went away, as `head` does: that is success.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    })
}
