//! Compression that gives the same bytes for the same contents.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use super::RenderError;

/// The contents as a gzip member without name and time. Another version of the compressor may give
/// other bytes for the same contents; then the sample logs are written again.
pub(super) fn compress(contents: &[u8]) -> Result<Vec<u8>, RenderError> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(contents).map_err(RenderError::Gzip)?;
    encoder.finish().map_err(RenderError::Gzip)
}
