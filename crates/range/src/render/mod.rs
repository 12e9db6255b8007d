//! A timeline, written down by each sensor in the format of its product.

pub(crate) mod clock;
pub(crate) mod defender;
mod gzip;
pub(crate) mod json;
mod squid;
mod suricata;
mod sysmon;
pub(crate) mod zeek;

use crate::Timeline;

/// A file of a rendered timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// Its path with `/`, below the folder that holds the whole rendering.
    pub path: String,
    /// Its bytes.
    pub contents: Vec<u8>,
}

impl RenderedFile {
    fn plain(path: String, text: String) -> RenderedFile {
        RenderedFile { path, contents: text.into_bytes() }
    }

    /// Logs that grow large are shipped as rotation leaves them, so that readers meet archives.
    fn rotated(path: &str, text: &str) -> Result<RenderedFile, RenderError> {
        let contents = gzip::compress(text.as_bytes())?;
        Ok(RenderedFile { path: format!("{path}.gz"), contents })
    }
}

/// Why a timeline could not be rendered.
///
/// All writing is to memory, so none of this happens in practice; it is said rather than hidden.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A record could not be written as JSON.
    #[error("could not write a record as JSON")]
    Json(#[source] serde_json::Error),
    /// A record could not be written as CSV.
    #[error("could not write a record as CSV")]
    Csv(#[source] csv::Error),
    /// The text of a table was not UTF-8.
    #[error("could not read a written table back as text")]
    Text(#[source] std::string::FromUtf8Error),
    /// The contents could not be compressed.
    #[error("could not compress the contents of a file")]
    Gzip(#[source] std::io::Error),
}

/// What the sensors recorded, as files in the order of their paths. A sensor that no host has
/// leaves no file.
///
/// # Errors
///
/// Fails when a record cannot be serialised; see [`RenderError`].
pub fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let mut files = zeek::render(timeline)?;
    files.extend(suricata::render(timeline)?);
    files.extend(squid::render(timeline)?);
    files.extend(sysmon::render(timeline)?);
    files.extend(defender::render(timeline)?);
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

/// The hash of an image, in that many hexadecimal digits; invented, and the same each time.
fn hash_of(image: &str, digits: usize) -> String {
    crate::Random::new(digits as u64).fork("hash").fork(image).hexadecimal(digits)
}
