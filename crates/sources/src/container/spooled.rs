//! A stream in a file, for what is read from its end.

use std::fs::File;
use std::io::{self, Read};

/// How much of a stream is written to a temporary file.
const LARGEST_SPOOL: u64 = 4 << 30;

/// Writes a stream to a temporary file that has no name and goes away by itself; with it its length.
///
/// # Errors
///
/// When there is no room for it, or when it is longer than 4 GiB.
pub(crate) fn spooled(stream: &mut dyn Read) -> io::Result<(File, u64)> {
    let mut file = tempfile::tempfile()?;
    let written = io::copy(&mut stream.take(LARGEST_SPOOL + 1), &mut file)?;
    if written > LARGEST_SPOOL {
        return Err(io::Error::other("what is read from its end is read up to 4 GiB in a stream"));
    }
    Ok((file, written))
}
