//! What can be wrong with data files.

use crate::template::TemplateError;

/// Why a catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A file is not TOML of the expected form.
    #[error("cannot read {file}")]
    Read {
        /// The file's name.
        file: String,
        /// What the parser says, with line and column.
        #[source]
        source: toml::de::Error,
    },
    /// An endpoint has no kind.
    #[error("endpoint `{product}` in {file} has no kind")]
    NoKind {
        /// The file's name.
        file: String,
        /// The product.
        product: String,
    },
    /// A pattern or an answer cannot be read.
    #[error("cannot read a pattern of `{product}`")]
    Pattern {
        /// The product, or the owner of a known service.
        product: String,
        /// What is wrong.
        #[source]
        source: TemplateError,
    },
}
